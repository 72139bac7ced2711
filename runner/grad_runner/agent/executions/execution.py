"""The state machine of one execution, without I/O: messages, instants and the kernel's end go in; events to journal and
actions on the kernel come out.

Instants are milliseconds of one monotonic clock. `outcome` is set once, at the end; whatever comes later is ignored.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from grad_runner.agent.executions.plain_text import lines, plain, shorten
from grad_runner.agent.executions.stopping import KernelAction, StopCause, Stopping
from grad_runner.agent.kernels.component import KernelEnd
from grad_runner.agent.kernels.jupyter_wire import Message
from grad_runner.agent.limits import MESSAGE_CHARS, TRACEBACK_BYTES

Status = Literal[
    "succeeded", "failed", "interrupted", "deadline_exceeded", "out_of_memory", "crashed", "lost"
]

_MAX_NAME_CHARS = 200
_RICH = ("display_data", "update_display_data", "execute_result")
_SHOWN = (*_RICH, "stream")
_READ_CHARS = 4 * MESSAGE_CHARS
"""Of a text that is shortened to MESSAGE_CHARS once its control sequences have been removed."""
_TOO_LARGE = "The exception is too large to be shown"


@dataclass(frozen=True, slots=True)
class RichOutput:
    """A display or a result: Jupyter's MIME bundle."""

    kind: Literal["display", "result"]
    data: dict[str, Any]
    display_id: str = ""
    update: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an execution did not succeed; `code` is one of the error catalogue, `name` the class of an exception."""

    code: str
    name: str
    message: str
    traceback: tuple[str, ...] = ()
    full_traceback: tuple[str, ...] = ()
    """With the frames of libraries; empty where `traceback` has all."""
    hint: str = ""
    """What to do; empty for the usual hint of the code."""


@dataclass(frozen=True, slots=True)
class StreamText:
    """Output that came as a message: from kernels that are not forked."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class ClearOutput:
    """What was shown so far is to be removed: now, or with `wait` when the next output comes."""

    wait: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A display, a result or text that was too large to be taken; a gap is reported at the end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failure` is to be journaled before the end; None if the code succeeded or its exception has been journaled."""

    status: Status
    failure: Failure | None = None
    exits: bool = False
    """The code called exit(): its kernel is about to end."""


@dataclass(slots=True)
class Execution:
    """Call `on_started` first. After each call check `outcome`; call `due_actions` when `wakes_at` has come."""

    deadline_ms: int | None = None
    needs_reply: bool = True
    """False after the agent was started again: the reply went to the agent before, so idle alone is the end."""
    session: str = "default"
    outcome: Outcome | None = field(default=None, init=False)
    _stopping: Stopping = field(init=False)
    _raised: bool = field(default=False, init=False)
    _reply: dict[str, Any] | None = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)
    _idle: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._stopping = Stopping(self.session, self.deadline_ms)

    def on_started(self, now: int) -> None:
        self._stopping.on_started(now)

    def on_message(
        self, message: Message
    ) -> RichOutput | Failure | StreamText | ClearOutput | LeftOut | None:
        """Takes a message on iopub that belongs to this execution's request; returns what is to be journaled."""
        if self.outcome is not None:
            return None
        content = message.content
        self._begun = self._begun or message.kind == "execute_input"
        # Cases: what was too large; the end; an exception; displays and results; the wish to remove them; text of kernels that
        # are not forked. Everything else (comm messages, execute_input) is ignored.
        if message.is_cut and message.kind in _SHOWN:
            return LeftOut()
        if message.kind == "status":
            self._idle = self._idle or content.get("execution_state") == "idle"
            self._finish_if_complete()
            return None
        if message.kind == "error":
            if self._raised:
                return None
            self._raised = True
            return self._failure(content)
        if message.kind in _RICH:
            return _rich_output(message.kind, content)
        if message.kind == "clear_output":
            return ClearOutput(content.get("wait") is True)
        if message.kind == "stream":
            name, text = content.get("name"), content.get("text")
            return (
                StreamText("stderr" if name == "stderr" else "stdout", text)
                if isinstance(text, str)
                else None
            )
        return None

    def on_reply(self, content: dict[str, Any]) -> None:
        """Takes the execute_reply. The execution ends with the later of the reply and idle."""
        if self.outcome is None:
            self._reply = content
            self._finish_if_complete()

    def interrupt(
        self, now: int, cause: StopCause = "interrupted", reason: str = ""
    ) -> tuple[KernelAction, ...]:
        """Interrupts the code; returns the first actions. May be repeated. `reason` is for people."""
        return () if self.outcome else self._stopping.begin(now, cause, reason, begun=self._begun)

    def force(self) -> tuple[KernelAction, ...]:
        """Ends the kernel, and with it the code; returns the actions."""
        return () if self.outcome else self._stopping.force()

    def wakes_at(self) -> int | None:
        """When `due_actions` is to be called next; None for not at all."""
        return None if self.outcome else self._stopping.wakes_at()

    def due_actions(self, now: int) -> tuple[KernelAction, ...]:
        """What is to be done to the kernel by now: at the deadline, or because an interrupt had no effect."""
        return () if self.outcome else self._stopping.due_actions(now, begun=self._begun)

    def on_kernel_ended(self, end: KernelEnd) -> None:
        """Call it when the kernel has ended and everything that it wrote has been taken."""
        if self.outcome is not None:
            return
        # Cases: the code had ended before; the kernel was ended because the code was to stop, or with its session; an interrupt
        # ended it, as it ends some; it ended by itself.
        gone = f"All variables of session {self.session} are gone"
        if self._idle and (self._reply is not None or end.reason != "out_of_memory"):
            self._finish(self._reply or {})
        elif self._stopping.is_killed:
            self._stop(self._stopping.message())
        elif end.reason == "reset":
            self._stop(f"Stopped, since the session was reset. {gone}")
        elif self._stopping.cause is not None and end.reason == "crashed":
            self._stop(f"The kernel ended when it was interrupted{end.detail and f': {end.detail}'}. {gone}")
        else:
            # Evicted: the code came just when the kernel, idle until then, was ended for its memory.
            reason = "out_of_memory" if end.reason == "evicted" else end.reason
            status: Status = reason if reason in ("out_of_memory", "lost") else "crashed"
            self.outcome = Outcome(status, Failure(_END_CODES[status], "", end.detail or _END_TEXTS[status]))

    def on_invalid_output(self, reason: str) -> None:
        """The kernel's output cannot be used: the caller must kill the kernel."""
        if self.outcome is None:
            self.outcome = Outcome(
                "crashed", Failure("kernel_crashed", "", f"Cannot use the kernel's output: {reason}")
            )

    def on_lost(self, reason: str) -> None:
        """Nobody can know how the code ended."""
        if self.outcome is None:
            self.outcome = Outcome("lost", Failure("execution_lost", "", reason))

    def _finish_if_complete(self) -> None:
        if self._idle and (self._reply is not None or not self.needs_reply):
            self._finish(self._reply or {})

    def _finish(self, reply: dict[str, Any]) -> None:
        failed = self._raised or reply.get("status", "ok") != "ok"
        # Interrupted also if the code caught the interrupt and ended well: nobody knows what it left undone.
        if self._stopping.cause is not None:
            self._stop(self._stopping.message())
        elif not failed:
            self.outcome = Outcome("succeeded", exits=reply.get("exits") is True)
        elif reply.get("status") == "aborted":
            self.outcome = Outcome(
                "interrupted", Failure("interrupted", "", "The kernel did not run the code")
            )
        else:
            self.outcome = Outcome("failed", None if self._raised else self._failure(reply))

    def _stop(self, text: str) -> None:
        stopping = self._stopping
        cause = stopping.cause or "interrupted"
        # An exception that the code raised says enough, but not that the kernel was ended after it.
        is_told = self._raised and not stopping.is_killed
        failure = None if is_told else Failure(cause, "", text, hint=stopping.hint())
        self.outcome = Outcome("interrupted" if cause == "storage_full" else cause, failure)

    def _failure(self, content: dict[str, Any]) -> Failure:
        name, message = content.get("ename"), content.get("evalue")
        message = plain(message[:_READ_CHARS]) if isinstance(message, str) else ""
        if not content:
            message = _TOO_LARGE
        elif not name and message.isdecimal():  # of kernels of a shell, which have no exceptions
            message = f"exit status {message}"
        return Failure(
            self._stopping.cause or "code_raised",
            shorten(plain(name[:_READ_CHARS]), _MAX_NAME_CHARS) if isinstance(name, str) else "",
            self._stopping.reason or shorten(message, MESSAGE_CHARS),
            _traceback(content.get("traceback")),
            _traceback(content.get("full_traceback")),
            self._stopping.hint(),
        )


_END_CODES: dict[Status, str] = {
    "out_of_memory": "out_of_memory",
    "crashed": "kernel_crashed",
    "lost": "execution_lost",
}
_END_TEXTS: dict[Status, str] = {
    "out_of_memory": "The kernel was ended because the runner's memory limit was reached",
    "crashed": "The kernel ended by itself",
    "lost": "The kernel component ended during the execution",
}


def _traceback(value: Any) -> tuple[str, ...]:
    texts = [line for line in value if isinstance(line, str)] if isinstance(value, list) else []
    return tuple(lines(texts, TRACEBACK_BYTES))


def _rich_output(kind: str, content: dict[str, Any]) -> RichOutput | None:
    data, transient = content.get("data"), content.get("transient")
    if not isinstance(data, dict) or not data:
        return None
    display_id = transient.get("display_id", "") if isinstance(transient, dict) else ""
    return RichOutput(
        "result" if kind == "execute_result" else "display",
        data,
        plain(display_id[:_MAX_NAME_CHARS]) if isinstance(display_id, str) else "",
        kind == "update_display_data",
    )
