"""The agent's use cases: sessions, executions and what is left of them after its own end."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zmq

from grad_runner.agent.config import Config
from grad_runner.agent.executions import params, submission
from grad_runner.agent.executions.datasets_version import require_attached
from grad_runner.agent.executions.plain_text import plain
from grad_runner.agent.executions.submission import Submission
from grad_runner.agent.files.workspace_writer import Workspace
from grad_runner.agent.kernels.component import KernelEnd, LeftKernel
from grad_runner.agent.kernels.inotify import Watcher
from grad_runner.agent.kernels.supervisor_client import SupervisorClient
from grad_runner.agent.limits import MAX_QUEUED, MAX_SESSIONS
from grad_runner.agent.names import execution_id
from grad_runner.agent.sessions.context import Surroundings
from grad_runner.agent.sessions.session import Session
from grad_runner.agent.storage import session_file
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.storage.session_file import SessionState
from grad_runner.agent.storage.store import RunStart, Store
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_REFILL_SECONDS: Final = 0.02
"""Not while the code that has just come waits for its kernel."""
_UNKNOWN: Final = "There is no such execution, or its runner has cleaned it up; see `gractl execution list`."


@dataclass(slots=True)
class Activity:
    """The last of what counts as use of the runner; milliseconds since the epoch, 0 for none."""

    at_ms: int = 0
    what: str = ""

    def note(self, what: str) -> None:
        self.at_ms = time.time_ns() // 1_000_000
        self.what = what


class Agent:
    """`run` must be running for executions to make progress."""

    def __init__(self, config: Config, tasks: asyncio.TaskGroup) -> None:
        self.config = config
        self.activity = Activity()
        self.component = SupervisorClient(config.kernels / "supervisor.sock", self)
        self.workspace = Workspace(config.workspace)
        self._tasks = tasks
        self._store = Store(config.state)
        self._sessions_folder = config.state / "sessions"
        self._around = Surroundings(
            component=self.component,
            store=self._store,
            workspace=self.workspace,
            kernels=config.kernels,
            sessions=self._sessions_folder,
            limits=config.limits,
            watcher=Watcher(),
            context=zmq.Context(),
            datasets=lambda: _folders(config.data),
            language=self._language,
            finished=self._finished,
        )
        self._records = {record.id: record for record in self._store.load()}
        self._forget_oldest()
        self._own_prefix = f"{config.runner_id}-"
        self.sessions: dict[str, Session] = {}
        self._working: list[asyncio.Task[None]] = []
        self._recovered = False
        self._refilling = False
        for state in session_file.load(self._sessions_folder):
            self.sessions[state.name] = Session(state, self._around, self._own_prefix)

    async def run(self) -> None:
        """Never returns."""
        self._refill_spares()
        await self.component.run()

    def cancel(self) -> None:
        """Stops following the kernels; `close` once the tasks have ended."""
        for task in self._working:
            task.cancel()
        for session in self.sessions.values():
            session.save()

    def close(self) -> None:
        """Leaves the kernels alone: the next agent finds them again."""
        self._store.spares.close()
        self._around.watcher.close()
        self.workspace.close()
        self._around.context.destroy(linger=0)

    @property
    def active(self) -> int:
        """Executions queued or running."""
        return sum(session.queued + (session.running is not None) for session in self.sessions.values())

    async def submit(self, asked: Submission) -> Record:
        """Accepts the code, once for its key. Raises GradError."""
        submission.check(asked)
        name = execution_id(self.config.runner_id, asked.key)
        if (there := self._records.get(name)) is not None:
            return _same(there, asked)
        specs = await self.component.known_specs()
        if (there := self._records.get(name)) is not None:  # while we waited
            return _same(there, asked)
        session = self.sessions.get(asked.session)
        own = session.state.kernel if session else None
        spec = submission.choose_kernel(asked.kernel, own, asked.session, specs)
        if asked.params_json.strip():
            params.assignments(params.parse(asked.params_json), spec.language)
        if session is not None and session.queued >= MAX_QUEUED:
            raise GradError(
                "queue_full",
                f'Cannot queue the execution in the session "{asked.session}": {MAX_QUEUED} are waiting',
                "Wait until some have finished, or use another session with `--session`.",
            )
        # Last, and without a wait in between: what is attached now is what the code finds.
        require_attached(asked.datasets_version, self.config.datasets_version_file)
        return self._accept(name, asked, spec.name, submission.extension(spec.language))

    def record(self, name: str) -> Record:
        """Raises GradError `execution_not_found`."""
        record = self._records.get(name)
        if record is None:
            raise GradError("execution_not_found", f'Cannot find the execution "{name[:100]}"', _UNKNOWN)
        return record

    def records(self, session: str, limit: int) -> list[Record]:
        """Newest first."""
        newest = reversed(self._records.values())
        return [record for record in newest if session in ("", record.request.session)][:limit]

    def interrupt(self, name: str) -> Record:
        """Raises GradError `execution_not_found`."""
        record = self.record(name)
        session = self.sessions.get(record.request.session)
        if not record.done and session is not None:
            session.interrupt(record)
        return record

    def session(self, name: str) -> Session:
        """Raises GradError `session_not_found`."""
        session = self.sessions.get(name)
        if session is None:
            there = ", ".join(sorted(self.sessions)) or "none"
            raise GradError(
                "session_not_found", f'Cannot find the session "{name[:80]}"', f"Sessions there are: {there}."
            )
        return session

    async def reset(self, name: str, kernel: str) -> Session:
        """Raises GradError `session_not_found`, `kernel_not_found`."""
        session = self.session(name)
        if kernel:
            submission.find_kernel(kernel, await self.component.known_specs())
        await session.reset(kernel)
        return session

    def file_put(self, path: str) -> None:
        """A file of the user's is no artifact of an execution."""
        for session in self.sessions.values():
            session.files.known(path)

    # Listener of the kernel component

    def kernel_ended(self, kernel: str, end: KernelEnd) -> None:
        for session in self.sessions.values():
            if session.kernel.id == kernel:
                session.kernel_ended(end)

    def kernels_seen(self, kernels: Mapping[str, LeftKernel]) -> None:
        if not self._recovered:
            self._recovered = True
            self._recover(kernels)
            return
        for session in self.sessions.values():
            left = kernels.get(session.kernel.id)
            if session.kernel.link is not None and (left is None or left.end is not None):
                session.kernel_ended((left and left.end) or KernelEnd("lost"))

    def _recover(self, kernels: Mapping[str, LeftKernel]) -> None:
        """Gives each session what the agent before has left, and starts its work."""
        running: dict[str, tuple[Record, RunStart]] = {}
        for record in self._records.values():
            if record.done:
                continue
            session = self._session(record.request.session, record.request.kernel)
            # cases: its code was sent to a kernel; it was waiting, or about to be sent, and its turn comes again
            if record.execution.status == pb.EXECUTION_STATUS_RUNNING:
                start = self._store.start_of(record) or RunStart("", 0, 0, 0, 0)
                running[session.state.name] = (record, start)
            else:
                if record.journal.next_seq == 1:
                    record.add(pb.Event(queued=pb.Queued(ahead=session.queued)))
                session.submit(record)
        mine = {session.kernel.id for session in self.sessions.values() if session.state.alive}
        for session in self.sessions.values():
            unfinished = running.get(session.state.name)
            left = kernels.get(session.kernel.id) if session.state.alive else None
            if unfinished is not None and unfinished[1].kernel != session.kernel.id:
                left = None
            self._work(session, left, unfinished)
        for kernel in kernels.keys() - mine:
            log("info", "kernel.orphan_removed", kernel=kernel)
            self._tasks.create_task(self._remove(kernel))
        log(
            "info",
            "agent.recovered",
            sessions=len(self.sessions),
            executions=len(self._records),
            running=len(running),
        )

    def _work(
        self, session: Session, left: LeftKernel | None, unfinished: tuple[Record, RunStart] | None
    ) -> None:
        self._working.append(self._tasks.create_task(session.work(left, unfinished)))

    async def _remove(self, kernel: str) -> None:
        try:
            await self.component.remove(kernel)
        except GradError as error:
            log("warn", "kernel.not_removed", kernel=kernel, error=error.message)

    def _accept(self, name: str, asked: Submission, kernel: str, extension: str) -> Record:
        try:
            session = self._session(asked.session, kernel)
            request = Request(
                id=name,
                session=asked.session,
                kernel=kernel,
                code=asked.code,
                params_json=asked.params_json,
                deadline_ms=asked.deadline_ms,
                queued_ns=time.time_ns(),
                fingerprint=asked.fingerprint,
                code_path=f"code/{name}.{extension}",
            )
            record = self._store.create(request)
            ahead = session.queued + (session.running is not None)
            record.add(pb.Event(queued=pb.Queued(ahead=ahead)))
        except OSError as error:
            raise GradError("storage_full", f"Cannot keep the execution: {error.strerror}") from error
        self._records[name] = record
        self.activity.note("execution")
        session.submit(record)
        self._refill_spares()
        return record

    def _refill_spares(self) -> None:
        if self._store.spares.few and not self._refilling:
            self._refilling = True
            self._tasks.create_task(self._refill())

    async def _refill(self) -> None:
        await asyncio.sleep(_REFILL_SECONDS)
        await asyncio.to_thread(self._store.spares.refill)
        self._refilling = False

    def _session(self, name: str, kernel: str) -> Session:
        """The session, made unless it is there. Raises GradError `quota_exhausted`."""
        session = self.sessions.get(name)
        if session is None:
            if len(self.sessions) >= MAX_SESSIONS:
                raise GradError(
                    "quota_exhausted",
                    f'Cannot make the session "{name}": the runner has {MAX_SESSIONS}, and no more are allowed',
                    "Use one of them: `gractl session list` shows them.",
                )
            now = time.time_ns()
            session = Session(SessionState(name, kernel, now, now), self._around, self._own_prefix)
            self.sessions[name] = session
            session_file.save(self._sessions_folder, session.state)
            if self._recovered:
                self._work(session, None, None)
        return session

    def _finished(self, record: Record) -> None:
        """Called at each execution's end."""
        self.activity.note("execution")
        self._store.summarise(record)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        finished = [one for one in self._records.values() if one.done]
        size = sum(one.journal.size_bytes for one in finished)
        limits = self.config.limits
        for old in finished[:-1]:
            if len(finished) <= limits.kept_executions and size <= limits.kept_journal_bytes:
                break
            finished = finished[1:]
            size -= old.journal.size_bytes
            del self._records[old.id]
            self._store.remove(old)

    def _language(self, kernel: str) -> str:
        spec = self.component.specs.get(kernel)
        return spec.language if spec else ""


def _same(record: Record, asked: Submission) -> Record:
    if record.request.fingerprint != asked.fingerprint:
        raise GradError(
            "idempotency_conflict",
            f'Cannot run other code under the key of the execution "{record.id}"',
            "Use a new key.",
        )
    return record


def _folders(path: Path) -> list[str]:
    try:
        return [plain(name) for name in sorted(os.listdir(path))[:20]]
    except OSError:
        return []
