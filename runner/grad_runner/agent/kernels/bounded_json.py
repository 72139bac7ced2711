"""JSON from user code, bounded by the memory that its values would take: three bytes of text can become a list of eighty.

Only counts characters before it parses, in C functions and in pieces.
"""

import json
from typing import Any, Final

from grad_runner.agent.limits import MAX_JSON_MEMORY_BYTES

_COSTS: Final = ((b"[", 88), (b"{", 240), (b":", 120), (b",", 40))
"""What a list, an object, one of its members and one of any other values take in CPython, about; and beside them each text."""
_TEXT_BYTES: Final = 56
_PIECE_BYTES: Final = 256 * 1024


class TooCostly(ValueError):
    """The values would take more than MAX_JSON_MEMORY_BYTES."""


def parse_json(data: bytes) -> Any:
    """Raises TooCostly, and ValueError for what is no JSON."""
    if _cost(data) + _TEXT_BYTES * (data.count(b'"') // 2) > MAX_JSON_MEMORY_BYTES and _is_costly(data):
        raise TooCostly
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _is_costly(data: bytes) -> bool:
    """Without what stands in texts: a table of a million commas is one value."""
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    cost = 0
    in_text = False
    for at in range(0, len(plain), _PIECE_BYTES):
        pieces = plain[at : at + _PIECE_BYTES].split(b'"')
        cost += _cost(b"".join(pieces[in_text::2])) + _TEXT_BYTES * (len(pieces) // 2)
        if cost > MAX_JSON_MEMORY_BYTES:
            return True
        in_text ^= len(pieces) % 2 == 0
    return False


def _cost(data: bytes) -> int:
    return sum(data.count(character) * cost for character, cost in _COSTS)
