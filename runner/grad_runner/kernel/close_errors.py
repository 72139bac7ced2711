"""Makes Python report errors of files that it closes itself, when their last reference is gone.

`open(path, "w").write(text)` is such a file, and on a writable dataset S3 may refuse the data only when the file is closed.
Up to 3.12 Python reports such an error in development mode only (from 3.13 on always), so that the most common way to write a
file would lose it without a message.
"""

import ctypes
import sys
from collections.abc import Sequence

_ALWAYS_REPORTED_FROM = (3, 13)
_ISOLATED, _USE_ENVIRONMENT, _DEV_MODE = 1, 2, 3
"""Indexes of the first fields of PyConfig, all of them int, after `_config_init`; the same from 3.9 to 3.12."""


def report_close_errors() -> bool:
    """From now on Python writes "Exception ignored in …" to stderr for them. False where that could not be achieved.

    Sets the development mode in Python's configuration after the start, where only this report and checks of the names of
    encodings use it: allocators, warnings and asyncio's debugging go by `sys.flags`. Nothing is set unless the fields around
    it have the values that this version of Python is known to have there.
    """
    if sys.version_info >= _ALWAYS_REPORTED_FROM or sys.flags.dev_mode:
        return True
    if sys.implementation.name != "cpython":
        return False
    get_config = ctypes.pythonapi._Py_GetConfig
    get_config.restype = ctypes.POINTER(ctypes.c_int)
    config = get_config()
    if not _is_known(config[: _DEV_MODE + 1]):
        return False
    config[_DEV_MODE] = 1
    return True


def _is_known(fields: Sequence[int]) -> bool:
    expected = (sys.flags.isolated, 1 - sys.flags.ignore_environment)
    return (fields[_ISOLATED], fields[_USE_ENVIRONMENT]) == expected and fields[_DEV_MODE] in (0, 1)
