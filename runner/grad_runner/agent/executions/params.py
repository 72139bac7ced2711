"""Parameters: a JSON object whose members become variables before the code runs."""

import json
import keyword
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from grad_runner.agent.limits import MAX_PARAMS_BYTES
from grad_runner.common.errors import GradError

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def parse(params_json: str) -> dict[str, Any]:
    """Raises GradError `invalid_argument`."""
    if params_json.strip() == "":
        return {}
    if len(params_json.encode("utf-8", "surrogatepass")) > MAX_PARAMS_BYTES:
        raise GradError(
            "invalid_argument",
            f"Cannot set parameters of more than {MAX_PARAMS_BYTES} bytes",
            "Put large data in a file with `gractl file put`.",
        )
    try:
        value = json.loads(params_json)
    except (ValueError, RecursionError) as error:
        raise GradError("invalid_argument", f"Cannot set parameters: not JSON ({error})") from None
    if not isinstance(value, dict):
        raise GradError("invalid_argument", "Cannot set parameters: not a JSON object")
    for name in value:
        if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name):
            raise GradError(
                "invalid_argument", f'Cannot set the parameter "{name[:80]}": it is no variable\'s name'
            )
    return value


def assignments(params: Mapping[str, Any], language: str) -> str:
    """Code that sets them and leaves nothing else behind. Raises GradError `invalid_argument` for other languages."""
    if language == "python":
        # Text in text: what json.dumps gives as a Python literal is what json.loads takes.
        return f"globals().update(__import__('json').loads({json.dumps(params)!r}))"
    if language in ("bash", "sh"):
        return "\n".join(f"{name}={shlex.quote(_shell_text(value))}" for name, value in params.items())
    raise GradError(
        "invalid_argument",
        f'Cannot set parameters for a kernel of the language "{language}"',
        "Parameters work with Python and bash; put them into the code.",
    )


def _shell_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
