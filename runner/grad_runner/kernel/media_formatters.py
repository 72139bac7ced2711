"""Audio and video as the media themselves, which become files: IPython makes HTML pages with a player, for notebooks."""

import base64
import mimetypes
from pathlib import Path
from typing import Any, Final

_TYPES: Final = (
    ("IPython.lib.display", "Audio", "audio/wav"),
    ("IPython.core.display", "Video", "video/mp4"),
)
"""Module and name of a class, and the media type of what does not say its own."""


def register_media(display_formatter: Any) -> None:
    """`display_formatter` is IPython's. What has its data is sent as audio/… or video/… instead of text/html, in base64; what
    only names an address stays a page. By the names of the classes, so that nothing is imported before code uses it."""
    pages = display_formatter.formatters["text/html"]
    for module, name, default in _TYPES:

        def to_bundle(media: Any, default: str = default) -> dict[str, str] | None:
            content = _content(media)
            return None if content is None else {_type_of(media, default): content}

        display_formatter.mimebundle_formatter.for_type_by_name(module, name, to_bundle)
        pages.for_type_by_name(module, name, _page)


def _page(media: Any) -> str | None:
    """The page of what is no file: its address."""
    page = None if _content(media) is not None else media._repr_html_()
    return page if isinstance(page, str) else None


def _content(media: Any) -> str | None:
    """In base64; None where there is only an address."""
    if not media.embed:
        return None
    data = media.data
    if data is None and media.filename is not None:
        data = Path(media.filename).read_bytes()
    if isinstance(data, str):
        return data  # as IPython takes it: in base64 already
    return None if data is None else base64.b64encode(data).decode("ascii")


def _type_of(media: Any, default: str) -> str:
    guessed = mimetypes.guess_type(str(media.filename))[0] if media.filename is not None else None
    return media.mimetype or guessed or default
