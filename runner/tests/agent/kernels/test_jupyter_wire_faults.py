"""What is no message of this kernel, fault by fault, at the bounds."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from grad_runner.agent.kernels import jupyter_wire
from grad_runner.agent.kernels.jupyter_wire import DELIMITER, BadMessage, Message, pack, parse, unpack
from grad_runner.agent.kernels.zmtp import Frames
from grad_runner.agent.limits import MAX_JSON_MEMORY_BYTES, MAX_MESSAGE_BYTES

KEY = b"secret"
HEADER = json.dumps({"msg_type": "status"}).encode()
GOOD = [HEADER, b"{}", b"{}", b'{"a": 1}']


def signed(parts: list[bytes]) -> list[bytes]:
    signature = hmac.new(KEY, b"".join(parts), hashlib.sha256).hexdigest().encode()
    return [DELIMITER, signature, *parts]


def arrived(frames: list[bytes], *, cut: bool = False) -> Frames:
    return Frames(tuple(frames), sum(map(len, frames)), cut)


def refused(parts: list[bytes]) -> str:
    with pytest.raises(BadMessage) as fault:
        parse(parts)
    return str(fault.value)


def test_pack_writes_the_protocols_header_and_signature() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    frames = pack(KEY, "execute_request", {"code": "1"}, "m1", session="s1", now=now)
    assert frames[:2] == signed(frames[2:])[:2]
    assert json.loads(frames[2]) == {
        "msg_id": "m1",
        "msg_type": "execute_request",
        "username": "grad",
        "session": "s1",
        "date": "2026-01-02T03:04:05+00:00",
        "version": "5.3",
    }
    assert frames[3:] == [b"{}", b"{}", b'{"code": "1"}']
    dated = json.loads(pack(KEY, "execute_request", {}, "m1", session="s1")[2])["date"]
    assert datetime.fromisoformat(dated).tzinfo is not None


def test_unpack_ignores_what_stands_before_and_after() -> None:
    assert unpack(KEY, arrived([b"topic", b"more", *signed(GOOD), b"buffer"])) == Message(
        "status", "", {"a": 1}
    )


@pytest.mark.parametrize("count", range(5))
def test_unpack_wants_all_frames(count: int) -> None:
    with pytest.raises(BadMessage) as fault:
        unpack(KEY, arrived(signed(GOOD)[: count + 1]))
    assert str(fault.value) == f"{count} frames behind the delimiter"


def test_unpack_names_its_faults() -> None:
    with pytest.raises(BadMessage, match="no delimiter"):
        unpack(KEY, arrived(GOOD))
    with pytest.raises(BadMessage, match="signature does not match"):
        unpack(b"another key", arrived(signed(GOOD)))


def test_parse_wants_four_frames() -> None:
    assert refused(GOOD[:3]) == "3 frames"
    assert parse([*GOOD, b"buffer"]).content == {"a": 1}


@pytest.mark.parametrize("at", [0, 1])
def test_parse_bounds_headers_before_it_reads_them(at: int) -> None:
    limit_bytes = 64 * 1024
    parts = [*GOOD]
    parts[at] = HEADER + b" " * (limit_bytes - len(HEADER))
    assert parse(parts).kind == "status"
    parts[at] += b" "
    assert refused(parts) == "the header is too long"


def test_parse_bounds_the_content_before_it_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_MESSAGE_BYTES == 16 * 1024 * 1024
    monkeypatch.setattr(jupyter_wire, "MAX_MESSAGE_BYTES", 20)
    assert parse([*GOOD[:3], b'{"a": 1}' + b" " * 12]).content == {"a": 1}
    assert parse([*GOOD[:3], b'{"a": 1}' + b" " * 13]) == Message("status", "", {}, is_cut=True)


def test_parse_bounds_the_memory_of_the_content_before_it_reads_it() -> None:
    """Twelve million empty lists, in a message of the largest size, would take a gigabyte."""
    costly = b'{"a": [' + b"[]," * (MAX_JSON_MEMORY_BYTES // 100) + b"0]}"
    assert len(costly) < MAX_MESSAGE_BYTES
    message = parse([HEADER, b'{"msg_id": "m1"}', b"{}", costly])
    assert message == Message("status", "m1", {}, is_cut=True)


def test_a_message_that_was_cut_has_its_kind_and_request() -> None:
    parts = [HEADER, b'{"msg_id": "m1"}', b"{}"]
    for kept in (2, 3):
        message = unpack(KEY, arrived([b"topic", *signed(GOOD)[:2], *parts[:kept]], cut=True))
        assert message == Message("status", "m1", {}, is_cut=True)
    with pytest.raises(BadMessage, match="too long"):
        unpack(KEY, arrived([*signed(GOOD)[:2], HEADER], cut=True))


@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("frame", [b"{", b"\xff", b"[" * 100_000])
def test_parse_refuses_what_is_no_json(at: int, frame: bytes) -> None:
    parts = [*GOOD]
    parts[at] = frame
    # So deep a header is too long already.
    assert refused(parts) in ("a frame is not JSON", "the header is too long")


@pytest.mark.parametrize("at", [0, 1, 3])
def test_parse_refuses_what_is_no_object(at: int) -> None:
    parts = [*GOOD]
    parts[at] = b"[1]"
    assert refused(parts) == "a frame is not a JSON object"


def test_parse_wants_texts_as_type_and_id() -> None:
    want = "msg_type or msg_id is not a string"
    assert refused([b"{}", b"{}", b"{}", b"{}"]) == want
    assert refused([b'{"msg_type": 1}', b"{}", b"{}", b"{}"]) == want
    assert refused([HEADER, b'{"msg_id": 1}', b"{}", b"{}"]) == want
    assert parse([HEADER, b'{"msg_id": "m1"}', b"{}", b"{}"]) == Message("status", "m1", {})
