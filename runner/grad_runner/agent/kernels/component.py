"""The port to the component that holds the kernels. `SupervisorClient` is the real one; tests have a fake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class KernelEnd:
    """How a kernel ended: by the supervisor's word, or "lost" with the whole kernel component, or by a reset."""

    why: Literal["crashed", "out_of_memory", "lost", "reset"]
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
    """Of the kernel's whole process tree; the peak since the last `mark`."""

    cpu_ms: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class LeftKernel:
    """One that is there when we connect; one that has ended still has its files."""

    address: Address
    end: KernelEnd | None


class Listener(Protocol):
    """Who is told what happens in the component. Called in the loop; must not wait."""

    def kernel_ended(self, kernel: str, end: KernelEnd) -> None: ...
    def kernels_seen(self, kernels: Mapping[str, LeftKernel]) -> None:
        """All there are; told on each new connection. One that is not among them has ended with its component."""


class KernelComponent(Protocol):
    """Every method raises GradError: `runner_unavailable` where the component does not answer, else the component's own code."""

    async def start(self, kernel: str, spec: str) -> Address:
        """Answers when its sockets are bound."""

    async def signal(self, kernel: str, name: Literal["INT", "KILL"]) -> None:
        """INT to the kernel, KILL to its whole tree; nothing for one that has ended."""

    async def stat(self, kernel: str) -> Stat: ...
    def mark(self, kernel: str) -> None:
        """The peak counts from now on. Waits for nothing and never fails: the next peak is then too high, not wrong."""

    async def remove(self, kernel: str) -> None:
        """Kills it if it lives and deletes its folder; succeeds where there is none."""
