"""Environment variables and the working directory of one cell."""

import os
from pathlib import Path
from typing import Any

import pytest

from grad_runner.kernel.process_settings import process_settings

from .component import KernelClient


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAS", "before")
    monkeypatch.delenv("NEW", raising=False)


def test_everything_is_as_before_behind_the_block(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with process_settings({"WAS": "now", "NEW": ""}, str(tmp_path / "sub")):
        assert (os.environ["WAS"], os.environ["NEW"], Path.cwd()) == ("now", "", tmp_path / "sub")
    assert (os.environ["WAS"], "NEW" in os.environ, Path.cwd()) == ("before", False, tmp_path)


def test_what_the_block_changes_stays(tmp_path: Path) -> None:
    (tmp_path / "sub" / "deeper").mkdir(parents=True)
    with process_settings({"WAS": "now", "NEW": "a"}, "sub"):
        os.environ["WAS"] = "changed"
        del os.environ["NEW"]
        os.chdir("deeper")
    assert (os.environ["WAS"], "NEW" in os.environ) == ("changed", False)
    assert Path.cwd() == tmp_path / "sub" / "deeper"


def test_without_a_directory_the_block_stays_where_it_is_or_goes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with process_settings({}, ""):
        assert Path.cwd() == tmp_path
        os.chdir("sub")
    assert Path.cwd() == tmp_path / "sub"


def test_a_directory_that_is_missing_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), process_settings({"NEW": "a"}, "missing"):
        pytest.fail("the block is not entered")
    assert ("NEW" in os.environ, Path.cwd()) == (False, tmp_path)


def test_directories_that_are_deleted_meanwhile_are_no_error(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    os.chdir("a")
    (tmp_path / "a").rmdir()
    with process_settings({}, str(tmp_path / "b")):
        (tmp_path / "b").rmdir()


def test_a_kernel_applies_them_to_one_cell(kernel: KernelClient) -> None:
    home = kernel.run("import os\nos.makedirs('sub', exist_ok=True)\nos.getcwd()").text
    show = "(os.environ.get('NAME'), os.getcwd())"
    settings: dict[str, Any] = {"variables": {"NAME": "a=b"}, "directory": "sub"}
    assert kernel.run(show, **settings).text == f"('a=b', {home[:-1]}/sub')"
    assert kernel.run(show).text == f"(None, {home})"
    missing = kernel.run("print('never')", directory="missing")
    assert (missing.reply["ename"], missing.stdout) == ("FileNotFoundError", "")
    assert kernel.run("1/0", **settings).reply["status"] == "error"
    assert kernel.run(show).text == f"(None, {home})"


def test_a_kernel_runs_the_cells_of_a_notebook_until_one_fails(kernel: KernelClient) -> None:
    code = "%%cells a.ipynb # %%\n# %% 1\nimport asyncio\n1 + 1\n# %% 2\n%%time\nx = 2;\n# %% 3\nawait asyncio.sleep(0, x)\n"
    ran = kernel.run(code)
    assert [content["data"]["text/plain"] for kind, content in ran.messages if kind == "execute_result"] == [
        "2",
        "2",
    ]
    failed = kernel.run("%%cells a.ipynb # %%\n# %% 1\n1/0\n# %% 2\nprint('never')\n")
    assert (failed.reply["ename"], failed.stdout) == ("ZeroDivisionError", "")
    assert [kind for kind, _ in failed.messages].count("error") == 1


def test_a_kernel_restores_them_behind_the_last_cell(kernel: KernelClient) -> None:
    code = "%%cells a.ipynb # %%\n# %% 1\nimport os\n# %% 2\nos.environ.get('NAME')\n"
    assert kernel.run(code, variables={"NAME": "x"}).text == "'x'"
    assert kernel.run("print(os.environ.get('NAME'))").stdout == "None\n"


def test_a_traceback_names_the_cell_of_a_notebook(kernel: KernelClient) -> None:
    code = "%%cells n.ipynb # %%\n# %% 1\nx = 1\n# %% 3\ny = 2\n1/0\n"
    failed = kernel.run(code, code_name="n.ipynb")
    assert "File n.ipynb cell 3:2" in "\n".join(failed.content("error")["traceback"])
