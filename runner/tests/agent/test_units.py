"""Small pieces: wire, text, MIME, parameters, names, hints, streams."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent import mime, names, params
from grad_runner.agent.hints import hint
from grad_runner.agent.jupyter_wire import BadMessage, Message, pack, unpack
from grad_runner.agent.output_folder import Workspace
from grad_runner.agent.plain_text import lines, plain
from grad_runner.agent.stream_keeper import StreamKeeper
from grad_runner.common.errors import GradError, trailer
from grad_runner.gen.grad.v1 import execution_pb2 as pb

KEY = b"secret"


def test_unpack_takes_what_pack_made() -> None:
    frames = pack(KEY, "execute_request", {"code": "é"}, "m1", session="s")
    assert unpack(KEY, frames) == Message("execute_request", "", {"code": "é"})
    assert unpack(KEY, [b"topic", *frames]).kind == "execute_request"


@given(st.integers(0, 5), st.binary(min_size=1, max_size=8))
def test_unpack_refuses_what_was_changed(index: int, noise: bytes) -> None:
    frames = pack(KEY, "execute_request", {"code": "1"}, "m1", session="s")
    changed = [*frames]
    changed[index] = changed[index] + noise
    with pytest.raises(BadMessage):
        unpack(KEY, changed)


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_unpack_never_fails_otherwise(frames: list[bytes]) -> None:
    with pytest.raises(BadMessage):
        unpack(KEY, frames)


def test_plain_removes_colours_and_titles() -> None:
    assert plain("\x1b[1;31mred\x1b[0m \x1b]0;title\x07done\x1b(B") == "red done"


@given(st.lists(st.text(max_size=300), max_size=50))
def test_lines_keeps_within_its_bound(texts: list[str]) -> None:
    kept = lines(texts, 2_000)
    assert sum(len(line.encode()) + 1 for line in kept) <= 2_000 + 64
    assert all("\n" not in line for line in kept)


def test_parts_decodes_images_and_keeps_text() -> None:
    png = base64.b64encode(b"\x89PNG").decode()
    found = mime.parts(
        {
            "text/plain": "é",
            "image/png": png,
            "application/json": {"a": 1},
            "no type": "x",
            "image/svg+xml": "<svg/>",
        }
    )
    assert [(part.media_type, part.data) for part in found] == [
        ("text/plain", "é".encode()),
        ("image/png", b"\x89PNG"),
        ("application/json", b'{"a": 1}'),
        ("image/svg+xml", b"<svg/>"),
    ]


@given(
    st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text())))
)
def test_parts_never_fails(data: dict[str, Any]) -> None:
    mime.parts({**data, "image/png": "not base64 é"})


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), st.text() | st.integers() | st.booleans()
    )
)
def test_assignments_of_python_set_exactly_the_values(values: dict[str, Any]) -> None:
    namespace: dict[str, Any] = {}
    exec(params.assignments(values, "python"), namespace)
    namespace.pop("__builtins__")
    assert namespace == values


def test_parse_refuses_keywords() -> None:
    with pytest.raises(GradError, match="class"):
        params.parse('{"class": 1}')
    with pytest.raises(GradError):
        params.assignments({"a": 1}, "cobol")


@pytest.mark.parametrize("name", ["A", "1a", "a-", "a" * 41, "ä", "a/b", "../x"])
def test_session_name_refuses_and_suggests(name: str) -> None:
    with pytest.raises(GradError) as refused:
        names.session_name(name)
    suggested = refused.value.hint.split('"')[1]
    assert names.session_name(suggested) == suggested


def test_trailer_stays_within_the_limit_of_headers() -> None:
    assert len(trailer(GradError("internal", "x" * 100_000, "y" * 100_000))) < 7_000


def test_hint_of_a_dataset_that_s3_refuses_is_to_check_it() -> None:
    for words in ("[Errno 5] Input/output error", "[Errno 1] Operation not permitted"):
        told = hint("OSError", f"{words}: '/workspace/data/airlines'", lambda: ["airlines"])
        assert "gractl dataset check airlines" in told
    gone = hint("FileNotFoundError", "No such file: '/workspace/data/away/x'", lambda: ["airlines"])
    assert "gractl dataset check away" in gone and "airlines" in gone


def test_hint_of_a_write_that_a_dataset_does_not_take_names_both_ways_out() -> None:
    told = hint("OSError", "[Errno 30] Read-only file system: '/workspace/data/airlines/x'", list)
    assert "/workspace/outputs" in told and "access: read-write" in told


def test_hint_names_the_datasets_that_are_there() -> None:
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
def test_hint_of_a_missing_file_tells_whether_its_dataset_is_mounted(name: str, message: str) -> None:
    away = hint(name, message, lambda: ["airlines", "planes"])
    assert '"flights" is not mounted: `gractl dataset check flights`' in away
    assert "airlines, planes" in away
    there = hint(name, message, lambda: ["flights"])
    assert 'os.listdir("/workspace/data/flights")' in there and "check" not in there
    assert "gractl dataset add" in hint(name, message, list)


@pytest.mark.parametrize("table", ["flights", "data/flights", "/workspace/data/flights/", '"data.flights"'])
def test_hint_of_a_table_that_is_none_tells_how_datasets_are_read(table: str) -> None:
    message = f'Catalog Error: Table with name {table} does not exist!\nDid you mean "pg_depend"?'
    there = hint("CatalogException", message, lambda: ["flights"])
    assert "FROM '/workspace/data/flights/**/*.parquet'" in there
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
def test_hint_of_a_column_that_is_none_tells_where_columns_are_listed(name: str, message: str) -> None:
    told = hint(name, message, lambda: ["airlines"])
    assert "DESCRIBE" in told and "gractl dataset check NAME" in told and "airlines" in told
    with_path = f"{message}\nLINE 1: select carier from 'data/airlines/*.parquet'"
    assert "gractl dataset check airlines" in hint(name, with_path, lambda: ["airlines"])


@given(
    st.lists(
        st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(min_size=1, max_size=40)), max_size=30
    ),
    st.integers(0, 200),
)
def test_streams_lose_nothing_whatever_the_bound(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[Any, bytes]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("w")
    workspace = Workspace(folder)
    streams = StreamKeeper(workspace, "e", limit)
    events: list[pb.Event] = []
    for name, data in written:
        events += streams.put(name, data)
        for one in streams.must_spill:
            streams.spill(one, events)
    gaps = {event.gap.of: event.gap for event in streams.gaps()}
    workspace.close()
    for name in ("stdout", "stderr"):
        whole = b"".join(data for stream, data in written if stream == name)
        kept = b"".join(getattr(event, name).data for event in events)
        assert whole.startswith(kept)
        assert len(whole) == len(kept) + (gaps[name].amount if name in gaps else 0)
        if name in gaps:
            assert (Path(folder) / gaps[name].path).read_bytes() == whole
    assert sum(len(event.stdout.data) + len(event.stderr.data) for event in events) <= limit
