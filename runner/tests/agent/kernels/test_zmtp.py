"""ZeroMQ's protocol: against libzmq, and against peers that send what no memory holds."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.kernels.zmtp import SUBSCRIBE_TO_ALL, Connection, Frames, ProtocolError

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER\x08Identity\x00\x00\x00\x00"
BOUND = 1_000


def frame(data: bytes, *, more: bool = False, long: bool = False) -> bytes:
    if long or len(data) > 255:
        return bytes((more | 2,)) + len(data).to_bytes(8, "big") + data
    return bytes((more, len(data))) + data


def connected() -> Connection:
    connection = Connection("DEALER", BOUND)
    ready = READY[:1] + bytes((len(READY) - 2,)) + READY[2:]
    assert connection.receive(GREETING + ready) == []
    connection.take_outgoing()
    return connection


@given(
    st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=3), max_size=5),
    st.integers(1, 40),
    st.booleans(),
)
def test_messages_arrive_whole_however_the_bytes_are_split(
    messages: list[list[bytes]], step: int, long: bool
) -> None:
    data = b"".join(
        frame(one, more=number < len(frames), long=long)
        for frames in messages
        for number, one in enumerate(frames, 1)
    )
    connection = connected()
    got: list[Frames] = []
    for at in range(0, len(data), step):
        got += connection.receive(data[at : at + step])
    assert [list(message.frames) for message in got] == messages
    assert not any(message.cut for message in got)


def test_nothing_but_the_greeting_is_sent_before_the_peer_has_greeted() -> None:
    connection = Connection("DEALER", BOUND)
    connection.send([b"secret code"])
    assert len(connection.take_outgoing()) == 64
    connection.receive(GREETING[:63])
    assert connection.take_outgoing() == b""
    connection.receive(GREETING[63:])
    assert connection.take_outgoing().endswith(frame(b"secret code"))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "greet"),
        (GREETING[:10] + b"\x02" + GREETING[11:], "greet"),
        (GREETING[:12] + b"CURVE".ljust(20, b"\0") + bytes(32), "authentication"),
        (GREETING + frame(b"too early"), "before READY"),
        (GREETING + b"\x06" + (1 << 40).to_bytes(8, "big"), "a command of"),
        (GREETING + b"\x04\x06\x05ERROR", "refuses"),
    ],
)
def test_a_peer_that_is_no_kernel_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(ProtocolError, match=fault):
        Connection("DEALER", BOUND).receive(data)


def test_a_frame_over_the_bound_is_forgotten_while_it_comes() -> None:
    connection = connected()
    head = frame(b"kept", more=True) + bytes((1 | 2,)) + (1 << 62).to_bytes(8, "big")
    assert connection.receive(head) == []
    for _ in range(1_000):
        assert connection.receive(bytes(1_000)) == []
    assert len(connection._buffer) == 0


def test_a_message_of_many_frames_is_bounded_as_a_whole_and_the_next_one_is_whole() -> None:
    connection = connected()
    part = frame(bytes(300), more=True)
    got = connection.receive(part * 100 + frame(b"end") + frame(b"next"))
    assert [(len(message.frames), message.cut) for message in got] == [(2, True), (1, False)]
    assert got[1].frames == (b"next",)


def test_frames_without_bytes_are_bounded_as_well() -> None:
    connection = connected()
    got: list[Frames] = []
    for _ in range(1_000):
        got += connection.receive(frame(b"", more=True) * 1_000)
    got += connection.receive(frame(b""))
    assert [message.cut for message in got] == [True]
    assert len(got[0].frames) <= BOUND / 64 + 1


@pytest.fixture
def context() -> Iterator["zmq.Context[Any]"]:
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


def talk(connection: Connection, peer: socket.socket, until: Callable[[list[Frames]], bool]) -> list[Frames]:
    """Sends and receives until the condition on the messages that came holds."""
    got: list[Frames] = []
    peer.settimeout(0.05)
    while not until(got):
        if data := connection.take_outgoing():
            peer.sendall(data)
        try:
            got += connection.receive(peer.recv(65536))
        except TimeoutError:
            continue
    return got


def test_a_request_and_its_reply_with_libzmq(context: "zmq.Context[Any]", tmp_path: Path) -> None:
    connection = Connection("DEALER", 1 << 24)
    connection.send([b"a", b"", b"x" * 100_000])
    with context.socket(zmq.ROUTER) as router, socket.socket(socket.AF_UNIX) as peer:
        router.bind(f"ipc://{tmp_path}/z")
        peer.connect(f"{tmp_path}/z")
        talk(connection, peer, lambda _: router.poll(0) != 0)
        identity, *request = router.recv_multipart()
        assert request == [b"a", b"", b"x" * 100_000]
        router.send_multipart([identity, b"r" * 300, b""])
        assert [message.frames for message in talk(connection, peer, bool)] == [(b"r" * 300, b"")]


def test_a_subscription_with_libzmq(context: "zmq.Context[Any]", tmp_path: Path) -> None:
    connection = Connection("SUB", 1 << 24)
    connection.send([SUBSCRIBE_TO_ALL])
    with context.socket(zmq.XPUB) as publisher, socket.socket(socket.AF_UNIX) as peer:
        publisher.bind(f"ipc://{tmp_path}/z")
        peer.connect(f"{tmp_path}/z")
        talk(connection, peer, lambda _: publisher.poll(0) != 0)
        assert publisher.recv() == SUBSCRIBE_TO_ALL
        publisher.send_multipart([b"topic", b"content"])
        assert [message.frames for message in talk(connection, peer, bool)] == [(b"topic", b"content")]
