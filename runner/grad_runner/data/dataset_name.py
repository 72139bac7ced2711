"""Which names datasets may have: they become folders below the mount root."""

from grad_runner.gen.shared.limits import NAME


def name_fault(name: str) -> str | None:
    """Why the name is refused, or None. Pure."""
    return None if NAME.fullmatch(name) else f"the name is not of the form {NAME.pattern}"
