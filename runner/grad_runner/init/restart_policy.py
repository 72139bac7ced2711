"""When a component is started again. Pure: starts and ends come with their instants, in seconds of one monotonic clock."""

from dataclasses import dataclass, field

from grad_runner.common.backoff import Backoff

FIRST_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0


def _backoff() -> Backoff:
    return Backoff(FIRST_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS)


@dataclass(slots=True)
class RestartPolicy:
    """Restarts of one component. `pid` is None while it does not run; `last_exit` is an exit code, or a negated signal
    as in `subprocess`, and None before the first end."""

    pid: int | None = None
    restarts: int = 0
    last_exit: int | None = None
    _started_at: float = 0.0
    _backoff: Backoff = field(default_factory=_backoff)

    def started(self, pid: int, now: float) -> None:
        self.pid = pid
        self._started_at = now

    def ended(self, exit_code: int, now: float) -> float:
        """Records an end, or a start that failed; returns after how many seconds the component is to be started again."""
        ran_seconds = 0.0 if self.pid is None else now - self._started_at
        self.pid = None
        self.last_exit = exit_code
        self.restarts += 1
        return self._backoff.failed(ran_seconds)
