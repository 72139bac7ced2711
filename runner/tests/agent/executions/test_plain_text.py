"""Text from kernels is plain and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.executions.plain_text import lines, plain


def test_plain_removes_colours_and_titles() -> None:
    assert plain("\x1b[1;31mred\x1b[0m \x1b]0;title\x07done\x1b(B") == "red done"


@given(st.lists(st.text(max_size=300), max_size=50))
def test_lines_keeps_within_its_bound(texts: list[str]) -> None:
    kept = lines(texts, 2_000)
    assert sum(len(line.encode()) + 1 for line in kept) <= 2_000 + 64
    assert all("\n" not in line for line in kept)
