"""The agent's command line."""

import pytest

from grad_runner.agent.config import parse

REQUIRED = (
    "--listen",
    "unix:/s",
    "--runner-id",
    "r",
    "--workspace",
    "/w",
    "--state",
    "/st",
    "--kernel-dir",
    "/k",
)


def test_user_code_has_no_network_unless_told() -> None:
    assert parse(REQUIRED).has_network is False
    assert parse((*REQUIRED, "--network", "none")).has_network is False
    assert parse((*REQUIRED, "--network", "full")).has_network is True


def test_processes_of_kernels_are_seen_unless_told() -> None:
    assert parse(REQUIRED).sees_kernels is True
    assert parse((*REQUIRED, "--processes-apart")).sees_kernels is False


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(SystemExit):
        parse((*REQUIRED, "--network", "some"))
