from pathlib import Path

import pytest

from grad_runner.agent.executions.datasets_version import require_attached
from grad_runner.common.errors import GradError

VERSION = "0f" * 32


def test_require_attached_lets_code_pass_for_the_datasets_that_are_attached(tmp_path: Path) -> None:
    file = tmp_path / "version"
    file.write_text(VERSION)
    require_attached(VERSION, file)


@pytest.mark.parametrize("attached", ["f0" * 32, VERSION[:-1], f"{VERSION}0", "", None, b"\xff"])
def test_require_attached_refuses_code_for_others(tmp_path: Path, attached: str | bytes | None) -> None:
    file = tmp_path / "version"
    if attached is not None:
        file.write_bytes(attached if isinstance(attached, bytes) else attached.encode())
    with pytest.raises(GradError) as raised:
        require_attached(VERSION, file)
    assert raised.value.code == "datasets_changed"


def test_require_attached_checks_nothing_where_it_cannot(tmp_path: Path) -> None:
    require_attached("", tmp_path / "absent")
    require_attached(VERSION, None)
