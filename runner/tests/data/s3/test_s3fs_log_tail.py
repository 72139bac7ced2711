"""What is shown of s3fs' own messages."""

from grad_runner.data.keys import Keys
from grad_runner.data.s3.s3fs import MAX_LOG_TAIL_CHARS, tail_of

KEYS = Keys("the-id", "the-secret", "the-token")


def test_tail_of_joins_the_lines_without_information_and_blanks() -> None:
    text = "2026 [INF] s3fs.cpp: version\n\n[ERR] one\n   \n[CRT] two\n"
    assert tail_of(text, None) == "[ERR] one / [CRT] two"


def test_tail_of_has_a_bound() -> None:
    exact = "x" * 600
    assert MAX_LOG_TAIL_CHARS == 600
    assert tail_of(exact, None) == exact
    assert tail_of(f"begin{exact}", None) == exact


def test_tail_of_shows_no_key_and_no_part_of_one() -> None:
    assert tail_of("a the-id b the-secret c the-token d", KEYS) == "a *** b *** c *** d"
    assert "the-secret" in tail_of("a the-secret", None)
    # The key lies across the cut: were it cut first, its end would be shown.
    text = "the-secret" + "x" * (MAX_LOG_TAIL_CHARS - 4)
    assert "cret" in text[-MAX_LOG_TAIL_CHARS:]
    assert "cret" not in tail_of(text, KEYS)
