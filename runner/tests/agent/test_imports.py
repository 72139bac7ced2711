"""Imports between the agent's packages run one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

AGENT = Path(__file__).parents[2] / "grad_runner" / "agent"
LEAVES = {"limits", "names", "timestamps"}
"""Modules beside the packages that every package may import; they import no package themselves."""
ALLOWED = {
    "files": set[str](),
    "kernels": {"files"},
    "storage": set[str](),
    "volume": set[str](),
    "executions": {"files", "kernels", "storage"},
    "sessions": {"files", "kernels", "storage", "executions"},
}
"""What each package may import beside itself and the leaves."""


def imported(path: Path) -> Iterator[str]:
    """The parts of the agent that a module imports: names of packages, or of modules beside them."""
    for node in ast.walk(ast.parse(path.read_text())):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        for module in modules:
            if module.startswith("grad_runner.agent."):
                yield module.split(".")[2]


def test_every_package_has_a_rule() -> None:
    assert {path.parent.name for path in AGENT.glob("*/__init__.py")} == set(ALLOWED)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_package_imports_only_what_its_rule_allows(package: str) -> None:
    modules = sorted((AGENT / package).glob("*.py"))
    assert len(modules) > 1
    for path in modules:
        extra = set(imported(path)) - ALLOWED[package] - LEAVES - {package}
        assert not extra, f"{package}/{path.name} imports {sorted(extra)}"


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaf_imports_no_package(leaf: str) -> None:
    assert set(imported(AGENT / f"{leaf}.py")) <= LEAVES


def test_no_other_component_imports_the_agent() -> None:
    for path in AGENT.parent.rglob("*.py"):
        if AGENT not in path.parents:
            assert not set(imported(path)), f"{path} imports the agent"
