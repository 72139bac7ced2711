"""No request goes where a redirect leads: neither of botocore, which would ask 160 times, nor of s3fs, which would follow with
the session token."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3.s3fs_args import Settings, s3fs_argv, s3fs_env
from grad_runner.gen.grad.v1 import dataset_pb2
from tests.data.data_component import data_component
from tests.data.s3.hostile_server import Answer, Request, RunningServer, http_server, listing
from tests.data.s3.test_supervision import until

TOKEN = "the-session-token"
KEYS = dataset_pb2.S3Credentials(
    access_key_id="AKIA", secret_access_key="the-secret", session_token=TOKEN, expires_at_seconds=1 << 40
)


def dataset(endpoint: str) -> dataset_pb2.Dataset:
    source = dataset_pb2.S3Source(endpoint=endpoint, bucket="lake", path_style=True, credentials=KEYS)
    return dataset_pb2.Dataset(name="lake", s3=source)


def redirects_s3fs_to(victim: RunningServer) -> Callable[[Request], Answer]:
    """S3 to whoever looks before mounting; s3fs is sent to the victim."""

    def answer(request: Request) -> Answer:
        if request.of_s3fs:
            return Answer(307, {"Location": f"http://127.0.0.1:{victim.port}/latest/meta-data"})
        return listing("a.txt") if "list-type" in request.path else Answer()

    return answer


async def test_s3fs_follows_no_redirect_to_another_host(tmp_path: Path) -> None:
    with http_server(lambda _: Answer()) as victim, http_server(redirects_s3fs_to(victim)) as hostile:
        async with data_component() as component:
            answer = (await component.apply(dataset(hostile.url)))["lake"]
            assert answer.error_code == "dataset_mount_failed", answer
        assert any(request.of_s3fs for request in hostile.requests)
        assert victim.requests == []

        # The same command with the same keys, but without the proxy that refuses: this is the attack.
        spec = DatasetSpec(
            "lake",
            S3Source(hostile.url, "us-east-1", "lake", "", True),
            Keys("AKIA", "the-secret", TOKEN, 1 << 40),
        )
        argv = s3fs_argv(spec, str(tmp_path), Settings((1, 90), 0, 0, str(tmp_path)))
        env = {name: text for name, text in s3fs_env(spec, {}).items() if "proxy" not in name}
        user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        alone = subprocess.Popen(["unshare", *user, "--mount", "--kill-child", "--fork", *argv], env=env)
        try:
            await until(60, lambda: victim.requests)
        finally:
            alone.kill()
            alone.wait()
        assert TOKEN in victim.requests[0].headers.values()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_endpoint_that_redirects_is_refused_after_one_request(status: int) -> None:
    with http_server(lambda _: Answer()) as victim:
        elsewhere = Answer(status, {"Location": f"http://127.0.0.1:{victim.port}/"})
        with http_server(lambda _: elsewhere) as hostile:
            async with data_component() as component:
                answer = (await component.apply(dataset(hostile.url)))["lake"]
            assert len(hostile.requests) == 1 and victim.requests == []
    assert answer.error_code == "dataset_endpoint_refused"
    assert f"redirect to another address ({status})" in answer.error_message


async def test_endpoint_that_names_a_region_in_its_redirect_is_told_with_it() -> None:
    with http_server(lambda _: Answer(301, {"x-amz-bucket-region": "eu-west-1"})) as other:
        async with data_component() as component:
            answer = (await component.apply(dataset(other.url)))["lake"]
            assert (answer.error_code, answer.error_hint) == (
                "dataset_bucket_not_found",
                "Set region: eu-west-1.",
            )
        assert len(other.requests) == 1


@pytest.mark.parametrize("host", ["0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"])
async def test_endpoint_that_leads_to_this_machine_is_refused_without_a_request(host: str) -> None:
    with http_server(lambda _: Answer()) as victim:
        async with data_component() as component:
            answer = (await component.apply(dataset(f"http://{host}:{victim.port}")))["lake"]
            assert answer.error_code == "dataset_endpoint_refused", answer
        assert victim.requests == []
