"""Which texts may reach s3fs and botocore. Pure: each function returns why a text is refused, or None when it is allowed."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from grad_runner.gen.shared.limits import MAX_PREFIX_BYTES

_REGION = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ENDPOINT = re.compile(r"https?://(?P<host>\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)(:(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_PUNCTUATION = frozenset(" !$&'()+,-.:;=@_~")


def endpoint_fault(endpoint: str) -> str | None:
    """Empty is allowed: AWS."""
    if endpoint == "":
        return None
    found = _ENDPOINT.fullmatch(endpoint)
    if found is None:
        return "endpoint is not http(s)://host[:port] without a path"
    port = found["port"]
    if port is not None and not 0 < int(port) < 65_536:
        return "endpoint's port is not between 1 and 65535"
    return None if _is_host(found["host"]) else "endpoint's host is neither a name nor an address"


def region_fault(region: str) -> str | None:
    return None if _REGION.fullmatch(region) else "region is not of letters, digits, - and _, up to 63"


def bucket_fault(bucket: str) -> str | None:
    rule = "bucket is not of 3 to 63 lower-case letters, digits, dots and hyphens between letters or digits"
    if not _BUCKET.fullmatch(bucket):
        return rule
    if any(part in bucket for part in ("..", ".-", "-.")):
        return f"{rule}, dots not beside each other or a hyphen"
    return "bucket looks like an IP address" if _is_ipv4(bucket) else None


def prefix_fault(prefix: str) -> str | None:
    """Empty is allowed: the whole bucket."""
    if prefix == "":
        return None
    if prefix.startswith("/") or prefix.endswith("/"):
        return "prefix begins or ends with a slash"
    try:
        length = len(prefix.encode())
    except UnicodeEncodeError:
        return "prefix is not Unicode text"
    if length > MAX_PREFIX_BYTES:
        return f"prefix is longer than {MAX_PREFIX_BYTES} bytes"
    for part in prefix.split("/"):
        if part in ("", ".", ".."):
            return "prefix has an empty part, or one that is . or .."
    for character in prefix:
        if character != "/" and not character.isalnum() and character not in _PUNCTUATION:
            return f"prefix has the character {character!r}; letters, digits and {''.join(sorted(_PUNCTUATION))} are allowed"
    return None


def key_fault(text: str) -> str | None:
    """Keys travel in an environment and in headers: printable ASCII without blanks."""
    return (
        None
        if all(" " < character < "\x7f" for character in text)
        else "a key has a blank or control character"
    )


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            return False
        return True
    labels = host.removesuffix(".").split(".")
    if labels[-1].isdecimal():
        return _is_ipv4(host)
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
