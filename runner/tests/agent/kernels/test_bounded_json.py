"""JSON is refused by what its values would take, not by its length."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.kernels import bounded_json
from grad_runner.agent.kernels.bounded_json import TooCostly, parse_json
from grad_runner.agent.limits import MAX_JSON_MEMORY_BYTES, MAX_MESSAGE_BYTES

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_small_values_are_parsed_as_json_does(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize("value", [b"[],", b"{},", b'{"":0},', b"[0],", b'"",', b"[[],[]],", b"1.5,"])
def test_what_is_parsed_takes_no_more_than_its_bound(value: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As much of each kind of value as is just allowed, with a small bound."""
    bound = 4 * 1024 * 1024
    monkeypatch.setattr(bounded_json, "MAX_JSON_MEMORY_BYTES", bound)
    low, high = 1, bound
    while low + 1 < high:  # the most values that are accepted
        middle = (low + high) // 2
        try:
            parse_json(b"[" + value * middle + b"0]")
            low = middle
        except TooCostly:
            high = middle
    data = b"[" + value * low + b"0]"
    assert len(data) > bound / 400
    tracemalloc.start()
    try:
        kept = parse_json(data)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept
    assert size <= bound


def test_a_text_full_of_structure_is_one_value() -> None:
    text = '[{"a":1,},' * (MAX_MESSAGE_BYTES // 16)
    data = json.dumps({"data": {"text/csv": text}}).encode()
    assert parse_json(data) == {"data": {"text/csv": text}}


@pytest.mark.parametrize("ending", ["", "\\", "\\\\", '\\"', '"'])
def test_a_text_that_ends_with_backslashes_and_quotes_hides_nothing(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json.dumps([",,," + ending, [[]] * 100]).encode()
    assert len(parse_json(data)) == 2
    monkeypatch.setattr(bounded_json, "MAX_JSON_MEMORY_BYTES", 10_000)
    with pytest.raises(TooCostly):
        parse_json(data)


def test_an_array_of_numbers_of_the_size_of_a_message_is_parsed() -> None:
    data = json.dumps({"y": [0.123456789] * (MAX_MESSAGE_BYTES // 16)}).encode()
    assert len(parse_json(data)["y"]) == MAX_MESSAGE_BYTES // 16


@pytest.mark.parametrize("data", [b"[" * 100_000, b"{", b"\xff", b""])
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError) as fault:
        parse_json(data)
    assert not isinstance(fault.value, TooCostly)


def test_the_bound_is_that_of_a_small_component() -> None:
    assert MAX_JSON_MEMORY_BYTES <= 128 * 1024 * 1024
