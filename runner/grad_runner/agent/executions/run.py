"""One execution on one kernel: sends the code, follows what the kernel says, acts on deadline and interrupt, and ends it.

The decisions are `execution.Execution`'s; here is the I/O around them. Nothing polls: `link.wake` is set by the kernel's
files and sockets, by the deadline's timer, by an interrupt and by the kernel's end.
"""

import asyncio
import errno
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import zmq

from grad_runner.agent.executions.end_events import STATUS, error_message
from grad_runner.agent.executions.execution import Cause, Execution, Outcome, Raised, Shown, Text, Work
from grad_runner.agent.executions.hints import hint
from grad_runner.agent.executions.output_streams import StreamKeeper
from grad_runner.agent.executions.results import ResultKeeper
from grad_runner.agent.files.artifacts import FileWatch, coarse_now_ns
from grad_runner.agent.files.workspace_writer import Workspace
from grad_runner.agent.kernels.component import KernelComponent
from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message
from grad_runner.agent.kernels.link import KernelLink, nothing
from grad_runner.agent.kernels.output import Chunk
from grad_runner.agent.limits import TURN_BYTES
from grad_runner.agent.storage.record import Record
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_FEW_ENTRIES: Final = 300
_STAT_SECONDS: Final = 5.0


def now_ms() -> int:
    """The monotonic clock of executions."""
    return time.monotonic_ns() // 1_000_000


class Run:
    """Made for one execution that is about to start (or, with `resumed`, has started before this agent did)."""

    def __init__(
        self,
        record: Record,
        link: KernelLink,
        component: KernelComponent,
        workspace: Workspace,
        keepers: tuple[StreamKeeper, ResultKeeper],
        files: FileWatch,
        datasets: Callable[[], list[str]],
        *,
        started_ms: int,
        resumed: bool = False,
    ) -> None:
        self._record = record
        self._link = link
        self._component = component
        self._workspace = workspace
        self._streams, self._results = keepers
        self._files = files
        self._datasets = datasets
        self._core = Execution(record.request.deadline_ms or None, needs_reply=not resumed)
        self._core.started(started_ms)
        self._started_ms = started_ms
        self._files_since_ns = coarse_now_ns() - (now_ms() - started_ms) * 1_000_000
        self._work: list[Work] = []
        self._skip = 0
        self._probe = ""
        self._tasks: asyncio.TaskGroup
        self._usage: asyncio.Task[pb.Usage] | None = None
        self._events: list[pb.Event] = []

    def interrupt(self, cause: Cause = "interrupted") -> None:
        """Begins to stop it; takes effect in the run's own time."""
        self._work += self._core.interrupt(now_ms(), cause)
        self._link.wake.set()

    def resume(self, shown_before: int) -> None:
        """The first so many results and errors that the kernel's spool tells are in the journal already."""
        self._skip = shown_before
        self._probe = self._link.probe()

    async def go(self, code: str, params: str) -> Outcome:
        """Runs the code to its end and returns how it ended; the record has then `finished`. An empty code only follows."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            if self._link.cpu_ms is None:
                tasks.create_task(self._begin_to_count())
            try:
                if params:
                    self._link.execute(params, f"{self._record.id}-params", silent=True)
                if code:
                    self._link.execute(code, self._record.id)
            except zmq.ZMQError as error:
                self._core.broke(f"it takes no code: {error}")
            if code:
                # A reply says that the code has ended: what it used is asked for while its last words are on their way.
                self._link.on_reply = self._ask_usage
                self._keep_code()  # the kernel is at work meanwhile
            outcome = await self._follow()
            asked = self._ask_usage()
            artifacts = await self._artifacts()
            usage = await asked
            await self._finish(outcome, artifacts, usage)
            await asyncio.sleep(0)  # who waits for the end is answered first
            self._component.mark(self._link.address.kernel)  # the peak of the next execution counts from here
        return outcome

    def _keep_code(self) -> None:
        request = self._record.request
        folder, _, name = request.code_path.partition("/")
        try:
            kept = self._workspace.write(folder, name, request.code.encode("utf-8", "surrogatepass"))
        except OSError as error:
            log("warn", "execution.code_not_kept", execution=request.id, error=str(error))
            kept = ""
        self._record.execution.code_path = kept

    async def _follow(self) -> Outcome:
        loop = asyncio.get_running_loop()
        while True:
            self._link.wake.clear()
            end = self._link.end
            try:
                more = await self._turn()
            except BadMessage as error:
                self._core.broke(str(error))
                self._do("kill")
                more = False
            except OSError as error:
                self._full(error)
                more = False
            if end is not None and not more:
                self._core.kernel_ended(end)
            if self._core.outcome is not None:
                self._link.output.eager = False
                self._link.on_reply = nothing
                self._record.is_ending = True
                return self._core.outcome
            self._work += self._core.passed(now_ms())
            for work in self._work:
                self._do(work)
            self._work = []
            if self._record.sync_is_due():
                self._tasks.create_task(self._record.sync())
            if more:
                await asyncio.sleep(0)  # readers and other sessions have their turn
                continue
            self._link.output.arm()
            wakes_at = self._core.wakes_at()
            if wakes_at is None:
                await self._link.wake.wait()
                continue
            timer = loop.call_later(max(0, wakes_at - now_ms()) / 1000, self._link.wake.set)
            await self._link.wake.wait()
            timer.cancel()

    async def _turn(self) -> bool:
        """Takes what is there, within bounds; True when there is more. Raises BadMessage, OSError."""
        taken = 0
        more = False
        probed = False
        for reply in self._link.replies():
            if reply.parent_id == self._record.id:
                self._core.replied(reply.content)
            probed = probed or (reply.parent_id == self._probe and self._probe != "")
        for item in self._link.output.take():
            if isinstance(item, Chunk):
                taken += len(item.data)
                self._events += self._streams.put(item.stream, item.data)
            elif item.parent_id == self._record.id:
                self._heard(item)
            if self._core.outcome is not None:
                break
            if self._streams.must_spill or taken >= TURN_BYTES:
                more = True
                break
        self._flush()
        for name in self._streams.must_spill:
            await asyncio.to_thread(self._streams.spill, name, self._record.journal.events())
        if probed and not more:
            self._core.lost("The agent was started again, and the code was not found running")
        return more

    def _heard(self, message: Message) -> None:
        said = self._core.said(message)
        if said is None:
            return
        if isinstance(said, Text):
            self._events += self._streams.put(said.stream, said.text.encode("utf-8", "surrogatepass"))
            return
        known, self._skip = self._skip > 0, max(0, self._skip - 1)
        if isinstance(said, Shown):
            event = self._results.keep(said, write=not known)
            if event is not None and not known:
                self._events.append(event)
        elif not known:
            self._events.append(pb.Event(error=self._error(said)))

    def _flush(self) -> None:
        if self._events:
            events, self._events = self._events, []
            self._record.add(*events)

    def _do(self, work: Work) -> None:
        self._tasks.create_task(self._act(work))

    async def _act(self, work: Work) -> None:
        try:
            if work == "ask":
                self._link.ask_interrupt()
            else:
                await self._component.signal(self._link.address.kernel, "INT" if work == "signal" else "KILL")
        except (GradError, zmq.ZMQError) as error:
            log("warn", "execution.not_stopped", execution=self._record.id, step=work, error=str(error))

    def _full(self, error: OSError) -> None:
        """The disk takes no more: what the code writes cannot be kept, so it is stopped."""
        self._events = []
        log("error", "execution.not_journaled", execution=self._record.id, error=str(error))
        self._core.broke(f"its output cannot be kept: {error.strerror}")
        self._do("kill")

    def _error(self, raised: Raised) -> pb.ExecutionError:
        text = "\n".join((raised.message, *raised.traceback[-3:]))
        more = hint(raised.name, text, self._datasets) if raised.code == "code_raised" else ""
        return error_message(raised, more)

    async def _begin_to_count(self) -> None:
        """For a fresh kernel; else time and peak count from the end of the execution before."""
        with suppress(GradError):
            self._link.cpu_ms = (await self._component.stat(self._link.address.kernel)).cpu_ms

    def _ask_usage(self) -> "asyncio.Task[pb.Usage]":
        if self._usage is None:
            self._usage = self._tasks.create_task(self._stat())
        return self._usage

    async def _stat(self) -> pb.Usage:
        before = self._link.cpu_ms or 0
        try:
            async with asyncio.timeout(_STAT_SECONDS):
                stat = await self._component.stat(self._link.address.kernel)
        except (GradError, TimeoutError):
            return pb.Usage()
        self._link.cpu_ms = stat.cpu_ms
        return pb.Usage(cpu_ms=max(0, stat.cpu_ms - before), peak_memory_bytes=stat.peak_bytes)

    async def _artifacts(self) -> list[pb.Event]:
        """Few files are looked at here: going to another thread and back takes longer."""
        if self._files.entries <= _FEW_ENTRIES:
            paths = self._files.look(self._files_since_ns)
        else:
            paths = await asyncio.to_thread(self._files.look, self._files_since_ns)
        return await asyncio.to_thread(self._files.describe, paths) if paths else []

    async def _finish(self, outcome: Outcome, artifacts: list[pb.Event], usage: pb.Usage) -> None:
        events = [pb.Event(error=self._error(outcome.error))] if outcome.error else []
        events += [*self._streams.gaps(), *self._results.gaps(), *artifacts]
        truncated = pb.Truncated(
            stdout=self._streams.is_truncated("stdout"),
            stderr=self._streams.is_truncated("stderr"),
            results=self._results.is_truncated,
        )
        finished = pb.Finished(
            status=STATUS[outcome.status],
            duration_ms=max(0, now_ms() - self._started_ms),
            usage=usage,
            truncated=truncated,
        )
        events.append(pb.Event(finished=finished))
        try:
            await self._record.finish(*events)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            log("error", "execution.not_journaled", execution=self._record.id, error=str(error), full=full)
            self._record.finish_unkept(*events)
