"""Check reads real parquet through the real mount."""

import io
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grad_runner.gen.grad.v1 import dataset_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.data_component import MOUNTED, DataComponent, data_component, directory_dataset, s3_dataset
from tests.support_errors import code_of
from tests.support_s3 import S3Server


def parquet(**columns: list[object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


FILES = {
    "flights/year=2013/month=1/a.parquet": parquet(carrier=["UA", "AA"], delay=[1, 2]),
    "flights/year=2013/month=2/b.parquet": parquet(carrier=["DL"], delay=[3]),
    "airlines.parquet": parquet(name=["United"], founded=[pa.scalar(0, pa.timestamp("us", "UTC"))]),
    "notes.csv": b"a,b\n",
    "broken.parquet": b"PAR1 no PAR1",
}


async def check(
    component: DataComponent, dataset: dataset_pb2.Dataset, max_files: int = 0
) -> dataset_pb2.CheckDatasetResponse:
    answer: data_pb2.CheckResponse = await component.stub.Check(
        data_pb2.CheckRequest(dataset=dataset, max_files=max_files)
    )
    return answer.result


def expect_everything(result: dataset_pb2.CheckDatasetResponse) -> None:
    assert result.attached.state == MOUNTED
    assert (result.files, result.bytes, result.truncated) == (5, sum(map(len, FILES.values())), False)
    assert list(result.sample_paths) == sorted(FILES)
    assert [(table.path, table.files, table.rows) for table in result.tables] == [
        ("airlines.parquet", 1, 1),
        ("flights/year=2013/month=*/*.parquet", 2, 3),
    ]
    assert [(column.name, column.type) for column in result.tables[0].columns] == [
        ("name", "string"),
        ("founded", "timestamp[us, tz=UTC]"),
    ]
    assert [(column.name, column.type) for column in result.tables[1].columns] == [
        ("carrier", "string"),
        ("delay", "int64"),
    ]


async def test_check_counts_files_and_reads_columns_of_s3(s3: S3Server) -> None:
    s3.put("tables", {f"set/{path}": body for path, body in FILES.items()})
    async with data_component() as component:
        expect_everything(await check(component, s3_dataset(s3, "tables", "tables", "set")))


async def test_check_counts_files_and_reads_columns_of_a_directory(tmp_path: Path) -> None:
    for path, body in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    async with data_component("--allow-directories") as component:
        expect_everything(await check(component, directory_dataset("tables", tmp_path)))


async def test_check_reports_that_it_stopped_at_the_bound(s3: S3Server) -> None:
    async with data_component() as component:
        result = await check(component, s3_dataset(s3, "all"), max_files=2)
        assert (result.files, result.truncated) == (2, True)
        assert (await check(component, s3_dataset(s3, "all"), max_files=5)).truncated is False


async def test_check_leaves_other_datasets_alone(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(
            s3_dataset(s3, "weather", prefix="weather"), s3_dataset(s3, "gone", prefix="gone")
        )
        await check(component, s3_dataset(s3, "flights", prefix="flights"))
        assert component.ls() == ["flights", "weather"]
        assert (await component.status("gone")).error_code == "dataset_prefix_not_found"


async def test_check_fails_with_the_code_of_what_is_wrong(s3: S3Server) -> None:
    async with data_component() as component:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await check(component, s3_dataset(s3, "flights", bucket="no-such-bucket"))
        assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert code_of(raised.value) == "dataset_bucket_not_found"
