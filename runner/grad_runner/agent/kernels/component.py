"""The port to the kernel component, which starts, measures and ends kernels. `SupervisorClient` implements it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class KernelEnd:
    """How a kernel ended: as the supervisor reports it, "lost" together with the kernel component, or by a reset."""

    reason: Literal["crashed", "out_of_memory", "evicted", "lost", "reset"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """A kernelspec. A forked kernel writes spool, stdout and stderr files; others publish on iopub only."""

    name: str
    display_name: str
    language: str
    forked: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a kernel listens, below the kernel folder: `<kernel>/z-<port>`. `ports` has shell, iopub and control."""

    kernel: str
    forked: bool
    key: bytes
    ports: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stat:
    """Of the kernel's whole process tree. CPU time since its start; peak memory since the last `execution_ended`."""

    cpu_ms: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class ExistingKernel:
    """A kernel that the supervisor lists. One that has ended still has its files."""

    address: Address
    end: KernelEnd | None


class Listener(Protocol):
    """Receives what happens in the kernel component. Called in the event loop; must return at once."""

    def kernel_ended(self, kernel: str, end: KernelEnd) -> None: ...
    def kernels_listed(self, kernels: Mapping[str, ExistingKernel]) -> None:
        """All kernels, by id, after each new connection. A kernel that is missing has ended with its component."""


class KernelComponent(Protocol):
    """Every coroutine raises GradError: `runner_unavailable` if the component does not answer, else its own code."""

    async def start(self, kernel: str, spec: str) -> Address:
        """Answers when the kernel's sockets are bound."""

    async def signal(self, kernel: str, name: Literal["INT", "KILL"]) -> None:
        """INT to the kernel, KILL to its whole process tree; no effect on one that has ended."""

    async def stat(self, kernel: str) -> Stat: ...
    def execution_started(self, kernel: str) -> None:
        """Reports that the kernel was given code, so that it is not idle. Never waits and never fails."""

    def execution_ended(self, kernel: str) -> None:
        """Reports that the kernel has run its code: peak memory is measured from now on. Never waits and never fails: at
        worst the next peak is too high."""

    async def remove(self, kernel: str) -> None:
        """Kills the kernel if it lives and deletes its folder; succeeds if there is none."""
