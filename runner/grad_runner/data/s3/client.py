"""botocore clients that read no configuration: keys, endpoint and timeouts are given here and found nowhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from grad_runner.data.dataset_spec import S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3.bounded_session import BoundedSession

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 6
ATTEMPTS = 2
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""What s3fs trusts. botocore's own bundle lacks certificate authorities that an administrator has added to the system."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

Client = Any
S3_FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""What a call may raise: S3 was not reached, S3 refused, or something answered that is not S3."""


def open_client(source: S3Source, keys: Keys | None) -> Client:
    """A client for calls from any thread; anonymous without keys. The caller closes it."""
    given = (
        {}
        if keys is None
        else {
            "aws_access_key_id": keys.access_key_id,
            "aws_secret_access_key": keys.secret_access_key,
            "aws_session_token": keys.session_token or None,
        }
    )
    client = _session().create_client(
        "s3",
        region_name=source.region,
        endpoint_url=source.url,
        verify=_certificates(),
        config=Config(
            signature_version=UNSIGNED if keys is None else "s3v4",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path" if source.by_path else "virtual"},
            ignore_configured_endpoint_urls=True,
        ),
        **given,
    )
    client.meta.events.register_first("needs-retry.s3", _refuse_redirect)
    client._endpoint.http_session = BoundedSession(  # botocore has no option for another one
        verify=_certificates() or True,
        proxies=get_environ_proxies(source.url),
        timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
    )
    return client


def _refuse_redirect(response: tuple[Any, dict[str, Any]] | None, operation: Any, **_: object) -> None:
    """Ends a call that is answered by a redirect. Without this, botocore asks for the bucket's region, which is redirected as
    well, and so on: 160 requests."""
    if response is not None and response[0] is not None and response[0].status_code in REDIRECTS:
        raise ClientError(response[1], operation.name)


@contextmanager
def opened_client(source: S3Source, keys: Keys | None) -> Iterator[Client]:
    """A client that is closed at the end of the block."""
    client = open_client(source, keys)
    try:
        yield client
    finally:
        client.close()


def warm_up() -> None:
    """Loads what the first call would otherwise load: about half a second of modules and service descriptions."""
    with opened_client(S3Source("http://127.0.0.1:9", "us-east-1", "none", "", True), None):
        pass


def _certificates() -> str | None:
    """The bundle of trusted certificates; None for botocore's own."""
    named = os.environ.get("SSL_CERT_FILE")
    return named or (str(SYSTEM_CERTIFICATES) if SYSTEM_CERTIFICATES.exists() else None)


@cache
def _session() -> botocore.session.Session:
    # One session for all clients: it caches the service's description, which takes a fifth of a second to read.
    session = botocore.session.Session()
    session.set_config_variable("config_file", "/dev/null")
    session.set_config_variable("credentials_file", "/dev/null")
    return session
