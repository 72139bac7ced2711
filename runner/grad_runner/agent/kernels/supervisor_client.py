"""KernelComponent over the supervisor's socket: JSON lines, many requests at once, and events that the supervisor pushes.

User code can put a socket of its own in its place: all that is answered is bounded and made what it should be.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from grad_runner.agent.kernels.bounded_json import parse_json
from grad_runner.agent.kernels.component import Address, ExistingKernel, KernelEnd, Listener, Spec, Stat
from grad_runner.common.backoff import Backoff
from grad_runner.common.errors import GradError, is_error_code
from grad_runner.common.log import log

_LINE_BYTES: Final = 1024 * 1024
_MAX_UNSENT_BYTES: Final = 1024 * 1024
_MAX_LISTED: Final = 1_000
_FIRST_RETRY_SECONDS: Final = 0.01
_MAX_RETRY_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 60.0
_SOON_SECONDS: Final = 2.0
_MAX_NAME_CHARS: Final = 200
_MAX_MESSAGE_CHARS: Final = 1_000
_MAX_NUMBER: Final = 2**62
"""What fits into any number of protobuf, also after a subtraction."""
_KNOWN_CODES: Final = ("kernel_not_found", "invalid_argument", "storage_full", "out_of_memory")


class SupervisorClient:
    """Calls wait for a connection; `run` makes one, and another after each loss."""

    def __init__(self, socket: Path, listener: Listener) -> None:
        self._socket = socket
        self._listener = listener
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0
        self._connected = asyncio.Event()
        self._ready = asyncio.Event()
        self.specs: Mapping[str, Spec] = {}

    @property
    def ready(self) -> bool:
        """A kernel can be started without a wait for the launcher."""
        return self._ready.is_set()

    async def wait_ready(self, seconds: float) -> bool:
        """Waits for `ready`, at most so long, and returns it."""
        try:
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        except TimeoutError:
            pass
        return self.ready

    async def known_specs(self) -> Mapping[str, Spec]:
        """The kernelspecs, by name; waits for a connection. Raises GradError `runner_unavailable`."""
        await self._wait_connected()
        return self.specs

    async def run(self) -> None:
        """Keeps connected; never returns."""
        backoff = Backoff(_FIRST_RETRY_SECONDS, _MAX_RETRY_SECONDS)
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=_LINE_BYTES)
            except OSError:
                await asyncio.sleep(backoff.failed())
                continue
            self._writer = writer
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._handshake())
                    await self._read(reader)
                    raise ConnectionResetError
            except* Exception as group:  # noqa: BLE001 - nothing that the component sends ends the agent: it connects again
                log(
                    "warn", "kernel_component.disconnected", reasons=[repr(e)[:300] for e in group.exceptions]
                )
            finally:
                if self._connected.is_set():
                    backoff.reset()
                self._on_disconnected(writer)
            await asyncio.sleep(backoff.failed())

    async def start(self, kernel: str, spec: str) -> Address:
        return _address(kernel, await self._call("start", kernel=kernel, spec=spec))

    async def signal(self, kernel: str, name: Literal["INT", "KILL"]) -> None:
        try:
            await self._call("signal", kernel=kernel, signal=name)
        except GradError as error:
            if error.code != "kernel_not_found":
                raise

    async def stat(self, kernel: str) -> Stat:
        answer = await self._call("stat", kernel=kernel)
        return Stat(_number(answer, "cpuMs"), _number(answer, "peakRssBytes"))

    async def deleted_bytes(self) -> int:
        """What deleted files on the volume take that kernels have open; 0 when the component does not answer soon."""
        try:
            async with asyncio.timeout(_SOON_SECONDS):
                return _number(await self._call("deletedFiles"), "bytes")
        except (GradError, TimeoutError):
            return 0

    def execution_started(self, kernel: str) -> None:
        self._report("executionStarted", kernel)

    def execution_ended(self, kernel: str) -> None:
        self._report("executionEnded", kernel)

    def _report(self, op: str, kernel: str) -> None:
        if self._writer is not None:
            self._last_id += 1
            self._send(self._writer, {"id": self._last_id, "op": op, "kernel": kernel})

    @staticmethod
    def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
        if writer.transport.get_write_buffer_size() > _MAX_UNSENT_BYTES:
            writer.transport.abort()  # it does not read: `run` connects again
        else:
            writer.write(json.dumps(message).encode() + b"\n")

    async def remove(self, kernel: str) -> None:
        try:
            await self._call("remove", kernel=kernel)
        except GradError as error:
            if error.code != "kernel_not_found":
                raise

    async def _wait_connected(self) -> None:
        if self._connected.is_set():
            return
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._connected.wait()
        except TimeoutError:
            raise GradError("runner_unavailable", "The runner's kernel component does not answer") from None

    async def _call(self, op: str, **fields: str) -> dict[str, Any]:
        await self._wait_connected()
        return await self._request(op, fields)

    async def _request(self, op: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Sends one request on the present connection and returns its answer. Raises GradError."""
        if self._writer is None:
            raise GradError("runner_unavailable", "The runner's kernel component does not answer")
        self._last_id += 1
        number = self._last_id
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._send(self._writer, {"id": number, "op": op, **fields})
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reply = await answer
        except TimeoutError:
            raise GradError("runner_unavailable", f'The kernel component does not answer "{op}"') from None
        finally:
            self._waiting.pop(number, None)
        if reply.get("ok") is True:
            return reply
        error = reply.get("error")
        fields_of_error: dict[str, Any] = error if isinstance(error, dict) else {}
        code = str(fields_of_error.get("code", "internal"))
        raise GradError(
            code if is_error_code(code) and code in _KNOWN_CODES else "runner_unavailable",
            _text(fields_of_error.get("message", f'Cannot do "{op}"'), _MAX_MESSAGE_CHARS),
            _text(fields_of_error.get("hint") or "", _MAX_MESSAGE_CHARS),
        )

    async def _handshake(self) -> None:
        hello = await self._request("hello", {})
        specs = [_spec(one) for one in hello.get("specs", [])[:_MAX_LISTED] if isinstance(one, dict)]
        listed = await self._request("list", {})
        kernels: dict[str, ExistingKernel] = {}
        for one in listed.get("kernels", [])[:_MAX_LISTED]:
            name = str(one["kernel"])
            kernels[name] = ExistingKernel(
                _address(name, one), None if one.get("alive") else _end(one.get("exit"))
            )
        self.specs = {spec.name: spec for spec in specs}
        if hello.get("ready") is True:
            self._ready.set()
        self._listener.kernels_listed(kernels)
        self._connected.set()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            message = parse_json(line)
            if not isinstance(message, dict):
                raise ValueError("the supervisor sent no object")
            number = message.get("id")
            if isinstance(number, int):
                waiting = self._waiting.get(number)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
            elif message.get("event") == "ready":
                self._ready.set()
            elif message.get("event") == "exited":
                self._listener.kernel_ended(str(message.get("kernel")), _end(message.get("exit")))

    def _on_disconnected(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        self._writer = None
        self._connected.clear()
        self._ready.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(
                    GradError(
                        "runner_unavailable", "The connection to the runner's kernel component was lost"
                    )
                )


def _text(value: object, max_chars: int) -> str:
    """Bounded, and with what UTF-8 cannot hold replaced."""
    return str(value)[:max_chars].encode("utf-8", "replace").decode()


def _spec(one: dict[str, Any]) -> Spec:
    name = _text(one["name"], _MAX_NAME_CHARS)
    return Spec(
        name,
        _text(one.get("displayName", name), _MAX_NAME_CHARS),
        _text(one.get("language", ""), _MAX_NAME_CHARS).lower(),
        one.get("forked") is True,
    )


def _address(kernel: str, answer: dict[str, Any]) -> Address:
    key, ports = answer.get("key"), answer.get("ports")
    try:
        if not isinstance(key, str) or not isinstance(ports, dict):
            raise TypeError
        numbers = {str(name): int(port) for name, port in ports.items()}
        return Address(kernel, answer.get("forked") is True, key.encode(), numbers)
    except (TypeError, ValueError, OverflowError):
        raise GradError(
            "runner_unavailable", "Cannot understand the kernel component's answer: no key or ports"
        ) from None


def _end(exit_status: Any) -> KernelEnd:
    if not isinstance(exit_status, dict):
        return KernelEnd("crashed")
    if exit_status.get("outOfMemory") is True:
        return KernelEnd("out_of_memory")
    if exit_status.get("evicted") is True:
        return KernelEnd("evicted", "The kernel was idle and was ended because the runner's memory was short")
    if exit_status.get("tooManyTasks") is True:
        return KernelEnd(
            "crashed",
            "The kernel was ended: it had more processes and threads than the runner's limit allows",
        )
    if name := exit_status.get("signal"):
        return KernelEnd("crashed", f"The kernel was ended by SIG{_text(name, 23).removeprefix('SIG')}")
    return KernelEnd(
        "crashed", f"The kernel process ended with exit code {_text(exit_status.get('code'), 20)}"
    )


def _number(answer: dict[str, Any], name: str) -> int:
    value = answer.get(name)
    return min(max(0, int(value)), _MAX_NUMBER) if isinstance(value, int) else 0
