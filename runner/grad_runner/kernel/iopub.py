"""ipykernel's publishing thread, which appends every message to the spool before it publishes it."""

import errno
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import zmq
from ipykernel.iostream import IOPubThread
from jupyter_client.session import DELIM, Session

from grad_runner.kernel.spool import RecordTooLarge, SpoolWriter

_FULL_DISK_PAUSE_S = 0.1
_FULL_DISK_TRIES = 300


class SpoolingIOPubThread(IOPubThread):
    """Publishes messages of the kernel's own process only; processes that user code forks write to stdout and stderr."""

    def __init__(self, socket: zmq.Socket[bytes], session: Session, spool: SpoolWriter) -> None:
        super().__init__(socket, pipe=False, session=session)
        self._spool = spool
        self._signing = session

    def send_multipart(self, message: Sequence[Any], *args: Any, **kwargs: Any) -> None:
        if os.getpid() == self._master_pid:
            super().send_multipart(self._spool_message(message), *args, **kwargs)

    def _spool_message(self, message: Sequence[Any]) -> Sequence[Any]:
        """Appends a message to the spool; returns what is to be published, which is a shorter message if it was too large."""
        begin = message.index(DELIM) + 2
        frames = [bytes(frame) for frame in message[begin:]]
        try:
            self._append(frames)
            return message
        except RecordTooLarge:
            frames = shorten(frames)
            self._append(frames)
            return [*message[: begin - 1], self._signing.sign(frames), *frames]

    def _append(self, frames: list[bytes]) -> None:
        for _ in range(_FULL_DISK_TRIES):
            try:
                self._spool.append(frames, time.time_ns())
                return
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    # Code has closed the kernel's own files. Without them nobody would ever know how the cell ended.
                    self._end(f"it cannot write its messages: {error.strerror}")
                # The agent deletes what it has read; until then the kernel waits, and nothing is lost.
                time.sleep(_FULL_DISK_PAUSE_S)
        self._end("its disk is full")

    @staticmethod
    def _end(reason: str) -> NoReturn:
        """Going on would lose output without a message."""
        with suppress(OSError):
            sys.stderr.write(f"The kernel ends because {reason}\n")
        os._exit(74)

    def _really_send(self, msg: Sequence[Any], *args: Any, **kwargs: Any) -> None:
        super()._really_send(msg, *args, **kwargs)
        # Sending resets the socket's edge-triggered descriptor: without this a subscription that came meanwhile would never be
        # read, and its client would never get its welcome message.
        if not self.closed and self.socket.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            self.io_loop.add_callback(self._xpub_stream._handle_events, self.socket, zmq.POLLIN)


def shorten(frames: Sequence[bytes]) -> list[bytes]:
    """The same message with a note in place of its content, which made it too large."""
    size = sum(map(len, frames))
    note = f"<{size:,} bytes omitted: a message cannot be larger than 16 MiB. Write them to a file under outputs/ instead.>"
    header, parent, _, content = frames[:4]
    kind = json.loads(header).get("msg_type")
    short: dict[str, Any]
    if kind in ("execute_result", "display_data", "update_display_data"):
        count = json.loads(content).get("execution_count")
        short = {"data": {"text/plain": note}, "metadata": {}, "transient": {}, "execution_count": count}
    elif kind == "error":
        short = {"ename": str(json.loads(content).get("ename"))[:1000], "evalue": note, "traceback": [note]}
    else:
        short = {}
    return [header, parent, b"{}", json.dumps(short).encode()]
