"""Which parameters are accepted, and what they become in each language."""

import json
import subprocess
from typing import Any

import pytest

from grad_runner.agent.executions import params
from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import MAX_PARAMS_BYTES


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", {}),
        ("  \n", {}),
        ("{}", {}),
        (' {"a": [1, null], "_b9": "x"} ', {"a": [1, None], "_b9": "x"}),
        ('{"' + "a" * 100 + '": 1}', {"a" * 100: 1}),
    ],
)
def test_parse_reads_one_object(text: str, want: dict[str, Any]) -> None:
    assert params.parse(text) == want


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('"a"', "not a JSON object"),
        ('{"1a": 1}', '"1a"'),
        ('{"a b": 1}', '"a b"'),
        ('{"": 1}', '""'),
        ('{"ä": 1}', '"ä"'),
        ('{"a\\n": 1}', "not the name of a variable"),
        ('{"class": 1}', '"class"'),
        ('{"' + "a" * 101 + '": 1}', '"' + "a" * 80 + '"'),
    ],
)
def test_parse_refuses_what_is_none(text: str, message: str) -> None:
    with pytest.raises(GradError) as refused:
        params.parse(text)
    assert refused.value.code == "invalid_argument"
    assert message in refused.value.message


def test_parse_takes_the_largest_parameters_and_nothing_larger() -> None:
    frame = len(json.dumps({"a": ""}))
    largest = json.dumps({"a": "x" * (MAX_PARAMS_BYTES - frame)})
    assert len(largest) == MAX_PARAMS_BYTES
    assert len(params.parse(largest)["a"]) == MAX_PARAMS_BYTES - frame
    with pytest.raises(GradError, match="more than") as refused:
        params.parse(largest + " ")
    assert "gractl file put" in refused.value.hint
    # Bytes count, not characters.
    with pytest.raises(GradError, match="more than"):
        params.parse(json.dumps({"a": "ü" * (MAX_PARAMS_BYTES // 2)}, ensure_ascii=False))


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_assignments_of_a_shell_set_the_values_and_run_none(shell: str) -> None:
    values = {
        "text": 'it\'s $(id) `id`\n"x"',
        "number": 1.5,
        "yes": True,
        "nothing": None,
        "many": [1, "a b"],
    }
    code = params.assignments(values, shell) + '\nprintf "%s\\0" "$text" "$number" "$yes" "$nothing" "$many"'
    shown = subprocess.run([shell, "-c", code], capture_output=True, check=True).stdout.decode().split("\0")
    assert shown == [values["text"], "1.5", "true", "", '[1, "a b"]', ""]


def test_assignments_refuse_other_languages() -> None:
    with pytest.raises(GradError, match='language "R"') as refused:
        params.assignments({"a": 1}, "R")
    assert refused.value.code == "invalid_argument"
