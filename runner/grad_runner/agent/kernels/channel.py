"""A client of one of a kernel's ZeroMQ sockets in asyncio. What has arrived and nobody has taken is bounded: then nothing is read
any more, and the peer has to wait."""

import asyncio
import errno
import os
import socket
import stat
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from grad_runner.agent.files.confined_fs import open_confined
from grad_runner.agent.kernels.zmtp import SUBSCRIBE_TO_ALL, Connection, Frames, ProtocolError, SocketType
from grad_runner.agent.limits import MAX_MESSAGE_BYTES

_READ_BYTES: Final = 256 * 1024
_AGAIN_SECONDS: Final = 0.01
_CONNECT_SECONDS: Final = 10.0
_MAX_UNSENT_BYTES: Final = 4 * MAX_MESSAGE_BYTES
_NOT_YET: Final = (errno.ECONNREFUSED, errno.ENOENT, errno.EAGAIN)
"""A kernel that is just starting has a socket that is not bound, or not listening; or its queue of clients is full."""


class ChannelFull(Exception):
    """The kernel does not read what it is sent."""


class Channel:
    """`readable` is called in the event loop when a message has come, and at the end of the connection; see `fault`."""

    def __init__(
        self,
        folder: int,
        name: str,
        kind: SocketType,
        readable: Callable[[], None],
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:
        """Connects to the socket `name` in the open folder as soon as it listens. A longer message comes without the frame that
        was too much and those behind it."""
        self._loop = asyncio.get_running_loop()
        self._readable = readable
        self._connection = Connection(kind, max_message_bytes)
        self._max_waiting_bytes = max_message_bytes
        self._messages: deque[Frames] = deque()
        self._waiting_bytes = 0
        self._is_reading = False
        self._unsent = memoryview(b"")
        self._folder = os.dup(folder)
        self._name = name
        self._give_up_at = self._loop.time() + _CONNECT_SECONDS
        self._timer: asyncio.TimerHandle | None = None
        self._socket: socket.socket | None = None
        # Why nothing can come any more; "" while something may. "closed" for the peer's own end.
        self.fault = ""
        if kind == "SUB":
            self._connection.send([SUBSCRIBE_TO_ALL])
        self._connect()

    def send(self, frames: Sequence[bytes]) -> None:
        """Sent as soon as the kernel reads it. Raises ChannelFull."""
        if self._connection.unsent_bytes + len(self._unsent) > _MAX_UNSENT_BYTES:
            raise ChannelFull
        self._connection.send(frames)
        if self._socket is not None:
            self._write()

    def receive(self) -> Frames | None:
        """The next message; None when there is none."""
        if not self._messages:
            return None
        message = self._messages.popleft()
        self._waiting_bytes -= message.size
        if not self._is_reading and self._waiting_bytes < self._max_waiting_bytes:
            self._read_on()
        return message

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None

    def _connect(self) -> None:
        self._timer = None
        connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._connect_confined(connecting)
        except OSError as error:
            connecting.close()
            if error.errno in _NOT_YET and self._loop.time() < self._give_up_at:
                self._timer = self._loop.call_later(_AGAIN_SECONDS, self._connect)
            else:
                # As a start that never ends: whoever waits has a deadline, and the supervisor reports a kernel that has ended.
                self._end(f"it cannot be reached: {error.strerror}")
            return
        os.close(self._folder)
        self._folder = -1
        self._socket = connecting
        self._read_on()
        self._write()

    def _connect_confined(self, connecting: socket.socket) -> None:
        """To a socket in the kernel's folder, not to one that a link there names."""
        fd = open_confined(self._folder, self._name, os.O_PATH | os.O_NOFOLLOW)
        try:
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
            connecting.connect(f"/proc/self/fd/{fd}")
        finally:
            os.close(fd)

    def _read_on(self) -> None:
        if self._socket is not None:
            self._is_reading = True
            self._loop.add_reader(self._socket, self._on_readable)

    def _on_readable(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                self._end("closed")
                return
            messages = self._connection.receive(data)
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, ProtocolError, MemoryError) as error:
            self._end("closed" if isinstance(error, OSError) else str(error) or "it takes too much memory")
            return
        if self._connection.unsent_bytes:  # the answer to the greeting, and what was sent meanwhile
            self._write()
        self._messages.extend(messages)
        self._waiting_bytes += sum(message.size for message in messages)
        if self._socket is not None and self._waiting_bytes >= self._max_waiting_bytes:
            self._is_reading = False
            self._loop.remove_reader(self._socket)
        if messages:
            self._readable()

    def _write(self) -> None:
        assert self._socket is not None
        try:
            while True:
                if not self._unsent:
                    self._unsent = memoryview(self._connection.take_outgoing())
                    if not self._unsent:
                        self._loop.remove_writer(self._socket)
                        return
                sent = self._socket.send(self._unsent)
                self._unsent = self._unsent[sent:]
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._socket, self._write)
        except OSError:
            self._end("closed")

    def _end(self, fault: str) -> None:
        self.close()
        self.fault = fault
        self._loop.call_soon(self._readable)  # not while the owner is still making this channel
