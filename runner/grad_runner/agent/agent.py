"""The agent's use cases: submit, find and interrupt executions; find and reset sessions."""

import asyncio
import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from grad_runner.agent.code_holds import CodeHolds
from grad_runner.agent.config import Config
from grad_runner.agent.executions import params, submission
from grad_runner.agent.executions.datasets_version import require_attached
from grad_runner.agent.executions.hints import hint
from grad_runner.agent.executions.plain_text import plain
from grad_runner.agent.executions.run import now_ms
from grad_runner.agent.executions.stream_recorder import file_of
from grad_runner.agent.executions.submission import Submission
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.kernels.component import ExistingKernel, KernelEnd
from grad_runner.agent.kernels.inotify import InotifyWatcher
from grad_runner.agent.kernels.supervisor_client import SupervisorClient
from grad_runner.agent.limits import MAX_HINT_DATASETS, MAX_QUEUED, MAX_WAITING_CODE_CHARS
from grad_runner.agent.names import execution_id
from grad_runner.agent.sessions.context import SessionContext
from grad_runner.agent.sessions.idle import KernelUse
from grad_runner.agent.sessions.registry import SessionRegistry
from grad_runner.agent.sessions.session import Session
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.storage.retention import FinishedExecution, select_expired
from grad_runner.agent.storage.store import Store
from grad_runner.agent.volume.measure import measure
from grad_runner.agent.volume.watch import StorageWatch, nothing_unseen
from grad_runner.common.datasets_status import read_reasons
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.shared.limits import SHOWN_STREAM_BYTES

_REFILL_DELAY_SECONDS: Final = 0.02
"""The pool of folders is refilled this long after an execution: not while its code is being sent."""
_NOT_FOUND_HINT: Final = (
    "There is no such execution, or it was old and has been deleted; see `gractl execution list`."
)


@dataclass(slots=True)
class Activity:
    """The last use of the runner; milliseconds since the epoch, 0 for none."""

    at_ms: int = 0
    what: str = ""

    def note(self, what: str) -> None:
        self.at_ms = time.time_ns() // 1_000_000
        self.what = what


class Agent:
    """Executions make progress only while `run` does."""

    def __init__(self, config: Config, tasks: asyncio.TaskGroup) -> None:
        self.config = config
        self.activity = Activity()
        self._holds = CodeHolds()
        self._kernel_use = KernelUse()
        self._sampling = False
        self.component = SupervisorClient(config.kernels / "supervisor.sock", self)
        self._workspace = WorkspaceWriter(config.workspace)
        # Not the journals, which have bounds of their own.
        counted = [config.workspace, config.state / "uploads", config.kernels, *filter(None, [config.spill])]
        self.storage = StorageWatch(
            config.storage_bytes,
            counted,
            measure=partial(measure, without=[config.data]),
            unseen_bytes=nothing_unseen if config.sees_kernels else self.component.deleted_bytes,
        )
        self._tasks = tasks
        self._store = Store(config.state)
        self._context = SessionContext(
            component=self.component,
            store=self._store,
            workspace=self._workspace,
            kernels_dir=config.kernels,
            sessions_dir=config.state / "sessions",
            limits=config.limits,
            watcher=InotifyWatcher(),
            hint_for=lambda name, message: hint(
                name,
                message,
                lambda: _folder_names(config.data),
                reasons=lambda: read_reasons(config.datasets_version_file),
                has_network=config.has_network,
            ),
            language_of=self._language_of,
            on_finished=self._on_finished,
        )
        self._records = {record.id: record for record in self._store.load()}
        self._waiting_chars = sum(record.request.code_chars for record in self._records.values())
        self._delete_expired()
        self._refilling = False
        self.sessions = SessionRegistry(self._context, f"{config.runner_id}-", tasks)

    async def run(self) -> None:
        """Never returns."""
        self._refill_pool()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.sessions.end_idle_sessions(self.config.limits.max_idle_ms))
            tasks.create_task(self.storage.run(self._running, self._stop_for_storage, self._end_kernels))
            await self.component.run()

    def stop(self) -> None:
        """Stops following the kernels; call `close` once the tasks have ended."""
        self.sessions.stop()

    def close(self) -> None:
        """The kernels go on: the next agent adopts them."""
        self._store.pool.close()
        self._context.watcher.close()
        self._workspace.close()

    @property
    def active_executions(self) -> int:
        """Executions queued or running."""
        return sum(session.queued + (session.running is not None) for session in self.sessions)

    async def submit(self, submitted: Submission) -> Record:
        """Accepts the code, once for each idempotency key. Raises GradError."""
        submission.check(submitted)
        name = execution_id(self.config.runner_id, submitted.key)
        if (existing := self._records.get(name)) is not None:
            return _require_same(existing, submitted)
        await self.storage.require_accepting()
        specs = await self.component.known_specs()
        # Again: another call with the key may have come while this one waited.
        if (existing := self._records.get(name)) is not None:
            return _require_same(existing, submitted)
        session = self.sessions.get(submitted.session)
        session_kernel = session.state.kernel if session else None
        spec = submission.choose_kernel(submitted.kernel, session_kernel, submitted.session, specs)
        if submitted.params_json.strip():
            params.assignments(params.parse(submitted.params_json), spec.language)
        submitted.process.require_supported(spec)
        if session is not None and session.queued >= MAX_QUEUED:
            raise GradError(
                "queue_full",
                f'Cannot queue the execution in the session "{submitted.session}": {MAX_QUEUED} are waiting',
                "Wait until some have finished, or use another session with `--session`.",
            )
        if self._waiting_chars + len(submitted.code) + len(submitted.params_json) > MAX_WAITING_CODE_CHARS:
            raise GradError(
                "queue_full",
                f"Cannot queue the execution: more than {MAX_WAITING_CODE_CHARS} characters of code are waiting",
                "Wait until some executions have finished.",
            )
        # Last, and without an `await` before `_accept`: the code finds the datasets that are attached now.
        require_attached(submitted.datasets_version, self.config.datasets_version_file)
        self._holds.require_none(time.monotonic())
        return self._accept(name, submitted, spec.name, submission.extension(spec.language))

    def hold_code(self, holder: str, seconds: float) -> None:
        """Accepts no code for so long, or until the same holder says 0. Raises GradError `invalid_argument`."""
        self._holds.hold(holder, seconds, time.monotonic())

    def record(self, name: str) -> Record:
        """Raises GradError `execution_not_found`."""
        record = self._records.get(name)
        if record is None:
            raise GradError(
                "execution_not_found", f'Cannot find the execution "{name[:100]}"', _NOT_FOUND_HINT
            )
        return record

    async def with_code(self, name: str) -> pb.Execution:
        """The execution and its code. Raises GradError `execution_not_found`."""
        record = self.record(name)
        execution = pb.Execution()
        execution.CopyFrom(record.execution)
        execution.code = record.request.code or await asyncio.to_thread(self._store.code_of, record)
        return execution

    def records(self, session: str, limit: int) -> list[Record]:
        """At most `limit` executions, newest first; of all sessions for ""."""
        newest = reversed(self._records.values())
        return [record for record in newest if session in ("", record.request.session)][:limit]

    async def interrupt(self, name: str, *, force: bool) -> Record:
        """Interrupts the code, or with `force` ends its kernel. Raises GradError `execution_not_found`."""
        record = self.record(name)
        session = self.sessions.get(record.request.session)
        if not record.done and session is not None:
            await session.interrupt(record, force=force)
        return record

    async def reset(self, name: str, kernel_spec: str) -> Session:
        """Raises GradError `session_not_found`, `kernel_not_found`."""
        session = self.sessions.find(name)
        if kernel_spec:
            submission.find_kernel(kernel_spec, await self.component.known_specs())
        await session.reset(kernel_spec)
        return session

    async def delete_session(self, name: str, *, force: bool) -> None:
        """Raises GradError `session_not_found`, and `session_busy` while code runs or waits, unless `force`."""
        session = self.sessions.find(name)
        waiting = session.queued + (session.running is not None)
        if waiting and not force:
            raise GradError(
                "session_busy",
                f'Cannot delete the session "{name}": {waiting} execution(s) run or wait in it',
                "Wait, interrupt them, or add `--force`.",
            )
        await self.sessions.delete(session)

    def on_uploaded(self, path: str) -> None:
        """An uploaded file is no artifact of an execution."""
        for session in self.sessions:
            session.artifacts.mark_known(path)

    # Listener of the kernel component

    def kernel_ended(self, kernel: str, end: KernelEnd) -> None:
        self.sessions.on_kernel_ended(kernel, end)

    def kernels_listed(self, kernels: Mapping[str, ExistingKernel]) -> None:
        if self.sessions.recovered.is_set():
            self.sessions.on_kernels_listed(kernels)
        else:
            self.sessions.recover(self._records.values(), kernels)

    def _accept(self, name: str, submitted: Submission, kernel: str, extension: str) -> Record:
        try:
            session = self.sessions.find_or_create(submitted.session, kernel)
            request = Request(
                id=name,
                session=submitted.session,
                kernel=kernel,
                code=submitted.code,
                params_json=submitted.params_json,
                deadline_ms=submitted.deadline_ms,
                queued_ns=time.time_ns(),
                fingerprint=submitted.fingerprint,
                code_path=f"code/{name}.{extension}",
                code_name=submitted.code_name,
                columns=submitted.columns,
                variables=dict(submitted.process.variables),
                directory=submitted.process.directory,
            )
            record = self._store.create(request)
            ahead = session.queued + (session.running is not None)
            record.add(pb.Event(queued=pb.Queued(ahead=ahead)))
        except OSError as error:
            raise GradError("storage_full", f"Cannot store the execution: {error.strerror}") from error
        self._records[name] = record
        self._waiting_chars += request.code_chars
        self.activity.note("execution")
        session.submit(record)
        self._refill_pool()
        return record

    def watch_kernel_use(self) -> None:
        """Counts kernels that compute without an execution, such as in a background thread, as activity; returns at once.

        To be called regularly while nothing else is active: what is found shows in `activity` at a later call.
        """
        if not self._sampling and self._kernel_use.is_due(now_ms()):
            self._sampling = True
            self._tasks.create_task(self._sample_kernel_use())

    async def _sample_kernel_use(self) -> None:
        cpu_ms: dict[str, int] = {}
        for kernel in [session.kernel.id for session in self.sessions if session.kernel.link is not None]:
            with contextlib.suppress(GradError):  # it has just ended, or the component has
                cpu_ms[kernel] = (await self.component.stat(kernel)).cpu_ms
        if self._kernel_use.sample(cpu_ms, now_ms()):
            self.activity.note("kernel")
        self._sampling = False

    def _running(self) -> list[str]:
        return [session.running.id for session in self.sessions if session.running is not None]

    def _stop_for_storage(self, execution: str, reason: str) -> None:
        for session in self.sessions:
            if session.running is not None and session.running.id == execution:
                session.stop_for_storage(reason)

    def _end_kernels(self, reason: str) -> None:
        """Threads and programs of kernels go on without an execution and fill the storage: only with their kernels they end."""
        log("warn", "kernels.ended_for_storage", reason=reason)
        for session in self.sessions:
            if session.kernel.link is not None:
                self._tasks.create_task(self._end_kernel(session.kernel.id))

    async def _end_kernel(self, kernel: str) -> None:
        try:
            await self.component.signal(kernel, "KILL")
        except GradError as error:
            log("warn", "kernel.not_ended", kernel=kernel, error=error.message)

    def _refill_pool(self) -> None:
        if self._store.pool.is_low and not self._refilling:
            self._refilling = True
            self._tasks.create_task(self._refill())

    async def _refill(self) -> None:
        await asyncio.sleep(_REFILL_DELAY_SECONDS)
        await asyncio.to_thread(self._store.pool.refill)
        self._refilling = False

    def _on_finished(self, record: Record) -> None:
        self.activity.note("execution")
        self._waiting_chars -= record.request.code_chars
        record.request = record.request.without_code()
        self._store.write_summary(record)
        self._delete_expired()

    def _delete_expired(self) -> None:
        finished = [FinishedExecution(r.id, r.journal.size_bytes) for r in self._records.values() if r.done]
        limits = self.config.limits
        for name in select_expired(
            finished, max_executions=limits.max_executions, max_journal_bytes=limits.max_journal_bytes
        ):
            self._remove(self._records.pop(name))

    def _remove(self, record: Record) -> None:
        """With the files that repeat its output: nothing else would ever delete them."""
        if record.journal.size_bytes > SHOWN_STREAM_BYTES:
            for stream in ("stdout", "stderr"):
                self._workspace.remove(f"outputs/{record.id}", file_of(stream))
        self._store.remove(record)

    def _language_of(self, kernel_spec: str) -> str:
        spec = self.component.specs.get(kernel_spec)
        return spec.language if spec else ""


def _require_same(record: Record, submitted: Submission) -> Record:
    if record.request.fingerprint != submitted.fingerprint:
        raise GradError(
            "idempotency_conflict",
            f'Cannot run other code under the key of the execution "{record.id}"',
            "Use a new key.",
        )
    return record


def _folder_names(path: Path) -> list[str]:
    try:
        return [plain(name) for name in sorted(os.listdir(path))[:MAX_HINT_DATASETS]]
    except OSError:
        return []
