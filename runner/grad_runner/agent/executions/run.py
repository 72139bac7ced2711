"""One execution on one kernel: sends the code, follows the kernel's output, acts on deadline and interrupt, and ends it.

`execution.Execution` decides; this module does the I/O. Nothing polls: `link.wake` is set by the kernel's files and sockets,
by the deadline's timer, by an interrupt and by the kernel's end.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from grad_runner.agent.executions.ending import STATUS, error_message, finish
from grad_runner.agent.executions.execution import (
    ClearOutput,
    Execution,
    Failure,
    LeftOut,
    Outcome,
    RichOutput,
    StreamText,
)
from grad_runner.agent.executions.result_recorder import ResultRecorder
from grad_runner.agent.executions.stopping import KernelAction, StopCause
from grad_runner.agent.executions.stream_recorder import StreamRecorder, append_output
from grad_runner.agent.files.artifacts import ArtifactScanner, Changed, coarse_now_ns
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.kernels.channel import ChannelFull
from grad_runner.agent.kernels.component import KernelComponent
from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message
from grad_runner.agent.kernels.link import KernelLink, do_nothing
from grad_runner.agent.kernels.output import Chunk
from grad_runner.agent.limits import TURN_BYTES
from grad_runner.agent.storage.record import Record
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_FEW_ENTRIES: Final = 300
_STAT_SECONDS: Final = 5.0
_HINT_TRACEBACK_LINES: Final = 3
_HINT_CHARS: Final = 4_000
"""Of what is searched for hints: some patterns take the square of its length."""
_ITEM_BYTES: Final = 256
"""What each message and each piece of output counts beside its bytes, so that tiny ones do not take a turn without end."""


def now_ms() -> int:
    """The monotonic clock of executions and sessions. It stands still while the machine is suspended."""
    return time.monotonic_ns() // 1_000_000


class Run:
    """Made for one execution that is about to start, or with `resumed` for one that an earlier agent started."""

    def __init__(
        self,
        record: Record,
        link: KernelLink,
        component: KernelComponent,
        workspace: WorkspaceWriter,
        recorders: tuple[StreamRecorder, ResultRecorder],
        artifacts: ArtifactScanner,
        hint_for: Callable[[str, str], str],
        *,
        started_ms: int,
        resumed: bool = False,
    ) -> None:
        self._record = record
        self._link = link
        self._component = component
        self._workspace = workspace
        self._streams, self._results = recorders
        self._artifacts = artifacts
        self._hint_for = hint_for
        self._core = Execution(record.request.deadline_ms or None, not resumed, record.request.session)
        self._core.on_started(started_ms)
        self._started_ms = started_ms
        self._files_since_ns = coarse_now_ns() - (now_ms() - started_ms) * 1_000_000
        self._actions: list[KernelAction] = []
        self._already_journaled = 0
        self._probe = ""
        self._tasks: asyncio.TaskGroup
        self._usage: asyncio.Task[pb.Usage] | None = None
        self._events: list[pb.Event] = []

    def interrupt(self, cause: StopCause = "interrupted", reason: str = "") -> None:
        """Interrupts the code; returns at once. `reason` is for people."""
        self._actions += self._core.interrupt(now_ms(), cause, reason)
        self._link.wake.set()

    def force(self) -> None:
        """Begins to end the kernel, and with it the code; returns at once."""
        self._actions += self._core.force()
        self._link.wake.set()

    def resume(self, already_journaled: int) -> None:
        """Call it before `execute` for a resumed run. The journal has the first so many displays, results, errors and
        clearings of the kernel's spool."""
        self._already_journaled = already_journaled
        self._probe = self._link.probe()

    async def execute(self, code: str, params_code: str) -> Outcome:
        """Runs the code to its end and returns how it ended; the record then has `finished`. Empty code only follows what
        runs already. `params_code` sets the parameters and runs first."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            if self._link.cpu_ms is None:
                tasks.create_task(self._begin_to_count_cpu())
            try:
                if params_code:
                    self._link.execute(params_code, f"{self._record.id}-params", silent=True)
                if code:
                    settings = self._record.request.kernel_settings
                    self._link.execute(code, self._record.id, settings=settings)
            except ChannelFull:
                self._core.on_invalid_output("it accepts no code")
            if code:
                # A reply means that the code has ended: usage is measured while the last output is on its way.
                self._link.on_reply = self._measure_usage
                self._component.execution_started(self._link.address.kernel)
                self._save_code()  # the kernel is at work meanwhile
            outcome = await self._follow()
            measured = self._measure_usage()
            artifacts = await self._find_artifacts()
            usage = await measured
            await self._finish(outcome, artifacts, usage)
            await asyncio.sleep(0)  # whoever waits for the end is answered first
            self._component.execution_ended(self._link.address.kernel)
        return outcome

    def _save_code(self) -> None:
        request = self._record.request
        folder, _, name = request.code_path.partition("/")
        try:
            path = self._workspace.write(folder, name, request.code.encode("utf-8", "surrogatepass"))
        except OSError as error:
            log("warn", "execution.code_not_saved", execution=request.id, error=str(error))
            path = ""
        self._record.execution.code_path = path

    async def _follow(self) -> Outcome:
        """Takes the kernel's output until the execution has an outcome."""
        loop = asyncio.get_running_loop()
        while True:
            self._link.wake.clear()
            end = self._link.end
            try:
                more = await self._take_output()
            except BadMessage as error:
                self._core.on_invalid_output(str(error))
                self._start_action("kill")
                more = False
            except OSError as error:
                self._on_disk_error(error)
                more = False
            if end is not None and not more:
                self._core.on_kernel_ended(end)
            if self._core.outcome is not None:
                self._link.output.eager = False
                self._link.on_reply = do_nothing
                self._record.is_ending = True
                return self._core.outcome
            self._actions += self._core.due_actions(now_ms())
            for action in self._actions:
                self._start_action(action)
            self._actions = []
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

    async def _take_output(self) -> bool:
        """Journals what the kernel has written, within bounds; True when there is more. Raises BadMessage, OSError."""
        taken = 0
        more = False
        probe_answered = False
        for reply in self._link.replies():
            if reply.parent_id == self._record.id:
                self._core.on_reply(reply.content)
            probe_answered = probe_answered or (reply.parent_id == self._probe and self._probe != "")
        for item in self._link.output.take():
            if isinstance(item, Chunk):
                taken += len(item.data)
                self._add_output(item)
            elif item.parent_id == self._record.id:
                taken += item.size
                self._on_message(item)
            else:
                taken += item.size
            taken += _ITEM_BYTES
            if self._core.outcome is not None:
                break
            if self._streams.must_spill or taken >= TURN_BYTES:
                more = True
                break
        self._journal_events()
        for name in self._streams.must_spill:
            await asyncio.to_thread(self._streams.spill, name, self._record.journal.events())
        if probe_answered and not more:
            self._core.on_lost("The agent was started again, and the code was not found running")
        return more

    def _add_output(self, chunk: Chunk) -> None:
        if chunk.hole_bytes:
            self._streams.skip(chunk.stream, chunk.hole_bytes)
            return
        for event in self._streams.add(chunk.stream, chunk.data):
            if not (self._events and append_output(self._events[-1], event)):
                self._events.append(event)

    def _on_message(self, message: Message) -> None:
        output = self._core.on_message(message)
        if output is None:
            return
        if isinstance(output, LeftOut):
            self._results.leave_out()
            return
        if isinstance(output, StreamText):
            self._add_output(Chunk(output.stream, output.text.encode("utf-8", "surrogatepass")))
            return
        journaled = self._already_journaled > 0
        self._already_journaled = max(0, self._already_journaled - 1)
        if isinstance(output, RichOutput | ClearOutput):
            event = (
                self._results.clear(wait=output.wait)
                if isinstance(output, ClearOutput)
                else self._results.add(output, write=not journaled)
            )
            if event is not None and not journaled:
                self._events.append(event)
        elif not journaled:
            self._events.append(pb.Event(error=self._error_message(output)))

    def _journal_events(self) -> None:
        if self._events:
            events, self._events = self._events, []
            self._record.add(*events)

    def _start_action(self, action: KernelAction) -> None:
        self._tasks.create_task(self._act(action))

    async def _act(self, action: KernelAction) -> None:
        kernel = self._link.address.kernel
        try:
            if action == "request_interrupt":
                self._link.request_interrupt()
            else:
                await self._component.signal(kernel, "INT" if action == "signal" else "KILL")
        except (GradError, ChannelFull) as error:
            log("warn", "execution.not_stopped", execution=self._record.id, action=action, error=str(error))

    def _on_disk_error(self, error: OSError) -> None:
        """The disk takes no more output, usually because it is full: the code is stopped."""
        self._events = []
        log("error", "execution.not_journaled", execution=self._record.id, error=str(error))
        self._core.on_invalid_output(f"it cannot be stored: {error.strerror}")
        self._start_action("kill")

    def _error_message(self, failure: Failure) -> pb.ExecutionError:
        text = "\n".join((failure.message, *failure.traceback[-_HINT_TRACEBACK_LINES:]))[:_HINT_CHARS]
        more = self._hint_for(failure.name, text) if failure.code == "code_raised" else ""
        return error_message(failure, more)

    async def _begin_to_count_cpu(self) -> None:
        """For a fresh kernel. Later CPU time counts from the end of the execution before."""
        with suppress(GradError):
            self._link.cpu_ms = (await self._component.stat(self._link.address.kernel)).cpu_ms

    def _measure_usage(self) -> "asyncio.Task[pb.Usage]":
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

    async def _find_artifacts(self) -> list[pb.Event]:
        """In the event loop if there are few files: going to another thread and back takes longer."""
        found = None
        if self._artifacts.scanned_entries <= _FEW_ENTRIES:
            found = self._artifacts.scan(self._files_since_ns, _FEW_ENTRIES)
        if found is None:
            found = await asyncio.to_thread(self._artifacts.scan, self._files_since_ns)
        if found is not None and (copies := self._streams.only_copies):
            found = Changed([*found.paths, *copies], found.more)
        return await asyncio.to_thread(self._artifacts.describe, found) if found and found.paths else []

    async def _finish(self, outcome: Outcome, artifacts: list[pb.Event], usage: pb.Usage) -> None:
        events = [pb.Event(error=self._error_message(outcome.failure))] if outcome.failure else []
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
        await finish(self._record, [*events, pb.Event(finished=finished)])
