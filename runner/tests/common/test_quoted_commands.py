"""Commands in texts are run by agents: every value in one goes through shlex.quote."""

import ast
import re
from pathlib import Path

import grad_runner

_OPEN_COMMAND = re.compile(r"(^|[^`])`(gractl|grad|aws|sudo|chmod|sysctl|rm|mkdir|kill) [^`]*$")


def unquoted(source: str) -> list[int]:
    """Lines of f-strings that have a command in backticks with a value that is not `quote(…)`."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        before = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                before += str(part.value)
                continue
            assert isinstance(part, ast.FormattedValue)
            call = part.value
            quotes = (
                isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "quote"
            )
            if _OPEN_COMMAND.search(before) and not quotes:
                lines.append(node.lineno)
    return lines


def test_unquoted_finds_a_value_in_a_command() -> None:
    assert unquoted('f"Run `gractl file get {path}`"') == [1]
    assert unquoted('f"Run `gractl file get {quote(path)}`, or `gractl file list` for {path}"') == []


def test_every_command_in_a_text_has_its_values_quoted() -> None:
    root = Path(grad_runner.__file__).parent
    found = {str(path): unquoted(path.read_text()) for path in root.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}
