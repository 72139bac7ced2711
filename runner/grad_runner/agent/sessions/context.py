"""What all sessions of an agent share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.kernels.component import KernelComponent
from grad_runner.agent.kernels.inotify import InotifyWatcher
from grad_runner.agent.limits import Limits
from grad_runner.agent.storage.record import Record
from grad_runner.agent.storage.store import Store


@dataclass(frozen=True, slots=True)
class SessionContext:
    component: KernelComponent
    store: Store
    workspace: WorkspaceWriter
    kernels_dir: Path
    """Shared with the kernel component: a folder for each kernel, with its sockets and output files."""
    sessions_dir: Path
    limits: Limits
    watcher: InotifyWatcher
    hint_for: Callable[[str, str], str]
    """The hint for an exception of that class and message; "" if there is none. May read the datasets' folder."""
    language_of: Callable[[str], str]
    """The language of a kernelspec; "" for one that the kernel component does not list."""
    on_finished: Callable[[Record], None]
    """Called after each execution's end."""
