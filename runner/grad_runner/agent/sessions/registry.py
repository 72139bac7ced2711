"""The sessions of a runner, by name."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping

from grad_runner.agent.executions.run import now_ms
from grad_runner.agent.kernels.component import ExistingKernel, KernelEnd
from grad_runner.agent.limits import MAX_SESSIONS
from grad_runner.agent.sessions.context import SessionContext
from grad_runner.agent.sessions.idle import next_check_ms, select_due
from grad_runner.agent.sessions.recovery import plan_recovery
from grad_runner.agent.sessions.session import Session
from grad_runner.agent.storage import session_file
from grad_runner.agent.storage.record import Record
from grad_runner.agent.storage.session_file import SessionState
from grad_runner.agent.storage.store import RunStart
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb


class SessionRegistry:
    """Sessions accept executions at once; they work from `recover` on, which is called once."""

    def __init__(self, context: SessionContext, own_prefix: str, tasks: asyncio.TaskGroup) -> None:
        """Loads the sessions that an earlier agent saved. See `Session` for `own_prefix`."""
        self._context = context
        self._own_prefix = own_prefix
        self._tasks = tasks
        self._working: dict[str, asyncio.Task[None]] = {}
        self.recovered = asyncio.Event()
        self._sessions = {
            state.name: Session(state, context, own_prefix)
            for state in session_file.load(context.sessions_dir)
        }

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, name: str) -> Session | None:
        return self._sessions.get(name)

    def find(self, name: str) -> Session:
        """Raises GradError `session_not_found`."""
        session = self._sessions.get(name)
        if session is None:
            names = ", ".join(sorted(self._sessions)) or "none"
            raise GradError(
                "session_not_found",
                f'Cannot find the session "{name[:80]}"',
                f"The runner has these sessions: {names}.",
            )
        return session

    def find_or_create(self, name: str, kernel_spec: str) -> Session:
        """Raises GradError `quota_exhausted` when there are too many sessions for another."""
        if name not in self._sessions and len(self._sessions) >= MAX_SESSIONS:
            raise GradError(
                "quota_exhausted",
                f'Cannot make the session "{name}": the runner has {MAX_SESSIONS}, and no more are allowed',
                "Use one of them: `gractl session list` shows them.",
            )
        return self._find_or_create(name, kernel_spec)

    async def delete(self, session: Session) -> None:
        """Ends the kernel, interrupts what runs, cancels what waits, and forgets the session; one that is used again meanwhile is
        as after a reset."""
        name = session.state.name
        await session.reset("")
        # Without an `await` from here on: no execution comes to a session that is being forgotten.
        if self._sessions.get(name) is not session or session.queued or session.running is not None:
            return
        self._working.pop(name).cancel()
        del self._sessions[name]
        session.forget()

    def recover(self, records: Iterable[Record], kernels: Mapping[str, ExistingKernel]) -> None:
        """Gives each session what the agent before left, and starts its work.

        `records` are all executions, oldest first; `kernels` are those that the supervisor lists, by id.
        """
        interrupted: dict[str, tuple[Record, RunStart]] = {}
        records = list(records)
        newest = {r.request.session: r.id for r in records if r.execution.HasField("started_at")}
        for record in records:
            if record.done:
                continue
            session = self._find_or_create(record.request.session, record.request.kernel)
            if record.execution.status == pb.EXECUTION_STATUS_RUNNING:
                if (
                    newest[record.request.session] != record.id
                ):  # its end could not be journaled, and the kernel went on
                    self._tasks.create_task(session.end_lost(record))
                    continue
                start = self._context.store.start_of(record) or RunStart("", 0, 0, 0, 0)
                interrupted[session.state.name] = (record, start)
                continue
            # It waited, or was about to be sent to a kernel: it waits again.
            if record.journal.next_seq == 1:
                try:
                    record.add(pb.Event(queued=pb.Queued(ahead=session.queued)))
                except OSError as error:  # a full disk must not end the recovery of the others
                    log("warn", "execution.not_journaled", execution=record.id, error=str(error))
            session.submit(record)
        plan = plan_recovery(
            {session.state.name: session.kernel.id for session in self if session.state.alive},
            {name: start.kernel for name, (_, start) in interrupted.items()},
            kernels.keys(),
        )
        for session in self:
            kernel = plan.adopt.get(session.state.name)
            self._start_work(
                session, kernels[kernel] if kernel else None, interrupted.get(session.state.name)
            )
        for orphan in plan.orphans:
            log("info", "kernel.orphan_removed", kernel=orphan)
            self._tasks.create_task(self._remove(orphan))
        self.recovered.set()
        log("info", "sessions.recovered", sessions=len(self), running=len(interrupted))

    def on_kernel_ended(self, kernel: str, end: KernelEnd) -> None:
        for session in self:
            if session.kernel.id == kernel:
                session.on_kernel_ended(end)

    def on_kernels_listed(self, kernels: Mapping[str, ExistingKernel]) -> None:
        """After a new connection to the supervisor: a kernel that it does not list has ended with the last one."""
        for session in self:
            listed = kernels.get(session.kernel.id)
            if session.kernel.link is not None and (listed is None or listed.end is not None):
                session.on_kernel_ended((listed and listed.end) or KernelEnd("lost"))

    async def end_idle_sessions(self, max_idle_ms: int) -> None:
        """Never returns. Ends the kernels of sessions that nobody has used for `max_idle_ms`; 0 for never."""
        if max_idle_ms == 0:
            return
        while True:
            idle = [kernel for session in self if (kernel := session.idle_kernel)]
            now = now_ms()
            for kernel in select_due(idle, max_idle_ms, now):
                self._sessions[kernel.session].end_if_idle()
                idle.remove(kernel)
            await asyncio.sleep((next_check_ms(idle, max_idle_ms, now) - now) / 1000)

    def stop(self) -> None:
        """Stops the sessions' work and saves them. The kernels go on: the next agent adopts them."""
        for task in self._working.values():
            task.cancel()
        for session in self:
            session.save()

    def _find_or_create(self, name: str, kernel_spec: str) -> Session:
        session = self._sessions.get(name)
        if session is None:
            now = time.time_ns()
            state = SessionState(name, kernel_spec, now, now)
            session = self._sessions[name] = Session(state, self._context, self._own_prefix)
            session_file.save(self._context.sessions_dir, state)
            if self.recovered.is_set():
                self._start_work(session, None, None)
        return session

    def _start_work(
        self, session: Session, kernel: ExistingKernel | None, unfinished: tuple[Record, RunStart] | None
    ) -> None:
        work = session.work(kernel, unfinished)
        self._working[session.state.name] = self._tasks.create_task(work)

    async def _remove(self, kernel: str) -> None:
        try:
            await self._context.component.remove(kernel)
        except GradError as error:
            log("warn", "kernel.not_removed", kernel=kernel, error=error.message)
