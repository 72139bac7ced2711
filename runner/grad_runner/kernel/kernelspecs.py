"""Finds the kernelspecs: the forked `python3`, those of the Jupyter environment, and those that come with this package.

The files are read as jupyter_client would read them, without importing it, so that the supervisor starts in milliseconds.
Kernelspecs in the home folder are ignored: it is temporary, and the user's code can write to it.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FORKED = "python3"
_OWN = Path(__file__).parent / "kernelspecs"


@dataclass(frozen=True, slots=True)
class Spec:
    """How a kernel is started: by forking the launcher (`argv` is empty then), or by running `argv`."""

    name: str
    display_name: str
    language: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    resource_dir: Path | None
    interrupt_mode: Literal["signal", "message"]

    @property
    def forked(self) -> bool:
        return not self.argv

    def command(self, connection_file: Path) -> tuple[str, ...]:
        """`argv` with its placeholders filled in; Python kernels run in this interpreter."""
        names = {
            "connection_file": str(connection_file),
            "prefix": sys.prefix,
            "resource_dir": str(self.resource_dir or ""),
        }
        first, *rest = self.argv
        if first in ("python", "python3"):
            first = sys.executable
        return (first, *(_fill(argument, names) for argument in rest))


def find_specs(env: Mapping[str, str]) -> dict[str, Spec]:
    """Every kernelspec that can be started now, by name. Earlier folders take precedence; invalid files are skipped."""
    specs = {FORKED: Spec(FORKED, "Python 3", "python", (), {}, None, "signal")}
    for folder in (*_jupyter_folders(env), _OWN):
        for file in sorted(folder.glob("*/kernel.json")):
            name = file.parent.name
            if name not in specs and (spec := _read(file)) is not None:
                specs[name] = spec
    return specs


def _jupyter_folders(env: Mapping[str, str]) -> Sequence[Path]:
    roots = [path for path in env.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    return [
        Path(root) / "kernels"
        for root in (*roots, f"{sys.prefix}/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter")
    ]


def _read(file: Path) -> Spec | None:
    try:
        return parse_spec(file.parent.name, json.loads(file.read_bytes()), file.parent)
    except (OSError, ValueError):
        return None


def parse_spec(name: str, value: object, resource_dir: Path) -> Spec | None:
    """The kernelspec in the value of a kernel.json; None if it is invalid, or if a Python module that it needs is missing."""
    if not isinstance(value, dict):
        return None
    argv, env = value.get("argv"), value.get("env", {})
    if not isinstance(argv, list) or not argv or not all(isinstance(argument, str) for argument in argv):
        return None
    if not isinstance(env, dict) or not all(isinstance(item, str) for item in env.values()):
        return None
    if (module := _needed_module(argv, value.get("metadata"))) and importlib.util.find_spec(module) is None:
        return None
    return Spec(
        name=name,
        display_name=str(value.get("display_name", name)),
        language=str(value.get("language", "")),
        argv=tuple(argv),
        env=env,
        resource_dir=resource_dir,
        interrupt_mode="message" if value.get("interrupt_mode") == "message" else "signal",
    )


def _needed_module(argv: Sequence[str], metadata: object) -> str | None:
    """The top-level module without which the kernel cannot start, as the kernelspec's metadata names it."""
    grad = metadata.get("grad") if isinstance(metadata, dict) else None
    if isinstance(grad, dict) and isinstance(grad.get("module"), str):
        return str(grad["module"])
    return None


def _fill(argument: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        argument = argument.replace("{" + name + "}", value)
    return argument
