"""A real S3 server on loopback for tests: versitygw with users and rights, ended with the block."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

ROOT_KEY, ROOT_SECRET = "rootkey", "rootsecret-of-the-test"
START_SECONDS = 10


def versitygw() -> str:
    """The binary that `make test` puts there. Raises where it is missing: nothing is skipped in silence."""
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    found = os.environ.get("GRAD_VERSITYGW") or f"{cache}/grad/bin/versitygw"
    if not Path(found).exists():
        raise AssertionError(f"versitygw is not at {found}: run `make test`, or set GRAD_VERSITYGW")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class S3Server:
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, key: str = ROOT_KEY, secret: str = ROOT_SECRET) -> Any:
        return botocore.session.Session().create_client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def put(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Objects only: no folder gets a marker."""
        client = self.client()
        with contextlib.suppress(
            client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists
        ):
            client.create_bucket(Bucket=bucket)
        for key, body in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=body)
        client.close()

    def add_user(self, key: str, secret: str) -> None:
        """A user who may nothing until a bucket's policy says so."""
        self._admin("create-user", "--access", key, "--secret", secret, "--role", "user")

    def remove_user(self, key: str) -> None:
        self._admin("delete-user", "--access", key)

    def _admin(self, *arguments: str) -> None:
        command = [versitygw(), "admin", "--access", ROOT_KEY, "--secret", ROOT_SECRET]
        subprocess.run([*command, "--endpoint-url", self.url, *arguments], check=True, capture_output=True)

    def remove_bucket(self, bucket: str) -> None:
        """With all that is in it."""
        client = self.client()
        for entry in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=entry["Key"])
        client.delete_bucket(Bucket=bucket)
        client.close()

    def allow(self, bucket: str, statements: Sequence[Mapping[str, object]]) -> None:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        client = self.client()
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        client.close()

    def start(self) -> None:
        """Also again after `kill`, over the same objects."""
        with (self.folder / "gw.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(
                        versitygw(),
                        "--access",
                        ROOT_KEY,
                        "--secret",
                        ROOT_SECRET,
                        "--port",
                        f"127.0.0.1:{self.port}",
                    ),
                    *(
                        "--iam-dir",
                        str(self.folder / "iam"),
                        "--keep-alive",
                        "posix",
                        str(self.folder / "data"),
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends_at = time.monotonic() + START_SECONDS
        while time.monotonic() < ends_at:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "gw.log").read_text())

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    folder = Path(tempfile.mkdtemp(prefix="grad-s3-"))
    (folder / "iam").mkdir()
    (folder / "data").mkdir()
    server = S3Server(folder, free_port())
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)
