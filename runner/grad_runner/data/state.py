"""What is told about a dataset."""

from dataclasses import dataclass

from grad_runner.common.errors import GradError


@dataclass(frozen=True, slots=True)
class Mounting:
    pass


@dataclass(frozen=True, slots=True)
class Mounted:
    pass


@dataclass(frozen=True, slots=True)
class Failed:
    error: GradError


State = Mounting | Mounted | Failed
