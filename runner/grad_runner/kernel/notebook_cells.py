"""Code that has several cells: `gractl run x.ipynb` sends a notebook as one piece of code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_FIRST_LINE: Final = re.compile(r"%%cells (.+) (# %%+)\n")


@dataclass(frozen=True, slots=True)
class Cell:
    number: int
    """In the notebook, from 1; 0 for code that is no notebook."""
    source: str


def cells_of(code: str) -> Iterator[Cell]:
    """The cells of `%%cells NAME MARK`: each one is below its heading, MARK and its number. Other code is one cell."""
    first = _FIRST_LINE.match(code)
    if first is None:
        yield Cell(0, code)
        return
    heading = re.compile(rf"^{re.escape(first[2])} (\d+)\n", re.MULTILINE)
    headings = list(heading.finditer(code, first.end()))
    for at, match in enumerate(headings):
        end = headings[at + 1].start() if at + 1 < len(headings) else len(code)
        yield Cell(int(match[1]), code[match.end() : end])
