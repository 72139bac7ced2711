"""A session: executions one after the other, in order, on a kernel of their own."""

import asyncio
import time
import traceback
from collections import deque
from typing import Final

from grad_runner.agent.executions import params
from grad_runner.agent.executions.ending import STATUS, error_message, finish
from grad_runner.agent.executions.execution import Failure, Outcome, Status
from grad_runner.agent.executions.result_recorder import ResultRecorder
from grad_runner.agent.executions.run import Run, now_ms
from grad_runner.agent.executions.stream_recorder import StreamRecorder
from grad_runner.agent.files.artifacts import ArtifactScanner
from grad_runner.agent.kernels.component import ExistingKernel, KernelEnd
from grad_runner.agent.kernels.link import KernelLink
from grad_runner.agent.kernels.output import Positions
from grad_runner.agent.sessions.context import SessionContext
from grad_runner.agent.sessions.idle import IdleKernel, used_cpu
from grad_runner.agent.sessions.session_kernel import SessionKernel
from grad_runner.agent.storage import session_file
from grad_runner.agent.storage.record import Record
from grad_runner.agent.storage.session_file import SessionState
from grad_runner.agent.storage.store import RunStart
from grad_runner.agent.timestamps import time_ns, timestamp
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.grad.v1 import session_pb2 as spb

_SAVE_SECONDS: Final = 1.0
"""The counters are written this long after the first change: not a file for each of many short executions."""


class Session:
    """`work` runs as the session's one task; the other methods are called in the same event loop."""

    def __init__(self, state: SessionState, context: SessionContext, own_prefix: str) -> None:
        """`own_prefix`: how the names of the agent's own files below code/ begin."""
        self.state = state
        self.artifacts = ArtifactScanner(context.workspace.root, own_prefix)
        self.kernel = SessionKernel(state, context)
        self.running: Record | None = None
        self._context = context
        self._queue: deque[Record] = deque()
        self._changed = asyncio.Event()
        self._run: Run | None = None
        self._stopped_early = False
        self._reset: asyncio.Future[None] | None = None
        self._reset_spec = ""
        self._idle_since_ms = now_ms()
        self._idle_end_requested = False
        self._save_timer: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        """Executions that wait."""
        return len(self._queue)

    @property
    def idle_kernel(self) -> IdleKernel | None:
        """The kernel, if there is one that nothing uses or is about to use."""
        if self.kernel.link is None or self.running is not None or self._queue or self._reset is not None:
            return None
        return IdleKernel(self.state.name, self._idle_since_ms)

    def submit(self, record: Record) -> None:
        """Adds the execution to the end of the queue."""
        self._queue.append(record)
        self._changed.set()

    async def interrupt(self, record: Record, *, force: bool) -> None:
        """Interrupts an execution, or ends its kernel; one that waits has ended when this returns."""
        if self.running is record:
            if self._run is not None:
                self._run.force() if force else self._run.interrupt()
            else:
                self._stopped_early = True
        elif record in self._queue:
            self._queue.remove(record)
            await self._cancel(record, "Interrupted before it started")

    def stop_for_storage(self, reason: str) -> None:
        """Begins to stop the code that runs, because it has filled the runner's storage; returns at once."""
        if self._run is not None:
            self._run.interrupt("storage_full", reason)

    async def reset(self, kernel_spec: str) -> None:
        """Ends the kernel, interrupts what runs and cancels what waits; returns when that has happened.

        `kernel_spec` is the kernelspec of the next kernel; "" leaves it as it is.
        """
        waiting, self._queue = self._queue, deque()
        reset = self._reset = self._reset or asyncio.get_running_loop().create_future()
        self._reset_spec = kernel_spec
        self._stopped_early = self.running is not None
        self.kernel.on_ended(KernelEnd("reset", "The session was reset"))
        self._changed.set()
        for record in waiting:
            await self._cancel(record, "The session was reset before it started")
        await asyncio.shield(reset)

    def end_if_idle(self) -> None:
        """Ends the kernel, unless an execution comes first or the kernel works without one. Returns at once."""
        self._idle_end_requested = True
        self._changed.set()

    def on_kernel_ended(self, end: KernelEnd) -> None:
        self.kernel.on_ended(end)
        self._changed.set()

    def message(self) -> spb.Session:
        """The session as the API shows it, without `runner_id`."""
        state = spb.SESSION_STATE_IDLE if self.kernel.link is not None else spb.SESSION_STATE_EMPTY
        if self.kernel.starting:
            state = spb.SESSION_STATE_STARTING
        elif self.running is not None:
            state = spb.SESSION_STATE_BUSY
        return spb.Session(
            name=self.state.name,
            kernel=self.state.kernel,
            state=state,
            created_at=timestamp(self.state.created_ns),
            last_used_at=timestamp(self.state.last_used_ns),
            generation=self.state.generation,
            previous_end=self.state.previous_end,
            executions=self.state.executions,
            running_execution_id=self.running.id if self.running else "",
            queued=len(self._queue),
        )

    async def work(self, kernel: ExistingKernel | None, unfinished: tuple[Record, RunStart] | None) -> None:
        """Runs what is submitted; never returns. `kernel` and `unfinished` are what an earlier agent left."""
        await self._recover(kernel, unfinished)
        while True:
            if self._reset is not None:
                await self._do_reset(self._reset)
            elif self.kernel.has_ended:
                assert self.kernel.link is not None and self.kernel.link.end is not None
                await self.kernel.drop(self.kernel.link.end.reason)
            elif self._queue:
                self._idle_end_requested = False
                await self._run_guarded(self._queue.popleft())
            elif self._idle_end_requested:
                self._idle_end_requested = False
                await self._end_unless_in_use()
            else:
                self._changed.clear()
                await self._changed.wait()

    async def _do_reset(self, done: "asyncio.Future[None]") -> None:
        await self.kernel.drop("reset")
        self.state.kernel = self._reset_spec or self.state.kernel
        session_file.save(self._context.sessions_dir, self.state)
        self._reset = None
        done.set_result(None)

    async def _end_unless_in_use(self) -> None:
        link = self.kernel.link
        if link is None:
            return
        now = now_ms()
        try:
            cpu_ms = (await self._context.component.stat(self.kernel.id)).cpu_ms
        except GradError:
            return  # it has just ended, or the component has: that is reported by itself
        if self._queue or self._reset is not None or self.kernel.has_ended:
            return  # `work` handles it next
        if used_cpu(cpu_ms - (link.cpu_ms or 0), now - self._idle_since_ms):
            link.cpu_ms = cpu_ms
            self._idle_since_ms = now
            return
        await self.kernel.drop("idle")

    async def _run_guarded(self, record: Record) -> None:
        """No fault of one execution ends the session."""
        self.running = record
        try:
            await self._run_one(record)
        except Exception as error:  # noqa: BLE001 - a bug of ours ends this execution, not the agent
            log(
                "error",
                "execution.failed",
                execution=record.id,
                error=repr(error),
                traceback=traceback.format_exc()[-4000:],
            )
            if not record.done:
                await self._end(
                    record, "lost", Failure("execution_lost", "", f"The agent failed: {type(error).__name__}")
                )
            await self.kernel.drop("lost")
        finally:
            self._on_finished(record)

    async def _run_one(self, record: Record) -> None:
        self._stopped_early = False
        try:
            link, fresh = await self.kernel.ensure()
        except GradError as error:
            text = f"Cannot start the kernel: {error.message}"
            await self._end(record, "crashed", Failure("kernel_crashed", "", text), error.hint)
            return
        if self._stopped_early:
            await self._end(
                record, "interrupted", Failure("interrupted", "", "Interrupted before it started")
            )
            return
        start = self._start(link)
        self._context.store.record_start(record, start)
        previous = self.state.previous_end if fresh else ""
        started = pb.Started(generation=start.generation, fresh_kernel=fresh, previous_end=previous)
        record.add(pb.Event(started=started))
        run = self._new_run(record, link, now_ms())
        values = params.parse(record.request.params_json)
        language = self._context.language_of(self.state.kernel)
        assigned = params.assignments(values, language) if values else ""
        await self._execute(run, record, (record.request.code, assigned))

    async def _execute(self, run: Run, record: Record, code: tuple[str, str]) -> None:
        """`code`: the code, and the code that sets its parameters; both empty for a run that only follows."""
        self._run = run
        try:
            outcome = await run.execute(*code)
        finally:
            self._run = None
        await self._drop_unusable_kernel(outcome)
        record.close()

    async def _drop_unusable_kernel(self, outcome: Outcome) -> None:
        """Before the next execution comes to it."""
        link = self.kernel.link
        if link is None or self._reset is not None:
            return
        if outcome.exits:
            await self.kernel.drop("exited")
        elif link.end is not None:
            killed = outcome.status in ("interrupted", "deadline_exceeded")
            await self.kernel.drop(outcome.status if killed else link.end.reason)
        elif outcome.status in ("crashed", "lost"):
            await self.kernel.drop(outcome.status)

    def _start(self, link: KernelLink) -> RunStart:
        at = link.output.positions()
        return RunStart(self.kernel.id, self.state.generation, at.spool, at.stdout, at.stderr)

    def _new_run(
        self, record: Record, link: KernelLink, started_ms: int, streams: StreamRecorder | None = None
    ) -> Run:
        context = self._context
        recorders = (
            streams or StreamRecorder(context.workspace, record.id, context.limits.stream_bytes),
            ResultRecorder(context.workspace, record.id),
        )
        return Run(
            record,
            link,
            context.component,
            context.workspace,
            recorders,
            self.artifacts,
            context.hint_for,
            started_ms=started_ms,
            resumed=streams is not None,
        )

    async def _recover(
        self, kernel: ExistingKernel | None, unfinished: tuple[Record, RunStart] | None
    ) -> None:
        """Goes on where an earlier agent ended.

        Cases: the session is new; an execution goes on, or its output is read to its kernel's end; a kernel goes on
        without an execution; the kernel has ended.
        """
        if kernel is None and unfinished is None and not self.state.alive:
            return
        try:
            if kernel is None or (unfinished is not None and not kernel.address.forked):
                # A kernel that was not forked stores no output: what it has done meanwhile is unknown.
                raise GradError("runner_unavailable", "The agent or the kernel component ended meanwhile")
            if unfinished is not None:
                await self._resume(kernel, *unfinished)
            elif kernel.end is None:
                await self.kernel.adopt(kernel.address, None)
            else:
                await self.kernel.drop(kernel.end.reason)
        except Exception as error:  # noqa: BLE001 - it must not end every agent that is started from now on
            log("warn", "session.not_recovered", session=self.state.name, error=repr(error)[:500])
            await self.kernel.drop("lost")
            if unfinished is not None and not unfinished[0].done:
                text = error.message if isinstance(error, GradError) else "The agent could not resume it"
                await self._end(unfinished[0], "lost", Failure("execution_lost", "", text))
                self._on_finished(unfinished[0])

    async def _resume(self, kernel: ExistingKernel, record: Record, start: RunStart) -> None:
        """Goes on with an execution: its journal says how much of the kernel's files has been read."""
        self.running = record
        streams = StreamRecorder(self._context.workspace, record.id, self._context.limits.stream_bytes)
        read_bytes = streams.resume(record.journal.events())
        for name in streams.must_spill:
            await asyncio.to_thread(streams.spill, name, record.journal.events())
        journaled_messages = sum(
            1
            for event in record.journal.events()
            if event.WhichOneof("kind") in ("display", "result", "error", "clear_output")
        )
        positions = Positions(
            start.spool, start.stdout + read_bytes["stdout"], start.stderr + read_bytes["stderr"]
        )
        link = await self.kernel.adopt(kernel.address, positions)
        link.output.eager = True
        if kernel.end is not None:
            link.on_ended(kernel.end)
        ran_ms = (time.time_ns() - time_ns(record.execution.started_at)) // 1_000_000
        run = self._new_run(record, link, now_ms() - max(0, ran_ms), streams)
        run.resume(journaled_messages)
        log("info", "execution.resumed", execution=record.id, session=self.state.name)
        try:
            await self._execute(run, record, ("", ""))
        finally:
            self._on_finished(record)

    async def end_lost(self, record: Record) -> None:
        """Ends an execution of an earlier agent that cannot be resumed."""
        text = "The agent was started again, and the end of the execution had not been kept"
        await self._end(record, "lost", Failure("execution_lost", "", text))
        self._context.on_finished(record)

    async def _end(self, record: Record, status: Status, failure: Failure, hint: str = "") -> None:
        """Ends an execution that no kernel runs, or runs any more."""
        error = pb.Event(error=error_message(failure, hint))
        await finish(record, [error, pb.Event(finished=pb.Finished(status=STATUS[status]))])
        record.close()

    async def _cancel(self, record: Record, reason: str) -> None:
        await self._end(record, "interrupted", Failure("interrupted", "", reason))
        self._context.on_finished(record)

    def _on_finished(self, record: Record) -> None:
        self.running = None
        self.state.executions += 1
        self.state.last_used_ns = time.time_ns()
        self._idle_since_ms = now_ms()
        if self._save_timer is None:
            self._save_timer = asyncio.get_running_loop().call_later(_SAVE_SECONDS, self.save)
        self._context.on_finished(record)

    def save(self) -> None:
        """Writes counters that have changed."""
        if self._stop_save_timer():
            session_file.save(self._context.sessions_dir, self.state)

    def forget(self) -> None:
        """Removes what is saved of the session. Call it when its kernel has ended and its work is cancelled."""
        self._stop_save_timer()
        session_file.remove(self._context.sessions_dir, self.state.name)

    def _stop_save_timer(self) -> bool:
        """True where counters had changed."""
        if self._save_timer is None:
            return False
        self._save_timer.cancel()
        self._save_timer = None
        return True
