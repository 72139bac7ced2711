"""Which addresses an endpoint may lead to. A dataset file may come from a stranger, and every request carries a signature and
perhaps a session token: it must not reach the services of this machine, nor those that give a cloud machine its identity.

What the name resolves to decides, not how it is written. s3fs resolves it again by itself: SECURITY.md says what remains.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Iterable[str]]
"""All addresses of a name, as text; raises OSError."""

_METADATA: Final = {
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    )
}
"""Of AWS, its containers and pods, Google, Alibaba, Azure and Oracle."""
_LOOPBACK: Final = IPv4Network("127.0.0.0/8")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE: Final = IPv6Network("::/96")
_THIS_NETWORK: Final = 0x00FFFFFF
"""The largest address of 0.0.0.0/8, which Linux takes for this machine."""


def require_allowed(spec: DatasetSpec, source: S3Source, resolve: Resolve | None = None) -> None:
    """Raises GradError `dataset_endpoint_refused` when one of the addresses that requests for the dataset may go to is refused.
    Blocks while it resolves names. A name that cannot be resolved is left to whoever connects."""
    endpoint = urlsplit(source.url).hostname or ""
    for host in (endpoint,) if source.by_path else (endpoint, f"{source.bucket}.{endpoint}"):
        try:
            found = list((resolve or addresses_of)(host))
        except OSError:
            continue
        for text in found:
            fault = address_fault(text, named_loopback=is_loopback_name(endpoint))
            if fault is not None:
                shown = host if text == host else f"{host}, which is {text},"
                raise GradError(
                    "dataset_endpoint_refused",
                    f'Cannot attach dataset "{spec.name}": its endpoint {shown} is {fault}',
                    "Name the endpoint of the S3 server. One on this machine is allowed as localhost, 127.0.0.1 or [::1].",
                )


def addresses_of(host: str) -> list[str]:
    """By getaddrinfo, as s3fs and botocore do it. Raises OSError."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError:  # of the IDNA codec: a label that is too long
        return []
    return [str(address[0]) for *_, address in answers]


def is_loopback_name(host: str) -> bool:
    """Whether the text itself, and not what it resolves to, says that the server is on this machine."""
    if host.lower().removesuffix(".") == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address in _LOOPBACK if isinstance(address, IPv4Address) else int(address) == 1


def address_fault(text: str, *, named_loopback: bool) -> str | None:
    """Why requests may not go to an address, or None; its text may end in %scope. Pure."""
    for address in _meanings(ip_address(text.partition("%")[0])):
        if address in _METADATA:
            return "the metadata service of a cloud machine"
        if address.is_unspecified or (isinstance(address, IPv4Address) and int(address) <= _THIS_NETWORK):
            return "no address of a server"
        if address.is_link_local:
            return "a link-local address"
        if address.is_multicast or (isinstance(address, IPv4Address) and address.is_reserved):
            return "no address of a single server"
        if address.is_loopback and not named_loopback:
            return "an address of this machine"
    return None


def _meanings(address: Address) -> list[Address]:
    """The address itself, and the IPv4 address that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    embedded = address.sixtofour
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 1):
        embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    return [address] if embedded is None else [address, embedded]
