"""How requests name the bucket: in their path, or in the host. Servers differ, and only a request tells what one answers."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Final, TypeVar, cast
from urllib.parse import urlsplit

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source

_MAX_REMEMBERED: Final = 1_000
_FINAL: Final = frozenset({"dataset_unreachable", "dataset_endpoint_refused"})
"""Codes of failures that another way of naming the bucket does not change, or must not go round."""

Result = TypeVar("Result")
_answered: dict[S3Source, S3Source] = {}
"""By source as it was given: the one that has been answered."""


def candidates(source: S3Source) -> list[S3Source]:
    """The source with each way of naming the bucket that is to be tried, in order. Pure.

    Amazon's servers take the bucket in the host. Almost all others take it in the path, and many nowhere else.
    """
    if source.by_path or not source.endpoint:
        return [source]
    by_path = replace(source, path_style=True)
    return [by_path] if _has_no_subdomains(source.url) else [by_path, source]


def try_each(spec: DatasetSpec, attempt: Callable[[DatasetSpec], Result]) -> tuple[DatasetSpec, Result]:
    """What `attempt` answers for the first way that succeeds, and the spec with it. Raises the GradError of the first way."""
    given = cast(S3Source, spec.source)
    first: GradError | None = None
    for source in candidates(given):
        tried = replace(spec, source=source)
        try:
            result = attempt(tried)
        except GradError as error:
            first = first or error
            if error.code in _FINAL:
                break
            continue
        if len(_answered) >= _MAX_REMEMBERED:
            _answered.clear()
        _answered[given] = source
        return tried, result
    assert first is not None, "there is always a candidate"
    raise first


def as_answered(spec: DatasetSpec) -> DatasetSpec:
    """The spec in the way that has been answered last, if there was one."""
    given = cast(S3Source, spec.source)
    return replace(spec, source=_answered.get(given, candidates(given)[0]))


def _has_no_subdomains(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return "." not in host.rstrip(".")
    return True
