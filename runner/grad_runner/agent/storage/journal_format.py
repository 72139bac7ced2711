"""The journal's file format: `u32 length | u32 crc32 | payload`, little-endian; a payload is one grad.v1.Event.

A journal only grows. A torn or damaged record at its end, which a crash may leave, is cut off when the journal is opened.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

HEADER: Final = struct.Struct("<II")
MAX_PAYLOAD_BYTES: Final = 64 * 1024 * 1024
"""No event is that large: a longer length means damage."""


def encode(payload: bytes) -> bytes:
    return HEADER.pack(len(payload), zlib.crc32(payload)) + payload


def decode(data: bytes, at: int = 0) -> Iterator[tuple[bytes, int]]:
    """The payloads from offset `at` on, each with the offset behind it; ends before the first torn or damaged record."""
    while at + HEADER.size <= len(data):
        length, crc = HEADER.unpack_from(data, at)
        end = at + HEADER.size + length
        if length > MAX_PAYLOAD_BYTES or end > len(data):
            return
        payload = data[at + HEADER.size : end]
        if zlib.crc32(payload) != crc:
            return
        yield payload, end
        at = end
