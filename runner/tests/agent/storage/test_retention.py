"""Which finished executions are deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.storage.retention import FinishedExecution, select_expired


def expired(sizes: list[int], max_executions: int, max_journal_bytes: int) -> list[str]:
    finished = [FinishedExecution(f"e{n}", size) for n, size in enumerate(sizes)]
    return select_expired(finished, max_executions=max_executions, max_journal_bytes=max_journal_bytes)


@pytest.mark.parametrize(
    ("sizes", "max_executions", "max_journal_bytes", "want"),
    [
        ([], 1, 0, []),
        ([1, 1, 1], 3, 3, []),
        ([1, 1, 1], 2, 3, ["e0"]),
        ([1, 1, 1], 3, 2, ["e0"]),
        ([5, 1, 1], 1, 100, ["e0", "e1"]),
        ([5, 1, 9], 3, 3, ["e0", "e1"]),  # the newest stays, however large
        ([9], 1, 3, []),
    ],
)
def test_select_expired_deletes_the_oldest_over_either_bound(
    sizes: list[int], max_executions: int, max_journal_bytes: int, want: list[str]
) -> None:
    assert expired(sizes, max_executions, max_journal_bytes) == want


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 9), st.integers(0, 40))
def test_select_expired_leaves_what_fits_and_deletes_no_more(
    sizes: list[int], max_executions: int, max_journal_bytes: int
) -> None:
    gone = len(expired(sizes, max_executions, max_journal_bytes))
    kept = sizes[gone:]
    assert len(kept) <= 1 or (len(kept) <= max_executions and sum(kept) <= max_journal_bytes)
    one_more = sizes[max(0, gone - 1) :]
    assert gone == 0 or len(one_more) > max_executions or sum(one_more) > max_journal_bytes
