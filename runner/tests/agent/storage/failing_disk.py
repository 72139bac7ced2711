"""A disk that fails to write back, as Linux reports it: once, and then the pages count as clean."""

import errno
import os


class FailingDisk:
    """`sync` stands for fdatasync: fails the next `failures` times. `durable` is what a power cut would leave of the file.

    As on Linux, data of a failed sync is not written by the next one unless it was written to the file again: the fake sets
    the modification time back to see that.
    """

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0
        self.durable = b""
        self._failed = False

    def sync(self, fd: int) -> None:
        self.calls += 1
        if self.failures > 0:
            self.failures -= 1
            self._failed = True
            os.utime(fd, ns=(0, 0))
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if not self._failed or os.fstat(fd).st_mtime_ns != 0:
            self._failed = False
            self.durable = os.pread(fd, os.fstat(fd).st_size, 0)
