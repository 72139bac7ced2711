"""A mounter and mount points without a machine below them."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from grad_runner.common.errors import GradError
from grad_runner.data.source import Wanted


@dataclass(slots=True)
class FakeMount:
    wanted: Wanted
    ends: asyncio.Future[GradError | None] = field(default_factory=asyncio.Future)
    closed: bool = False
    refusals: list[GradError | None] = field(default_factory=list)
    looks: int = 0
    silent: bool = False

    async def look(self) -> GradError | None:
        """Answers with `refusals` in turn, the last of them for good; never when `silent`."""
        self.looks += 1
        if self.silent:
            await asyncio.Event().wait()
        if len(self.refusals) > 1:
            return self.refusals.pop(0)
        return self.refusals[0] if self.refusals else None

    async def trouble(self) -> GradError | None:
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

    async def mount(self, wanted: Wanted, aside: Path) -> FakeMount:
        await self.gate.wait()
        if self.outcomes:
            raise self.outcomes.pop(0)
        self.mounts.append(FakeMount(wanted))
        return self.mounts[-1]

    async def recovered(self, wanted: Wanted) -> None:
        await self.back.wait()


@dataclass(slots=True)
class FakePlaces:
    root: Path = Path("/root")
    shown: bool = False
    aside: int = 0
    refuses: bool = False

    def clear(self) -> None:
        self.shown = False

    def make_aside(self, name: str) -> Path:
        self.aside += 1
        return Path("/aside")

    def show(self, aside: Path, name: str) -> None:
        if self.refuses:
            raise OSError(1, "Operation not permitted")
        self.aside -= 1
        self.shown = True

    def hide(self, name: str) -> None:
        self.shown = False

    def drop_aside(self, aside: Path) -> None:
        self.aside -= 1
