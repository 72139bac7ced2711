"""Parameters of an execution: a JSON object whose members become variables before the code runs."""

import json
import keyword
import shlex
from collections.abc import Mapping
from typing import Any

from grad_runner.common.errors import GradError
from grad_runner.gen.shared.limits import MAX_PARAMS_BYTES, PARAM_NAME


def parse(params_json: str) -> dict[str, Any]:
    """The parameters by name; none for "". Raises GradError `invalid_argument`."""
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
        if not PARAM_NAME.fullmatch(name) or keyword.iskeyword(name):
            raise GradError(
                "invalid_argument",
                f'Cannot set the parameter "{name[:80]}": it is not the name of a variable',
            )
    return value


def assignments(params: Mapping[str, Any], language: str) -> str:
    """Code that sets the variables and nothing else. `language` is python, bash or sh; raises GradError `invalid_argument` for
    others."""
    if language == "python":
        # JSON inside a Python string literal: no value can end the literal or be run as code.
        return f"globals().update(__import__('json').loads({json.dumps(params)!r}))"
    if language in ("bash", "sh"):
        return "\n".join(f"{name}={shlex.quote(_shell_text(value))}" for name, value in params.items())
    raise GradError(
        "invalid_argument",
        f'Cannot set parameters for a kernel of the language "{language}"',
        "Parameters work with Python and bash; write the values into the code.",
    )


def _shell_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
