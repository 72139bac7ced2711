"""How long to wait before something that ended or failed is tried again: the one rule for restarts and reconnects."""

from dataclasses import dataclass

STEADY_SECONDS = 10.0
"""What ran for this long counts as healthy, and the waits begin anew."""


@dataclass(slots=True)
class Backoff:
    """Waits that double from `first_seconds` up to `max_seconds`. Pure: the caller measures time and sleeps."""

    first_seconds: float
    max_seconds: float
    steady_seconds: float = STEADY_SECONDS
    _next_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.reset()

    def failed(self, ran_seconds: float = 0.0) -> float:
        """Returns how many seconds to wait before the next try, after one that ran for `ran_seconds` (0: it never began)."""
        if ran_seconds >= self.steady_seconds:
            self.reset()
        wait = self._next_seconds
        self._next_seconds = min(wait * 2, self.max_seconds)
        return wait

    def reset(self) -> None:
        """The next wait is the first one again."""
        self._next_seconds = self.first_seconds
