"""ZMTP 3, ZeroMQ's protocol on the wire, as far as an agent needs it: a client without authentication.

Without I/O: bytes that arrived go in, messages and bytes to send come out. libzmq is not used because it bounds frames only: it
collects a message of any number of them before anybody can refuse it. Here the whole message is bounded, and what is over the
bound is read and forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

SocketType = Literal["DEALER", "SUB"]
SUBSCRIBE_TO_ALL: Final = b"\x01"
"""The one message that a SUB sends: for every topic."""

_GREETING_BYTES: Final = 64
_GREETING: Final = b"\xff" + bytes(8) + b"\x7f" + bytes((3, 0)) + b"NULL".ljust(20, b"\0") + bytes(32)
"""Signature, version 3.0, mechanism, not a server, filler."""
_MORE, _LONG, _COMMAND = 1, 2, 4
_MAX_FRAMES: Final = 1_000
_FRAME_COST: Final = 64
"""Beside its bytes: frames without any would cost nothing."""
_MAX_COMMAND_BYTES: Final = 4_096


class ProtocolError(Exception):
    """The peer does not speak ZMTP 3: it is no kernel's socket."""


@dataclass(frozen=True, slots=True)
class Frames:
    """One message. `cut`: it was over the bound, and the frames from the one that was too much on were forgotten."""

    frames: tuple[bytes, ...]
    size: int
    cut: bool = False


class Connection:
    """One connection, from its beginning. Send what `take_outgoing` returns, first and after each call."""

    def __init__(self, kind: SocketType, max_message_bytes: int) -> None:
        self._kind = kind
        self._max_bytes = max_message_bytes
        self._outgoing = bytearray(_GREETING)
        self._buffer = bytearray()
        self._greeted = False
        self._ready = False
        # Of messages that are sent before the peer has sent its greeting: it might be no kernel.
        self._held = bytearray()
        self._frames: list[bytes] = []
        self._size = 0
        self._cut = False
        # Bytes of the present frame that are to be forgotten, and whether it is the last of its message.
        self._skip = 0
        self._skipping = False
        self._last = False

    def send(self, frames: Sequence[bytes]) -> None:
        target = self._outgoing if self._greeted else self._held
        for number, frame in enumerate(frames, 1):
            more = _MORE if number < len(frames) else 0
            target += _header(more, len(frame))
            target += frame

    @property
    def unsent_bytes(self) -> int:
        return len(self._outgoing) + len(self._held)

    def take_outgoing(self) -> bytes:
        """The bytes to send now; they count as sent."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes) -> list[Frames]:
        """The messages that are complete with these bytes. Raises ProtocolError."""
        self._buffer += data
        if not self._greeted and not self._greet():
            return []
        messages: list[Frames] = []
        while self._step(messages):
            pass
        return messages

    def _greet(self) -> bool:
        """Takes the peer's greeting, once it is there."""
        given = min(len(self._buffer), 11)
        expected_version = given < 11 or self._buffer[10] >= 3
        if bytes(self._buffer[:1]) not in (b"", b"\xff") or not expected_version:
            raise ProtocolError("the peer does not greet as ZMTP 3 does")
        if len(self._buffer) < _GREETING_BYTES:
            return False
        if bytes(self._buffer[12:32]).rstrip(b"\0") != b"NULL":
            raise ProtocolError("the peer wants authentication")
        del self._buffer[:_GREETING_BYTES]
        self._greeted = True
        properties = _property(b"Socket-Type", self._kind.encode()) + _property(b"Identity", b"")
        ready = b"\x05READY" + properties
        self._outgoing += _header(_COMMAND, len(ready)) + ready + self._held
        self._held.clear()
        return True

    def _step(self, messages: list[Frames]) -> bool:
        """Takes one frame, or the rest of one that is forgotten; False when more bytes are needed."""
        if self._skipping:
            gone = min(self._skip, len(self._buffer))
            del self._buffer[:gone]
            self._skip -= gone
            if self._skip:
                return False
            self._skipping = False
            self._end_frame(messages)
            return True
        if len(self._buffer) < 2:
            return False
        flags = self._buffer[0]
        head = 9 if flags & _LONG else 2
        if len(self._buffer) < head:
            return False
        length = int.from_bytes(self._buffer[1:head], "big")
        if flags & _COMMAND:
            return self._command(head, length)
        if not self._ready:
            raise ProtocolError("the peer sends a message before READY")
        fits = self._size + length <= self._max_bytes and len(self._frames) < _MAX_FRAMES and not self._cut
        if fits and len(self._buffer) < head + length:
            return False
        self._last = not flags & _MORE
        if fits:
            self._frames.append(bytes(self._buffer[head : head + length]))
            self._size += length + _FRAME_COST
            del self._buffer[: head + length]
            self._end_frame(messages)
        else:
            self._cut = True
            self._skip, self._skipping = length, True
            del self._buffer[:head]
        return True

    def _end_frame(self, messages: list[Frames]) -> None:
        if self._last:
            messages.append(Frames(tuple(self._frames), self._size, self._cut))
            self._frames, self._size, self._cut = [], 0, False

    def _command(self, head: int, length: int) -> bool:
        if length > _MAX_COMMAND_BYTES:
            raise ProtocolError(f"the peer sends a command of {length} bytes")
        if len(self._buffer) < head + length:
            return False
        command = bytes(self._buffer[head : head + length])
        del self._buffer[: head + length]
        if command.startswith(b"\x05READY"):
            self._ready = True
        elif command.startswith(b"\x05ERROR"):
            raise ProtocolError("the peer refuses the connection")
        return True  # others, such as PING, need no answer of a client of version 3.0


def _header(flags: int, length: int) -> bytes:
    if length < 256:
        return bytes((flags, length))
    return bytes((flags | _LONG,)) + length.to_bytes(8, "big")


def _property(name: bytes, value: bytes) -> bytes:
    return bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value
