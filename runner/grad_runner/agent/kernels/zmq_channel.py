"""A zmq socket in asyncio without polling: zmq's descriptor tells only edges, so whoever is woken receives until None."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import zmq

_MAX_MESSAGE_BYTES: Final = 512 * 1024 * 1024


class Channel:
    """`readable` is called in the loop when something may be there."""

    def __init__(
        self, context: "zmq.Context[Any]", kind: int, address: str, readable: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._readable = readable
        self._socket = context.socket(kind)
        self._socket.linger = 0
        self._socket.setsockopt(zmq.MAXMSGSIZE, _MAX_MESSAGE_BYTES)
        if kind == zmq.SUB:
            self._socket.rcvhwm = 0  # what is dropped here is lost
            self._socket.subscribe(b"")
        self._socket.connect(address)
        self._fd = self._socket.getsockopt(zmq.FD)
        self._loop.add_reader(self._fd, self._edge)

    def send(self, frames: Sequence[bytes]) -> None:
        """Raises zmq.Again where the peer takes nothing any more."""
        self._socket.send_multipart(frames, zmq.NOBLOCK)
        self._edge()  # sending may have used the edge up

    def receive(self) -> list[bytes] | None:
        try:
            frames: list[bytes] = self._socket.recv_multipart(zmq.NOBLOCK)
            return frames
        except zmq.Again:
            return None

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        self._socket.close()

    def _edge(self) -> None:
        events = self._socket.getsockopt(zmq.EVENTS)
        if isinstance(events, int) and events & zmq.POLLIN:
            self._readable()
