"""Values of a table as JSON can hold them. Imports no library of tables: kinds are known by the names of their classes."""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""Larger integers lose digits where JSON's numbers are read as doubles, as most programs do."""
_MAX_ITEMS: Final = 100
"""Of a list or a struct in a cell."""
_MAX_DEPTH: Final = 4
_MISSING: Final = ("NAType", "NaTType")
_CUT: Final = "…"


class Cells:
    """Makes the cells of a table; texts are cut to `chars` characters, which `cut` counts."""

    def __init__(self, chars: int) -> None:
        self.cut = 0
        self._chars = chars

    def row(self, values: Sequence[Any], types: Sequence[str]) -> list[Any]:
        return [self.cell(value, of) for value, of in zip(values, types, strict=True)]

    def cell(self, value: Any, of: str) -> Any:
        """`of` is the type of its column: NaN is a value in a column of floats, and missing in any other."""
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is float and value != value:
            return "NaN" if of.startswith("float") else None
        if kind is float and of == "float32":
            value = _short(value)
        if kind is Decimal and of in ("int128", "uint128"):
            return self._value(int(value), 0)
        return self._value(value, 0)

    def _value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        # Cases: what JSON has; numpy's scalars and arrays; missing values of pandas; instants; exact numbers; bytes; nested
        # values; anything else as Python prints it.
        if value is None or kind is bool:
            return value
        if kind is str:
            return self._clip(value)
        if kind is int:
            return value if abs(value) <= MAX_SAFE_INTEGER else self._text(value, str)
        if kind is float:
            return _number(value)
        if kind.__module__ == "numpy":
            return self._numpy(value, depth)
        if kind.__name__ in _MISSING:
            return None
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        if isinstance(value, timedelta):
            return duration(value)
        if isinstance(value, Decimal):
            return self._text(value, str)
        if isinstance(value, bytes | bytearray | memoryview):
            shown = bytes(value[: self._chars // 2])
            self.cut += len(shown) < len(value)
            return "0x" + shown.hex() + (_CUT if len(shown) < len(value) else "")
        if kind.__name__ == "MonthDayNano":
            return f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} s"
        if depth < _MAX_DEPTH and (nested := self._nested(value, depth)) is not None:
            return nested
        return self._text(value, str)

    def _nested(self, value: Any, depth: int) -> Any:
        """None for what is no list or struct, or has too many items."""
        if isinstance(value, list | tuple | set | frozenset) and len(value) <= _MAX_ITEMS:
            return [self._value(item, depth + 1) for item in value]
        if isinstance(value, Mapping) and len(value) <= _MAX_ITEMS:
            return {self._text(key, str): self._value(item, depth + 1) for key, item in list(value.items())}
        return None

    def _numpy(self, value: Any, depth: int) -> Any:
        if type(value).__name__ == "ndarray":
            if value.size <= _MAX_ITEMS and depth < _MAX_DEPTH:
                return self._value(value.tolist(), depth)
            return self._text(value, str)
        if type(value).__name__ in ("float16", "float32"):
            return _number(_short(float(value)))
        item = value.item()
        return self._text(value, str) if type(item) is type(value) else self._value(item, depth)

    def _text(self, value: Any, to_text: Callable[[Any], str]) -> str:
        try:
            return self._clip(to_text(value))
        except Exception:  # noqa: BLE001 - code of the value's class
            return f"<{type(value).__name__}>"

    def _clip(self, text: str) -> str:
        if len(text) <= self._chars:
            return text
        self.cut += 1
        return text[: self._chars] + _CUT


def _short(value: float) -> float:
    """A number of 32 bits with the fewest digits that tell it from others: 0.1 and not 0.10000000149011612."""
    single = struct.Struct("f")
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if abs(short) < 3e38 and single.pack(short) == single.pack(value):
            return short
    return value


def _number(value: float) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def duration(value: timedelta) -> str:
    """As pandas reads and writes it: "1 days 02:03:04.5", "-1 days +23:00:00"."""
    nanoseconds = getattr(value, "nanoseconds", 0)
    hours, rest = divmod(value.seconds, 3600)
    fraction = f"{value.microseconds:06d}{nanoseconds:03d}".rstrip("0")
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}" + (f".{fraction}" if fraction else "")
    return f"{value.days} days {'+' if value.days < 0 else ''}{clock}"
