"""From the wire's Dataset to a DatasetSpec: everything that came from outside is checked here."""

from dataclasses import dataclass
from typing import Final

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_name import name_fault
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.directory.grammar import path_fault
from grad_runner.data.s3.allowed_endpoints import AllowedEndpoints
from grad_runner.data.s3.parse import parse_keys, parse_source
from grad_runner.gen.grad.v1 import dataset_pb2

ANY_ENDPOINT: Final = AllowedEndpoints()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What this component attaches: folders of its machine or not, and S3 from which servers."""

    directories: bool
    s3_endpoints: AllowedEndpoints = ANY_ENDPOINT


def parse_dataset(dataset: dataset_pb2.Dataset, allowed: Allowed) -> DatasetSpec:
    """Raises GradError `invalid_name`, `dataset_invalid`, `dataset_credentials_invalid`, `dataset_type_unsupported`,
    `dataset_endpoint_refused`."""
    name = dataset.name
    if fault := name_fault(name):
        raise GradError("invalid_name", f'Cannot attach dataset "{name[:80]}": {fault}')
    writable = _writable(name, dataset.access)
    match dataset.WhichOneof("source"):
        case "s3" if dataset.s3.credentials_unavailable:
            raise GradError(
                "credentials_not_found",
                f'Cannot attach dataset "{name}": its keys are not on the machine that runs gractl',
                "`gractl dataset check` says which are missing.",
            )
        case "s3":
            source = parse_source(name, dataset.s3)
            allowed.s3_endpoints.require(name, source)
            return DatasetSpec(name, source, parse_keys(name, dataset.s3), writable)
        case "directory" if allowed.directories:
            path = dataset.directory.path
            if fault := path_fault(path):
                raise GradError(
                    "dataset_invalid",
                    f'Cannot attach dataset "{name}": {fault}',
                    "Name an absolute folder, not the root.",
                )
            return DatasetSpec(name, DirectorySource(path.rstrip("/")), None, writable)
        case "directory":
            raise GradError(
                "dataset_type_unsupported",
                f'Cannot attach dataset "{name}": this backend has no data source of type directory',
                "Put the files into S3, or use the local backend.",
            )
        case _:
            raise GradError("dataset_invalid", f'Cannot attach dataset "{name}": it names no source')


def _writable(name: str, access: dataset_pb2.Access) -> bool:
    """An access that this version does not know is refused: it may allow less than any that is known."""
    match access:
        case dataset_pb2.ACCESS_READ_WRITE:
            return True
        case dataset_pb2.ACCESS_READ_ONLY | dataset_pb2.ACCESS_UNSPECIFIED:
            return False
        case _:
            raise GradError(
                "dataset_invalid", f'Cannot attach dataset "{name}": access {access} is not known'
            )
