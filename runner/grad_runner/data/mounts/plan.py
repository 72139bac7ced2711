"""Which steps turn the attached datasets into the requested ones."""

from collections.abc import Mapping
from dataclasses import dataclass

from grad_runner.data.dataset_spec import DatasetSpec, Source


@dataclass(frozen=True, slots=True)
class Attached:
    """A dataset that is attached now, or whose last try to attach it has failed."""

    spec: DatasetSpec
    failed: bool


@dataclass(frozen=True, slots=True)
class Detach:
    name: str


@dataclass(frozen=True, slots=True)
class Attach:
    spec: DatasetSpec


@dataclass(frozen=True, slots=True)
class Renew:
    """Mount the same source again, with other keys or because it has failed. The old mount stays until the new one is ready."""

    spec: DatasetSpec


Step = Detach | Attach | Renew


def plan(requested: Mapping[str, DatasetSpec], attached: Mapping[str, Attached]) -> list[Step]:
    """The steps, in the order in which to carry them out: detaching first. Both mappings are by name. Pure; an empty plan means
    that nothing is to be done."""
    stale = [
        name
        for name, now in attached.items()
        if name not in requested or _content(requested[name]) != _content(now.spec)
    ]
    steps: list[Step] = [Detach(name) for name in sorted(stale)]
    for name in sorted(requested):
        if name not in attached or name in stale:
            steps.append(Attach(requested[name]))
        elif attached[name].failed or attached[name].spec.keys != requested[name].keys:
            steps.append(Renew(requested[name]))
    return steps


def _content(spec: DatasetSpec) -> tuple[Source, bool]:
    """What a mount shows and allows. A change of access is no Renew: writes to files that are open in the old mount would still
    reach the source."""
    return spec.source, spec.writable
