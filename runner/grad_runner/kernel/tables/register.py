"""Registers the formatters with IPython by the names of classes, so that no library is imported before a cell imports it."""

from collections.abc import Callable
from typing import Any, Final

from grad_runner.kernel.tables.document import MEDIA_TYPE, Source, document
from grad_runner.kernel.tables.sources import ArrowSource, PandasSource, PolarsSource, RelationSource
from grad_runner.kernel.tables.text import as_text

_SOURCES: Final[tuple[tuple[str, str, Callable[[Any], Source], bool], ...]] = (
    # pandas 3 names the package, pandas 2 the module.
    ("pandas", "DataFrame", PandasSource, False),
    ("pandas", "Series", PandasSource, False),
    ("pandas.core.frame", "DataFrame", PandasSource, False),
    ("pandas.core.series", "Series", PandasSource, False),
    ("_duckdb", "DuckDBPyRelation", RelationSource, True),
    ("duckdb", "DuckDBPyRelation", RelationSource, True),
    ("pyarrow.lib", "Table", lambda table: ArrowSource(table, "pyarrow.Table"), True),
    ("pyarrow.lib", "RecordBatch", lambda batch: ArrowSource(batch, "pyarrow.RecordBatch"), True),
    ("polars.dataframe.frame", "DataFrame", PolarsSource, True),
    ("polars.series.series", "Series", PolarsSource, True),
)
"""Module and name of the class, and whether its text is made from the document: the text of others is their own."""


def register(display_formatter: Any) -> None:
    """`display_formatter` is IPython's."""
    bundles = display_formatter.mimebundle_formatter
    for module, name, source, makes_text in _SOURCES:
        bundles.for_type_by_name(module, name, _formatter(source, makes_text))


def _formatter(source: Callable[[Any], Source], makes_text: bool) -> Callable[[Any], dict[str, Any] | None]:
    def to_bundle(value: Any) -> dict[str, Any] | None:
        try:
            made = document(source(value))
            text = {"text/plain": as_text(made)} if makes_text else {}
        except Exception:  # noqa: BLE001 - of a library or of code of the user: the value is shown as its own text
            return None
        return {**text, MEDIA_TYPE: made}

    return to_bundle
