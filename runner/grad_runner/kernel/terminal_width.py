"""The width of the user's terminal, for what asks for it: Python itself, tqdm and rich by COLUMNS, pandas by an option."""

import os
import sys
from typing import Final

_WITHOUT_TERMINAL: Final = 200
"""Where no terminal wraps lines: a frame of some twenty columns is printed in one piece."""
_pandas_width = 80
"""What pandas was told last; it begins with 80. Another width is the user's own."""


def set_terminal_width(columns: int) -> None:
    """For the next cell; 0 where there is no terminal."""
    global _pandas_width
    if columns:
        os.environ["COLUMNS"] = str(columns)
    else:
        os.environ.pop("COLUMNS", None)
    width = columns or _WITHOUT_TERMINAL
    pandas = sys.modules.get("pandas")
    if pandas is None or width == _pandas_width:
        return
    try:
        if pandas.get_option("display.width") == _pandas_width:
            pandas.set_option("display.width", width)
            _pandas_width = width
    except (AttributeError, KeyError):
        pass  # a module of the user's with this name
