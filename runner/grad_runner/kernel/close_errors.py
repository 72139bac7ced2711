"""A file that nobody closes is closed by Python, and on a dataset that is to be written to, close is when S3 says no.

`open(path, "w").write(text)` drops its file at once. Up to 3.12 the error of such a close is told in development mode only
(from 3.13 on always), so that the commonest way to write a file would lose it without a word.
"""

import ctypes
import sys
from collections.abc import Sequence

_TOLD_ALWAYS = (3, 13)
_ISOLATED, _USE_ENVIRONMENT, _DEV_MODE = 1, 2, 3
"""Places of the first fields of PyConfig, all of them int, behind `_config_init`; the same from 3.9 to 3.12."""


def tell_close_errors() -> bool:
    """From now on "Exception ignored in …" on stderr tells of them; answers whether that is so.

    Switches development mode on behind Python's back where only this, and checks of the names of encodings, look at it: not
    its allocators, warnings, or asyncio's debugging, which go by `sys.flags`. Not where the fields are not as we know them.
    """
    if sys.version_info >= _TOLD_ALWAYS or sys.flags.dev_mode:
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
    told = (sys.flags.isolated, 1 - sys.flags.ignore_environment)
    return (fields[_ISOLATED], fields[_USE_ENVIRONMENT]) == told and fields[_DEV_MODE] in (0, 1)
