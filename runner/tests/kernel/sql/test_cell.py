"""`%%sql` cells."""

import os
from pathlib import Path

import pytest

from ..component import Component, KernelClient, pid_of, wait_until
from .conftest import AddFile

ENDLESS = "select max(sqrt(a.range * b.range)) from range(10000000) a, range(10000000) b"


def cpu_ticks(pid: int) -> int:
    """Hundredths of a second that the process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def rows(kernel: KernelClient, sql: str) -> str:
    """The rows that a SQL cell answers with, as Python shows them."""
    cell = kernel.run(f"%%sql\n{sql}")
    assert cell.reply["status"] == "ok", cell.content("error")
    assert "execute_result" in [kind for kind, _ in cell.messages], cell
    fetched = kernel.run("_.fetchall()")
    assert fetched.reply["status"] == "ok", fetched.content("error")
    return fetched.text


def error(kernel: KernelClient, sql: str) -> str:
    """What an analyst sees of a SQL cell that fails."""
    content = kernel.run(f"%%sql\n{sql}").content("error")
    return "\n".join(content["traceback"])


def test_a_query_answers_with_a_table(kernel: KernelClient) -> None:
    text = kernel.run("%%sql\nselect 6 * 7 as answer, 'x' as letter").text
    assert "answer" in text and "42" in text and "letter" in text
    assert kernel.run("%sql select 1 as one").text.count("one") == 1
    assert kernel.run("_.df().one.sum()").text == "np.int64(1)"


def test_a_semicolon_at_the_end_and_comments_change_nothing(kernel: KernelClient) -> None:
    assert rows(kernel, "-- how many\nselect 1; -- one\n") == "[(1,)]"


def test_a_dataset_of_one_table_is_a_view_of_its_name(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/2023.parquet", {"day": [1, 2], "carrier": ["UA", "AA"]})
    add_file("flights/2024.parquet", {"day": [3], "carrier": ["UA"], "delay": [5.5]})
    sql = "select carrier, count(*), max(delay) from flights group by all order by all"
    assert rows(kernel, sql) == "[('AA', 1, None), ('UA', 2, 5.5)]"


def test_csv_json_and_partitions_are_read(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("cities/all[1].csv", "name,people\nOslo,700000\n")
    add_file("log/year=2024/a.jsonl", '{"event": "start"}\n{"event": "end"}\n')
    assert rows(kernel, "from cities") == "[('Oslo', 700000)]"
    assert rows(kernel, "select year, count(*) from LOG group by 1") == "[(2024, 2)]"


def test_a_dataset_of_several_tables_is_a_schema(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("nyc/trips/1.parquet", {"zone": [1, 1, 2]})
    add_file("nyc/zones.csv", "zone,name\n1,Bronx\n2,Queens\n")
    sql = "select name, count(*) from nyc.trips join nyc.zones using (zone) group by 1 order by 1"
    assert rows(kernel, sql) == "[('Bronx', 2), ('Queens', 1)]"
    assert "nyc has several tables: nyc.trips, nyc.zones" in error(kernel, "from nyc")


def test_a_name_with_a_hyphen_needs_no_quotes(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("nyc-taxi/a.csv", "x\n1\n")
    assert rows(kernel, 'select a.x + b.x from nyc_taxi a, "nyc-taxi" b') == "[(2,)]"


def test_changed_files_are_seen(kernel: KernelClient, add_file: AddFile) -> None:
    file = add_file("prices/a.csv", "x\n1\n")
    assert rows(kernel, "select sum(x) from prices") == "[(1,)]"
    add_file("prices/b.csv", "x\n10\n")
    assert rows(kernel, "select sum(x) from prices") == "[(11,)]"
    file.write_text("y\nfirst\n")
    os.utime(file, (1, 1))
    add_file("prices/b.csv", "y\nsecond\n")
    assert rows(kernel, "select max(y) from prices") == "[('second',)]"


def test_a_variable_is_not_hidden_by_a_dataset(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/a.csv", "x\n1\n")
    kernel.run("import pandas as pd; flights = pd.DataFrame({'x': [7]})")
    cell = kernel.run("%%sql\nfrom flights")
    assert "7" in cell.text
    assert cell.stderr == (
        "flights is the variable of this session, a DataFrame: `del flights` to query the dataset of that name.\n"
    )
    kernel.run("del flights")
    cell = kernel.run("%%sql\nfrom flights")
    assert "1" in cell.text and cell.stderr == ""


def test_a_variable_that_is_no_table_is_not_meant(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/a.csv", "x\n1\n")
    kernel.run("flights = 3")
    assert rows(kernel, "from flights") == "[(1,)]"


def test_a_view_of_a_dataset_hides_no_variable_in_later_python(
    kernel: KernelClient, add_file: AddFile
) -> None:
    add_file("flights/a.csv", "x\n1\n")
    assert rows(kernel, "from flights") == "[(1,)]"
    code = "import duckdb, pandas as pd; flights = pd.DataFrame({'x': [7]}); duckdb.sql('from flights').fetchall()"
    assert kernel.run(code).text == "[(7,)]"


def test_a_table_of_the_session_is_not_hidden(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/a.csv", "x\n1\n2\n")
    cell = kernel.run("%%sql\ncreate table flights as select * from flights where x = 2; from flights")
    assert "2" in cell.text
    assert cell.stderr.startswith("flights is a table of this session: DROP it")
    assert rows(kernel, "select * from flights") == "[(2,)]"
    assert kernel.run("import duckdb; duckdb.sql('from flights').fetchall()").text == "[(2,)]"


def test_python_and_sql_share_tables_and_frames(kernel: KernelClient) -> None:
    kernel.run(
        "import duckdb, pandas as pd; df = pd.DataFrame({'x': [1, 2]}); duckdb.sql('create table t as from df')"
    )
    assert rows(kernel, "select sum(t.x) + max(df.x) from t, df") == "[(8,)]"
    kernel.run("low = duckdb.sql('from t limit 1')")
    assert rows(kernel, "from low") == "[(1,)]"


def test_variables_are_parameters(kernel: KernelClient) -> None:
    kernel.run('import numpy as np; year, name = np.int64(2024), "O\'Hare"')
    assert rows(kernel, "select $year + 1, $name") == '[(2025, "O\'Hare")]'
    assert (
        error(kernel, "select $nothing") == "NameError: SQL uses $nothing, and there is no variable 'nothing'"
    )
    assert "write $name" in error(kernel, "select ?")


def test_the_answer_can_be_kept_as_a_frame(kernel: KernelClient) -> None:
    cell = kernel.run("%%sql squares\nselect range as n, n * n as square from range(4)")
    assert [kind for kind, _ in cell.messages if kind == "execute_result"] == []
    assert kernel.run("type(squares).__name__, int(squares.square.sum())").text == "('DataFrame', 14)"
    assert "is none" in kernel.run("%%sql a b\nselect 1").content("error")["evalue"]


def test_several_statements_show_each_table(kernel: KernelClient) -> None:
    cell = kernel.run(
        "%%sql\nselect 1 as first; create table t (x int); insert into t values (1), (2); from t; drop table t"
    )
    kinds = [kind for kind, _ in cell.messages if kind in ("display_data", "execute_result")]
    assert kinds == ["display_data", "display_data"]
    assert "first" in cell.content("display_data")["data"]["text/plain"]
    assert cell.stdout == "2 rows inserted.\n"


def test_a_plan_and_a_pivot_are_shown(kernel: KernelClient) -> None:
    assert "DUMMY_SCAN" in kernel.run("%%sql\nexplain select 1").stdout
    kernel.run("import pandas as pd; sales = pd.DataFrame({'city': ['a', 'b', 'a'], 'n': [1, 2, 3]})")
    assert rows(kernel, "pivot sales on city using sum(n)") == "[(4, 2)]"


def test_types_are_kept(kernel: KernelClient) -> None:
    kernel.run(
        "%%sql\nselect sum(range) as total, uuid() as id, '{}'::json as doc, now() as t, interval 3 day as i from range(3)"
    )
    assert kernel.run("[str(kind) for kind in _.types]").text == (
        "['HUGEINT', 'UUID', 'JSON', 'TIMESTAMP WITH TIME ZONE', 'INTERVAL']"
    )
    settings = kernel.run(
        "import duckdb; duckdb.sql(\"select current_setting('arrow_lossless_conversion')\").fetchall()"
    )
    assert settings.text == "[(False,)]"


def test_a_long_answer_is_cut_and_says_so(kernel: KernelClient) -> None:
    cell = kernel.run("%%sql\nselect * from range(1000000000000)")
    assert "more rows than the first 100,000" in cell.stderr
    assert kernel.run("len(_)").text == "100000"
    cell = kernel.run("%%sql\nselect * from range(100000)")
    assert cell.stderr == ""


def test_errors_have_duckdb_s_message_and_no_frames_of_ours(kernel: KernelClient) -> None:
    assert error(kernel, "select nothing\nfrom range(3)").startswith(
        "BinderException: Binder Error: Referenced column"
    )
    assert "LINE 1: select nothing\n" in error(kernel, "select nothing\nfrom range(3)")
    late = "select case when range = 50000 then 'x' else '1' end::int from range(90000)"
    assert error(kernel, late).startswith(
        "ConversionException: Conversion Error: Could not convert string 'x'"
    )
    shown = error(kernel, "selec 1")
    assert shown.startswith("ParserException:") and "grad_runner" not in shown and "Traceback" not in shown


def test_an_error_leaves_no_view_and_no_aborted_transaction(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/a.csv", "x\n1\n")
    error(kernel, "from flights; begin; select nothing from flights")
    assert kernel.run("import duckdb; duckdb.sql('select 1').fetchall()").text == "[(1,)]"
    assert kernel.run(
        "duckdb.sql(\"select count(*) from duckdb_views() where view_name = 'flights'\").fetchall()"
    ).text == ("[(0,)]")


def test_sigint_ends_a_query_and_the_next_one_does_not_wait_for_it(
    component: Component, kernel: KernelClient, add_file: AddFile
) -> None:
    add_file("flights/a.csv", "x\n1\n")
    client, pid = component.client(), pid_of(kernel)
    for code in (f"%%sql\n{ENDLESS}", f"import duckdb\nduckdb.execute({ENDLESS!r}).fetchall()"):
        begins_at = cpu_ticks(pid)
        request = kernel.send(code)
        wait_until(lambda begins_at=begins_at: cpu_ticks(pid) > begins_at + 30, 20)
        client.ask("signal", kernel=kernel.name, signal="INT")
        assert kernel.collect(request).reply["status"] in ("error", "aborted")
        assert rows(kernel, "from flights") == "[(1,)]"


def test_a_dataset_that_cannot_be_read_says_why(kernel: KernelClient, add_file: AddFile, data: Path) -> None:
    add_file("broken/a.parquet", "no parquet")
    assert "broken/a.parquet" in error(kernel, "from broken")
    add_file("texts/README.md", "x")
    assert error(kernel, "from texts") == (
        'CatalogException: The dataset "texts" has no files that SQL reads: Parquet, CSV and JSON'
    )
    (data / "loop").symlink_to("loop")
    assert "data/loop" in error(kernel, "from loop")
    assert rows(kernel, "select 1 as broken") == "[(1,)]"


def test_an_unknown_table_is_an_error_that_names_what_is_near(
    kernel: KernelClient, add_file: AddFile
) -> None:
    add_file("flights/a.csv", "x\n1\n")
    assert 'Did you mean "flights"' in error(kernel, "from fligths")


def test_show_tables_has_the_datasets(kernel: KernelClient, add_file: AddFile) -> None:
    add_file("flights/a.csv", "x\n1\n")
    add_file("nyc/trips.csv", "x\n1\n")
    add_file("nyc/zones.csv", "y\n1\n")
    assert rows(kernel, "show tables") == "[('flights',)]"
    assert rows(
        kernel, "select table_name from information_schema.tables where table_schema = 'nyc' order by 1"
    ) == ("[('trips',), ('zones',)]")


@pytest.mark.parametrize("name", ["order", "select", "table"])
def test_a_reserved_word_is_quoted(kernel: KernelClient, add_file: AddFile, name: str) -> None:
    add_file(f"{name}/a.csv", "x\n1\n")
    assert rows(kernel, f'from "{name}"') == "[(1,)]"
