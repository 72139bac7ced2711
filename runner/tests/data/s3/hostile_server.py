"""Servers on loopback for tests: one that answers as S3 until it attacks, and one that must never be reached."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]

    @property
    def of_s3fs(self) -> bool:
        return self.headers.get("User-Agent", "").startswith("s3fs")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` may be endless; then it has no length and the connection ends it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterator[bytes] = b""


@dataclass(frozen=True, slots=True)
class RunningServer:
    port: int
    requests: list[Request]

    @property
    def url(self) -> str:
        """By name: 127.0.0.1 is another host."""
        return f"http://localhost:{self.port}"


@contextmanager
def http_server(answer: Callable[[Request], Answer]) -> Iterator[RunningServer]:
    """Answers every request on 127.0.0.1 by `answer`, which is called from several threads."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Request(self.command, self.path, dict(self.headers))
            requests.append(request)
            got = answer(request)
            self.send_response(got.status)
            for name, value in got.headers.items():
                self.send_header(name, value)
            if isinstance(got.body, bytes):
                self.send_header("Content-Length", str(len(got.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(got.body)
                return
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for part in got.body:
                    self.wfile.write(part)
            except OSError:
                pass  # the client has had enough
            self.close_connection = True

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Nothing: the test looks at `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
    thread.start()
    try:
        yield RunningServer(server.server_port, requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listing(*keys: str, token: str = "") -> Answer:
    """A page of ListObjectsV2; `token` is that of the next page."""
    entries = "".join(
        f"<Contents><Key>{key}</Key><Size>1</Size><ETag>x</ETag><StorageClass>STANDARD</StorageClass>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for key in keys
    )
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>lake</Name>'
        f"<IsTruncated>{'true' if token else 'false'}</IsTruncated>{more}{entries}</ListBucketResult>"
    )
    return Answer(headers={"Content-Type": "application/xml"}, body=text.encode())
