"""Frames, Series, DuckDB relations and Arrow tables as one JSON document, beside their text; docs/tables.md describes it."""
