"""Asks S3 before mounting, because s3fs mounts a missing prefix without an error and reports every refusal in the same way;
and, with fewer requests, from time to time while mounted."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import S3_FAILURES, Client
from grad_runner.data.s3.endpoint_address import require_allowed
from grad_runner.data.s3.errors import from_s3, may_not_read, wrong_region
from grad_runner.data.s3.write_probe import require_writable

MAX_SUGGESTIONS = 3
MAX_NAME_BYTES = 255
"""Of a file or folder, on Linux."""
MAX_SEARCH_DEPTH = 8
"""How many levels up from a missing prefix folders are looked for, for the hint."""


@dataclass(frozen=True, slots=True)
class Found:
    """`key` is one object below the prefix, relative to it, to try the mount with; None when there is none, as in an empty
    bucket."""

    key: str | None


def preflight(spec: DatasetSpec, client: Client) -> Found:
    """Checks that the dataset can be listed, read and, if it is to be writable, written. Blocks, for some seconds at most. Raises
    GradError `dataset_*`."""
    source = cast(S3Source, spec.source)
    try:
        listed = _list(source, client)
        require_region(spec, listed["ResponseMetadata"]["HTTPHeaders"])
        # A writable dataset may begin empty: s3fs mounts a new prefix as an empty folder.
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
    """Why a mounted dataset may not be read any more, or None. Two small requests; blocks, for some seconds at most.

    None also when S3 does not answer, which the endpoint's probe finds out, and for a prefix that has become empty, which is an
    empty folder. The right to write is not checked again: that would begin an upload.
    """
    source = cast(S3Source, spec.source)
    try:
        require_allowed(spec, source)
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
    """Whether a mount can show the key as a file: not a folder's marker, nor a key like `a//b` or `./a`. Pure."""
    parts = key.split("/")
    return not {"", ".", ".."} & set(parts) and all(len(part.encode()) <= MAX_NAME_BYTES for part in parts)


def require_region(spec: DatasetSpec, headers: Mapping[str, str]) -> None:
    """Raises GradError when the bucket is in another region: botocore follows AWS's redirect by itself, s3fs does not."""
    source = cast(S3Source, spec.source)
    there = headers.get("x-amz-bucket-region", source.region)
    if not source.endpoint and there != source.region:
        raise wrong_region(spec, there)


def _require_readable(spec: DatasetSpec, client: Client, key: str) -> None:
    """Raises GradError for keys that may list but not get: s3fs would mount, and every file would fail with a message of its
    own."""
    source = cast(S3Source, spec.source)
    try:
        client.head_object(Bucket=source.bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            raise may_not_read(spec) from error
        # Any other failure concerns this object only: it was deleted since it was listed, or is in an archive.


def _prefix_not_found(spec: DatasetSpec, client: Client) -> GradError:
    source = cast(S3Source, spec.source)
    return GradError(
        "dataset_prefix_not_found",
        f'Cannot attach dataset "{spec.name}": nothing lies under {source.shown}/',
        _suggestion(client, source),
    )


def _suggestion(client: Client, source: S3Source) -> str:
    """The hint for a missing prefix: which folders there are instead of its first missing part, the most similar ones first."""
    if _is_object(client, source):
        folder = source.prefix.rpartition("/")[0]
        return f"{source.prefix} is one object; set prefix: {folder or '(none)'}."
    parts = source.prefix.split("/")
    above = ""
    for depth in reversed(range(len(parts))[-MAX_SEARCH_DEPTH:]):
        above = "".join(f"{part}/" for part in parts[:depth])
        page = client.list_objects_v2(Bucket=source.bucket, Prefix=above, Delimiter="/", MaxKeys=1_000)
        if folders := _folders(page, above):
            near = most_similar(parts[depth], folders)
            return f"Similar names: {', '.join(above + folder for folder in near)}."
        if page.get("Contents"):
            return f"There are only objects under {above or 'the bucket'}, no folders."
    return f"Nothing lies under {above} either." if above else "The bucket is empty."


def _is_object(client: Client, source: S3Source) -> bool:
    """Whether the prefix itself is the key of an object."""
    exact = client.list_objects_v2(Bucket=source.bucket, Prefix=source.prefix, MaxKeys=1)
    return any(entry["Key"] == source.prefix for entry in exact.get("Contents", ()))


def _folders(page: dict[str, Any], above: str) -> list[str]:
    return [entry["Prefix"].removeprefix(above).rstrip("/") for entry in page.get("CommonPrefixes", ())]


def most_similar(name: str, names: list[str]) -> list[str]:
    """Up to MAX_SUGGESTIONS of `names`, the most similar first. Pure."""
    return difflib.get_close_matches(name, names, n=MAX_SUGGESTIONS, cutoff=0.0)
