"""Datasets, failures and instants that the tests of the life cycle share."""

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.keys import Keys
from grad_runner.data.mounts.lifecycle import Now

DENIED = GradError("dataset_access_denied", "denied")
UNREACHABLE = GradError("dataset_unreachable", "does not answer")
INVALID = GradError("dataset_invalid", "no such folder")
MOUNT_FAILED = GradError("dataset_mount_failed", "no s3fs")
OLD = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b"))
NEW = DatasetSpec("d", DirectorySource("/d"), Keys("c", "d"))
EPOCH = 1_000_000.0


def expiring(at: int) -> DatasetSpec:
    """Its keys expire `at` seconds after the beginning of the test."""
    return DatasetSpec("d", DirectorySource("/d"), Keys("e", "f", "", int(EPOCH) + at))


def at(seconds: float) -> Now:
    return Now(seconds, EPOCH + seconds)
