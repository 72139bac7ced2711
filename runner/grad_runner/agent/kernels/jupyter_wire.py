"""Jupyter's messages as zmq frames: `<IDS|MSG>`, HMAC-SHA256, header, parent_header, metadata, content, buffers.

No I/O. What is parsed comes from user code: the signature is compared in constant time, sizes and the memory that values would
take are checked before JSON is parsed, nothing is unpickled, and every fault is a `BadMessage`.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from grad_runner.agent.kernels.bounded_json import TooCostly, parse_json
from grad_runner.agent.kernels.zmtp import Frames
from grad_runner.agent.limits import MAX_MESSAGE_BYTES

DELIMITER: Final = b"<IDS|MSG>"
_MAX_HEADER_BYTES: Final = 64 * 1024
_EMPTY: Final = b"{}"


class BadMessage(Exception):
    """The frames are not a message of this kernel."""


@dataclass(frozen=True, slots=True)
class Message:
    """`parent_id` is the msg_id of the request that it belongs to, or empty; `size` the bytes of the frames. `is_cut`: the
    content was over a bound and is empty."""

    kind: str
    parent_id: str
    content: dict[str, Any]
    size: int = field(default=0, compare=False)
    is_cut: bool = False


def pack(
    key: bytes, kind: str, content: dict[str, Any], msg_id: str, *, session: str, now: datetime | None = None
) -> list[bytes]:
    """The frames of a request."""
    header = {
        "msg_id": msg_id,
        "msg_type": kind,
        "username": "grad",
        "session": session,
        "date": (now or datetime.now(UTC)).isoformat(),
        "version": "5.3",
    }
    parts = [
        json.dumps(header).encode(),
        _EMPTY,
        _EMPTY,
        json.dumps(content).encode("utf-8", "surrogatepass"),
    ]
    return [DELIMITER, _sign(key, parts), *parts]


def unpack(key: bytes, arrived: Frames) -> Message:
    """The message that arrived on a socket; its signature is checked, unless it was cut. Raises BadMessage."""
    frames = arrived.frames
    try:
        at = frames.index(DELIMITER)
    except ValueError:
        raise BadMessage("there is no delimiter") from None
    if arrived.cut:
        return _cut(frames[at + 2 : at + 5], arrived.size)
    if len(frames) < at + 6:
        raise BadMessage(f"{len(frames) - at - 1} frames behind the delimiter")
    parts = frames[at + 2 : at + 6]
    if not hmac.compare_digest(_sign(key, parts), frames[at + 1]):
        raise BadMessage("the signature does not match")
    return parse(parts)


def parse(parts: Sequence[bytes]) -> Message:
    """The message in the frames header, parent_header, metadata and content; later frames are ignored. Raises BadMessage."""
    if len(parts) < 4:
        raise BadMessage(f"{len(parts)} frames")
    size = sum(map(len, parts))
    kind, parent_id = _header(parts)
    if len(parts[3]) > MAX_MESSAGE_BYTES:
        return Message(kind, parent_id, {}, size, is_cut=True)
    try:
        return Message(kind, parent_id, _object(parts[3]), size)
    except TooCostly:
        return Message(kind, parent_id, {}, size, is_cut=True)


def _cut(parts: Sequence[bytes], size: int) -> Message:
    """Of header, parent_header and metadata; the content was not kept."""
    if len(parts) < 2:
        raise BadMessage("the header is too long")
    return Message(*_header(parts), {}, size, is_cut=True)


def _header(parts: Sequence[bytes]) -> tuple[str, str]:
    """msg_type, and msg_id of the parent."""
    if len(parts[0]) > _MAX_HEADER_BYTES or len(parts[1]) > _MAX_HEADER_BYTES:
        raise BadMessage("the header is too long")
    kind, parent_id = _object(parts[0]).get("msg_type"), _object(parts[1]).get("msg_id", "")
    if not isinstance(kind, str) or not isinstance(parent_id, str):
        raise BadMessage("msg_type or msg_id is not a string")
    return kind, parent_id


def _object(data: bytes) -> dict[str, Any]:
    """Raises BadMessage, TooCostly."""
    try:
        value = parse_json(data)
    except TooCostly:
        raise
    except ValueError as error:
        raise BadMessage("a frame is not JSON") from error
    if not isinstance(value, dict):
        raise BadMessage("a frame is not a JSON object")
    return value


def _sign(key: bytes, parts: Sequence[bytes]) -> bytes:
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()
