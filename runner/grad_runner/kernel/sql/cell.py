"""`%%sql` cells: each statement runs in DuckDB, on the connection that `duckdb.sql` uses, and answers with a table."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from grad_runner.kernel.sql.answer import MAX_ROWS, Answer, run_statement
from grad_runner.kernel.sql.views import DatasetViews, shown


class SqlCells:
    """Of one session. `data` is the folder in which the datasets are mounted, `show` displays an object."""

    def __init__(self, data: Path, variables: dict[str, Any], show: Callable[[Any], object]) -> None:
        self._views = DatasetViews(data)
        self._variables = variables
        self._show = show

    def run(self, line: str, cell: str | None = None) -> Any:
        """Returns the last statement's table as a relation of DuckDB, and shows those of earlier ones.

        With a name behind `%%sql`, the last table becomes the DataFrame of that name instead.
        """
        name, sql = ("", line) if cell is None else (line.strip(), cell)
        if name and not name.isidentifier():
            return _fail(
                ValueError(f"%%sql takes the name of a variable for the answer, and {name!r} is none")
            )
        connection = duckdb.default_connection()
        try:
            return self._run(connection, sql, name)
        except (duckdb.Error, OSError, NameError) as error:
            return _fail(error)
        except (KeyboardInterrupt, RuntimeError) as error:  # DuckDB raises RuntimeError for SIGINT
            connection.interrupt()  # its threads go on, and the next query would wait for their end
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise
        finally:
            self._views.drop(connection)

    def _run(self, connection: Any, sql: str, name: str) -> Any:
        last: Any = None
        for statement in connection.extract_statements(sql):
            if last is not None:
                self._show(last)
            answer = self._answer(connection, statement, statement.query or sql)
            last = answer.table
            if answer.text:
                sys.stdout.write(f"{answer.text}\n")
            if answer.cut:
                sys.stderr.write(
                    f"The answer has more rows than the first {len(last):,}, which are kept (at most {MAX_ROWS:,}): aggregate, "
                    "or write all of them with COPY (…) TO 'outputs/answer.parquet'.\n"
                )
        if not name or last is None:
            return last
        self._variables[name] = last.df()
        return None

    def _answer(self, connection: Any, statement: Any, text: str) -> Answer:
        self._views.prepare(connection, text, self._variables)
        self._write_notes()
        try:
            return run_statement(connection, statement, self._variables)
        except duckdb.CatalogException as error:
            # It names a table that is none yet, as one may that is named in another way than by its letters. Nothing has run.
            missing = _missing_table(error)
            self._views.prepare(connection, None, self._variables)
            self._write_notes()
            if missing and (tables := self._views.tables_of(missing)):
                text = f"{shown(missing)} has several tables: {', '.join(tables)}"
                raise duckdb.CatalogException(text) from None
            for of, problem in self._views.problems.items():
                if missing in ("", of, of.replace("-", "_"), of.partition(".")[2]):
                    raise problem from None
            return run_statement(connection, statement, self._variables)

    def _write_notes(self) -> None:
        while self._views.notes:
            sys.stderr.write(f"{self._views.notes.pop(0)}\n")


def _missing_table(error: Exception) -> str:
    """Its name in the message; empty where the message has none."""
    name = str(error).partition("Table with name ")[2].partition(" does not exist")[0].strip('"')
    return name.rpartition(".")[2] or name


def _fail(error: Exception) -> None:
    """Raises it so that IPython shows its message without a traceback: where this module has called DuckDB helps nobody."""
    lines = [f"{type(error).__name__}: {error}"]
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    raise error
