"""The objects of a dataset, by S3's own listing: much faster than walking the mount."""

from collections.abc import Iterator
from typing import cast

from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import S3_FAILURES, opened_client
from grad_runner.data.s3.errors import from_s3


def list_files(spec: DatasetSpec) -> Iterator[tuple[str, int]]:
    """Keys below the prefix with sizes in bytes, page by page. Raises GradError `dataset_*`."""
    source = cast(S3Source, spec.source)
    below = f"{source.prefix}/" if source.prefix else ""
    try:
        with opened_client(source, spec.keys) as client:
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=source.bucket, Prefix=below):
                for entry in page.get("Contents", ()):
                    if not entry["Key"].endswith("/"):  # a marker of a folder, which is no file
                        yield entry["Key"].removeprefix(below), entry["Size"]
    except S3_FAILURES as error:
        raise from_s3(spec, error) from error
