"""MIME bundles."""

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.files import mime


def test_parts_decodes_images_and_keeps_text() -> None:
    png = base64.b64encode(b"\x89PNG").decode()
    found = mime.parts(
        {
            "text/plain": "é",
            "image/png": png,
            "application/json": {"a": 1},
            "no type": "x",
            "image/svg+xml": "<svg/>",
        }
    )
    assert [(part.media_type, part.data) for part in found] == [
        ("text/plain", "é".encode()),
        ("image/png", b"\x89PNG"),
        ("application/json", b'{"a": 1}'),
        ("image/svg+xml", b"<svg/>"),
    ]


@given(
    st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text())))
)
def test_parts_never_fails(data: dict[str, Any]) -> None:
    mime.parts({**data, "image/png": "not base64 é"})
