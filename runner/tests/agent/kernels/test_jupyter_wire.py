"""Jupyter's messages as frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message, pack, unpack
from grad_runner.agent.kernels.zmtp import Frames

KEY = b"secret"


def test_unpack_reads_what_pack_wrote() -> None:
    frames = pack(KEY, "execute_request", {"code": "é"}, "m1", session="s")
    assert unpack(KEY, Frames(tuple(frames), 0)) == Message("execute_request", "", {"code": "é"})
    assert unpack(KEY, Frames((b"topic", *frames), 0)).kind == "execute_request"


@given(st.integers(0, 5), st.binary(min_size=1, max_size=8))
def test_unpack_refuses_what_was_changed(index: int, noise: bytes) -> None:
    frames = pack(KEY, "execute_request", {"code": "1"}, "m1", session="s")
    changed = [*frames]
    changed[index] = changed[index] + noise
    with pytest.raises(BadMessage):
        unpack(KEY, Frames(tuple(changed), 0))


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_unpack_raises_nothing_but_bad_message(frames: list[bytes]) -> None:
    with pytest.raises(BadMessage):
        unpack(KEY, Frames(tuple(frames), 0))
