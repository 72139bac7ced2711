"""Tracebacks of the user's code, and what they call it."""

from typing import Any

import pytest

from grad_runner.kernel.user_traceback import is_below, short

from .component import Component, KernelClient


def error(kernel: KernelClient, code: str, **fields: Any) -> tuple[str, str]:
    """The short and the full traceback; the latter is empty where nothing was left out."""
    content = kernel.run(code, **fields).content("error")
    return "\n".join(content["traceback"]), "\n".join(content.get("full_traceback", []))


def test_frames_of_libraries_are_left_out_but_for_the_last(kernel: KernelClient) -> None:
    brief, full = error(kernel, "import json\ndef mine():\n    return json.loads('{')\nmine()")
    assert "Cell In[1], line 4" in brief
    assert "Cell In[1], line 3, in mine()" in brief
    assert "frames of libraries (--full-traceback)" in brief
    assert brief.count("json/decoder.py") == 1  # where it was raised
    assert "json/__init__.py" not in brief
    assert "json/__init__.py" in full
    assert "--full-traceback" not in full
    assert brief.endswith(
        "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    )


def test_a_traceback_without_libraries_is_whole(kernel: KernelClient) -> None:
    brief, full = error(kernel, "def mine():\n    1 / 0\nmine()")
    assert ("line 2, in mine()" in brief, "libraries" in brief, full) == (True, False, "")


def test_code_of_the_user_that_a_library_calls_is_shown(kernel: KernelClient) -> None:
    brief, full = error(
        kernel,
        "import functools\ndef mine(a, b): raise OSError\nsorted([1, 2], key=functools.cmp_to_key(mine))",
    )
    assert "in mine(a, b)" in brief
    assert full == ""


def test_a_chain_of_exceptions_keeps_all_of_its_parts(kernel: KernelClient) -> None:
    code = "import json\ntry:\n    json.loads('{')\nexcept ValueError as error:\n    raise RuntimeError('second') from error"
    brief, full = error(kernel, code)
    assert "direct cause of the following exception" in brief
    assert "json/decoder.py" in brief
    assert "Cell In[1], line 5" in brief
    assert len(brief) < len(full)


def test_modules_of_the_user_are_no_library(component: Component, kernel: KernelClient) -> None:
    (component.workspace / "own_module.py").write_text(
        "import json\ndef load(text):\n    return json.loads(text)\n"
    )
    brief, _ = error(kernel, "import own_module\nown_module.load('{')")
    assert f"File {component.workspace.resolve()}/own_module.py:3, in load(text)" in brief


def test_an_error_of_a_file_names_the_file(kernel: KernelClient) -> None:
    name = "analysis/f.py"
    brief, _ = error(kernel, "x = 1\n\ndef mine():\n    1 / 0\nmine()", code_name=name)
    assert "File analysis/f.py:5" in brief
    assert "File analysis/f.py:4, in mine()" in brief
    assert "----> 4     1 / 0" in brief
    assert "Cell In" not in brief
    later, _ = error(kernel, "mine()")
    assert "Cell In[2], line 1" in later
    assert "File analysis/f.py:4, in mine()" in later
    assert "File analysis/f.py:2" in error(kernel, "x = 1\nfor", code_name=name)[0]
    assert "File analysis/f.py:1" in error(kernel, "2 / 0", code_name=name)[0]


def test_a_warning_of_a_file_names_the_file(kernel: KernelClient) -> None:
    cell = kernel.run("import warnings\nwarnings.warn('careful')", code_name="f.py")
    assert cell.stderr.startswith("f.py:2: UserWarning: careful")


@pytest.mark.parametrize(
    ("file", "mine"),
    [
        ("/workspace/code/a.py", True),
        ("/workspace/a.py", True),
        ("/workspace/../usr/a.py", False),
        ("/workspaces/a.py", False),
        ("/workspace/venv/lib/python3.11/site-packages/a.py", False),
        ("pandas/_libs/index.pyx", False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_is_below_knows_modules_of_the_user(file: str, mine: bool) -> None:
    assert is_below("/workspace", file) == mine


def test_short_leaves_plain_text_as_it_is() -> None:
    assert short(["a", "b"]) == ["a", "b"]
