"""Checks what a client submits."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Final

from grad_runner.agent import names
from grad_runner.agent.executions import params
from grad_runner.agent.executions.process_settings import NO_SETTINGS, ProcessSettings
from grad_runner.agent.kernels.component import Spec
from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import MAX_CODE_BYTES, MAX_CODE_NAME_CHARS

DEFAULT_KERNEL: Final = "python3"
_EXTENSIONS: Final = {
    "python": "py",
    "bash": "sh",
    "sh": "sh",
    "r": "r",
    "julia": "jl",
    "javascript": "js",
    "sql": "sql",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """`kernel` is a kernelspec, "" for the session's own; `deadline_ms` 0 means none."""

    key: str
    session: str
    kernel: str
    code: str
    params_json: str
    deadline_ms: int
    datasets_version: str = ""
    """Of the datasets that it is for; empty for any."""
    code_name: str = ""
    """What tracebacks call the code; empty for the number of its cell."""
    columns: int = 0
    """Width of the user's terminal; 0 for none."""
    process: ProcessSettings = NO_SETTINGS
    """What the code finds around it."""

    @property
    def fingerprint(self) -> str:
        """Equal for submissions with the same code, parameters, session and settings of the process."""
        settings = (
            [] if self.process.is_empty else [sorted(self.process.variables.items()), self.process.directory]
        )
        text = json.dumps([self.session, self.code, self.params_json, *settings])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def code_name(name: str) -> str:
    """The name, or "" for one that would not be shown in a traceback as it is."""
    return name if len(name) <= MAX_CODE_NAME_CHARS and name.isprintable() else ""


def check(submission: Submission) -> None:
    """Raises GradError `invalid_code`, `invalid_name`, `invalid_argument`."""
    names.idempotency_key(submission.key)
    names.kernel_spec_name(submission.kernel)
    code = submission.code
    size = len(code.encode("utf-8", "surrogatepass"))
    # Cases: nothing to run; too long; a byte that no source file may have.
    if code.strip() == "":
        raise GradError(
            "invalid_code", "Cannot run empty code", "Give code by `--code`, `--file` or standard input."
        )
    if size > MAX_CODE_BYTES:
        raise GradError(
            "invalid_code",
            f"Cannot run code of {size} bytes: at most {MAX_CODE_BYTES} (4 MiB) are allowed",
            "Put large data in a file with `gractl file put`.",
        )
    if "\0" in code:
        line = code.count("\n", 0, code.index("\0")) + 1
        raise GradError("invalid_code", f"Cannot run code with a NUL byte, in line {line}", "Remove it.")
    params.parse(submission.params_json)
    submission.process.check()


def choose_kernel(
    requested: str, session_kernel: str | None, session: str, specs: Mapping[str, Spec]
) -> Spec:
    """The kernelspec that runs the code. Raises GradError `kernel_conflict`, `kernel_not_found`."""
    if requested:
        find_kernel(requested, specs)
    if requested and session_kernel and requested != session_kernel:
        raise GradError(
            "kernel_conflict",
            f'Cannot run "{requested}" in the session "{session}": it runs "{session_kernel}"',
            f"Use another session, or `gractl session reset {quote(session)} --kernel {quote(requested)}`.",
        )
    return find_kernel(requested or session_kernel or DEFAULT_KERNEL, specs)


def find_kernel(name: str, specs: Mapping[str, Spec]) -> Spec:
    """Raises GradError `kernel_not_found`."""
    spec = specs.get(name)
    if spec is None:
        there = ", ".join(sorted(specs)) or "none"
        raise GradError(
            "kernel_not_found", f'Cannot find the kernel "{name}"', f"Kernels of this runner: {there}."
        )
    return spec


def extension(language: str) -> str:
    """Of a source file, without the dot."""
    return _EXTENSIONS.get(language, "txt")
