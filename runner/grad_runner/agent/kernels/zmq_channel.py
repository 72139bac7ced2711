"""A zmq socket in asyncio without polling. Its descriptor becomes readable once for any number of messages (edge-triggered),
so after each call of `readable` the owner receives until None."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import zmq

_MAX_MESSAGE_BYTES: Final = 512 * 1024 * 1024


class Channel:
    """`readable` is called in the event loop when there may be a message."""

    def __init__(
        self, context: "zmq.Context[Any]", kind: int, address: str, readable: Callable[[], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._readable = readable
        self._socket = context.socket(kind)
        self._socket.linger = 0
        self._socket.setsockopt(zmq.MAXMSGSIZE, _MAX_MESSAGE_BYTES)
        if kind == zmq.SUB:
            self._socket.rcvhwm = 0  # no limit: zmq would drop messages above it
            self._socket.subscribe(b"")
        self._socket.connect(address)
        self._fd = self._socket.getsockopt(zmq.FD)
        self._loop.add_reader(self._fd, self._on_readable)

    def send(self, frames: Sequence[bytes]) -> None:
        """Raises zmq.Again if the peer accepts no more messages."""
        self._socket.send_multipart(frames, zmq.NOBLOCK)
        self._on_readable()  # sending may have consumed the event

    def receive(self) -> list[bytes] | None:
        """The next message's frames; None when there is none."""
        try:
            frames: list[bytes] = self._socket.recv_multipart(zmq.NOBLOCK)
            return frames
        except zmq.Again:
            return None

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        self._socket.close()

    def _on_readable(self) -> None:
        events = self._socket.getsockopt(zmq.EVENTS)
        if isinstance(events, int) and events & zmq.POLLIN:
            self._readable()
