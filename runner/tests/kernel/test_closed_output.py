"""Cells that close or redirect the standard descriptors: they end at once, and the output of later cells is there again."""

import pytest

from .component import KernelClient

LATER = "import os, sys\nprint('print')\nos.system('echo child; echo error >&2')\nprint('stderr', file=sys.stderr);"

CELLS = [
    "import os\nos.close(1)",
    "import os\nos.close(2)",
    "import os\nos.closerange(0, 3)",
    "import sys\nsys.stdout.close()",
    "import sys\nsys.stderr.close()",
    "import sys\nsys.stdout.detach()",
    "import os\nnull = os.open('/dev/null', os.O_WRONLY)\nos.dup2(null, 1)\nos.dup2(null, 2)",
    "import os\nos.close(1)\nopened = open('takes-the-number', 'w')",
    "import os\nos.set_inheritable(1, False)",
]


@pytest.mark.parametrize("cell", CELLS)
def test_the_output_is_back_in_the_next_cell(kernel: KernelClient, cell: str) -> None:
    assert kernel.run(cell + ";").reply["status"] == "ok"
    later = kernel.run(LATER)
    assert (later.stdout, later.stderr) == ("print\nchild\n", "error\nstderr\n")


@pytest.mark.parametrize("cell", CELLS)
def test_results_and_exceptions_of_the_same_cell_are_reported(kernel: KernelClient, cell: str) -> None:
    assert kernel.run(f"{cell}\n6 * 7").text == "42"
    error = kernel.run(f"{cell}\n1 / 0").content("error")
    assert error["ename"] == "ZeroDivisionError"


def test_print_works_in_the_cell_that_has_closed_the_descriptor(kernel: KernelClient) -> None:
    cell = kernel.run("import os, sys\nos.closerange(0, 3)\nprint('out')\nprint('err', file=sys.stderr)")
    assert (cell.stdout, cell.stderr) == ("out\n", "err\n")


@pytest.mark.parametrize("cell", ["del sys.stdout, sys.stderr", "sys.stdout = sys.stderr = None"])
def test_a_cell_without_a_stdout_ends(kernel: KernelClient, cell: str) -> None:
    """IPython itself needs `sys.stdout`, so such a cell has no result; it must not leave the kernel waiting."""
    kernel.run(f"import sys\n{cell}\n6 * 7")
    assert kernel.run(LATER).stdout == "print\nchild\n"
