import json

import pytest

from grad_runner.init.drop_root import Setup, parse_setup

SETUP = {
    "uid": 30000,
    "scratch": "/run/grad",
    "folders": ["/var/grad/r/volume"],
    "files": ["/var/grad/r/logs/agent.log"],
    "reach": ["/root/venv"],
    "programs": ["bwrap"],
}


def test_parse_setup_reads_what_grad_writes() -> None:
    assert parse_setup(json.dumps(SETUP)) == Setup(
        uid=30000,
        scratch="/run/grad",
        folders=("/var/grad/r/volume",),
        files=("/var/grad/r/logs/agent.log",),
        reach=("/root/venv",),
        programs=("bwrap",),
    )


@pytest.mark.parametrize("uid", [0, -1, "30000", None])
def test_parse_setup_refuses_to_stay_root(uid: object) -> None:
    with pytest.raises(ValueError, match="uid"):
        parse_setup(json.dumps({**SETUP, "uid": uid}))
