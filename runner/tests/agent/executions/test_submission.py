"""What may be submitted, and which kernel runs it."""

from typing import Any

import pytest

from grad_runner.agent.executions.submission import (
    Submission,
    check,
    choose_kernel,
    code_name,
    extension,
    find_kernel,
)
from grad_runner.agent.kernels.component import Spec
from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import MAX_CODE_BYTES, MAX_PARAMS_BYTES

SPECS = {
    name: Spec(name, name, language, True) for name, language in (("python3", "python"), ("bash", "bash"))
}


def submission(**fields: str) -> Submission:
    values: dict[str, Any] = {"session": "default", "kernel": "", "code": "1", "params_json": "", **fields}
    return Submission(**{"key": "k" * 16, "deadline_ms": 0, **values})


def refused(**fields: str) -> GradError:
    with pytest.raises(GradError) as raised:
        check(submission(**fields))
    return raised.value


@pytest.mark.parametrize(
    ("name", "kept"), [("a b/ü.py", "a b/ü.py"), ("a\nb", ""), ("\x1b[31m", ""), ("x" * 1001, ""), ("", "")]
)
def test_code_name_drops_what_a_traceback_cannot_show(name: str, kept: str) -> None:
    assert code_name(name) == kept


def test_check_accepts_code_up_to_its_bound() -> None:
    check(submission())
    check(submission(code="x" * MAX_CODE_BYTES))
    assert refused(code="x" * (MAX_CODE_BYTES + 1)).code == "invalid_code"
    # The bound counts bytes of UTF-8, not characters.
    check(submission(code="é" * (MAX_CODE_BYTES // 2)))
    assert refused(code="é" * (MAX_CODE_BYTES // 2) + "x").code == "invalid_code"


@pytest.mark.parametrize("code", ["", " \n\t"])
def test_check_refuses_empty_code(code: str) -> None:
    assert refused(code=code).code == "invalid_code"


def test_check_names_the_line_of_a_nul_byte() -> None:
    error = refused(code="a = 1\nb = '\0'\n\0")
    assert (error.code, "in line 2" in error.message) == ("invalid_code", True)
    assert "in line 2" in refused(code="\n\0").message
    assert "in line 1" in refused(code="1\0").message


def test_check_refuses_bad_keys_kernels_and_parameters() -> None:
    assert refused(key="short").code == "invalid_argument"
    assert refused(kernel="no such/kernel").code == "kernel_not_found"
    assert refused(params_json="[]").code == "invalid_argument"
    check(submission(params_json='{"a": "' + "x" * (MAX_PARAMS_BYTES - 9) + '"}'))
    assert refused(params_json='{"a": "' + "x" * (MAX_PARAMS_BYTES - 8) + '"}').code == "invalid_argument"


def test_fingerprint_differs_with_code_parameters_and_session_only() -> None:
    same = submission().fingerprint
    assert submission(key="l" * 16, kernel="bash").fingerprint == same
    for other in ({"code": "2"}, {"params_json": "{}"}, {"session": "other"}):
        assert submission(**other).fingerprint != same


@pytest.mark.parametrize(
    ("requested", "session_kernel", "want"),
    [
        ("", None, "python3"),
        ("", "bash", "bash"),
        ("bash", None, "bash"),
        ("bash", "bash", "bash"),
    ],
)
def test_choose_kernel(requested: str, session_kernel: str | None, want: str) -> None:
    assert choose_kernel(requested, session_kernel, "default", SPECS).name == want


def test_choose_kernel_refuses_another_than_the_sessions() -> None:
    with pytest.raises(GradError) as raised:
        choose_kernel("bash", "python3", "default", SPECS)
    assert raised.value.code == "kernel_conflict"
    assert "gractl session reset default --kernel bash" in raised.value.hint
    with pytest.raises(GradError) as raised:
        choose_kernel("cobol", "python3", "default", SPECS)
    assert raised.value.code == "kernel_not_found"


def test_find_kernel_lists_those_that_there_are() -> None:
    with pytest.raises(GradError) as raised:
        find_kernel("cobol", SPECS)
    assert (raised.value.code, "bash, python3" in raised.value.hint) == ("kernel_not_found", True)
    with pytest.raises(GradError) as raised:
        find_kernel("cobol", {})
    assert "none" in raised.value.hint


def test_extension_follows_the_language() -> None:
    assert [extension(language) for language in ("python", "bash", "brainfuck")] == ["py", "sh", "txt"]
