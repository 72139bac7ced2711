"""What the files take that only processes of the component still reach."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from grad_runner.common.deleted_files import deleted_files

_BLOCK_BYTES: Final = 512
_FILES_AT_ONCE: Final = 200
"""Open files that are looked at before other work has its turn: code can have a hundred thousand."""


async def deleted_bytes(folders: Iterable[Path], processes: Path = Path("/proc")) -> int:
    """The blocks of deleted files that processes have open, on the file systems of these folders."""
    devices = {os.stat(folder).st_dev for folder in folders}
    seen = set[tuple[int, int]]()
    total = 0
    for index, found in enumerate(deleted_files(processes), 1):
        if index % _FILES_AT_ONCE == 0:
            await asyncio.sleep(0)
        if found is not None and found.st_dev in devices and (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            total += found.st_blocks * _BLOCK_BYTES
    return total
