"""Does once, in the launcher, what would make the first cells of each kernel slow: imports and first uses of libraries."""

import sys
from pathlib import Path
from typing import Any

from grad_runner.kernel.duckdb_settings import import_duckdb
from grad_runner.kernel.font_cache import add_cjk_font, use_font_cache


def import_libraries(mpl_folder: Path) -> None:
    """Imports the libraries that most sessions use. None of them may leave a thread running, because a fork loses threads."""
    use_font_cache(mpl_folder)
    add_cjk_font()
    import_duckdb()
    import matplotlib.backends.backend_agg
    import matplotlib.pyplot  # noqa: F401
    import numpy  # noqa: F401
    import pandas
    import pyarrow.parquet  # noqa: F401

    pandas.set_option("display.max_columns", None)  # 20 by default: others would be left out without a word


def without_debugger() -> None:
    """Imports ipykernel as if debugpy were not installed, which saves 0.1 s and a thread."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    import ipykernel.debugger  # noqa: F401

    del sys.modules["debugpy"]


_CELLS = (
    "1+1",
    "1/0",
    "for",
    "import pandas as _p\n_p.DataFrame({'a': [1], 'b': ['x']})",
    "import matplotlib.pyplot as _q\n_q.plot([1, 2])\n_q.title('x')",
    "import pandas, duckdb",
)


class _DiscardingSocket:
    """Stands for the socket on which the warm-up would publish."""

    def send_multipart(self, *args: Any, **kwargs: Any) -> None:
        """Has no effect."""


def run_first_cells(app: Any) -> None:
    """Runs cells with a result, two errors, a table and a figure, then resets the namespace and the counters."""
    from IPython.utils.capture import capture_output

    kernel, shell = app.kernel, app.shell
    for publisher in (shell.displayhook, shell.display_pub):
        publisher.session, publisher.pub_socket = app.session, _DiscardingSocket()
    with capture_output():
        for cell in _CELLS:
            shell.run_cell(cell, store_history=False)
    import matplotlib.pyplot as plt

    plt.close("all")
    for name in ("_p", "_q", "pandas", "duckdb"):
        shell.user_ns.pop(name, None)
    for name in ("_", "__", "___"):
        # In all three places: where they differ, IPython takes `_` to be a variable of the user, and never sets it again.
        shell.user_ns[name] = shell.user_ns_hidden[name] = shell.displayhook.__dict__[name] = ""
    shell.user_ns["Out"].clear()
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    shell._last_traceback = None
    shell.execution_count = 1
    kernel.session.message_count = 0
