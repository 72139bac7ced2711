"""botocore's HTTP session with bounds on what a server may answer: botocore itself reads whatever comes, for as long as it comes,
and makes an object of a hundred bytes of each tag of its XML."""

import time
from collections.abc import Iterator
from typing import Any, Final

import urllib3.exceptions
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""A page has 1,000 keys of up to 1,024 bytes, each perhaps written as %XX."""
MAX_TAGS: Final = 100_000
"""A page of S3 has up to 30 for each key."""
MAX_BODY_SECONDS: Final = 20.0
"""From the end of the headers to that of the body, however steadily it comes."""
_READ_BYTES: Final = 65_536


class OversizedAnswerError(HTTPClientError):  # type: ignore[misc]
    """The answer has more bytes or tags than S3 sends, or takes longer."""

    fmt = "The answer of {endpoint_url} is beyond a bound: {error}"


class Body:
    """A body that has been read, in the form that botocore expects of an unread one."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class BoundedSession(URLLib3Session):  # type: ignore[misc]
    def send(self, request: Any) -> AWSResponse:
        request.stream_output = True  # or it reads the body itself
        answer = super().send(request)
        try:
            content = _read(answer.raw, request.url)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error, request=request) from error
        return AWSResponse(answer.url, answer.status_code, answer.headers, Body(content))


def _read(raw: Any, url: str) -> bytes:
    content, tags = bytearray(), 0
    ends_at = time.monotonic() + MAX_BODY_SECONDS
    while part := raw.read1(_READ_BYTES):
        content += part
        tags += part.count(b"<")
        late = time.monotonic() > ends_at
        if late or len(content) > MAX_BODY_BYTES or tags > MAX_TAGS:
            raw.close()
            why = f"{len(content)} bytes and {tags} tags in less than {MAX_BODY_SECONDS} s"
            raise OversizedAnswerError(endpoint_url=url, error="too slow" if late else why)
    return bytes(content)
