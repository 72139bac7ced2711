"""Asks S3 what s3fs would not tell: it mounts a missing prefix in silence and calls every refusal the same. Before
mounting, and in short again and again while mounted."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import S3_FAILURES, Client
from grad_runner.data.s3.errors import from_s3, may_not_read, wrong_region
from grad_runner.data.s3.write_probe import require_writable

MAX_SUGGESTIONS = 3
MAX_NAME_BYTES = 255
MAX_SEARCH_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One key below the prefix, relative to it, to try the mount with; None where there is none (an empty
    bucket)."""

    key: str | None


def preflight(spec: DatasetSpec, client: Client) -> Found:
    """Blocks for a few seconds at most. Raises GradError `dataset_*`."""
    source = cast(S3Source, spec.source)
    try:
        listed = _list(source, client)
        require_region(spec, listed["ResponseMetadata"]["HTTPHeaders"])
        # A prefix that is to be written to may be new; s3fs mounts it as an empty folder.
        if (
            not listed.get("Contents")
            and source.prefix
            and not (spec.writable and not _is_object(client, source))
        ):
            raise _prefix_not_found(spec, client)
        first = _first_file(source, listed)
        if first is not None:
            _require_readable(spec, client, first)
        if spec.writable:
            require_writable(spec, client)
    except S3_FAILURES as error:
        raise from_s3(spec, error) from error
    return Found(None if first is None else first.removeprefix(_below(source)))


def probe_access(spec: DatasetSpec, client: Client) -> GradError | None:
    """Whether keys and bucket of a mounted dataset still hold; two small requests, blocks for a few seconds at most.

    None also where S3 does not say: whether it answers at all is the endpoint's probe to tell, a prefix that became
    empty is an empty folder, and the right to write is not asked again, because asking begins an upload.
    """
    source = cast(S3Source, spec.source)
    try:
        first = _first_file(source, _list(source, client))
        if first is not None:
            _require_readable(spec, client, first)
    except S3_FAILURES as error:
        found = from_s3(spec, error)
    except GradError as refused:
        found = refused
    else:
        return None
    return None if found.code == "dataset_unreachable" else found


def _below(source: S3Source) -> str:
    return f"{source.prefix}/" if source.prefix else ""


def _list(source: S3Source, client: Client) -> dict[str, Any]:
    listed: dict[str, Any] = client.list_objects_v2(Bucket=source.bucket, Prefix=_below(source), MaxKeys=2)
    return listed


def _first_file(source: S3Source, listed: dict[str, Any]) -> str | None:
    keys = (entry["Key"] for entry in listed.get("Contents", ()))
    return next((key for key in keys if is_file_path(key.removeprefix(_below(source)))), None)


def is_file_path(key: str) -> bool:
    """Whether a key names a file that a mount can show: not a folder's marker, nor `a//b` or `./a`. Pure."""
    parts = key.split("/")
    return not {"", ".", ".."} & set(parts) and all(len(part.encode()) <= MAX_NAME_BYTES for part in parts)


def require_region(spec: DatasetSpec, headers: Mapping[str, str]) -> None:
    """botocore follows AWS to the bucket's region by itself; s3fs, given another region, would not."""
    source = cast(S3Source, spec.source)
    there = headers.get("x-amz-bucket-region", source.region)
    if not source.endpoint and there != source.region:
        raise wrong_region(spec, there)


def _require_readable(spec: DatasetSpec, client: Client, key: str) -> None:
    """Keys that list but do not get would show files that fail with words of s3fs' own."""
    source = cast(S3Source, spec.source)
    try:
        client.head_object(Bucket=source.bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            raise may_not_read(spec) from error
        # Anything else is that object's own matter: gone meanwhile, or in an archive.


def _prefix_not_found(spec: DatasetSpec, client: Client) -> GradError:
    source = cast(S3Source, spec.source)
    return GradError(
        "dataset_prefix_not_found",
        f'Cannot attach dataset "{spec.name}": nothing lies under {source.shown}/',
        _suggestion(client, source),
    )


def _suggestion(client: Client, source: S3Source) -> str:
    """The sentence about what exists: the folders most alike beside the first part of the prefix that is
    missing."""
    if _is_object(client, source):
        folder = source.prefix.rpartition("/")[0]
        return f"{source.prefix} is one object; set prefix: {folder or '(none)'}."
    parts = source.prefix.split("/")
    for depth in range(len(parts) - 1, max(-1, len(parts) - 1 - MAX_SEARCH_DEPTH), -1):
        above = "".join(f"{part}/" for part in parts[:depth])
        page = client.list_objects_v2(Bucket=source.bucket, Prefix=above, Delimiter="/", MaxKeys=1_000)
        if folders := _folders(page, above):
            near = most_alike(parts[depth], folders)
            return f"Near it are: {', '.join(above + folder for folder in near)}."
        if page.get("Contents"):
            return f"There are only objects under {above or 'the bucket'}, no folders."
    return "The bucket is empty."


def _is_object(client: Client, source: S3Source) -> bool:
    """Whether the prefix itself is the key of an object."""
    exact = client.list_objects_v2(Bucket=source.bucket, Prefix=source.prefix, MaxKeys=1)
    return any(entry["Key"] == source.prefix for entry in exact.get("Contents", ()))


def _folders(page: dict[str, Any], above: str) -> list[str]:
    return [entry["Prefix"].removeprefix(above).rstrip("/") for entry in page.get("CommonPrefixes", ())]


def most_alike(name: str, names: list[str]) -> list[str]:
    """Up to three of `names`, the most alike first. Pure."""
    return difflib.get_close_matches(name, names, n=MAX_SUGGESTIONS, cutoff=0.0)
