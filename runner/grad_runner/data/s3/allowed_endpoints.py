"""Which S3 servers the operator of grad allows. A dataset file, which may come from a stranger, cannot widen that."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import S3Source

_RULE = re.compile(r"(?P<any>\*\.)?(?P<host>\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+):(?P<port>[0-9]{1,5})")


class AllowedEndpoints:
    """`rules` are "host:port", or "*.domain:port" for every name below a domain. None at all allow every endpoint.

    Of a bucket that is named in the host ("bucket.s3.example.com") it is the endpoint that counts ("s3.example.com").
    """

    def __init__(self, rules: Sequence[str] = ()) -> None:
        """Raises GradError `invalid_argument`."""
        self._rules = [_parse(rule) for rule in rules]

    def require(self, name: str, source: S3Source) -> None:
        """`name` is the dataset's. Raises GradError `dataset_endpoint_refused`."""
        there = urlsplit(source.url)
        host = _normal(there.hostname or "")
        port = there.port or (443 if there.scheme == "https" else 80)
        if not self._rules or any(
            port == its_port and (host.endswith(f".{its_host}") if below else host == its_host)
            for below, its_host, its_port in self._rules
        ):
            return
        raise GradError(
            "dataset_endpoint_refused",
            f'Cannot attach dataset "{name}": the operator of this grad does not allow the endpoint {host}:{port}',
            "Use a server that is allowed, or ask the operator to add it to runners.s3Endpoints in grad's configuration.",
        )


def _parse(rule: str) -> tuple[bool, str, int]:
    found = _RULE.fullmatch(rule)
    if found is None or not 0 < int(found["port"]) < 65_536:
        raise GradError(
            "invalid_argument",
            f"Cannot allow the S3 endpoint {rule!r}: it is neither host:port nor *.domain:port",
        )
    return bool(found["any"]), _normal(found["host"].strip("[]")), int(found["port"])


def _normal(host: str) -> str:
    """One spelling for each host: names in lower case and without the last dot, addresses in their shortest form."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower().removesuffix(".")
