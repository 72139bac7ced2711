"""SQL in a session: `%%sql` cells run in DuckDB and know each dataset as a table."""
