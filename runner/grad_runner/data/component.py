"""The component's heart: which datasets are wanted, and an attachment for each."""

import asyncio
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.attachment import DEFAULT_LOOKS, Attachment, Looks
from grad_runner.data.mounter import Mounter
from grad_runner.data.places import Places
from grad_runner.data.plan import Attach, Attached, Detach, plan
from grad_runner.data.source import Source, Wanted
from grad_runner.data.state import Failed, Mounted, Mounting, State
from grad_runner.data.version_file import VersionFile

CALL_WAITS_SECONDS: Final = 0.01
NO_VERSION_FILE: Final = VersionFile(None)


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    state: State


@dataclass(slots=True)
class Held:
    attachment: Attachment
    task: asyncio.Task[None]


class Component:
    """To be used inside `async with`: the tasks of its datasets live in that block, and its mounts end with
    it."""

    def __init__(
        self,
        places: Places,
        mounter_of: Callable[[Source], Mounter],
        looks: Looks = DEFAULT_LOOKS,
        version_file: VersionFile = NO_VERSION_FILE,
    ) -> None:
        self._places = places
        self._mounter_of = mounter_of
        self._looks = looks
        self._held: dict[str, Held] = {}
        self._refused: dict[str, GradError] = {}
        self._applied = ""
        """Version of the set that is attached; empty while it changes, and where it is not one that `apply` was given."""
        self._version_file = version_file
        self._one_at_a_time = asyncio.Lock()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> "Component":
        self._version_file.remove()
        self._places.clear()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._version_file.remove()
        for held in self._held.values():
            held.task.cancel()
        await self._tasks.__aexit__(None, None, None)
        self._places.clear()

    async def apply_unchanged(self, version: str) -> list[Told] | None:
        """The answer to an `apply` of the set that is attached already: no parsing, no plan, no mount. None when the set is
        another one, or a mount of it is not usable: then `apply` has work to do."""
        if version != self._applied:
            return None
        attachments = [held.attachment for held in self._held.values()]
        await self._look(attachments)
        # Asked last: a source may just have refused, or another call may have changed the set meanwhile.
        healthy = all(isinstance(one.state, Mounted) for one in attachments)
        return self.status() if healthy and version == self._applied else None

    async def apply(
        self, wanted: Sequence[Wanted], refused: dict[str, GradError], wait_seconds: float, version: str
    ) -> list[Told]:
        """Makes exactly `wanted` attached; `refused` are told of as failed, and what was attached under their
        names goes. Answers when all have settled or the time is over. `version` names the set, `refused` included."""
        async with self._one_at_a_time:
            self._changing()
            by_name = {one.name: one for one in wanted}
            self._refused = dict(refused)
            await self._carry_out(by_name)
            self._applied = version
            self._version_file.write(version)
        attachments = [self._held[name].attachment for name in by_name if name in self._held]
        await self._look(attachments)
        await self._wait(attachments, wait_seconds)
        return self.status()

    async def attach(self, wanted: Wanted, wait_seconds: float) -> Told:
        """Attaches one and leaves the others as they are."""
        async with self._one_at_a_time:
            self._changing()
            by_name = {name: held.attachment.wanted for name, held in self._held.items()}
            # Without the failed of the others: their next try is not this caller's.
            failed = {name for name, held in self._held.items() if isinstance(held.attachment.state, Failed)}
            self._refused.pop(wanted.name, None)
            await self._carry_out({**by_name, wanted.name: wanted}, leave_alone=failed - {wanted.name})
            attachment = self._held[wanted.name].attachment
        await self._wait([attachment], wait_seconds)
        return Told(wanted.name, attachment.state)

    def status(self) -> list[Told]:
        """In order of name."""
        told = {name: Told(name, held.attachment.state) for name, held in self._held.items()}
        told |= {name: Told(name, Failed(error)) for name, error in self._refused.items()}
        return [told[name] for name in sorted(told)]

    def place_of(self, name: str) -> Path:
        """Where this component itself sees a dataset."""
        return self._places.root / name

    def _changing(self) -> None:
        self._applied = ""
        self._version_file.remove()

    async def _carry_out(self, wanted: dict[str, Wanted], leave_alone: Set[str] = frozenset()) -> None:
        attached = {
            name: Attached(held.attachment.wanted, isinstance(held.attachment.state, Failed))
            for name, held in self._held.items()
        }
        for step in plan(wanted, attached):
            match step:
                case Detach(name):
                    log("info", "dataset.detaching", dataset=name)
                    await self._release(name)
                case Attach(one):
                    attachment = Attachment(one, self._mounter_of(one.source), self._places, self._looks)
                    task = self._tasks.create_task(attachment.run(), name=f"dataset {one.name}")
                    self._held[one.name] = Held(attachment, task)
                case renew if renew.wanted.name not in leave_alone:
                    self._held[renew.wanted.name].attachment.renew(renew.wanted)
                case _:
                    pass

    async def _release(self, name: str) -> None:
        held = self._held.pop(name)
        held.task.cancel()
        await asyncio.wait((held.task,))

    async def _look(self, attachments: Sequence[Attachment]) -> None:
        """Lets those ask S3 that have not done so for a while. Short: this stands before every call, and an answer that
        comes later is there for the next one."""
        looks = [look for one in attachments if (look := one.look_at_call()) is not None]
        if looks:
            await asyncio.wait(looks, timeout=CALL_WAITS_SECONDS)

    async def _wait(self, attachments: Sequence[Attachment], wait_seconds: float) -> None:
        if all(not isinstance(one.state, Mounting) for one in attachments):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds), asyncio.TaskGroup() as tasks:
                for one in attachments:
                    tasks.create_task(one.settled())
