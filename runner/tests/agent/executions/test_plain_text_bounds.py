"""Bounds of texts from kernels, to the character, the line and the byte; and every kind of escape sequence."""

import pytest

from grad_runner.agent.executions.plain_text import lines, plain, shorten


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a\x1b[0mb", "ab"),
        ("a\x1b[1;31mb", "ab"),
        ("a\x1b[?25hb", "ab"),
        ("a\x1b[ qb", "ab"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\b", "ab"),
        ("a\x1b]0;without an end", "a"),
        ("a\x1bPdevice\x1b\\b", "ab"),
        ("a\x1b(Bb", "ab"),
        ("a\x1b7b", "ab"),
        ("plain\ttext\n", "plain\ttext\n"),
        ("ü見", "ü見"),
        ("a\ud83db", "a?b"),
        ("\x1b[0mü", "ü"),
    ],
)
def test_plain(text: str, want: str) -> None:
    assert plain(text) == want


def test_shorten_cuts_what_is_longer_than_its_bound() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "abc…"
    assert shorten("", 0) == ""


def test_lines_are_split_and_plain() -> None:
    assert lines(["a\nb", "\x1b[1mc"], 100) == ["a", "b", "c"]
    assert lines([], 100) == []


def test_lines_keeps_what_fits_to_the_byte() -> None:
    # Each line costs its bytes and one for the newline.
    texts = ["a" * 4, "ü" * 2, "b" * 4]
    assert lines(texts, 15) == texts
    assert lines(texts, 14) != texts


def test_lines_leaves_out_the_middle_and_says_how_much() -> None:
    texts = [f"{number:02}" for number in range(100)]  # 3 bytes each with the newline
    assert lines(texts, 60) == [*texts[:10], "… 80 lines left out …", *texts[-10:]]
    assert lines(texts, 65) == [*texts[:10], "… 80 lines left out …", *texts[-10:]]
    assert lines(texts, 66) == [*texts[:11], "… 78 lines left out …", *texts[-11:]]


def test_lines_shortens_one_that_would_take_everything() -> None:
    assert lines(["x" * 1000, "end"], 160) == ["x" * 10 + "…", "end"]


def test_lines_counts_bytes_and_not_characters() -> None:
    texts = ["ü" for _ in range(100)]  # 3 bytes each with the newline, all of them 300
    assert lines(texts, 300) == texts
    assert lines(texts, 299) == [*texts[:49], "… 2 lines left out …", *texts[-49:]]


@pytest.mark.parametrize("text", ["\n" * 2_000_000, "\x1b[0m" * 500_000, "a\n" * 1_000_000])
def test_a_text_of_millions_of_lines_is_not_read_whole(text: str) -> None:
    got = lines(["first", text, "last"], 1_000)
    assert got[0] == "first"
    assert got[-1] == "last"
    assert sum(map(len, got)) <= 1_100
    if text.count("\n") > 100:
        assert f"… {text.count(chr(10)) + 3 - (len(got) - 1)} lines left out …" in got
