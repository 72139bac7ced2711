"""The protocol of the supervisor's socket: requests, answers and events as JSON lines. Parsing and rendering only, no I/O.

Every process of the component can connect, also the user's code, so a request must match a closed grammar. A hostile kernel
gains nothing by it: it can start and end processes of its own component anyway.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from grad_runner.gen.shared.limits import KERNEL_NAME

VERSION: Final = 1
MAX_LINE_BYTES: Final = 64 * 1024

RequestId: TypeAlias = int | str | None
SignalName: TypeAlias = Literal["INT", "TERM", "KILL"]
ErrorCode: TypeAlias = Literal[
    "invalid_argument",
    "kernel_not_found",
    "kernel_exists",
    "kernel_ended",
    "kernel_start_failed",
    "kernelspec_not_found",
    "too_many_kernels",
    "internal",
]

_KERNEL = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hello:
    """Asks for version, readiness and kernelspecs."""


@dataclass(frozen=True, slots=True)
class ListKernels:
    """Asks for every kernel that was not removed yet, also those that have ended."""


@dataclass(frozen=True, slots=True)
class Start:
    """Starts a kernel under a name of the caller's choice."""

    kernel: str
    spec: str


@dataclass(frozen=True, slots=True)
class SendSignal:
    """INT and TERM go to the kernel's process group, KILL to everything that descends from it."""

    kernel: str
    signal: SignalName


@dataclass(frozen=True, slots=True)
class Stat:
    """Asks for what a kernel's process tree has used, and since when the kernel has been idle."""

    kernel: str


@dataclass(frozen=True, slots=True)
class DeletedFiles:
    """Asks what deleted files of the workspace and of the folder for spilled data take that processes have open."""


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """Reports that a kernel was given code: it is not idle until it has ended."""

    kernel: str


@dataclass(frozen=True, slots=True)
class ExecutionEnded:
    """Reports that a kernel's execution has ended; the peak of memory counts from now on."""

    kernel: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Ends a kernel if it runs, and deletes its folder."""

    kernel: str


Request: TypeAlias = (
    Hello
    | ListKernels
    | Start
    | SendSignal
    | Stat
    | DeletedFiles
    | ExecutionStarted
    | ExecutionEnded
    | Remove
)
Answer: TypeAlias = dict[str, Any]
"""The members of an answer besides `id` and `ok`; JSON values only."""


class RequestError(Exception):
    """The request cannot be carried out; this becomes the answer's `error`."""

    def __init__(self, code: ErrorCode, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.hint = hint


def parse_request(line: bytes) -> tuple[RequestId, Request | RequestError]:
    """The request in one line, with its id. For an invalid request, the error to answer with is returned, not raised."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, RequestError("invalid_argument", f"Cannot read the request: {error}")
    if not isinstance(message, dict):
        return None, RequestError("invalid_argument", "Cannot read the request: it is not a JSON object")
    request_id = message.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, int | str | None):
        return None, RequestError(
            "invalid_argument", "Cannot read the request: id is neither number nor string"
        )
    try:
        return request_id, _operation(message)
    except RequestError as error:
        return request_id, error


def _operation(message: Mapping[str, object]) -> Request:
    match message.get("op"):
        case "hello":
            return Hello()
        case "list":
            return ListKernels()
        case "start":
            return Start(_matching(message, "kernel", _KERNEL), _matching(message, "spec", KERNEL_NAME))
        case "signal":
            signal = message.get("signal")
            if signal not in get_args(SignalName):
                raise RequestError(
                    "invalid_argument", f"Cannot send the signal {signal!r}", "Use INT, TERM or KILL."
                )
            return SendSignal(_matching(message, "kernel", _KERNEL), signal)  # type: ignore[arg-type]  # checked above
        case "stat":
            return Stat(_matching(message, "kernel", _KERNEL))
        case "deletedFiles":
            return DeletedFiles()
        case "executionStarted":
            return ExecutionStarted(_matching(message, "kernel", _KERNEL))
        case "executionEnded":
            return ExecutionEnded(_matching(message, "kernel", _KERNEL))
        case "remove":
            return Remove(_matching(message, "kernel", _KERNEL))
        case other:
            raise RequestError("invalid_argument", f"Cannot carry out {other!r}: there is no such operation")


def _matching(message: Mapping[str, object], key: str, pattern: re.Pattern[str]) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RequestError("invalid_argument", f"Invalid {key} {value!r}: it must match {pattern.pattern}")
    return value


def is_kernel_name(name: str) -> bool:
    return _KERNEL.fullmatch(name) is not None


def render_answer(request_id: RequestId, answer: Answer | RequestError) -> bytes:
    if isinstance(answer, RequestError):
        error = {"code": answer.code, "message": answer.message, "hint": answer.hint}
        return _line({"id": request_id, "ok": False, "error": error})
    return _line({"id": request_id, "ok": True, **answer})


def render_event(event: Literal["ready", "exited"], **members: Any) -> bytes:
    return _line({"event": event, **members})


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
