"""What all sessions of an agent share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

from grad_runner.agent.files.workspace_writer import Workspace
from grad_runner.agent.kernels.component import KernelComponent
from grad_runner.agent.kernels.inotify import Watcher
from grad_runner.agent.limits import Limits
from grad_runner.agent.storage.record import Record
from grad_runner.agent.storage.store import Store


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`kernels` is the folder shared with the kernel component, `sessions` the one that sessions are kept in."""

    component: KernelComponent
    store: Store
    workspace: Workspace
    kernels: Path
    sessions: Path
    limits: Limits
    watcher: Watcher
    context: "zmq.Context[Any]"
    # Names of the datasets that are there now; for hints.
    datasets: Callable[[], list[str]]
    # The language of a kernelspec, "" where it is not known.
    language: Callable[[str], str]
    # Told after each execution's end.
    finished: Callable[[Record], None]
