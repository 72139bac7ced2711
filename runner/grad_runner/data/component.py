"""Which datasets are attached, and the calls that change that."""

import asyncio
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Final

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.dataset_spec import DatasetSpec, Source
from grad_runner.data.mounts.attachment import Attachment
from grad_runner.data.mounts.component_mounts import ComponentMounts
from grad_runner.data.mounts.lifecycle import DEFAULT_PROBE_TIMES, ProbeTimes
from grad_runner.data.mounts.mount_points import MountPoints
from grad_runner.data.mounts.mounter import Mounter
from grad_runner.data.mounts.plan import Attach, Attached, Detach, Renew, plan
from grad_runner.data.status import DatasetStatus, Failed, Mounted, Mounting
from grad_runner.data.version_file import VersionFile

PROBE_WAIT_SECONDS: Final = 0.01
"""How long a call waits for the probes that it has started: it stands before every execution."""
NO_VERSION_FILE: Final = VersionFile(None)


class Component:
    """To be used in `async with`: the tasks of the datasets run inside that block, and nothing is mounted after it."""

    def __init__(
        self,
        mount_points: MountPoints | ComponentMounts,
        mounter_of: Callable[[Source], Mounter],
        probe_times: ProbeTimes = DEFAULT_PROBE_TIMES,
        version_file: VersionFile = NO_VERSION_FILE,
    ) -> None:
        self._mount_points = mount_points
        self._mounter_of = mounter_of
        self._probe_times = probe_times
        self._attachments: dict[str, Attachment] = {}
        self._refused: dict[str, GradError] = {}
        self._version = ""
        """Version of the set that is attached. Empty while the set changes, and after `attach` has added a dataset to it."""
        self._version_file = version_file
        self._changes = asyncio.Lock()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> "Component":
        self._version_file.remove()
        self._version_file.remove_reasons()
        self._mount_points.clear()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._version_file.remove()
        await asyncio.gather(*(attachment.stop() for attachment in self._attachments.values()))
        await self._tasks.__aexit__(None, None, None)
        self._version_file.remove_reasons()
        self._mount_points.clear()

    async def apply_unchanged(self, version: str) -> list[DatasetStatus] | None:
        """The answer to an `apply` of the set that is attached already: nothing is parsed, planned or mounted. None when another
        set is attached, or when one of its mounts is not usable: then `apply` has work to do."""
        if version != self._version:
            return None
        attachments = list(self._attachments.values())
        await self._probe(attachments)
        # Checked after the probes: a source may just have refused, or another call may have changed the set.
        healthy = all(isinstance(one.state, Mounted) for one in attachments)
        return self.status() if healthy and version == self._version else None

    async def apply(
        self,
        specs: Sequence[DatasetSpec],
        refused: dict[str, GradError],
        wait_seconds: float,
        version: str,
        required: Set[str],
    ) -> list[DatasetStatus]:
        """Attaches exactly `specs`. `refused` are invalid datasets by name: they are reported as failed, and what was attached
        under their names is detached. Returns when those that are `required` are mounted or have failed, or after `wait_seconds`;
        the others are waited for a few seconds. `version` identifies the whole set."""
        async with self._changes:
            is_other = version != self._version
            if is_other:
                self._begin_change()
            by_name = {one.name: one for one in specs}
            self._refused = dict(refused)
            # Of the same set, only what has failed is tried again: that changes nothing for code that has been accepted.
            await self._carry_out(by_name)
            if is_other:
                self._version = version
                self._version_file.write(version)
            self._write_reasons()
        attachments = [self._attachments[name] for name in by_name if name in self._attachments]
        await self._probe(attachments)
        await self._wait(attachments, wait_seconds, required)
        return self.status()

    async def attach(self, spec: DatasetSpec, wait_seconds: float) -> DatasetStatus:
        """Attaches one more dataset, or tries again to, and leaves the others as they are."""
        async with self._changes:
            self._begin_change()
            by_name = {name: one.spec for name, one in self._attachments.items()}
            # The others that have failed are tried again by themselves or by `apply`, not by this call.
            failed = {name for name, one in self._attachments.items() if isinstance(one.state, Failed)}
            self._refused.pop(spec.name, None)
            await self._carry_out({**by_name, spec.name: spec}, leave_alone=failed - {spec.name})
            attachment = self._attachments[spec.name]
        await self._wait([attachment], wait_seconds, {spec.name})
        return DatasetStatus(spec.name, attachment.state)

    def status(self) -> list[DatasetStatus]:
        """In order of name."""
        found = {name: DatasetStatus(name, one.state) for name, one in self._attachments.items()}
        found |= {name: DatasetStatus(name, Failed(error)) for name, error in self._refused.items()}
        return [found[name] for name in sorted(found)]

    def path_of(self, name: str) -> Path:
        """Where this component itself sees a dataset."""
        return self._mount_points.root / name

    def _write_reasons(self) -> None:
        reasons = {one.name: reason for one in self.status() if (reason := _reason(one)) is not None}
        try:
            self._version_file.write_reasons(reasons)
        except OSError as error:
            log("error", "reasons.not_written", error=str(error))

    def _begin_change(self) -> None:
        """Before anything is unmounted: from now on the agent accepts no code for the old set."""
        self._version = ""
        self._version_file.remove()

    async def _carry_out(
        self, requested: dict[str, DatasetSpec], leave_alone: Set[str] = frozenset()
    ) -> None:
        attached = {
            name: Attached(one.spec, isinstance(one.state, Failed)) for name, one in self._attachments.items()
        }
        for step in plan(requested, attached):
            match step:
                case Detach(name):
                    log("info", "dataset.detaching", dataset=name)
                    await self._attachments.pop(name).stop()
                case Attach(spec):
                    attachment = Attachment(
                        spec,
                        self._mounter_of(spec.source),
                        self._mount_points,
                        self._probe_times,
                        on_change=self._write_reasons,
                    )
                    attachment.start(self._tasks)
                    self._attachments[spec.name] = attachment
                case Renew(spec) if spec.name not in leave_alone:
                    self._attachments[spec.name].renew(spec)
                case Renew():
                    pass

    async def _probe(self, attachments: Sequence[Attachment]) -> None:
        """Starts the probes that are due. A result that comes after this wait counts for the next call."""
        probes = [probe for one in attachments if (probe := one.probe_before_call()) is not None]
        if probes:
            await asyncio.wait(probes, timeout=PROBE_WAIT_SECONDS)

    async def _wait(self, attachments: Sequence[Attachment], wait_seconds: float, required: Set[str]) -> None:
        def is_awaited(one: Attachment) -> bool:
            return isinstance(one.state, Mounting) and (one.spec.name in required or one.soon_seconds > 0)

        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                # Again for one that was mounted, or had failed, and is being mounted anew when the others are ready.
                while awaited := [one for one in attachments if is_awaited(one)]:
                    await asyncio.gather(
                        *(
                            one.settled() if one.spec.name in required else one.settled_soon()
                            for one in awaited
                        )
                    )


def _reason(status: DatasetStatus) -> str | None:
    """Why the dataset is not readable, in sentences; None when it is. Pure."""
    match status.state:
        case Failed(error):
            return f"{error.message}. {error.hint}".strip()
        case Mounting(after):
            is_mounting = f'Dataset "{status.name}" is still being mounted.'
            return is_mounting if after is None else f"{after.message}. It is tried again."
        case Mounted():
            return None
