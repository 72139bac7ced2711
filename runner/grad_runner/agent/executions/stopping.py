"""How the code of one execution is stopped, without I/O: what is done to its kernel, when, and what its user is told.

An interrupt never ends the kernel: code that takes no notice goes on, and may be interrupted again. The deadline and a full
storage interrupt, too, and end the kernel if the code has not ended KILL_AFTER_MS later. `force` ends it at once. With its kernel
a session loses its variables. Instants are milliseconds of one monotonic clock.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from grad_runner.agent.limits import INTERRUPT_AGAIN_MS, KILL_AFTER_MS, SIGNAL_AGAIN_MS

StopCause = Literal["interrupted", "deadline_exceeded", "storage_full"]
KernelAction = Literal["signal", "request_interrupt", "kill"]
"""SIGINT to the kernel; an interrupt request on its control channel; SIGKILL to its whole process tree."""

_GRACE: Final = f"it did not react within {KILL_AFTER_MS // 1000} s"


@dataclass(slots=True)
class Stopping:
    """`session` is the name of the session whose kernel runs the code."""

    session: str
    deadline_ms: int | None
    cause: StopCause | None = field(default=None, init=False)
    """Why the code is to stop; None as long as it is not."""
    reason: str = field(default="", init=False)
    """Of the cause, for people; may be empty."""
    is_killed: bool = field(default=False, init=False)
    """The kernel is ended because of `cause`."""
    _forced: bool = field(default=False, init=False)
    _ends_at: int | None = field(default=None, init=False)
    _due: list[tuple[int, KernelAction | None]] = field(default_factory=list, init=False)
    """What follows the first signal, in order; None is an interrupt by both ways."""

    def on_started(self, now: int) -> None:
        if self.deadline_ms:
            self._ends_at = now + self.deadline_ms

    def begin(self, now: int, cause: StopCause, reason: str, *, begun: bool) -> tuple[KernelAction, ...]:
        """Interrupts the code; returns the first actions. `begun` says whether the kernel has begun with it."""
        # Cases: it is being ended already; an interrupt, the first or another one; the deadline or a full storage.
        if self.is_killed or self.cause not in (None, "interrupted"):
            return ()
        self.cause, self.reason = cause, reason
        self._due = [(now + INTERRUPT_AGAIN_MS, None)]
        if not begun:  # kernels ignore signals until the code has begun
            self._due.insert(0, (now + SIGNAL_AGAIN_MS, "signal"))
        if cause != "interrupted":
            self._ends_at = None
            self._due.append((now + KILL_AFTER_MS, "kill"))
        return ("signal",)

    def force(self) -> tuple[KernelAction, ...]:
        """Ends the kernel now; returns the actions."""
        self.cause = self.cause or "interrupted"
        self.is_killed = self._forced = True
        self._ends_at, self._due = None, []
        return ("kill",)

    def wakes_at(self) -> int | None:
        """When `due_actions` is to be called next; None for not at all."""
        instants = [at for at, _ in self._due[:1]]
        return min([*instants, self._ends_at] if self._ends_at is not None else instants, default=None)

    def due_actions(self, now: int, *, begun: bool) -> tuple[KernelAction, ...]:
        """What is to be done to the kernel by now: at the deadline, or because an interrupt had no effect."""
        if self._ends_at is not None and now >= self._ends_at:
            return self.begin(now, "deadline_exceeded", "", begun=begun)
        if not self._due or now < self._due[0][0]:
            return ()
        action = self._due.pop(0)[1]
        if action is None:
            return ("request_interrupt", "signal")
        self.is_killed = action == "kill"
        return (action,)

    def message(self) -> str:
        """How the code was stopped, once it has ended."""
        at = f" at its deadline of {_duration(self.deadline_ms or 0)}" if self._is_late else ""
        why = f": {self.reason}" if self.reason else ""
        if self.is_killed:
            why = why if self._forced or why else f": {_GRACE}"
            return f"Stopped by force{at}{why}. All variables of session {self.session} are gone"
        if self.cause == "interrupted":
            return "The code was interrupted"
        return f"The code was stopped{at}{why}"

    def hint(self) -> str:
        """For `message`, and for the exception that an interrupt raised; "" where the code's usual hint is right."""
        if self.cause != "interrupted" or self.is_killed:
            return ""
        return f"Session {self.session} keeps its variables; what the code had not done by then is not done."

    @property
    def _is_late(self) -> bool:
        return self.cause == "deadline_exceeded"


def _duration(ms: int) -> str:
    return f"{ms // 1000} s" if ms % 1000 == 0 else f"{ms} ms"
