"""Text from kernels made safe to print: bounded, and without terminal control sequences."""

import re
from collections.abc import Iterable
from typing import Final

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
_READ_TIMES: Final = 8
"""At each end, so many times the bound is read: control sequences do not count."""
_LONGEST_LINE_SHARE: Final = 16
"""When lines are left out, a single line takes at most one part in so many of the bound."""


def plain(text: str) -> str:
    """The text without escape sequences (CSI, OSC, DCS and two-character ones), and with what UTF-8 cannot hold replaced."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return _ESCAPES.sub("", whole) if "\x1b" in whole else whole


def shorten(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"


def lines(texts: Iterable[str], max_bytes: int) -> list[str]:
    """The texts as single plain lines. Too many lose their middle: both ends of a traceback are the most useful."""
    read, unread_lines = _without_middle(list(texts), max_bytes)
    whole = [line for text in read for line in plain(text).split("\n")]
    if not unread_lines and sum(len(line.encode("utf-8", "replace")) + 1 for line in whole) <= max_bytes:
        return whole
    short = [shorten(line, max_bytes // _LONGEST_LINE_SHARE) for line in whole]
    head = _within(short, max_bytes // 2)
    tail = _within(short[len(head) :][::-1], max_bytes // 2)[::-1]
    left_out = len(short) - len(head) - len(tail) + unread_lines
    return [*head, f"… {left_out} lines left out …", *tail] if left_out else [*head, *tail]


def _without_middle(texts: list[str], max_bytes: int) -> tuple[list[str], int]:
    """The beginning and the end of texts that are far longer than `max_bytes`, and how many lines are between them: a line is an
    object, and code can send millions of empty ones."""
    limit = _READ_TIMES * max_bytes
    if sum(map(len, texts)) + len(texts) <= 2 * limit:
        return texts, 0
    whole = "\n".join(texts)
    return [whole[:limit], whole[-limit:]], max(0, whole.count("\n", limit, len(whole) - limit) - 1)


def _within(texts: list[str], max_bytes: int) -> list[str]:
    """The first texts that fit, with a newline each."""
    taken, used = 0, 0
    for text in texts:
        used += len(text.encode("utf-8", "replace")) + 1
        if used > max_bytes:
            break
        taken += 1
    return texts[:taken]
