"""Which addresses requests for a dataset may go to."""

from collections.abc import Callable, Iterable

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.endpoint_address import address_fault, is_loopback_name, require_allowed


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("169.254.169.254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("2002:a9fe:a9fe::1", "metadata"),
        ("::169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("169.254.1.1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "no address of a server"),
        ("0.1.2.3", "no address of a server"),
        ("::", "no address of a server"),
        ("::ffff:0.0.0.0", "no address of a server"),
        ("224.0.0.1", "single server"),
        ("255.255.255.255", "single server"),
        ("ff02::1", "single server"),
        ("127.0.0.1", "this machine"),
        ("127.9.9.9", "this machine"),
        ("::1", "this machine"),
        ("::ffff:127.0.0.1", "this machine"),
        ("::127.0.0.1", "this machine"),
    ],
)
def test_address_fault_names_what_an_address_is(address: str, fault: str) -> None:
    assert fault in (address_fault(address, named_loopback=False) or "")


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.9", "100.64.0.1", "52.216.0.1", "2600::1", "fd12::1"]
)
def test_address_fault_allows_servers_of_the_internet_and_of_private_networks(address: str) -> None:
    assert address_fault(address, named_loopback=False) is None


def test_address_fault_allows_loopback_where_the_endpoint_names_it() -> None:
    assert address_fault("127.0.0.1", named_loopback=True) is None
    assert address_fault("::ffff:127.0.0.1", named_loopback=True) is None
    assert address_fault("169.254.169.254", named_loopback=True) is not None
    assert address_fault("0.0.0.0", named_loopback=True) is not None


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("0x7f000001", False),
        ("localhost.evil.test", False),
        ("::ffff:127.0.0.1", False),
        ("10.0.0.1", False),
    ],
)
def test_is_loopback_name_reads_the_text_only(host: str, named: bool) -> None:
    assert is_loopback_name(host) is named


def answers(by_host: dict[str, list[str]]) -> Callable[[str], Iterable[str]]:
    def resolve(host: str) -> Iterable[str]:
        if host not in by_host:
            raise OSError(host)
        return by_host[host]

    return resolve


def refused(endpoint: str, by_host: dict[str, list[str]], *, path_style: bool = True) -> str | None:
    source = S3Source(endpoint, "us-east-1", "lake", "", path_style)
    try:
        require_allowed(DatasetSpec("flights", source), source, answers(by_host))
    except GradError as error:
        assert error.code == "dataset_endpoint_refused" and '"flights"' in error.message and error.hint
        return error.message
    return None


def test_require_allowed_refuses_by_what_the_name_resolves_to() -> None:
    assert refused("http://s3.test", {"s3.test": ["10.0.0.1"]}) is None
    both = refused("http://s3.test", {"s3.test": ["52.0.0.1", "169.254.169.254"]})
    assert both is not None and "s3.test, which is 169.254.169.254, is the metadata service" in both
    assert refused("http://0x7f000001:9000", {"0x7f000001": ["127.0.0.1"]}) is not None
    assert refused("http://127.0.0.1:9000", {"127.0.0.1": ["127.0.0.1"]}) is None
    assert refused("http://[::1]:9000", {"::1": ["::1"]}) is None
    assert refused("http://unknown.test", {}) is None  # whoever connects says that it cannot be resolved


def test_require_allowed_also_asks_for_the_host_of_the_bucket() -> None:
    hosts = {"s3.test": ["52.0.0.1"], "lake.s3.test": ["169.254.169.254"]}
    assert refused("http://s3.test", hosts) is None
    assert refused("http://s3.test", hosts, path_style=False) is not None
    assert refused("", {"lake.s3.us-east-1.amazonaws.com": ["127.0.0.1"]}, path_style=False) is not None


def test_require_allowed_takes_the_system_resolver_where_none_is_given() -> None:
    for endpoint in ("http://0x7f000001:9", "http://[::ffff:7f00:1]:9", "http://0.0.0.0:9"):
        source = S3Source(endpoint, "us-east-1", "lake", "", True)
        with pytest.raises(GradError):
            require_allowed(DatasetSpec("flights", source), source)
    long = S3Source(f"http://{'a' * 70}.test", "us-east-1", "lake", "", True)
    require_allowed(DatasetSpec("flights", long), long)
