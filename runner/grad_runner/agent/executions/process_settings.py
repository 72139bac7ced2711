"""What an execution finds around it: environment variables and the working directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from grad_runner.agent.kernels.component import Spec
from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import MAX_DIRECTORY_BYTES, MAX_VARIABLES_BYTES


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """They hold while the code runs; afterwards everything is as before, unless the code has changed it."""

    variables: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""
    """Absolute, or relative to /workspace; "" for where the session is."""

    @property
    def is_empty(self) -> bool:
        return not self.variables and not self.directory

    def check(self) -> None:
        """Raises GradError `invalid_argument`."""
        for name, value in self.variables.items():
            if name == "" or "=" in name or "\0" in name or "\0" in value:
                raise GradError("invalid_argument", f'Cannot set the environment variable "{name[:80]}"')
        if sum(_size(name) + _size(value) for name, value in self.variables.items()) > MAX_VARIABLES_BYTES:
            raise GradError(
                "invalid_argument",
                f"Cannot set environment variables of more than {MAX_VARIABLES_BYTES} bytes",
            )
        if "\0" in self.directory or _size(self.directory) > MAX_DIRECTORY_BYTES:
            raise GradError("invalid_argument", f'Cannot run the code in "{self.directory[:80]}"')

    def require_supported(self, spec: Spec) -> None:
        """Only kernels of ours know them. Raises GradError `invalid_argument`."""
        if self.is_empty or spec.forked:
            return
        raise GradError(
            "invalid_argument",
            f'Cannot set environment variables or a working directory for the kernel "{spec.name}"',
            "Write them into the code, for example `export NAME=value` and `cd FOLDER`.",
        )


NO_SETTINGS: Final = ProcessSettings()


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
