"""Code that has several cells."""

from grad_runner.kernel.notebook_cells import Cell, cells_of


def test_cells_of_gives_each_cell_below_its_heading() -> None:
    code = "%%cells a b.ipynb # %%\n# %% 1\nimport os\nx = 1\n# %% 3\n%%sql\nselect 1\n"
    assert list(cells_of(code)) == [Cell(1, "import os\nx = 1\n"), Cell(3, "%%sql\nselect 1\n")]


def test_cells_of_takes_only_the_mark_that_the_first_line_names() -> None:
    code = "%%cells a b.ipynb # %%%\n# %%% 1\n# %% 2\n# %%%% 3\n# %%% x\n"
    assert list(cells_of(code)) == [Cell(1, "# %% 2\n# %%%% 3\n# %%% x\n")]


def test_cells_of_other_code_is_one_cell() -> None:
    for code in (
        "1 + 1",
        "# %% 1\n1",
        "%%cells # %%\n# %% 1\n1",
        "%%cells a.ipynb # %%",
        "x = '''\n%%cells # %%\n'''",
    ):
        assert list(cells_of(code)) == [Cell(0, code)]


def test_cells_of_nothing_is_no_cell() -> None:
    assert list(cells_of("%%cells a b.ipynb # %%\n")) == []
