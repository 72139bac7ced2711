"""A mounter and mount points without a machine below them."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec


@dataclass(slots=True)
class FakeMount:
    spec: DatasetSpec
    ends: asyncio.Future[GradError | None] = field(default_factory=asyncio.Future)
    closed: bool = False
    refusals: list[GradError | None] = field(default_factory=list)
    probes: int = 0
    silent: bool = False

    async def probe(self) -> GradError | None:
        """Answers with `refusals` in turn, the last of them for good; never when `silent`."""
        self.probes += 1
        if self.silent:
            await asyncio.Event().wait()
        if len(self.refusals) > 1:
            return self.refusals.pop(0)
        return self.refusals[0] if self.refusals else None

    async def wait_unusable(self) -> GradError | None:
        return await asyncio.shield(self.ends)

    async def close(self) -> None:
        self.closed = True


@dataclass(slots=True)
class FakeMounter:
    """Answers with `outcomes` in turn, then with mounts; `gate` holds it back."""

    outcomes: list[Exception] = field(default_factory=list)
    mounts: list[FakeMount] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    back: asyncio.Event = field(default_factory=asyncio.Event)

    async def mount(self, spec: DatasetSpec, staging: Path) -> FakeMount:
        await self.gate.wait()
        if self.outcomes:
            raise self.outcomes.pop(0)
        self.mounts.append(FakeMount(spec))
        return self.mounts[-1]

    async def recovered(self, spec: DatasetSpec) -> None:
        await self.back.wait()


@dataclass(slots=True)
class FakeMountPoints:
    root: Path = Path("/root")
    shown: bool = False
    staging: int = 0
    refuses: bool = False

    def clear(self) -> None:
        self.shown = False

    def new_staging(self, name: str) -> Path:
        self.staging += 1
        return Path("/staging")

    def show(self, staging: Path, name: str) -> None:
        if self.refuses:
            raise OSError(1, "Operation not permitted")
        self.staging -= 1
        self.shown = True

    async def hide(self, name: str) -> None:
        self.shown = False

    def discard(self, staging: Path) -> None:
        self.staging -= 1
