"""What is to be done so that the attached datasets become the wanted ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from grad_runner.data.source import Source, Wanted


@dataclass(frozen=True, slots=True)
class Attached:
    """A dataset as it is attached now, or as it was tried in vain."""

    wanted: Wanted
    failed: bool


@dataclass(frozen=True, slots=True)
class Detach:
    name: str


@dataclass(frozen=True, slots=True)
class Attach:
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Renew:
    """The same source again: with other keys, or because it failed. What is mounted stays until the new is
    there."""

    wanted: Wanted


Step = Detach | Attach | Renew


def plan(wanted: Mapping[str, Wanted], attached: Mapping[str, Attached]) -> list[Step]:
    """Detaching comes first. Pure: the caller acts, and plans again whenever something has changed."""
    stale = [
        name
        for name, now in attached.items()
        if name not in wanted or _shown(wanted[name]) != _shown(now.wanted)
    ]
    steps: list[Step] = [Detach(name) for name in sorted(stale)]
    for name in sorted(wanted):
        if name not in attached or name in stale:
            steps.append(Attach(wanted[name]))
        elif attached[name].failed or attached[name].wanted.keys != wanted[name].keys:
            steps.append(Renew(wanted[name]))
    return steps


def _shown(wanted: Wanted) -> tuple[Source, bool]:
    """What a mount shows and allows. Another access is another mount, and not by Renew: what the old one has open would
    go on being written."""
    return wanted.source, wanted.writable
