"""One execution's life, without I/O: messages, instants and the kernel's end go in; what is to be shown and done comes out.

Instants are milliseconds of one monotonic clock. `outcome` is set once, at the end; whatever comes later is a late echo
and is ignored.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from grad_runner.agent.executions.plain_text import cut, lines, plain
from grad_runner.agent.kernels.component import KernelEnd
from grad_runner.agent.kernels.jupyter_wire import Message
from grad_runner.agent.limits import (
    INTERRUPT_AGAIN_MS,
    KILL_AFTER_MS,
    MESSAGE_CHARS,
    SIGNAL_AGAIN_MS,
    TRACEBACK_BYTES,
)

Status = Literal[
    "succeeded", "failed", "interrupted", "deadline_exceeded", "out_of_memory", "crashed", "lost"
]
Cause = Literal["interrupted", "deadline_exceeded"]
Work = Literal["signal", "ask", "kill"]
"""What the caller must do to the kernel: SIGINT; the control channel's interrupt request; SIGKILL to the whole tree."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A display or a result, in Jupyter's words."""

    kind: Literal["display", "result"]
    data: dict[str, Any]
    display_id: str = ""
    update: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """Why it did not succeed; `code` is one of the error catalogue."""

    code: str
    name: str
    message: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Output that came as a message (kernels that are not forked)."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is to be shown before the end; None where it has been shown already or nothing went wrong."""

    status: Status
    error: Raised | None = None


@dataclass(slots=True)
class Execution:
    """Call `started` first. After each call look at `outcome`; call `passed` at `wakes_at`."""

    deadline_ms: int | None = None
    # After the agent was started again the reply cannot come any more: idle alone is the end.
    needs_reply: bool = True
    outcome: Outcome | None = field(default=None, init=False)
    _ends_at: int | None = field(default=None, init=False)
    _cause: Cause | None = field(default=None, init=False)
    _escalation: list[tuple[int, tuple[Work, ...]]] = field(default_factory=list, init=False)
    _raised: bool = field(default=False, init=False)
    _reply: dict[str, Any] | None = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)
    _idle: bool = field(default=False, init=False)

    def started(self, now: int) -> None:
        if self.deadline_ms:
            self._ends_at = now + self.deadline_ms

    def said(self, message: Message) -> Shown | Raised | Text | None:
        """For a message on iopub that answers this execution's request: what is to be journaled."""
        if self.outcome is not None:
            return None
        content = message.content
        self._begun = self._begun or message.kind == "execute_input"
        # cases: the end; an exception; displays and results; text of kernels that are not forked; anything else (comm
        # messages, execute_input, clear_output) has no meaning here
        if message.kind == "status":
            self._idle = self._idle or content.get("execution_state") == "idle"
            self._settle()
            return None
        if message.kind == "error":
            if self._raised:
                return None
            self._raised = True
            return self._error(content)
        if message.kind in ("display_data", "update_display_data", "execute_result"):
            return _shown(message.kind, content)
        if message.kind == "stream":
            name, text = content.get("name"), content.get("text")
            return Text("stderr" if name == "stderr" else "stdout", text) if isinstance(text, str) else None
        return None

    def replied(self, content: dict[str, Any]) -> None:
        """The execute_reply. The end comes with the later of it and idle."""
        if self.outcome is None:
            self._reply = content
            self._settle()

    def interrupt(self, now: int, cause: Cause = "interrupted") -> tuple[Work, ...]:
        """Begins the escalation unless it has begun; returns its first step."""
        if self.outcome is not None or self._cause is not None:
            return ()
        self._cause = cause
        self._ends_at = None
        self._escalation = [(now + INTERRUPT_AGAIN_MS, ("ask", "signal")), (now + KILL_AFTER_MS, ("kill",))]
        if not self._begun:  # kernels ignore signals until the code has begun
            self._escalation.insert(0, (now + SIGNAL_AGAIN_MS, ("signal",)))
        return ("signal",)

    def wakes_at(self) -> int | None:
        """When `passed` is to be called next."""
        if self.outcome is not None:
            return None
        return self._escalation[0][0] if self._escalation else self._ends_at

    def passed(self, now: int) -> tuple[Work, ...]:
        """What is due by now."""
        if self.outcome is not None:
            return ()
        if self._ends_at is not None and now >= self._ends_at:
            return self.interrupt(now, "deadline_exceeded")
        if self._escalation and now >= self._escalation[0][0]:
            return self._escalation.pop(0)[1]
        return ()

    def kernel_ended(self, end: KernelEnd) -> None:
        """The kernel is gone, and everything that it left has been fed in."""
        if self.outcome is not None:
            return
        # cases: it had said its last word; we killed it on purpose; it ended by itself
        if self._idle and (self._reply is not None or end.why != "out_of_memory"):
            self._finish(self._reply or {})
        elif self._cause is not None or end.why == "reset":
            self._stop(self._cause or "interrupted", "The kernel was ended")
        else:
            status: Status = end.why if end.why in ("out_of_memory", "lost") else "crashed"
            self.outcome = Outcome(status, Raised(_END_CODES[status], "", end.detail or _END_TEXTS[status]))

    def broke(self, reason: str) -> None:
        """What the kernel wrote cannot be understood: the caller must kill it."""
        if self.outcome is None:
            self.outcome = Outcome(
                "crashed", Raised("kernel_crashed", "", f"Cannot understand the kernel: {reason}")
            )

    def lost(self, reason: str) -> None:
        if self.outcome is None:
            self.outcome = Outcome("lost", Raised("execution_lost", "", reason))

    def _settle(self) -> None:
        if self._idle and (self._reply is not None or not self.needs_reply):
            self._finish(self._reply or {})

    def _finish(self, reply: dict[str, Any]) -> None:
        failed = self._raised or reply.get("status", "ok") != "ok"
        # Also where the code caught the interrupt and ended well: what it made of it nobody knows.
        if self._cause is not None:
            self._stop(self._cause, "The code was stopped")
        elif not failed:
            self.outcome = Outcome("succeeded")
        elif reply.get("status") == "aborted":
            self.outcome = Outcome(
                "interrupted", Raised("interrupted", "", "The kernel did not run the code")
            )
        else:
            self.outcome = Outcome("failed", None if self._raised else self._error(reply))

    def _stop(self, cause: Cause, how: str) -> None:
        text = how if cause == "interrupted" else f"{how} at its deadline of {self.deadline_ms} ms"
        self.outcome = Outcome(cause, None if self._raised else Raised(cause, "", text))

    def _error(self, content: dict[str, Any]) -> Raised:
        name, message, trace = content.get("ename"), content.get("evalue"), content.get("traceback")
        texts = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        return Raised(
            self._cause or "code_raised",
            cut(plain(name), 200) if isinstance(name, str) else "",
            cut(plain(message), MESSAGE_CHARS) if isinstance(message, str) else "",
            tuple(lines(texts, TRACEBACK_BYTES)),
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


def _shown(kind: str, content: dict[str, Any]) -> Shown | None:
    data, transient = content.get("data"), content.get("transient")
    if not isinstance(data, dict) or not data:
        return None
    display_id = transient.get("display_id", "") if isinstance(transient, dict) else ""
    return Shown(
        "result" if kind == "execute_result" else "display",
        data,
        plain(display_id[:200]) if isinstance(display_id, str) else "",
        kind == "update_display_data",
    )
