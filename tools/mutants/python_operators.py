"""Small faults to put into Python modules: python_operators.py FILE... prints, per line, a JSON list of one file's mutants.

The same operators as typescript_operators.ts: boundaries of comparisons, negations, numbers, bounds of patterns, removed
statements, removed flags. Types, texts, logs and constants of a module's or class's top level are left as they are. Offsets count
UTF-16 units, as JavaScript does.
"""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str, str]] = {
    ast.Lt: ("<", "<=", "boundary"),
    ast.LtE: ("<=", "<", "boundary"),
    ast.Gt: (">", ">=", "boundary"),
    ast.GtE: (">=", ">", "boundary"),
    ast.Eq: ("==", "!=", "negation"),
    ast.NotEq: ("!=", "==", "negation"),
    ast.Is: ("is", "is not", "negation"),
    ast.IsNot: ("is not", "is", "negation"),
    ast.In: ("in", "not in", "negation"),
    ast.NotIn: ("not in", "in", "negation"),
}
_LOGGING = re.compile(r"^(?:self\.)?_?(?:log|logger)(?:\.\w+)?\(")
_FLAG = re.compile(r"^[A-Z_][A-Z0-9_]*$")


def _names_a_flag(node: ast.expr) -> bool:
    """Whether this is a flag or a union of some, and not a union of types."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return _FLAG.match(name) is not None
        case ast.BinOp(op=ast.BitOr()):
            return _names_a_flag(node.left) or _names_a_flag(node.right)
        case _:
            return False


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr() | ast.Constant(value=str()):
            return True
        case ast.BinOp():
            return _is_text(node.left) or _is_text(node.right)
        case _:
            return False


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[dict[str, Any]] = []
        self._lines = [line.encode() for line in source.splitlines(keepends=True)]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line.decode()))
        self._depth = 0

    def _at(self, line: int, column: int) -> int:
        """The position, in characters, of a line (from 1) and a column (in bytes)."""
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        n: Any = node
        return self._at(n.lineno, n.col_offset), self._at(n.end_lineno, n.end_col_offset)

    def _add(self, line: int, span: tuple[int, int], replacement: str, operator: str) -> None:
        def units(position: int) -> int:
            return len(self.source[:position].encode("utf-16-le")) // 2

        self.found.append(
            {
                "line": line,
                "start": units(span[0]),
                "end": units(span[1]),
                "replacement": replacement,
                "operator": operator,
            }
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.source[start:end]

    def _replace(self, node: ast.AST, replacement: str, operator: str) -> None:
        self._add(getattr(node, "lineno", 0), self._span(node), replacement, operator)

    def _between(self, left: ast.AST, right: ast.AST, old: str, new: str, operator: str) -> None:
        """Exchanges the operator that stands between two operands."""
        start, end = self._span(left)[1], self._span(right)[0]
        gap = self.source[start:end]
        pattern = r"\s+".join(map(re.escape, old.split()))
        found = re.search(rf"(?<![\w<>=!]){pattern}(?![\w=<>])", gap)
        if found is not None:
            self._add(
                getattr(right, "lineno", 0), (start + found.start(), start + found.end()), new, operator
            )

    # -- conditions ------------------------------------------------------------------------------------------------------------

    def _condition(self, test: ast.expr) -> None:
        own = isinstance(test, ast.UnaryOp) or (
            isinstance(test, ast.Compare) and _COMPARISONS[type(test.ops[0])][2] == "negation"
        )
        if not own:
            self._replace(test, f"(not ({self._text(test)}))", "negation")

    def visit_If(self, node: ast.If) -> None:
        # A block of imports for types only never runs.
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        if not isinstance(node.test, ast.Constant):
            self._condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._condition(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            old, new, kind = _COMPARISONS[type(operator)]
            self._between(left, right, old, new, kind)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, old, new, "negation")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, f"({self._text(node.operand)})", "negation")
        self.generic_visit(node)

    # -- values ----------------------------------------------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> None:
        match node.op:
            case ast.BitOr() if _names_a_flag(node):
                for kept, removed in ((node.left, node.right), (node.right, node.left)):
                    if not self._text(removed).endswith("O_RDONLY"):  # that is 0
                        self._replace(node, self._text(kept), "removed flag")
            case ast.Add() if not _is_text(node):
                self._between(node.left, node.right, "+", "-", "arithmetic")
            case ast.Sub():
                self._between(node.left, node.right, "-", "+", "arithmetic")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if self._depth == 0:
            return
        match node.value:
            case bool():
                self._replace(node, str(not node.value), "constant")
            case int():
                self._replace(node, str(node.value + 1), "constant")
                if node.value > 0:
                    self._replace(node, str(node.value - 1), "constant")

    def visit_Call(self, node: ast.Call) -> None:
        if (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
        ):
            self._pattern(node.args[0])
        self.generic_visit(node)

    def _pattern(self, node: ast.expr) -> None:
        """A regular expression's bounds, as in `{0,38}`."""
        start, _ = self._span(node)
        for bounds in re.finditer(r"(?<!\\)\{\d+(?:,\d*)?\}", self._text(node)):
            for number in re.finditer(r"\d+", bounds[0]):
                at = start + bounds.start() + number.start()
                value = int(number[0])
                for other in (value + 1, value - 1):
                    if other >= 0:
                        line = getattr(node, "lineno", 0)
                        self._add(line, (at, at + len(number[0])), str(other), "bound of a pattern")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Texts stay."""

    # -- statements ------------------------------------------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call | ast.Await) and self._depth > 0:
            text = self._text(node.value)
            if _LOGGING.match(text) is not None:
                return
            if "super().__init__" not in text:
                self._replace(node, "pass", "removed statement")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass", "removed statement")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "pass", "removed raise")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        simple = isinstance(node.value, ast.Constant) and (
            node.value.value is None or isinstance(node.value.value, int)
        )
        if node.value is not None and not simple:
            self._replace(node, "return None", "removed return")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "pass", "removed statement")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "pass", "removed statement")

    # -- what is left as it is -------------------------------------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._depth += 1
        for statement in node.body:
            self.visit(statement)
        self._depth -= 1

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)


def mutants(source: str) -> list[dict[str, Any]]:
    """All mutants of a module, in the order of its text."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return finder.found


def main() -> None:
    for name in sys.argv[1:]:
        print(json.dumps(mutants(Path(name).read_text())))


if __name__ == "__main__":
    main()
