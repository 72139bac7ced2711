"""What may be submitted, and which kernel runs it."""

import hashlib
from typing import Any

import pytest

from grad_runner.agent.executions.process_settings import ProcessSettings
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
from grad_runner.gen.shared.limits import (
    MAX_CODE_BYTES,
    MAX_DIRECTORY_BYTES,
    MAX_PARAMS_BYTES,
    MAX_VARIABLES_BYTES,
)

SPECS = {
    name: Spec(name, name, language, True) for name, language in (("python3", "python"), ("bash", "bash"))
}


def submission(**fields: Any) -> Submission:
    values: dict[str, Any] = {"session": "default", "kernel": "", "code": "1", "params_json": "", **fields}
    return Submission(**{"key": "k" * 16, "deadline_ms": 0, **values})


def refused(**fields: Any) -> GradError:
    with pytest.raises(GradError) as raised:
        check(submission(**fields))
    return raised.value


@pytest.mark.parametrize(
    ("name", "kept"), [("a b/ü.py", "a b/ü.py"), ("a\nb", ""), ("\x1b[31m", ""), ("x" * 1001, ""), ("", "")]
)
def test_code_name_drops_what_a_traceback_cannot_show(name: str, kept: str) -> None:
    assert code_name(name) == kept


@pytest.mark.parametrize(
    "process",
    [
        ProcessSettings({"": "x"}),
        ProcessSettings({"A=B": "x"}),
        ProcessSettings({"A\0": "x"}),
        ProcessSettings({"A": "\0"}),
        ProcessSettings({"A": "é" * (MAX_VARIABLES_BYTES // 2)}),
        ProcessSettings({}, "a\0"),
        ProcessSettings({}, "x" * (MAX_DIRECTORY_BYTES + 1)),
    ],
)
def test_check_refuses_settings_that_a_process_cannot_have(process: ProcessSettings) -> None:
    assert refused(process=process).code == "invalid_argument"


def test_check_accepts_settings_up_to_their_bounds() -> None:
    check(
        submission(process=ProcessSettings({"A": "x" * (MAX_VARIABLES_BYTES - 1)}, "x" * MAX_DIRECTORY_BYTES))
    )


def test_require_supported_refuses_settings_for_kernels_of_others() -> None:
    other = Spec("r", "R", "r", False)
    ProcessSettings({}, "").require_supported(other)
    for settings in (ProcessSettings({"A": "x"}), ProcessSettings({}, "sub")):
        settings.require_supported(SPECS["python3"])
        with pytest.raises(GradError, match='the kernel "r"'):
            settings.require_supported(other)


def test_fingerprint_depends_on_the_settings() -> None:
    prints = {
        submission(process=process).fingerprint
        for process in (
            ProcessSettings(),
            ProcessSettings({"A": "x"}),
            ProcessSettings({"A": "y"}),
            ProcessSettings({}, "x"),
        )
    }
    assert len(prints) == 4
    assert submission().fingerprint in prints
    # As an earlier agent has it in its records.
    assert submission().fingerprint == hashlib.sha256(b'["default", "1", ""]').hexdigest()


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
