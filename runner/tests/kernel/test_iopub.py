import json

import pytest

from grad_runner.kernel.iopub import shorten


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        ("execute_result", {"execution_count": 3, "data": {"text/html": "x"}}, ("data", "text/plain")),
        ("display_data", {"data": {"image/png": "x"}}, ("data", "text/plain")),
        ("error", {"ename": "E", "evalue": "x", "traceback": ["x"]}, ("evalue",)),
    ],
)
def test_shorten_keeps_the_kind_of_message_and_adds_a_note(
    kind: str, content: dict[str, object], place: tuple[str, ...]
) -> None:
    frames = [
        json.dumps({"msg_type": kind}).encode(),
        b'{"p":1}',
        b"{}",
        json.dumps(content).encode(),
        b"buffer",
    ]
    short = shorten(frames)
    assert short[:2] == frames[:2]
    assert len(short) == 4
    value = json.loads(short[3])
    assert value.get("execution_count") == content.get("execution_count")
    for key in place:
        value = value[key]
    assert "bytes omitted" in value


def test_shorten_empties_other_messages() -> None:
    assert shorten([b'{"msg_type":"comm_msg"}', b"{}", b"{}", b'{"data":"x"}'])[3] == b"{}"
