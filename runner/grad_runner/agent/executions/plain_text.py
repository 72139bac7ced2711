"""Text for people without terminal control: what a kernel sends is cut to a bound and freed of escape sequences."""

import re
from collections.abc import Iterable
from typing import Final

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)


def plain(text: str) -> str:
    """Without colours and other escape sequences (CSI, OSC, DCS and two-character ones), and always good as UTF-8."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return _ESCAPES.sub("", whole) if "\x1b" in whole else whole


def cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"


def lines(texts: Iterable[str], max_bytes: int) -> list[str]:
    """The texts as single lines, without colours; too many lose their middle, since both ends of a traceback say most."""
    whole = [line for text in texts for line in plain(text).split("\n")]
    if sum(len(line.encode("utf-8", "replace")) + 1 for line in whole) <= max_bytes:
        return whole
    longest = max_bytes // 16
    short = [cut(line, longest) for line in whole]
    head = _within(short, max_bytes // 2)
    tail = _within(short[len(head) :][::-1], max_bytes // 2)[::-1]
    left_out = len(short) - len(head) - len(tail)
    return [*head, f"… {left_out} lines left out …", *tail] if left_out else [*head, *tail]


def _within(texts: list[str], max_bytes: int) -> list[str]:
    taken, used = 0, 0
    for text in texts:
        used += len(text.encode("utf-8", "replace")) + 1
        if used > max_bytes:
            break
        taken += 1
    return texts[:taken]
