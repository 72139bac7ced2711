import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel.kernels import exit_of
from grad_runner.kernel.protocol import (
    DeletedFiles,
    ExecutionEnded,
    ExecutionStarted,
    Hello,
    ListKernels,
    Remove,
    Request,
    RequestError,
    SendSignal,
    Start,
    Stat,
    is_kernel_name,
    parse_request,
    render_answer,
    render_event,
)

GOOD: list[tuple[dict[str, object], Request]] = [
    ({"op": "hello"}, Hello()),
    ({"op": "list"}, ListKernels()),
    ({"op": "start", "kernel": "a-1", "spec": "python3"}, Start("a-1", "python3")),
    ({"op": "signal", "kernel": "a", "signal": "INT"}, SendSignal("a", "INT")),
    ({"op": "stat", "kernel": "a"}, Stat("a")),
    ({"op": "deletedFiles"}, DeletedFiles()),
    ({"op": "executionStarted", "kernel": "a"}, ExecutionStarted("a")),
    ({"op": "executionEnded", "kernel": "a"}, ExecutionEnded("a")),
    ({"op": "remove", "kernel": "a"}, Remove("a")),
]


@pytest.mark.parametrize(("message", "want"), GOOD, ids=[str(message["op"]) for message, _ in GOOD])
def test_parse_request_reads_every_operation(message: dict[str, object], want: Request) -> None:
    assert parse_request(json.dumps({"id": 7, **message}).encode()) == (7, want)


BAD = [
    (b"", None),
    (b"{", None),
    (b"[]", None),
    (b'{"id":true,"op":"hello"}', None),
    (b'{"id":1.5,"op":"hello"}', None),
    (b'{"id":1}', 1),
    (b'{"id":"x","op":"dance"}', "x"),
    (b'{"id":1,"op":"stat"}', 1),
    (b'{"id":1,"op":"stat","kernel":"UP"}', 1),
    (b'{"id":1,"op":"stat","kernel":"a\\n"}', 1),
    (b'{"id":1,"op":"start","kernel":"' + b"a" * 41 + b'","spec":"s"}', 1),
    (b'{"id":1,"op":"start","kernel":"a","spec":"../s"}', 1),
    (b'{"id":1,"op":"signal","kernel":"a","signal":"HUP"}', 1),
    (b'{"id":1,"op":"signal","kernel":"a","signal":["INT"]}', 1),
]


@pytest.mark.parametrize(("line", "request_id"), BAD)
def test_parse_request_returns_an_error_for_an_invalid_request(line: bytes, request_id: object) -> None:
    found_id, error = parse_request(line)
    assert found_id == request_id
    assert isinstance(error, RequestError)
    assert error.code == "invalid_argument"


@given(st.binary(max_size=100))
def test_parse_request_never_raises(line: bytes) -> None:
    parse_request(line)


def test_render_answer_is_one_line() -> None:
    assert render_answer(1, {"ready": True}) == b'{"id":1,"ok":true,"ready":true}\n'
    error = json.loads(render_answer(None, RequestError("internal", "a\nb", "h")))
    assert error == {"id": None, "ok": False, "error": {"code": "internal", "message": "a\nb", "hint": "h"}}
    assert render_event("exited", kernel="k") == b'{"event":"exited","kernel":"k"}\n'


def test_is_kernel_name_refuses_names_of_the_supervisors_own_files() -> None:
    assert is_kernel_name("k-1")
    assert not is_kernel_name(".launcher")
    assert not is_kernel_name("supervisor.sock")


@pytest.mark.parametrize(
    ("exit_code", "want"), [(0, (0, None)), (3, (3, None)), (-9, (None, "KILL")), (-99, (None, "99"))]
)
def test_exit_of_names_the_signal(exit_code: int, want: tuple[int | None, str | None]) -> None:
    ended = exit_of(exit_code, "memory")
    assert (ended.code, ended.signal) == want
    assert ended.to_json()["outOfMemory"] is True
