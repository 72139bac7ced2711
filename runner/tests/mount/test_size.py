"""The privileged code stays short enough to be read as a whole, and depends on nothing but Python itself."""

import ast
import io
import sys
import tokenize
from pathlib import Path

import grad_runner.mount

MAX_LINES = 150
FOLDER = Path(grad_runner.mount.__file__).parent
# fusermount.py runs in the data component's container, without any privilege.
PRIVILEGED = [path for path in sorted(FOLDER.glob("*.py")) if path.name != "fusermount.py"]
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def _lines_of_code(text: str) -> int:
    """Lines that hold code: neither blank, nor of comments or docstrings."""
    texts = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    documentation = {line for node in texts for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {
        line
        for token in tokens
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - documentation)


def test_the_privileged_code_is_short() -> None:
    assert sum(_lines_of_code(path.read_text()) for path in PRIVILEGED) < MAX_LINES


def test_the_privileged_code_imports_the_standard_library_only() -> None:
    for path in PRIVILEGED:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                own = name.startswith("grad_runner.mount.")
                assert own or name.partition(".")[0] in sys.stdlib_module_names, (path.name, name)
