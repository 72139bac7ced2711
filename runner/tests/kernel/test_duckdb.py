"""DuckDB in a forked kernel: what it prints, and what a failed cell leaves behind."""

from .component import KernelClient

SETTING = """.sql("select current_setting('enable_progress_bar')").fetchall()"""
ABORT = """import duckdb
duckdb.sql("begin")
duckdb.sql("create table t as select 1 as a")
"""


def test_no_connection_draws_a_progress_bar(kernel: KernelClient) -> None:
    kernel.run("import duckdb")
    for connection in (
        "duckdb",
        "duckdb.connect()",
        "duckdb.connect().cursor()",
        "duckdb.connect(':default:')",
    ):
        assert kernel.run(connection + SETTING).text == "[(False,)]", connection
    assert kernel.run("%who").stdout == "duckdb\t \n"
    assert kernel.run("hasattr(__import__('__main__'), '__file__')").text == "False"
    kernel.run("duckdb.sql('set enable_progress_bar = true')")
    assert kernel.run("duckdb" + SETTING).text == "[(True,)]"


def test_a_failed_cell_leaves_no_aborted_transaction(kernel: KernelClient) -> None:
    error = kernel.run(ABORT + "duckdb.sql(\"select error('x')\").fetchall()").content("error")
    assert error["ename"] == "InvalidInputException"
    assert kernel.run("duckdb.sql('select 1').fetchall()").text == "[(1,)]"
    assert "does not exist" in kernel.run("duckdb.sql('from t')").content("error")["evalue"]  # rolled back


def test_a_failed_cell_leaves_no_aborted_transaction_whose_error_its_code_caught(
    kernel: KernelClient,
) -> None:
    swallow = "try: duckdb.sql(\"select error('x')\").fetchall()\nexcept duckdb.Error: pass\n"
    assert kernel.run(ABORT + swallow + "1/0").content("error")["ename"] == "ZeroDivisionError"
    assert kernel.run("duckdb.sql('select 1').fetchall()").text == "[(1,)]"


def test_an_open_transaction_survives_a_failed_cell(kernel: KernelClient) -> None:
    kernel.run(ABORT)
    assert kernel.run("1/0").content("error")["ename"] == "ZeroDivisionError"
    # Found wrong before it begins, which aborts nothing.
    assert kernel.run("duckdb.sql('select no_such from t')").content("error")["ename"] == "BinderException"
    assert kernel.run("duckdb.sql('from t').fetchall()").text == "[(1,)]"
    assert kernel.run("duckdb.sql('rollback')\nduckdb.sql('from t')").content("error")["ename"] == (
        "CatalogException"
    )


def test_a_result_that_is_being_fetched_survives_a_failed_cell(kernel: KernelClient) -> None:
    kernel.run("import duckdb\nduckdb.execute('from range(100000)'); duckdb.fetchone()")
    assert kernel.run("1/0").content("error")["ename"] == "ZeroDivisionError"
    assert kernel.run("duckdb.fetchone()").text == "(1,)"


def test_a_failed_cell_without_duckdb_does_not_start_duckdb(kernel: KernelClient) -> None:
    tasks = "import os\nlen(os.listdir('/proc/self/task'))"
    before = kernel.run(tasks).text
    kernel.run("1/0")
    assert kernel.run(tasks).text == before


def test_a_failed_cell_prints_only_its_own_error(kernel: KernelClient) -> None:
    cell = kernel.run(ABORT + "duckdb.sql(\"select error('x')\").fetchall()")
    assert (cell.stdout, cell.stderr) == ("", "")
