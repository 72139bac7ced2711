"""Names of column types, the same for every library: int64, float64, str, bool, date, timestamp[us, UTC], list<str>."""

from typing import Any, Final

_MAX_CHARS: Final = 200
_ARROW: Final = {
    "halffloat": "float16",
    "float": "float32",
    "double": "float64",
    "string": "str",
    "large_string": "str",
    "string_view": "str",
    "large_binary": "binary",
    "binary_view": "binary",
    "date32[day]": "date",
    "date64[ms]": "date",
    "month_day_nano_interval": "interval",
}
_PANDAS: Final = {"string": "str", "boolean": "bool", "Float32": "float32", "Float64": "float64"}
_DUCKDB: Final = {
    "HUGEINT": "int128",
    "UHUGEINT": "uint128",
    "BIT": "bit",
    "BIGNUM": "bignum",
    "JSON": "json",
    "UUID": "uuid",
}
"""Types of DuckDB that Arrow has no name for."""


def arrow_type(of: Any) -> str:
    """`of` is a pyarrow.DataType."""
    return _bounded(_arrow(of, 0))


def _arrow(of: Any, depth: int) -> str:
    name = str(of)
    if name in _ARROW:
        return _ARROW[name]
    if depth > 3:
        return "…"
    kind = type(of).__name__
    # Cases: with a unit; exact numbers; nested.
    if kind == "TimestampType":
        return f"timestamp[{of.unit}, {of.tz}]" if of.tz else f"timestamp[{of.unit}]"
    if kind in ("Time32Type", "Time64Type"):
        return f"time[{of.unit}]"
    if kind.startswith("Decimal"):
        return f"decimal({of.precision}, {of.scale})"
    if kind == "DictionaryType":
        return f"category<{_arrow(of.value_type, depth + 1)}>"
    if kind == "MapType":
        return f"map<{_arrow(of.key_type, depth + 1)}, {_arrow(of.item_type, depth + 1)}>"
    if kind == "StructType":
        members = ", ".join(
            f"{of[at].name}: {_arrow(of[at].type, depth + 1)}" for at in range(min(of.num_fields, 20))
        )
        return f"struct<{members}>"
    if "ListType" in kind or "ListViewType" in kind:
        return f"list<{_arrow(of.value_type, depth + 1)}>"
    return name


def duckdb_type(name: str, arrow: str) -> str:
    """Of a column of a relation: DuckDB's `name`, where Arrow's type says less."""
    return _DUCKDB.get(name, arrow)


def pandas_type(dtype: Any) -> str:
    """`dtype` is numpy's or pandas'."""
    if hasattr(dtype, "pyarrow_dtype"):
        return arrow_type(dtype.pyarrow_dtype)
    name = str(dtype)
    if name in _PANDAS:
        return _PANDAS[name]
    if name == "category":
        return _bounded(f"category<{pandas_type(dtype.categories.dtype)}>")
    if name[:3] in ("Int", "UIn"):
        return name.lower()
    for old, new in (("datetime64[", "timestamp["), ("timedelta64[", "duration[")):
        if name.startswith(old):
            return new + name.removeprefix(old)
    return _bounded(name)


def _bounded(name: str) -> str:
    return name if len(name) <= _MAX_CHARS else name[:_MAX_CHARS] + "…"
