"""The port between a dataset's life cycle and its source: one adapter for each type of source."""

from pathlib import Path
from typing import Protocol

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec


class Mount(Protocol):
    """A mount that can be read, also after it has been moved from its staging folder to its place."""

    async def wait_unusable(self) -> GradError | None:
        """Waits until the mount cannot be used any more. Returns None when it has ended and can be made anew, or why the source
        is not readable until `Mounter.recovered` returns. May be cancelled."""

    async def probe(self) -> GradError | None:
        """Asks the source whether it may still be read; returns why not. None also where the source does not say. May be
        cancelled."""

    async def close(self) -> None:
        """Ends what serves the mount, at once: readers get errors. Idempotent. The mount point is the caller's to unmount."""


class Mounter(Protocol):
    """Makes mounts of one type of source."""

    async def mount(self, spec: DatasetSpec, staging: Path) -> Mount:
        """Mounts on the folder `staging` and returns when it can be read. Raises GradError with a code of docs/errors.md; then
        nothing serves `staging` any more, as after a cancellation."""

    async def recovered(self, spec: DatasetSpec) -> None:
        """Waits until another try makes sense after `dataset_unreachable` or `dataset_invalid`. May be cancelled."""
