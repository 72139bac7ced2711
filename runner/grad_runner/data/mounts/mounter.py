"""The port between what is supervised and how it is mounted: one adapter for each type of source."""

from pathlib import Path
from typing import Protocol

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec


class Mount(Protocol):
    """A mount that is ready, wherever it has been moved to since."""

    async def wait_unusable(self) -> GradError | None:
        """Waits until the mount is of no use any more. None: it died, make it anew; an error: it cannot be
        read until `Mounter.recovered`."""

    async def probe(self) -> GradError | None:
        """Asks the source whether it still lets itself be read as when it was mounted; answers why not. None also
        where it does not say. May be cancelled."""

    async def close(self) -> None:
        """Ends what serves it, at once; readers get errors. Idempotent. The mount point is the caller's."""


class Mounter(Protocol):
    """Makes mounts of one type of source."""

    async def mount(self, spec: DatasetSpec, staging: Path) -> Mount:
        """Mounts on the folder `staging` and answers when it can be read. Raises GradError with a code of
        docs/errors.md; then nothing serves `staging` any more."""

    async def recovered(self, spec: DatasetSpec) -> None:
        """Waits until trying again after `dataset_unreachable` makes sense."""
