"""Names and ids: which are allowed, and how ids are made from names."""

import hashlib
import re
from typing import Final

from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import IDEMPOTENCY_KEY, KERNEL_NAME, NAME

_EXECUTION: Final = re.compile(r"[a-z0-9-]{1,64}")


def session_name(name: str) -> str:
    """The name itself, "default" for an empty one. Raises GradError `invalid_name`."""
    if name == "":
        return "default"
    if NAME.fullmatch(name):
        return name
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).lstrip("-0123456789")[:40].rstrip("-")
    raise GradError(
        "invalid_name",
        f'Cannot use "{name[:80]}" as the name of a session: names begin with a letter and have up to 40 of a-z, 0-9 '
        'and "-", not "-" at the end',
        f'Use "{text or "session"}".',
    )


def idempotency_key(key: str) -> str:
    """Raises GradError `invalid_argument`."""
    if IDEMPOTENCY_KEY.fullmatch(key):
        return key
    raise GradError(
        "invalid_argument", 'Cannot use the idempotency key: it has 16 to 64 of A-Z, a-z, 0-9, "_" and "-"'
    )


def kernel_spec_name(name: str) -> str:
    """The name itself, also "". Raises GradError `kernel_not_found` for a name that no kernelspec can have."""
    if name == "" or KERNEL_NAME.fullmatch(name):
        return name
    raise GradError("kernel_not_found", f'Cannot find the kernel "{name[:80]}"')


def execution_id(runner_id: str, key: str) -> str:
    """The same for the same idempotency key: that makes a key run once."""
    return f"{runner_id}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def is_execution_id(text: str) -> bool:
    """Whether it can be the name of an execution's folder."""
    return _EXECUTION.fullmatch(text) is not None


def kernel_id(session: str, generation: int) -> str:
    """ "k1f0c2a9b-3"; short, because it is part of a socket's path, which has at most 107 bytes."""
    return f"k{hashlib.sha256(session.encode()).hexdigest()[:8]}-{generation}"
