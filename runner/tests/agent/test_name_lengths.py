"""The longest name of each kind is accepted, and one that is longer by one character is not."""

from collections.abc import Callable

import pytest

from grad_runner.agent import names
from grad_runner.common.errors import GradError


def test_session_name_has_up_to_40_characters() -> None:
    assert names.session_name("a") == "a"
    assert names.session_name("ab") == "ab"
    assert names.session_name("a" * 40) == "a" * 40
    with pytest.raises(GradError) as refused:
        names.session_name("a" * 41)
    assert refused.value.code == "invalid_name"
    assert names.session_name("") == "default"


@pytest.mark.parametrize("name", ["a" * 39 + "-", "-a", "0a", "A", "a_b", "a\n"])
def test_session_name_has_its_form(name: str) -> None:
    with pytest.raises(GradError) as refused:
        names.session_name(name)
    assert refused.value.code == "invalid_name"


def test_session_name_suggests_a_name_of_at_most_40_characters() -> None:
    with pytest.raises(GradError) as refused:
        names.session_name("9-" + "B" * 50)
    assert refused.value.hint == f'Use "{"b" * 40}".'
    with pytest.raises(GradError) as refused:
        names.session_name("42")
    assert refused.value.hint == 'Use "session".'


@pytest.mark.parametrize(
    ("check", "shortest", "longest", "code"),
    [
        (names.idempotency_key, 16, 64, "invalid_argument"),
        (names.kernel_spec_name, 1, 100, "kernel_not_found"),
    ],
)
def test_keys_and_kernels_have_bounds(
    check: Callable[[str], str], shortest: int, longest: int, code: str
) -> None:
    for length in (shortest, longest):
        assert check("a" * length) == "a" * length
    too_long = [longest + 1] if shortest == 1 else [shortest - 1, longest + 1]
    for length in too_long:
        with pytest.raises(GradError) as refused:
            check("a" * length)
        assert refused.value.code == code


def test_kernel_spec_name_may_be_empty() -> None:
    assert names.kernel_spec_name("") == ""


def test_is_execution_id_has_up_to_64_characters() -> None:
    assert names.is_execution_id("a")
    assert names.is_execution_id("a-1")
    assert names.is_execution_id("a" * 64)
    for text in ("", "a" * 65, "A", "a/b", "..", "a\n"):
        assert not names.is_execution_id(text)


def test_ids_follow_from_names_alone() -> None:
    key = "k" * 16
    assert names.execution_id("abc", key) == names.execution_id("abc", key)
    runner, digest = names.execution_id("abc", key).split("-")
    assert (runner, len(digest)) == ("abc", 16)
    kernel, generation = names.kernel_id("default", 3).split("-")
    assert (kernel[0], len(kernel), generation) == ("k", 9, "3")
    assert names.is_execution_id(names.execution_id("a" * 47, key))
