"""The edge: what a caller of the component gets, with no S3 at all."""

import sys
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.parse import Allowed, parse_dataset
from grad_runner.gen.grad.v1 import dataset_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.data_component import data_component
from tests.init.init_process import RUNNER_ROOT
from tests.support_errors import code_of

ALL = Allowed(directories=True)


def credentials(access: str, secret: str, token: str = "") -> dataset_pb2.S3Credentials:
    return dataset_pb2.S3Credentials(access_key_id=access, secret_access_key=secret, session_token=token)


def test_parse_dataset_sets_the_default_region() -> None:
    source = dataset_pb2.S3Source(bucket="lake", prefix="a", credentials=credentials("a", "b", "c"))
    spec = parse_dataset(dataset_pb2.Dataset(name="d", s3=source), ALL)
    assert spec == DatasetSpec("d", S3Source("", "us-east-1", "lake", "a", False), Keys("a", "b", "c", 0))


def test_parse_dataset_treats_absent_credentials_as_anonymous() -> None:
    assert (
        parse_dataset(dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="lake")), ALL).keys is None
    )


def test_parse_dataset_accepts_a_folder_where_folders_are_allowed() -> None:
    dataset = dataset_pb2.Dataset(name="d", directory=dataset_pb2.DirectorySource(path="/data/"))
    assert parse_dataset(dataset, ALL).source == DirectorySource("/data")


@pytest.mark.parametrize(
    ("access", "writable"),
    [
        (dataset_pb2.ACCESS_UNSPECIFIED, False),
        (dataset_pb2.ACCESS_READ_ONLY, False),
        (dataset_pb2.ACCESS_READ_WRITE, True),
    ],
)
def test_parse_dataset_allows_writing_only_for_read_write(access: dataset_pb2.Access, writable: bool) -> None:
    s3, directory = dataset_pb2.S3Source(bucket="lake"), dataset_pb2.DirectorySource(path="/data")
    for dataset in (
        dataset_pb2.Dataset(name="d", access=access, s3=s3),
        dataset_pb2.Dataset(name="d", access=access, directory=directory),
    ):
        assert parse_dataset(dataset, ALL).writable is writable


def test_parse_dataset_refuses_an_unknown_access() -> None:
    dataset = dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="lake"))
    dataset.MergeFromString(b"\x18\x07")  # access = 7
    with pytest.raises(GradError) as raised:
        parse_dataset(dataset, ALL)
    assert raised.value.code == "dataset_invalid" and "access 7" in raised.value.message


@pytest.mark.parametrize(
    "keys",
    [credentials("", "b"), credentials("a", ""), credentials("a", "b\n"), credentials("a b", "the-secret")],
)
def test_parse_dataset_refuses_invalid_keys_and_does_not_show_them(
    keys: dataset_pb2.S3Credentials,
) -> None:
    with pytest.raises(GradError) as raised:
        parse_dataset(
            dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="lake", credentials=keys)), ALL
        )
    assert raised.value.code == "dataset_credentials_invalid"
    assert keys.secret_access_key not in raised.value.message or not keys.secret_access_key


@pytest.mark.parametrize(
    ("dataset", "allowed", "code"),
    [
        (dataset_pb2.Dataset(name="D", s3=dataset_pb2.S3Source(bucket="lake")), ALL, "invalid_name"),
        (dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="L")), ALL, "dataset_invalid"),
        (
            dataset_pb2.Dataset(name="d", directory=dataset_pb2.DirectorySource(path="/")),
            ALL,
            "dataset_invalid",
        ),
        (dataset_pb2.Dataset(name="d"), ALL, "dataset_invalid"),
        (
            dataset_pb2.Dataset(name="d", directory=dataset_pb2.DirectorySource(path="/data")),
            Allowed(directories=False),
            "dataset_type_unsupported",
        ),
    ],
)
def test_parse_dataset_refuses_what_is_invalid(
    dataset: dataset_pb2.Dataset, allowed: Allowed, code: str
) -> None:
    with pytest.raises(GradError) as raised:
        parse_dataset(dataset, allowed)
    assert raised.value.code == code


async def test_apply_refuses_a_name_that_is_given_twice_and_a_wait_that_is_too_long() -> None:
    twice = [dataset_pb2.Dataset(name="d"), dataset_pb2.Dataset(name="d")]
    many = [dataset_pb2.Dataset(name=f"d{number}") for number in range(101)]
    async with data_component() as component:
        for request in (
            data_pb2.ApplyRequest(datasets=twice),
            data_pb2.ApplyRequest(datasets=many),
            data_pb2.ApplyRequest(wait_ms=60_001),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await component.stub.Apply(request)
            assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert code_of(raised.value) == "invalid_argument"
        answer: data_pb2.GetStatusResponse = await component.stub.GetStatus(data_pb2.GetStatusRequest())
        assert list(answer.datasets) == []


async def test_main_refuses_a_socket_that_is_served_already() -> None:
    async with data_component() as component:
        folder = component.init.folder
        (folder / "other").mkdir()
        done = component.init.inside(
            *("env", f"PYTHONPATH={RUNNER_ROOT}", sys.executable, "-m", "grad_runner.data"),
            *("--listen", f"unix:{folder}/data.sock", "--mount-root", f"{folder}/other"),
            *("--shown-at", "/workspace/data", "--cache-dir", f"{folder}/cache"),
        )
        assert done.returncode == 1
        assert "another process serves it" in done.stderr and "Traceback" not in done.stderr


async def test_health_is_serving_until_the_component_stops() -> None:
    async with (
        data_component() as component,
        grpc.aio.insecure_channel(f"unix:{component.init.folder}/data.sock") as channel,
    ):
        stub: Any = HealthStub(channel)
        watch = stub.Watch(HealthCheckRequest(service="runner.v1.DataService"))
        seen = [(await watch.read()).status]
        if seen == [HealthCheckResponse.NOT_SERVING]:  # asked in the moment between bind and set_serving
            seen = [(await watch.read()).status]
        assert seen == [HealthCheckResponse.SERVING]
        component.signal("TERM", [component.init.component("data")["pid"]])
        assert (await watch.read()).status == HealthCheckResponse.NOT_SERVING
