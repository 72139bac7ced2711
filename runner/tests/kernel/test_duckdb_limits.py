"""DuckDB knows the runner's memory, cores and storage: by configuration, and in real kernels."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grad_runner.kernel.duckdb_limits import RunnerResources, duckdb_config, with_defaults

from .component import Component, KernelClient, SupervisorClient, component_in

MIB = 1024 * 1024
NAMES = ("memory_limit", "threads", "temp_directory", "max_temp_directory_size")
SETTINGS = f""".sql("select {", ".join(f"current_setting('{name}')" for name in NAMES)}").fetchall()[0]"""


def test_nothing_is_configured_of_a_runner_without_limits() -> None:
    assert duckdb_config(RunnerResources(), "k") == {}


def test_half_of_the_memory_and_storage_and_all_cores_are_configured() -> None:
    resources = RunnerResources(1024 * MIB, 3, 2048 * MIB, Path("/var/tmp"))
    assert duckdb_config(resources, "default-1") == {
        "memory_limit": f"{512 * MIB}B",
        "threads": "3",
        "temp_directory": "/var/tmp/duckdb-default-1",
        "max_temp_directory_size": f"{1024 * MIB}B",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, {"memory_limit": "1GB", "threads": "2"}),
        ({"memory_limit": "5GB"}, {"memory_limit": "5GB", "threads": "2"}),
        ({"MAX_MEMORY": "5GB"}, {"MAX_MEMORY": "5GB", "threads": "2"}),
        (
            {"worker_threads": 1, "access_mode": "read_only"},
            {"memory_limit": "1GB", "worker_threads": 1, "access_mode": "read_only"},
        ),
    ],
)
def test_what_the_user_configures_takes_precedence(
    given: dict[str, object] | None, expected: dict[str, object]
) -> None:
    assert with_defaults({"memory_limit": "1GB", "threads": "2"}, given) == expected


@pytest.fixture(scope="module")
def small() -> Iterator[Component]:
    with TemporaryDirectory(prefix="gk-") as folder:
        spill = Path(folder) / "spill"
        (spill / "duckdb-old").mkdir(parents=True)
        (spill / "duckdb-old" / "left.tmp").write_text("from an earlier component")
        limits = ("--memory-bytes", str(500 * MIB), "--threads", "1", "--storage-bytes", str(4096 * MIB))
        with component_in(Path(folder), *limits, "--spill", str(spill)) as made:
            yield made


@pytest.fixture
def client(small: Component) -> Iterator[SupervisorClient]:
    client = small.client()
    yield client
    client.close()


@pytest.fixture
def kernel(small: Component, client: SupervisorClient) -> Iterator[KernelClient]:
    kernel = small.kernel(client)
    yield kernel
    kernel.close()
    client.ask("remove", kernel=kernel.name)


def expected(small: Component, kernel: KernelClient) -> str:
    folder = small.workspace.parent / "spill" / f"duckdb-{kernel.name}"
    return str(("250.0 MiB", 1, str(folder), "2.0 GiB"))


@pytest.mark.parametrize(
    "connection",
    [
        "duckdb",
        "duckdb.connect()",
        "duckdb.connect().cursor()",
        "duckdb.connect('own.db')",
        "duckdb.connect(':memory:', False, {})",
        "duckdb.connect(database=':memory:', config={'default_order': 'desc'})",
        "duckdb.connect(':default:')",
        "duckdb.default_connection()",
        "(duckdb.sql('select 1'), duckdb.close(), duckdb)[-1]",
    ],
)
def test_each_connection_has_the_runners_limits(
    small: Component, kernel: KernelClient, connection: str
) -> None:
    assert kernel.run("import duckdb\n" + connection + SETTINGS).text == expected(small, kernel)


def test_the_users_own_settings_win(kernel: KernelClient) -> None:
    limit = """.sql("select current_setting('memory_limit')").fetchall()"""
    kernel.run("import duckdb\nduckdb.sql(\"set memory_limit = '100MiB'\")")
    assert kernel.run("duckdb" + limit).text == "[('100.0 MiB',)]"
    assert kernel.run("duckdb.connect(config={'max_memory': '90MiB'})" + limit).text == "[('90.0 MiB',)]"
    kernel.run("own = duckdb.connect(config={'memory_limit': '80MiB'})\nduckdb.set_default_connection(own)")
    assert kernel.run("duckdb" + limit).text == "[('80.0 MiB',)]"


def test_a_connection_can_be_opened_again_with_the_same_database(kernel: KernelClient) -> None:
    kernel.run("import duckdb\na = duckdb.connect('twice.db')\na.execute(\"set memory_limit = '99MiB'\")")
    again = "duckdb.connect('twice.db').sql(\"select current_setting('memory_limit')\").fetchall()"
    assert kernel.run(again).text == "[('99.0 MiB',)]"


def test_importing_duckdb_and_naming_its_classes_starts_no_thread(kernel: KernelClient) -> None:
    tasks = "import os\nlen(os.listdir('/proc/self/task'))"
    before = kernel.run(tasks).text
    kernel.run("import duckdb\nfrom duckdb import DuckDBPyConnection, Error, connect\nduckdb.__version__")
    assert kernel.run(tasks).text == before


def test_a_sort_of_more_data_than_the_runner_has_memory_spills_and_succeeds(
    small: Component, client: SupervisorClient, kernel: KernelClient
) -> None:
    # 14 million rows of 48 bytes: about 640 MiB, in a runner of 500 MiB.
    cell = kernel.run(
        "import duckdb, glob\n"
        "duckdb.sql(\"create table t as select hash(i) as a, hash(i + 1) as b, hash(i + 2) as c, 'x' || i as d\"\n"
        '           " from range(14_000_000) r(i)")\n'
        "sorted = 'select a, b, c, d, row_number() over (order by b) as n from t'\n"
        "least = duckdb.sql(f'select count(*), max(n) from ({sorted})').fetchall()\n"
        "spilled = glob.glob(duckdb.sql(\"select current_setting('temp_directory')\").fetchall()[0][0] + '/*')\n"
        "least, len(spilled) > 0",
        300,
    )
    assert cell.text == "([(14000000, 14000000)], True)"
    folder = small.workspace.parent / "spill" / f"duckdb-{kernel.name}"
    assert folder.exists()
    client.ask("remove", kernel=kernel.name)
    assert not folder.exists()


def test_what_an_earlier_component_left_is_deleted_at_the_start(small: Component) -> None:
    assert not (small.workspace.parent / "spill" / "duckdb-old").exists()


def test_no_file_becomes_larger_than_the_storage(kernel: KernelClient) -> None:
    write = "file = open('big', 'wb')\nfile.truncate({})"
    assert kernel.run(write.format(4096 * MIB)).reply["status"] == "ok"
    assert "File too large" in kernel.run(write.format(4096 * MIB + 1)).content("error")["evalue"]
