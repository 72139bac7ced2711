"""When a component is started again. Pure: told of starts and ends with instants in seconds of one monotonic
clock."""

from dataclasses import dataclass

FIRST_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A life of this length forgives what was before it."""


@dataclass(slots=True)
class Life:
    """The lives of one component. `last_exit` is an exit code, or a negated signal as in `subprocess`."""

    pid: int | None = None
    restarts: int = 0
    last_exit: int | None = None
    _began: float = 0.0
    _backoff: float = FIRST_BACKOFF_SECONDS

    def started(self, pid: int, now: float) -> None:
        self.pid = pid
        self._began = now

    def ended(self, exit_code: int, now: float) -> float:
        """Takes the end down; answers after how many seconds the component is to be started again."""
        if self.pid is not None and now - self._began >= STEADY_SECONDS:
            self._backoff = FIRST_BACKOFF_SECONDS
        self.pid = None
        self.last_exit = exit_code
        self.restarts += 1
        wait = self._backoff
        self._backoff = min(self._backoff * 2, MAX_BACKOFF_SECONDS)
        return wait
