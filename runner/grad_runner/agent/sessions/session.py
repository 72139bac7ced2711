"""A session: executions one after the other, in order, on a kernel of their own."""

import asyncio
import time
import traceback
from collections import deque
from typing import Final

from grad_runner.agent.executions import params
from grad_runner.agent.executions.end_events import STATUS, error_message
from grad_runner.agent.executions.execution import Outcome, Raised, Status
from grad_runner.agent.executions.output_streams import StreamKeeper
from grad_runner.agent.executions.results import ResultKeeper
from grad_runner.agent.executions.run import Run, now_ms
from grad_runner.agent.files.artifacts import FileWatch
from grad_runner.agent.kernels.component import KernelEnd, LeftKernel
from grad_runner.agent.kernels.link import KernelLink
from grad_runner.agent.kernels.output import Positions
from grad_runner.agent.sessions.context import Surroundings
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


class Session:
    """`work` is its one task; the other methods are called in the same loop."""

    def __init__(self, state: SessionState, around: Surroundings, own_prefix: str) -> None:
        self.state = state
        self.files = FileWatch(around.workspace.root, own_prefix)
        self.kernel = SessionKernel(state, around)
        self.running: Record | None = None
        self._around = around
        self._queue: deque[Record] = deque()
        self._more = asyncio.Event()
        self._run: Run | None = None
        self._stopped_early = False
        self._reset: asyncio.Future[None] | None = None
        self._reset_spec = ""
        self._saving: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        return len(self._queue)

    def submit(self, record: Record) -> None:
        """Puts it at the end."""
        self._queue.append(record)
        self._more.set()

    def interrupt(self, record: Record) -> None:
        """Begins to stop it; one that waits ends at once."""
        if self.running is record:
            if self._run is not None:
                self._run.interrupt()
            else:
                self._stopped_early = True
        elif record in self._queue:
            self._queue.remove(record)
            self._cancel(record, "Interrupted before it started")

    async def reset(self, kernel_spec: str) -> None:
        """Ends the kernel, interrupts what runs and cancels what waits; returns when that has happened."""
        while self._queue:
            self._cancel(self._queue.popleft(), "The session was reset before it started")
        if self._reset is None:
            self._reset = asyncio.get_running_loop().create_future()
        self._reset_spec = kernel_spec
        self._stopped_early = self.running is not None
        self.kernel.ended(KernelEnd("reset", "The session was reset"))
        self._more.set()
        await asyncio.shield(self._reset)

    def kernel_ended(self, end: KernelEnd) -> None:
        self.kernel.ended(end)
        self._more.set()

    def message(self) -> spb.Session:
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

    async def work(self, kernel: LeftKernel | None, unfinished: tuple[Record, RunStart] | None) -> None:
        """Runs what is submitted, for ever. `kernel` and `unfinished` are what an earlier agent has left."""
        await self._take_up(kernel, unfinished)
        while True:
            if self._reset is not None:
                await self._do_reset(self._reset)
            elif self.kernel.has_died:
                assert self.kernel.link is not None and self.kernel.link.end is not None
                await self.kernel.drop(self.kernel.link.end.why)
            elif self._queue:
                await self._run_guarded(self._queue.popleft())
            else:
                self._more.clear()
                await self._more.wait()

    async def _do_reset(self, asked: "asyncio.Future[None]") -> None:
        await self.kernel.drop("reset")
        self.state.kernel = self._reset_spec or self.state.kernel
        session_file.save(self._around.sessions, self.state)
        self._reset = None
        asked.set_result(None)

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
                self._end(
                    record, "lost", Raised("execution_lost", "", f"The agent failed: {type(error).__name__}")
                )
            await self.kernel.drop("lost")
        finally:
            self._done(record)

    async def _run_one(self, record: Record) -> None:
        self._stopped_early = False
        try:
            link, fresh = await self.kernel.ensure()
        except GradError as error:
            text = f"Cannot start the kernel: {error.message}"
            self._end(record, "crashed", Raised("kernel_crashed", "", text), error.hint)
            return
        if self._stopped_early:
            self._end(record, "interrupted", Raised("interrupted", "", "Interrupted before it started"))
            return
        start = self._start(link)
        self._around.store.started(record, start)
        previous = self.state.previous_end if fresh else ""
        started = pb.Started(generation=start.generation, fresh_kernel=fresh, previous_end=previous)
        record.add(pb.Event(started=started))
        run = self._new_run(record, link, now_ms())
        values = params.parse(record.request.params_json)
        language = self._around.language(self.state.kernel)
        assigned = params.assignments(values, language) if values else ""
        await self._go(run, record, (record.request.code, assigned))

    async def _go(self, run: Run, record: Record, code: tuple[str, str]) -> None:
        self._run = run
        try:
            outcome = await run.go(*code)
        finally:
            self._run = None
        await self._after(outcome)
        record.close()

    async def _after(self, outcome: Outcome) -> None:
        """A kernel that is no good any more is dropped before the next execution."""
        link = self.kernel.link
        if link is None or self._reset is not None:
            return
        if link.end is not None:
            killed = outcome.status in ("interrupted", "deadline_exceeded")
            await self.kernel.drop(outcome.status if killed else link.end.why)
        elif outcome.status in ("crashed", "lost"):
            await self.kernel.drop(outcome.status)

    def _start(self, link: KernelLink) -> RunStart:
        at = link.output.positions()
        return RunStart(self.kernel.id, self.state.generation, at.spool, at.stdout, at.stderr)

    def _new_run(
        self, record: Record, link: KernelLink, started_ms: int, streams: StreamKeeper | None = None
    ) -> Run:
        around = self._around
        inits = (
            streams or StreamKeeper(around.workspace, record.id, around.limits.stream_bytes),
            ResultKeeper(around.workspace, record.id),
        )
        resumed = streams is not None
        return Run(
            record,
            link,
            around.component,
            around.workspace,
            inits,
            self.files,
            around.datasets,
            started_ms=started_ms,
            resumed=resumed,
        )

    async def _take_up(self, kernel: LeftKernel | None, unfinished: tuple[Record, RunStart] | None) -> None:
        """Cases: the session is new; a run goes on, or is read to its kernel's end; a kernel goes on without a run; there is
        no kernel any more."""
        if kernel is None and unfinished is None and not self.state.alive:
            return
        try:
            if kernel is None or (unfinished is not None and not kernel.address.forked):
                # What a kernel that is not forked said meanwhile is gone, and with it how far the run came.
                raise GradError("runner_unavailable", "The agent or the kernel component ended meanwhile")
            if unfinished is not None:
                await self._resume(kernel, *unfinished)
            elif kernel.end is None:
                await self.kernel.adopt(kernel.address, None)
            else:
                await self.kernel.drop(kernel.end.why)
        except Exception as error:  # noqa: BLE001 - what an earlier agent left must not end this one, again and again
            log("warn", "session.not_taken_up", session=self.state.name, error=repr(error)[:500])
            await self.kernel.drop("lost")
            if unfinished is not None and not unfinished[0].done:
                text = (
                    error.message if isinstance(error, GradError) else "The agent failed to take it up again"
                )
                self._end(unfinished[0], "lost", Raised("execution_lost", "", text))
                self._done(unfinished[0])

    async def _resume(self, kernel: LeftKernel, record: Record, start: RunStart) -> None:
        """Goes on with a run: the journal tells what of the kernel's files has been taken already."""
        self.running = record
        streams = StreamKeeper(self._around.workspace, record.id, self._around.limits.stream_bytes)
        taken = streams.resume(record.journal.events())
        shown = sum(
            1
            for event in record.journal.events()
            if event.WhichOneof("kind") in ("display", "result", "error")
        )
        positions = Positions(start.spool, start.stdout + taken["stdout"], start.stderr + taken["stderr"])
        link = await self.kernel.adopt(kernel.address, positions)
        link.output.eager = True
        if kernel.end is not None:
            link.ended(kernel.end)
        ran_ms = (time.time_ns() - time_ns(record.execution.started_at)) // 1_000_000
        run = self._new_run(record, link, now_ms() - max(0, ran_ms), streams)
        run.resume(shown)
        log("info", "execution.resumed", execution=record.id, session=self.state.name)
        try:
            await self._go(run, record, ("", ""))
        finally:
            self._done(record)

    def _end(self, record: Record, status: Status, raised: Raised, hint: str = "") -> None:
        """For one that no kernel runs (any more)."""
        events = (
            pb.Event(error=error_message(raised, hint)),
            pb.Event(finished=pb.Finished(status=STATUS[status])),
        )
        try:
            record.add(*events)
        except OSError as error:
            log("error", "execution.not_journaled", execution=record.id, error=str(error))
            record.finish_unkept(*events)
        record.close()

    def _cancel(self, record: Record, why: str) -> None:
        self._end(record, "interrupted", Raised("interrupted", "", why))
        self._around.finished(record)

    def _done(self, record: Record) -> None:
        self.running = None
        self.state.executions += 1
        self.state.last_used_ns = time.time_ns()
        if self._saving is None:  # a counter is not worth a file for each of many short executions
            self._saving = asyncio.get_running_loop().call_later(_SAVE_SECONDS, self.save)
        self._around.finished(record)

    def save(self) -> None:
        """Keeps the counters."""
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
            session_file.save(self._around.sessions, self.state)
