"""Hints after an exception."""

import pytest

from grad_runner.agent.executions.hints import hint


def test_hint_for_a_dataset_that_s3_refuses_is_to_check_it() -> None:
    for error in ("[Errno 5] Input/output error", "[Errno 1] Operation not permitted"):
        text = hint("OSError", f"{error}: '/workspace/data/airlines'", lambda: ["airlines"])
        assert "gractl dataset check airlines" in text
    gone = hint("FileNotFoundError", "No such file: '/workspace/data/away/x'", lambda: ["airlines"])
    assert "gractl dataset check away" in gone and "airlines" in gone


def test_hint_for_an_open_file_whose_mount_has_ended_names_the_datasets() -> None:
    for error in (
        "[Errno 107] Transport endpoint is not connected",
        "[Errno 103] Software caused connection abort",
    ):
        assert "open it again" in hint("OSError", error, lambda: ["airlines"])
        assert "airlines" in hint("OSError", error, lambda: ["airlines"], has_network=True)
        assert hint("OSError", error, list) == ""


def test_hint_for_a_write_to_a_read_only_dataset_names_both_remedies() -> None:
    text = hint("OSError", "[Errno 30] Read-only file system: '/workspace/data/airlines/x'", list)
    assert "/workspace/outputs" in text and "access: read-write" in text


def test_hint_names_the_mounted_datasets() -> None:
    text = "[Errno 2] No such file or directory: '/workspace/data/flihgts/a.parquet'"
    assert "flights" in hint("FileNotFoundError", text, lambda: ["flights", "planes"])
    assert hint("ValueError", "bad", list) == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "IOException",
            'IO Error: No files found that match the pattern "/workspace/data/flights/*.parquet"',
        ),
        ("IOException", 'IO Error: No files found that match the pattern "data/flights/*.parquet"'),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data/flights/a.csv'"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/workspace/data/flights'"),
        ("FileNotFoundError", "data/flights/a.parquet"),  # as pandas' read_parquet says it
    ],
)
def test_hint_for_a_missing_file_says_whether_its_dataset_is_mounted(name: str, message: str) -> None:
    away = hint(name, message, lambda: ["airlines", "planes"])
    assert '"flights" is not mounted: `gractl dataset check flights`' in away
    assert "airlines, planes" in away
    there = hint(name, message, lambda: ["flights"])
    assert 'os.listdir("/workspace/data/flights")' in there and "check" not in there
    assert "gractl dataset add" in hint(name, message, list)


@pytest.mark.parametrize("table", ["flights", "data/flights", "/workspace/data/flights/", '"data.flights"'])
def test_hint_for_a_missing_table_shows_how_datasets_are_read(table: str) -> None:
    message = f'Catalog Error: Table with name {table} does not exist!\nDid you mean "pg_depend"?'
    there = hint("CatalogException", message, lambda: ["flights"])
    assert "`gractl sql`" in there and "FROM '/workspace/data/flights/**/*.parquet'" in there
    away = hint("CatalogException", message, lambda: ["airlines"])
    assert "mounted: airlines." in away and "gractl dataset check" in away


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "BinderException",
            'Binder Error: Referenced column "carier" not found in FROM clause!\nCandidate bindings: "carrier"',
        ),
        ("BinderException", 'Binder Error: Table "a" does not have a column named "carier"'),
        ("ArrowInvalid", "No match for FieldRef.Name(carier) in carrier: int32"),
    ],
)
def test_hint_for_a_missing_column_says_where_columns_are_listed(name: str, message: str) -> None:
    text = hint(name, message, lambda: ["airlines"])
    assert "DESCRIBE" in text and "gractl dataset check NAME" in text and "airlines" in text
    with_path = f"{message}\nLINE 1: select carier from 'data/airlines/*.parquet'"
    assert "gractl dataset check airlines" in hint(name, with_path, lambda: ["airlines"])


def test_hint_for_a_missing_module_says_no_network_only_where_there_is_none() -> None:
    message = "No module named 'sklearn'"
    without = hint("ModuleNotFoundError", message, list)
    assert '"sklearn" is not in' in without and "no network" in without
    with_network = hint("ModuleNotFoundError", message, list, has_network=True)
    assert '"sklearn" is not in' in with_network and "no network" not in with_network
    assert "/workspace/code" in with_network


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("OSError", "[Errno 101] Network is unreachable"),
        ("RuntimeError", "Cluster failed to start: [Errno 101] Network is unreachable"),
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>"),
        ("ConnectionError", "... Failed to resolve 'a.example' ([Errno -2] Name or service not known)"),
        ("OSError", "AWS Error NETWORK_CONNECTION: curlCode: 7, Could not connect to server"),
        ("Error", 'Failed to download extension "httpfs" at URL "http://a.example"'),
    ],
)
def test_hint_for_a_refused_connection_names_the_runner_that_has_a_network(name: str, message: str) -> None:
    assert "gractl runner create NAME --network full" in hint(name, message, list)
    assert hint(name, message, list, has_network=True) == ""


def test_hint_for_a_refused_process_or_thread_is_to_use_fewer() -> None:
    assert "fewer workers" in hint("RuntimeError", "can't start new thread\nTraceback", list)
    assert "fewer workers" in hint("BlockingIOError", "[Errno 11] Resource temporarily unavailable", list)
    assert hint("RuntimeError", "something else", list) == ""


NO_BUCKET = (
    'Cannot attach dataset "broken": there is no bucket "b" at http://s3. Check bucket, endpoint and region.'
)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/workspace/data/broken'"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data/broken/x.csv'"),
        ("PermissionError", "[Errno 13] Permission denied: '/workspace/data/broken'"),
        ("OSError", "[Errno 107] Transport endpoint is not connected: '/workspace/data/broken/x'"),
        ("IOException", 'IO Error: No files found that match the pattern "data/broken/*.parquet"'),
        ("CatalogException", 'Catalog Error: Table with name "broken" does not exist!'),
        ("OSError", "[Errno 103] Software caused connection abort"),
    ],
)
def test_hint_for_a_dataset_that_is_not_attached_says_why(name: str, message: str) -> None:
    text = hint(name, message, lambda: ["good"], reasons=lambda: {"broken": NO_BUCKET})
    assert NO_BUCKET in text
    assert NO_BUCKET not in hint(name, message.replace("broken", "good"), lambda: ["good"])


def test_hints_for_missing_files_are_right_after_chdir() -> None:
    text = hint("FileNotFoundError", "No such file: 'x.csv'", lambda: ["flights"])
    assert "unless the code has changed it" in text
    there = hint("FileNotFoundError", "No such file: 'data/flights/x.csv'", lambda: ["flights"])
    assert "/workspace/data/flights" in there and "after os.chdir" in there
