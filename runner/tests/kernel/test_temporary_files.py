"""Code can nest folders without end, name them as it likes and close them to their owner: all are deleted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grad_runner.kernel.temporary_files import delete_tree, empty_folder

NEST = """
import os, sys
os.chdir(sys.argv[1])
for _ in range(3000): os.mkdir("d"); os.chdir("d")
os.mkdir(b"\\xff"); os.chmod(b"\\xff", 0); os.chmod(".", 0)
"""


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """Also where a test fails: pytest cannot delete such a folder."""
    yield
    for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*command, "--", str(tmp_path)], check=True)


def nest(folder: Path) -> None:
    folder.mkdir()
    subprocess.run([sys.executable, "-c", NEST, str(folder)], check=True)


def test_a_tree_that_is_deeper_than_python_can_recurse(tmp_path: Path) -> None:
    nest(tmp_path / "deep")
    delete_tree(tmp_path / "deep")
    assert os.listdir(tmp_path) == []


def test_an_emptied_folder_stays(tmp_path: Path) -> None:
    nest(tmp_path / "deep")
    (tmp_path / "file").touch()
    empty_folder(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("target", ["outside", "missing"])
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").touch()
    (tmp_path / "link").symlink_to(tmp_path / target)
    delete_tree(tmp_path / "link")
    assert os.listdir(tmp_path) == ["outside"]
    assert (tmp_path / "outside/kept").exists()
