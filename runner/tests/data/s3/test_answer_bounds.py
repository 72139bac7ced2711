"""A server that answers with too much, or for ever, takes neither the data component's memory nor its time."""

import itertools
import re
import subprocess
import sys

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3 import bounded_session
from grad_runner.data.s3.client import open_client
from grad_runner.data.s3.listing import list_files
from grad_runner.gen.grad.v1 import dataset_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.data_component import MOUNTED, data_component
from tests.data.s3.hostile_server import Answer, Request, RunningServer, http_server, listing

BEGIN = b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
ONE_LIST = """
import re, sys
from botocore.httpsession import URLLib3Session
from grad_runner.data.dataset_spec import S3Source
from grad_runner.data.s3.client import open_client
client = open_client(S3Source(sys.argv[1], "us-east-1", "lake", "", True), None)
if sys.argv[2] == "stock": client._endpoint.http_session = URLLib3Session()
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
before = peak()
try: client.list_objects_v2(Bucket="lake")
except Exception as error: print(type(error).__name__)
print(peak() - before)
"""


def grown_mib(server: RunningServer, session: str) -> tuple[int, str]:
    """By how much one listing grows a process, and what it prints."""
    argv = [sys.executable, "-c", ONE_LIST, server.url, session]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout
    return int(said.split()[-1]), said


def test_answer_of_many_tags_takes_little_memory() -> None:
    parts = [BEGIN, *[b"<a/>" * 100_000] * 20, b"</ListBucketResult>"]
    with http_server(lambda _: Answer(body=iter(parts))) as server:
        stock, _ = grown_mib(server, "stock")
        bounded, said = grown_mib(server, "bounded")
    assert stock > 100, f"{stock} MiB: this was the attack"
    assert bounded < 20 and "OversizedAnswerError" in said


def list_from(server: RunningServer) -> GradError:
    spec = DatasetSpec("lake", S3Source(server.url, "us-east-1", "lake", "", True))
    with pytest.raises(GradError) as raised:
        list(list_files(spec))
    return raised.value


def test_endless_answer_is_an_error() -> None:
    with http_server(lambda _: Answer(body=itertools.repeat(b"x" * 65_536))) as server:
        error = list_from(server)
    assert error.code == "dataset_unreachable" and "more than S3 does" in error.message


def test_answer_that_comes_too_slowly_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_session, "MAX_BODY_SECONDS", 0.0)
    with http_server(lambda _: listing("a.txt")) as server:
        error = list_from(server)
    assert error.code == "dataset_unreachable" and "too slowly" in error.message


def test_connection_that_ends_in_the_middle_is_told_as_such() -> None:
    with http_server(
        lambda _: Answer(headers={"Transfer-Encoding": "chunked"}, body=iter([b"ff\r\nx"]))
    ) as server:
        assert list_from(server).code == "dataset_unreachable"


def test_client_still_follows_pages_and_reuses_its_connection() -> None:
    pages = iter([listing("a.txt", token="1"), listing("b.txt", token="2"), listing("c.txt")])
    with http_server(lambda _: next(pages)) as server:
        spec = DatasetSpec("lake", S3Source(server.url, "us-east-1", "lake", "", True))
        files = [file for file in list_files(spec) if file is not None]
        client = open_client(S3Source(server.url, "us-east-1", "lake", "", True), None)
        client.close()
    assert files == [("a.txt", 1), ("b.txt", 1), ("c.txt", 1)]


async def test_check_of_pages_without_end_is_cut_and_says_so() -> None:
    """Large keys, and no end: the bound of all paths together ends it."""
    numbers = itertools.count()

    def answer(request: Request) -> Answer:
        if "list-type" not in request.path:
            return Answer()
        if "max-keys=2" in request.path or request.of_s3fs:
            return listing("a.txt")
        page = next(numbers)
        return listing(*(f"{page}-{number}-{'x' * 4_000}" for number in range(1_000)), token=f"{page}")

    with http_server(answer) as server:
        source = dataset_pb2.S3Source(endpoint=server.url, bucket="lake", path_style=True)
        dataset = dataset_pb2.Dataset(name="lake", s3=source)
        async with data_component() as component:
            applied = await component.apply(dataset)
            assert applied["lake"].state == MOUNTED, applied
            result = (await component.stub.Check(data_pb2.CheckRequest(dataset=dataset))).result
            assert result.truncated and 0 < result.files < 10_000
            status = component.init.inside(
                "cat", f"/proc/{component.init.component('data')['pid']}/status"
            ).stdout
            peak = re.search(r"VmHWM:\s+(\d+) kB", status)
            assert peak is not None and int(peak[1]) < 400 * 1024, status
            limits = component.init.inside(
                "cat", f"/proc/{component.init.component('data')['pid']}/limits"
            ).stdout
            assert re.search(r"Max address space\s+2147483648 ", limits), limits
            of_s3fs = component.init.inside("cat", f"/proc/{component.pids('s3fs')[0]}/limits").stdout
            assert re.search(r"Max address space\s+unlimited ", of_s3fs), of_s3fs
