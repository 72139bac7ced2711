"""Turns a kernel's MIME bundle into parts: text as UTF-8, JSON as text, binary media decoded from base64."""

import base64
import binascii
import json
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from grad_runner.agent.limits import MAX_PARTS

TABLE: Final = "application/vnd.gractl.table.v1+json"

_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9][\w.+-]{0,80}/[A-Za-z0-9][\w.+-]{0,120}(?:;[\x20-\x7e]{0,100})?")
_EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "application/json": "json",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "text/plain": "txt",
    "text/html": "html",
    "text/latex": "tex",
    "text/markdown": "md",
    "text/csv": "csv",
}

_TEXTS: Final = ("application/json", "application/javascript", "application/xml")
_BARE_OBJECT: Final = re.compile(rb"<[^\n]{0,500}>\s*")
"""What Python prints of an object without a text of its own, such as <IPython.core.display.HTML object>."""


@dataclass(frozen=True, slots=True)
class Part:
    media_type: str
    data: bytes

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def is_text(self) -> bool:
        """It can be printed, unlike an image, audio, video or a PDF."""
        bare = self.media_type.partition(";")[0].strip().lower()
        return bare.startswith("text/") or bare in _TEXTS or bare.endswith(("+json", "+xml"))


def parts(data: dict[str, Any]) -> list[Part]:
    """In the kernel's order, at most MAX_PARTS; keys that are not media types are left out."""
    return [
        Part(media_type, _bytes(media_type, value))
        for media_type, value in list(data.items())[:MAX_PARTS]
        if _MEDIA_TYPE.fullmatch(media_type)
    ]


def is_page(all_parts: Sequence[Part]) -> bool:
    """Whether HTML is the only form in which people can read it: it has neither an image nor a text."""
    kinds = {part.media_type: part.data for part in all_parts}
    if "text/html" not in kinds or any(part.is_image for part in all_parts):
        return False
    others = kinds.keys() & {"text/markdown", "text/latex", TABLE}
    return not others and _BARE_OBJECT.fullmatch(kinds.get("text/plain", b"<>")) is not None


def preview(part: Part, max_bytes: int) -> bytes:
    """The beginning and the end of a long text, without a part of a character."""
    half = max_bytes // 2
    head = part.data[:half].decode("utf-8", "ignore")
    tail = part.data[-half:].decode("utf-8", "ignore")
    omitted = len(part.data) - len(head.encode()) - len(tail.encode())
    return f"{head}\n[… {omitted} bytes omitted …]\n{tail}".encode()


def extension(media_type: str) -> str:
    """Of a file with this content, without the dot."""
    bare = media_type.split(";", 1)[0].strip().lower()
    return _EXTENSIONS.get(bare) or (mimetypes.guess_extension(bare) or ".bin")[1:]


def guess_media_type(path: str) -> str:
    """By the file's name; "application/octet-stream" if that does not say."""
    if path.endswith(".parquet"):
        return "application/vnd.apache.parquet"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _bytes(media_type: str, value: Any) -> bytes:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)  # the notebook format's lines
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    binary = media_type.startswith(("image/", "audio/", "video/")) or media_type == "application/pdf"
    if binary and "xml" not in media_type:
        try:
            return base64.b64decode(value)
        except (binascii.Error, ValueError):
            pass  # not base64, as Jupyter's protocol demands: stored as it is
    return value.encode("utf-8", "replace")
