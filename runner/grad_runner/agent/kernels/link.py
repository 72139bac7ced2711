"""The agent's connection to one kernel: requests out, replies in, and the kernel's output."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

from grad_runner.agent.kernels.channel import Channel
from grad_runner.agent.kernels.component import Address, KernelEnd
from grad_runner.agent.kernels.inotify import InotifyWatcher
from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message, pack, unpack
from grad_runner.agent.kernels.output import ForkedOutput, KernelOutput, PlainOutput, Positions
from grad_runner.agent.kernels.output_files import KernelFile, StreamName, open_kernel_folder
from grad_runner.agent.limits import MAX_REPLY_BYTES
from grad_runner.common.errors import GradError

_SUBSCRIBE_SECONDS: Final = 30.0
_PROBE_AGAIN_SECONDS: Final = 0.1
_CLOSED_SECONDS: Final = 5.0
"""A kernel that has closed its connection has usually ended, and the supervisor says why; one that lives on cannot be used."""


class KernelLink:
    """`wake` is set when there may be something new: output, a reply, the kernel's end. `end` is set once it has ended."""

    def __init__(self, address: Address, kernels: Path, watcher: InotifyWatcher) -> None:
        self.address = address
        self.wake = asyncio.Event()
        self.end: KernelEnd | None = None
        # Called as soon as the shell channel has a reply, before whoever waits for `wake` runs.
        self.on_reply: Callable[[], object] = do_nothing
        # CPU time at the end of the last execution; None before the first.
        self.cpu_ms: int | None = None
        self.output: KernelOutput
        self._session = os.urandom(8).hex()
        self._probes = 0
        self._watcher = watcher
        self._kernels = kernels
        self._shell: Channel
        self._control: Channel
        self._fault = ""
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls,
        address: Address,
        kernels: Path,
        watcher: InotifyWatcher,
        positions: Positions | None,
    ) -> Self:
        """A connection that misses nothing from now on. `positions` is where reading of the kernel's files begins; None for
        their present ends. Raises GradError `runner_unavailable`."""
        link = cls(address, kernels, watcher)
        try:
            await link._attach(positions)
        except (OSError, KeyError, GradError) as error:
            link.close()
            if isinstance(error, GradError):
                raise
            raise GradError("runner_unavailable", f"Cannot reach the kernel: {error}") from error
        return link

    def execute(
        self, code: str, msg_id: str, *, silent: bool = False, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Sends the code. If it raises, the kernel does not run what was sent after it. Raises ChannelFull.

        `settings` are for kernels of ours: `Request.kernel_settings`.
        """
        content: dict[str, Any] = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        if settings:
            content["grad"] = settings
        self._shell.send(pack(self.address.key, "execute_request", content, msg_id, session=self._session))

    def probe(self) -> str:
        """Sends a request that the kernel answers once it has done everything sent before; returns its msg_id."""
        self._probes += 1
        msg_id = f"probe-{self._session}-{self._probes}"
        self._shell.send(pack(self.address.key, "kernel_info_request", {}, msg_id, session=self._session))
        return msg_id

    def request_interrupt(self) -> None:
        """Asks the kernel on its control channel to interrupt what runs below Python, such as a query of DuckDB."""
        msg_id = f"interrupt-{os.urandom(4).hex()}"
        self._control.send(
            pack(self.address.key, "grad_interrupt_request", {}, msg_id, session=self._session)
        )

    def replies(self) -> Iterator[Message]:
        """The replies on the shell channel that have arrived. Raises BadMessage."""
        while (frames := self._shell.receive()) is not None:
            if frames.cut:
                raise BadMessage(f"a reply is larger than {MAX_REPLY_BYTES} bytes")
            yield unpack(self.address.key, frames)
        if self._fault:
            raise BadMessage(self._fault)

    def on_ended(self, end: KernelEnd) -> None:
        if self.end is None:
            self.end = end
            self.wake.set()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for made in ("_shell", "_control", "output"):
            if hasattr(self, made):
                getattr(self, made).close()

    async def _attach(self, positions: Positions | None) -> None:
        folder = open_kernel_folder(self._kernels, self.address.kernel)
        try:
            ports = self.address.ports
            self._shell = Channel(
                folder, f"z-{ports['shell']}", "DEALER", self._on_shell, max_message_bytes=MAX_REPLY_BYTES
            )
            self._control = Channel(
                folder,
                f"z-{ports['control']}",
                "DEALER",
                self._drain_control,
                max_message_bytes=MAX_REPLY_BYTES,
            )
            streams: dict[StreamName, KernelFile] = {
                "stdout": KernelFile(folder, "stdout", positions.stdout if positions else None),
                "stderr": KernelFile(folder, "stderr", positions.stderr if positions else None),
            }
            if self.address.forked:
                spool = KernelFile(folder, "spool", positions.spool if positions else None)
                self.output = ForkedOutput(spool, streams, self._watcher, self.wake.set)
                return
            iopub = Channel(folder, f"z-{ports['iopub']}", "SUB", self.wake.set)
            output = PlainOutput(iopub, self.address.key, streams, self._watcher, self.wake.set)
            self.output = output
        finally:
            os.close(folder)
        await self._await_subscription(iopub)
        output.discard()

    async def _await_subscription(self, iopub: Channel) -> None:
        """A subscription takes a moment, and not every kernel acknowledges it: probe until a message arrives."""
        try:
            async with asyncio.timeout(_SUBSCRIBE_SECONDS):
                while iopub.receive() is None:
                    self.probe()
                    try:
                        async with asyncio.timeout(_PROBE_AGAIN_SECONDS):
                            self.wake.clear()
                            while iopub.receive() is None:
                                await self.wake.wait()
                                self.wake.clear()
                        return
                    except TimeoutError:
                        if self.end is not None:
                            raise GradError(
                                "runner_unavailable", "The kernel ended while it started"
                            ) from None
        except TimeoutError:
            raise GradError("runner_unavailable", "The kernel does not answer") from None

    def _on_shell(self) -> None:
        fault = self._shell.fault
        if fault == "closed" and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_CLOSED_SECONDS, self._on_closed)
        elif fault not in ("", "closed"):
            self._fault = fault
            self.wake.set()
        if fault == "":
            self._on_reply()

    def _on_closed(self) -> None:
        self._fault = "it has closed its connection"
        self.wake.set()

    def _on_reply(self) -> None:
        self.output.eager = True
        self.on_reply()
        self.wake.set()

    def _drain_control(self) -> None:
        while self._control.receive() is not None:
            pass  # the answer does not matter: the execution ends, or its kernel is killed


def do_nothing() -> None:
    """`on_reply` while no execution runs."""
