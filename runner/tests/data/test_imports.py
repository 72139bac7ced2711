"""Imports between the packages of the data component run one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "grad_runner" / "data"
LEAVES = {"dataset_name", "dataset_spec", "keys", "memory_limit", "status"}
"""Modules beside the packages that every package may import; they import no package themselves."""
ALLOWED = {
    "mounts": set[str](),
    "s3": {"mounts"},
    "directory": {"mounts"},
    "inspection": {"s3", "directory"},
}
"""What each package may import beside itself and the leaves."""


def imported(path: Path) -> Iterator[str]:
    """The parts of the data component that a module imports: names of packages, or of modules beside them."""
    for node in ast.walk(ast.parse(path.read_text())):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        for module in modules:
            if module.startswith("grad_runner.data."):
                yield module.split(".")[2]


def test_every_package_has_a_rule() -> None:
    assert {path.parent.name for path in DATA.glob("*/__init__.py")} == set(ALLOWED)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_package_imports_only_what_its_rule_allows(package: str) -> None:
    modules = sorted((DATA / package).glob("*.py"))
    assert len(modules) > 1
    for path in modules:
        extra = set(imported(path)) - ALLOWED[package] - LEAVES - {package}
        assert not extra, f"{package}/{path.name} imports {sorted(extra)}"


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaf_imports_no_package(leaf: str) -> None:
    assert set(imported(DATA / f"{leaf}.py")) <= LEAVES


def test_no_other_component_imports_the_data_component() -> None:
    for path in DATA.parent.rglob("*.py"):
        if DATA not in path.parents:
            assert not set(imported(path)), f"{path} imports the data component"
