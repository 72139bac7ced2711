"""Tracebacks without the frames of libraries, but for the last one, beside the full ones."""

import os
from collections.abc import Callable
from typing import Any, Final

from IPython.core.ultratb import AutoFormattedTB

_FOREIGN: Final = ("/site-packages/", "/dist-packages/", "/packages/")
"""Folders of libraries, also where they are in a folder of the user's."""


class _LibraryFrame(str):
    """The text of a frame that the short traceback leaves out."""

    __slots__ = ()


class UserTraceback(AutoFormattedTB):
    """As IPython's, and `short` makes the short form of what `structured_traceback` has returned."""

    def __init__(self, is_user_file: Callable[[str], bool], **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._is_user_file = is_user_file

    def format_record(self, frame_info: Any) -> str:
        text = super().format_record(frame_info)
        file = getattr(frame_info, "filename", None)
        return text if not isinstance(file, str) or self._is_user_file(file) else _LibraryFrame(text)

    def format_exception_as_a_whole(self, *args: Any) -> list[list[str]]:
        """Called for each exception of a chain. The last frame is where it was raised: it is never left out."""
        [whole] = super().format_exception_as_a_whole(*args)
        frames = [at for at, text in enumerate(whole) if isinstance(text, _LibraryFrame)]
        if frames and not any(text.startswith(("Cell ", "File ")) for text in whole[frames[-1] + 1 :]):
            whole[frames[-1]] = str.__str__(whole[frames[-1]])
        return [whole]


def short(traceback: list[str]) -> list[str]:
    """Without the frames of libraries; a line in their place says how many there were."""
    kept: list[str] = []
    skipped = 0
    for text in traceback:
        if isinstance(text, _LibraryFrame):
            skipped += 1
            continue
        if skipped:
            kept.append(
                f"    … {skipped} {'frame' if skipped == 1 else 'frames'} of libraries (--full-traceback)"
            )
        skipped = 0
        kept.append(text)
    return kept


def is_below(folder: str, file: str) -> bool:
    """Whether it is the user's own module in this folder, and not of a library there. Relative paths are those that Cython gives
    to the frames of libraries."""
    path = os.path.normpath(file)
    return path.startswith(folder.rstrip("/") + "/") and not any(each in path for each in _FOREIGN)
