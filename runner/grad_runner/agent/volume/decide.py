"""When a runner's storage has to be measured, and what follows. Pure: instants are seconds of one monotonic clock."""

from dataclasses import dataclass, field
from typing import Final

from grad_runner.agent.limits import MIB
from grad_runner.agent.volume.measure import Usage

BYTES_OF_A_FILE: Final = 10 * 1024
"""A runner may have one file for so much of its storage: to count more would take too long, and file systems run out of them."""
MIN_FREE_BYTES: Final = 256 * MIB
"""Of the disk: reserved, so that journals can still be written."""
GROWTH_BYTES: Final = 16 * MIB
"""An execution that has taken less since its start goes on although the storage is full: it may be deleting files."""
MAX_ENDED_WHILE_FULL: Final = 10
"""Executions that began while the storage was full and took more of it; then none is accepted until files are deleted."""
_MAX_SHARE: Final = 0.25
"""Of the time, for measuring again and again."""
_LONGEST_SECONDS: Final = 10.0
"""Between two measurements while code runs: other programs of the machine may give space back that code takes."""


@dataclass(slots=True)
class Storage:
    """Call `measured` after each measurement. `limit_bytes` 0 means none."""

    limit_bytes: int
    usage: Usage = field(default_factory=Usage)
    ended_while_full: int = 0
    _free_bytes: int = 0
    _free_at_measurement: int = 0
    _measured_at: float | None = None
    _cost_s: float = 0.0

    @property
    def max_files(self) -> int:
        return max(1000, self.limit_bytes // BYTES_OF_A_FILE)

    def looked(self, free_bytes: int) -> None:
        """`free_bytes` of the disk are free now."""
        self._free_bytes = free_bytes

    def measured(self, usage: Usage, *, free_bytes: int, began: float, ended: float) -> None:
        """`free_bytes` is from before the measurement."""
        self.usage = usage
        self._free_bytes = self._free_at_measurement = free_bytes
        self._measured_at, self._cost_s = began, ended - began
        if self.fault() is None:
            self.ended_while_full = 0

    def is_due(self, now: float, *, active: bool, more_bytes: int = 0) -> bool:
        """Whether to measure now. `active`: code runs; `more_bytes` are about to be added."""
        if self._measured_at is None:
            return True
        since = now - self._measured_at
        if since < self._cost_s / _MAX_SHARE:
            return False
        at_most = self.usage.bytes + max(0, self._free_at_measurement - self._free_bytes) + more_bytes
        if at_most > self.limit_bytes or self._free_bytes < MIN_FREE_BYTES or self.fault() is not None:
            return True
        return active and since >= max(_LONGEST_SECONDS, 100 * self._cost_s)

    def fault(self, more_bytes: int = 0) -> str | None:
        """Why nothing may be added, as of the last measurement; None while something may."""
        if self.limit_bytes and self.usage.bytes + more_bytes > self.limit_bytes:
            used = f"{_size(self.usage.bytes)} of {_size(self.limit_bytes)} are in use"
            more = f", and {_size(more_bytes)} more do not fit" if more_bytes else ""
            return f"the runner's storage is full: {used}{more}"
        if self.limit_bytes and (self.usage.files > self.max_files or not self.usage.is_complete):
            return f"the runner has too many files, or folders too deep in each other: {self.max_files} files are allowed"
        if self._free_bytes < MIN_FREE_BYTES and self._measured_at is not None:
            return f"the runner's disk is full: {_size(max(0, self._free_bytes))} are free"
        return None

    def must_end(self, used_at_start: int) -> bool:
        """Whether code that began when so many bytes were in use goes too far."""
        return self.fault() is not None and self.usage.bytes >= used_at_start + GROWTH_BYTES

    def ended(self, used_at_start: int) -> None:
        """Call it when an execution is ended for what `must_end` says."""
        if used_at_start > self.limit_bytes:
            self.ended_while_full += 1

    def accepts_executions(self) -> bool:
        """Also while it is full: code is how files are deleted."""
        return self.fault() is None or self.ended_while_full < MAX_ENDED_WHILE_FULL


def _size(size_bytes: int) -> str:
    return (
        f"{size_bytes / MIB:.0f} MiB"
        if size_bytes < 10 * 1024 * MIB
        else f"{size_bytes / MIB / 1024:.1f} GiB"
    )
