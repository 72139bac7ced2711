"""What a kernel shows of tables."""

from ..component import KernelClient

TABLE = "application/vnd.gractl.table.v1+json"


def test_a_frame_is_shown_as_table_text_and_html(kernel: KernelClient) -> None:
    data = kernel.run("import pandas\npandas.DataFrame({'a': [1]})").content("execute_result")["data"]
    assert set(data) == {TABLE, "text/plain", "text/html"}
    assert data[TABLE]["rows"] == [[0, 1]]


def test_a_relation_is_shown_as_table_and_text_of_one_query(kernel: KernelClient) -> None:
    code = "import duckdb\nduckdb.execute('create sequence s')\nduckdb.sql(\"select nextval('s') as n\")"
    data = kernel.run(code).content("execute_result")["data"]
    assert set(data) == {TABLE, "text/plain"}
    assert data[TABLE]["columns"] == [{"name": "n", "type": "int64"}]
    assert kernel.run("duckdb.sql(\"select nextval('s')\").fetchone()").text == "(2,)"


def test_a_formatter_that_fails_leaves_the_text(kernel: KernelClient) -> None:
    code = "import pandas\nclass Odd(pandas.DataFrame):\n    iloc = 3\n    def __repr__(self): return 'odd'\nOdd({'a': [1]})"
    cell = kernel.run(code)
    data = cell.content("execute_result")["data"]
    assert data["text/plain"] == "odd"
    assert TABLE not in data
    assert cell.reply["status"] == "ok"


def test_printed_frames_have_all_columns_and_the_width_of_the_terminal(kernel: KernelClient) -> None:
    code = "import pandas\nprint(pandas.DataFrame([range(1000, 1030)]))"
    wide = kernel.run(code, columns=60).stdout
    assert max(map(len, wide.splitlines())) <= 60
    assert all(str(number) in wide for number in range(1000, 1030))
    without = kernel.run(code).stdout
    assert 100 < max(map(len, without.splitlines())) <= 200


def test_code_is_told_of_the_terminal_by_the_environment(kernel: KernelClient) -> None:
    code = "import os, shutil\n(os.environ.get('COLUMNS'), shutil.get_terminal_size().columns)"
    assert kernel.run(code, columns=132).text == "('132', 132)"
    assert kernel.run(code).text == "(None, 80)"


def test_a_width_that_the_user_has_chosen_stays(kernel: KernelClient) -> None:
    kernel.run("import pandas\npandas.set_option('display.width', 70)", columns=60)
    assert kernel.run("pandas.get_option('display.width')", columns=61).text == "70"
