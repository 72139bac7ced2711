"""Checksums of files that user code may change at any time, within a budget: a sparse file of no disk space costs as much CPU as
a full one, and code can make thousands of them."""

import hashlib
import os
import time
from collections.abc import Callable
from typing import Final

from grad_runner.agent.limits import HASHED_BYTES, HASHED_BYTES_OF_ALL, HASHING_SECONDS

_CHUNK_BYTES: Final = 1024 * 1024


class ChecksumBudget:
    """Bytes and seconds for the checksums of one execution's files."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bytes = HASHED_BYTES_OF_ALL
        self._ends_at = clock() + HASHING_SECONDS

    def sha256(self, fd: int, size: int) -> str:
        """Of the first `size` bytes, in hexadecimal. "" for a file over HASHED_BYTES, for one that is shorter by now, and for
        one for which the budget is not enough."""
        if size > HASHED_BYTES or size > self._bytes:
            return ""
        digest = hashlib.sha256()
        left = size
        while left > 0:
            chunk = os.pread(fd, min(_CHUNK_BYTES, left), size - left)
            self._bytes -= len(chunk)
            if not chunk or self._clock() >= self._ends_at:
                return ""
            digest.update(chunk)
            left -= len(chunk)
        return digest.hexdigest()
