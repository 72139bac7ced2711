"""Wake-ups by inotify: one instance for all files of the agent. Each watch fires once, so that a kernel that prints in a
tight loop causes no wake-ups while its output is being collected."""

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable
from typing import Final

_IN_MODIFY: Final = 0x2
_IN_ONESHOT: Final = 0x80000000
_EVENT: Final = struct.Struct("iIII")
_READ_BYTES: Final = 64 * 1024

_libc = ctypes.CDLL(None, use_errno=True)


class InotifyWatcher:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._fd = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "Cannot watch files: inotify_init1")
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._loop.add_reader(self._fd, self._drain)

    def arm(self, fd: int, changed: Callable[[], None]) -> None:
        """Calls `changed` once, at the next write to the open file. Check its size after this call: a write just before it
        causes no call. Arming again before it has fired replaces the callback. Raises OSError."""
        watch = _libc.inotify_add_watch(
            self._fd, b"/proc/self/fd/%d" % fd, ctypes.c_uint32(_IN_MODIFY | _IN_ONESHOT)
        )
        if watch < 0:
            raise OSError(ctypes.get_errno(), "Cannot watch a file: inotify_add_watch")
        self._callbacks[watch] = changed

    def disarm(self, changed: Callable[[], None]) -> None:
        """After this `changed` is not called any more."""
        for watch in [w for w, callback in self._callbacks.items() if callback == changed]:
            del self._callbacks[watch]
            _libc.inotify_rm_watch(self._fd, watch)

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _drain(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            watch, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            if watch == -1:  # the queue overflowed: anything may have changed
                fired, self._callbacks = list(self._callbacks.values()), {}
                for callback in fired:
                    callback()
            elif mask & _IN_MODIFY and (changed := self._callbacks.pop(watch, None)):
                changed()
