from collections.abc import Iterator

import pytest

from tests.support_s3 import S3Server, s3_server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """Shared by tests that leave it running and its objects alone."""
    with s3_server() as server:
        server.put(
            "lake",
            {
                "flights/year=2013/month=1/a.txt": b"january",
                "flights/year=2013/month=2/b.txt": b"february",
                "flight-plans/x.txt": b"x",
                "weather/w.txt": b"w",
                "top.txt": b"top",
            },
        )
        yield server
