"""From the wire's Dataset to what may be attached, and back to what is told about it."""

from dataclasses import dataclass

from grad_runner.common.errors import GradError
from grad_runner.data import grammar
from grad_runner.data.source import DEFAULT_REGION, DirectorySource, Keys, S3Source, Wanted
from grad_runner.gen.grad.v1 import dataset_pb2


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which sources this data component has."""

    directories: bool


def parse_dataset(dataset: dataset_pb2.Dataset, allowed: Allowed) -> Wanted:
    """Raises GradError `invalid_name`, `dataset_invalid`, `dataset_type_unsupported`."""
    name = dataset.name
    if fault := grammar.name_fault(name):
        raise GradError("invalid_name", f'Cannot attach dataset "{name[:80]}": {fault}')
    writable = _writable(name, dataset.access)
    match dataset.WhichOneof("source"):
        case "s3":
            return Wanted(name, _s3_source(name, dataset.s3), _keys(name, dataset.s3), writable)
        case "directory" if allowed.directories:
            _refuse(
                name, grammar.path_fault(dataset.directory.path), "Name an absolute folder, not the root."
            )
            return Wanted(name, DirectorySource(dataset.directory.path.rstrip("/")), None, writable)
        case "directory":
            raise GradError(
                "dataset_type_unsupported",
                f'Cannot attach dataset "{name}": this backend has no data source of type directory',
                "Put the files into S3, or use the local backend.",
            )
        case _:
            raise GradError("dataset_invalid", f'Cannot attach dataset "{name}": it names no source')


def _writable(name: str, access: dataset_pb2.Access) -> bool:
    """An access that this version does not know is refused: to take it for one that allows less would be a guess."""
    match access:
        case dataset_pb2.ACCESS_READ_WRITE:
            return True
        case dataset_pb2.ACCESS_READ_ONLY | dataset_pb2.ACCESS_UNSPECIFIED:
            return False
        case _:
            raise GradError(
                "dataset_invalid", f'Cannot attach dataset "{name}": access {access} is not known'
            )


def _s3_source(name: str, s3: dataset_pb2.S3Source) -> S3Source:
    region = s3.region or DEFAULT_REGION
    _refuse(
        name,
        grammar.endpoint_fault(s3.endpoint),
        "Write it like http://127.0.0.1:9000, or leave it out for AWS.",
    )
    _refuse(name, grammar.region_fault(region), f"Leave it out for {DEFAULT_REGION}.")
    _refuse(
        name,
        grammar.bucket_fault(s3.bucket),
        "Write the bucket's name alone; what is below it belongs into prefix.",
    )
    _refuse(
        name,
        grammar.prefix_fault(s3.prefix),
        "Write it like flights/2013, or leave it out for the whole bucket.",
    )
    return S3Source(s3.endpoint, region, s3.bucket, s3.prefix, s3.path_style)


def _keys(name: str, s3: dataset_pb2.S3Source) -> Keys | None:
    if not s3.HasField("credentials"):
        return None
    given = s3.credentials
    if not given.access_key_id or not given.secret_access_key:
        raise GradError(
            "dataset_credentials_invalid", f'Cannot attach dataset "{name}": its keys are incomplete'
        )
    texts = (given.access_key_id, given.secret_access_key, given.session_token)
    if any(grammar.key_fault(text) for text in texts):
        raise GradError(
            "dataset_credentials_invalid",
            f'Cannot attach dataset "{name}": its keys have a blank or control character',
            "Look for a line end or a quote that came along when they were copied.",
        )
    return Keys(*texts, given.expires_at_seconds)


def _refuse(name: str, fault: str | None, hint: str) -> None:
    if fault is not None:
        raise GradError("dataset_invalid", f'Cannot attach dataset "{name}": {fault}', hint)
