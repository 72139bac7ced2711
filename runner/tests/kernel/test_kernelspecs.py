import json
import sys
from pathlib import Path

import pytest

from grad_runner.kernel.kernelspecs import FORKED, find_specs, parse_spec

SPEC = {
    "argv": ["python", "-m", "m", "-f", "{connection_file}", "{resource_dir}/x"],
    "display_name": "M",
    "language": "m",
}


def test_find_specs_has_the_forked_python_and_the_bash_of_this_package() -> None:
    specs = find_specs({})
    assert specs[FORKED].forked
    assert not specs["bash"].forked


def test_find_specs_prefers_the_first_folder_and_skips_invalid_files(tmp_path: Path) -> None:
    for folder, name, text in [
        ("one", "mine", json.dumps(SPEC)),
        ("two", "mine", json.dumps({**SPEC, "display_name": "other"})),
        ("two", "broken", "{"),
        ("two", FORKED, json.dumps(SPEC)),
    ]:
        file = tmp_path / folder / "kernels" / name / "kernel.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    specs = find_specs({"JUPYTER_PATH": f"{tmp_path}/one:{tmp_path}/two"})
    assert specs["mine"].display_name == "M"
    assert "broken" not in specs
    assert specs[FORKED].forked


def test_command_fills_in_placeholders_and_uses_this_interpreter(tmp_path: Path) -> None:
    spec = parse_spec("m", SPEC, tmp_path)
    assert spec is not None
    assert spec.command(Path("/c.json")) == (sys.executable, "-m", "m", "-f", "/c.json", f"{tmp_path}/x")


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"argv": []},
        {"argv": [1]},
        {"argv": "sh"},
        {"argv": ["sh"], "env": []},
        {"argv": ["sh"], "env": {"A": 1}},
        {"argv": ["sh"], "metadata": {"grad": {"module": "no_such_module_at_all"}}},
    ],
)
def test_parse_spec_refuses_a_kernelspec_that_cannot_start(value: object) -> None:
    assert parse_spec("x", value, Path("/x")) is None


def test_parse_spec_needs_only_argv() -> None:
    spec = parse_spec("x", {"argv": ["sh"], "interrupt_mode": "message", "metadata": []}, Path("/x"))
    assert spec is not None
    assert (spec.display_name, spec.language, spec.interrupt_mode) == ("x", "", "message")
