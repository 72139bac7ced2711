"""What is reported about a dataset."""

from dataclasses import dataclass

from grad_runner.common.errors import GradError


@dataclass(frozen=True, slots=True)
class Mounting:
    """Not usable yet, or not at the moment; it becomes Mounted or Failed without another call."""

    after: GradError | None = None
    """Why the try before this one has failed, if it has."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """Readable, as far as is known."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not mounted; `error` says why and what helps."""

    error: GradError


State = Mounting | Mounted | Failed


@dataclass(frozen=True, slots=True)
class DatasetStatus:
    name: str
    state: State
