"""Which ways of naming the bucket are tried, and what counts when none is answered."""

from dataclasses import replace

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.addressing import as_answered, candidates, try_each

MINIO = S3Source("https://minio.example.com:9000", "us-east-1", "lake", "", False)
BY_PATH = replace(MINIO, path_style=True)
DENIED = GradError("dataset_access_denied", "by path")


@pytest.mark.parametrize(
    ("source", "want"),
    [
        (MINIO, [BY_PATH, MINIO]),
        (BY_PATH, [BY_PATH]),
        (replace(MINIO, endpoint=""), [replace(MINIO, endpoint="")]),
        (replace(MINIO, bucket="a.b"), [replace(MINIO, bucket="a.b")]),
        (replace(MINIO, endpoint="http://127.0.0.1:9"), [replace(BY_PATH, endpoint="http://127.0.0.1:9")]),
        (replace(MINIO, endpoint="http://[::1]:9"), [replace(BY_PATH, endpoint="http://[::1]:9")]),
        (replace(MINIO, endpoint="http://localhost:9"), [replace(BY_PATH, endpoint="http://localhost:9")]),
    ],
)
def test_other_servers_than_amazons_are_asked_by_path_first(source: S3Source, want: list[S3Source]) -> None:
    assert candidates(source) == want


def attempts(*errors: GradError) -> tuple[list[S3Source], list[GradError | None]]:
    return [], [*errors, None]


def test_the_host_is_tried_where_the_path_is_refused_and_is_remembered() -> None:
    seen, outcomes = attempts(DENIED)
    spec = DatasetSpec("d", replace(MINIO, prefix="remembered"))
    assert as_answered(spec).source == replace(BY_PATH, prefix="remembered")

    def attempt(tried: DatasetSpec) -> str:
        assert isinstance(tried.source, S3Source)
        seen.append(tried.source)
        if error := outcomes.pop(0):
            raise error
        return "found"

    assert try_each(spec, attempt) == (spec, "found")
    assert [source.by_path for source in seen] == [True, False]
    assert as_answered(spec) == spec


@pytest.mark.parametrize(
    ("errors", "tries"),
    [
        ([DENIED, GradError("dataset_unreachable", "no such host")], 2),
        ([GradError("dataset_unreachable", "by path")], 1),
        ([GradError("dataset_endpoint_refused", "by path")], 1),
    ],
)
def test_the_failure_of_the_first_way_is_told(errors: list[GradError], tries: int) -> None:
    count = 0

    def attempt(tried: DatasetSpec) -> str:
        nonlocal count
        count += 1
        raise errors[count - 1]

    with pytest.raises(GradError, match="by path"):
        try_each(DatasetSpec("d", MINIO), attempt)
    assert count == tries
