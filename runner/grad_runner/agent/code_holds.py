"""Who has asked that no code is accepted for a while. No I/O; instants are seconds of one monotonic clock."""

from grad_runner.common.errors import GradError

MAX_HOLD_SECONDS = 300.0
"""A hold whose holder has ended does not last for ever."""
MAX_HOLDER_CHARS = 64


class CodeHolds:
    """Code is accepted while there is no hold. Each holder has one, which ends when it says so, or by itself."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    def hold(self, holder: str, seconds: float, now: float) -> None:
        """Begins or replaces the hold of this holder; 0 seconds end it. Raises GradError `invalid_argument`."""
        if not 0 < len(holder) <= MAX_HOLDER_CHARS:
            raise GradError(
                "invalid_argument", f"Cannot hold code: a holder has 1 to {MAX_HOLDER_CHARS} characters"
            )
        self._ends = {name: end for name, end in self._ends.items() if end > now and name != holder}
        if seconds > 0:
            self._ends[holder] = now + min(seconds, MAX_HOLD_SECONDS)

    def require_none(self, now: float) -> None:
        """Raises GradError `runner_unavailable` while there is a hold."""
        if any(end > now for end in self._ends.values()):
            raise GradError(
                "runner_unavailable",
                "Cannot run code: the runner is about to be paused",
                "Call again: a paused runner is resumed by the call.",
            )
