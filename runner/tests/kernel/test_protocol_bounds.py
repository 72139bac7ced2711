"""Names in requests to the supervisor, at their bounds."""

import json

import pytest

from grad_runner.kernel.protocol import RequestError, Start, is_kernel_name, parse_request


def start(kernel: str, spec: str) -> object:
    line = json.dumps({"id": 1, "op": "start", "kernel": kernel, "spec": spec}).encode()
    return parse_request(line)[1]


@pytest.mark.parametrize(
    ("kernel", "spec"), [("k", "p"), ("k" * 40, "p"), ("k-1", "p" * 100), ("k", "Python_3.1-x")]
)
def test_names_up_to_their_bounds_are_accepted(kernel: str, spec: str) -> None:
    assert start(kernel, spec) == Start(kernel, spec)
    assert is_kernel_name(kernel)


@pytest.mark.parametrize("kernel", ["", "k" * 41, "K", "k_1", "k/1", "..", "k\n", "ä"])
def test_other_names_of_kernels_are_refused(kernel: str) -> None:
    assert isinstance(start(kernel, "p"), RequestError)
    assert not is_kernel_name(kernel)


@pytest.mark.parametrize("spec", ["", "p" * 101, "a/b", "a b", "p\n", "ä"])
def test_other_names_of_kernelspecs_are_refused(spec: str) -> None:
    assert isinstance(start("k", spec), RequestError)
