"""Which finished executions are deleted, so that the state volume stays bounded. Decides only; the caller deletes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FinishedExecution:
    id: str
    journal_bytes: int


def select_expired(
    finished: Sequence[FinishedExecution], *, max_executions: int, max_journal_bytes: int
) -> list[str]:
    """Ids to delete so that the rest is within both bounds. `finished` is oldest first; the newest is always kept."""
    count = len(finished)
    size = sum(execution.journal_bytes for execution in finished)
    expired: list[str] = []
    for oldest in finished[:-1]:
        if count <= max_executions and size <= max_journal_bytes:
            break
        expired.append(oldest.id)
        count -= 1
        size -= oldest.journal_bytes
    return expired
