"""Figures as scripts expect them, which know nothing of a notebook's backend.

- A figure that the code has saved by `savefig` is not shown a second time at the end, unless it was changed after it.
- `savefig` behind `show` saves the figure that was shown, which a notebook has closed.
- `show` shows figures with the backend Agg, too, which scripts choose where there is no screen; the choice ends with the code.
"""

import functools
import os
from typing import Any
from weakref import WeakSet

import matplotlib
from matplotlib._pylab_helpers import Gcf

INLINE = "module://matplotlib_inline.backend_inline"


class _Figures:
    """Of the code that runs."""

    def __init__(self) -> None:
        self.saved: WeakSet[Any] = WeakSet()
        self.shown_last: Any = None

    def open(self) -> list[Any]:
        return [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]


def install(shell: Any) -> None:
    """Call it once IPython's shell exists and before figures are made. Loads matplotlib's backend for notebooks."""
    import matplotlib.pyplot as plt
    from matplotlib.backends import backend_agg
    from matplotlib.figure import Figure
    from matplotlib_inline import backend_inline

    figures = _Figures()
    show, flush = backend_inline.show, backend_inline.flush_figures
    save, save_current = Figure.savefig, plt.savefig

    @functools.wraps(show)
    def show_figures(close: bool | None = None, block: bool | None = None) -> None:
        if there := figures.open():
            figures.shown_last = there[-1]
        show(close, block)  # type: ignore[no-untyped-call]

    # matplotlib_inline keeps them at its function, which it finds by its name.
    show_figures._to_draw, show_figures._draw_called = [], False  # type: ignore[attr-defined]

    @functools.wraps(save)
    def save_figure(figure: Any, fname: Any, *args: Any, **kwargs: Any) -> Any:
        made = save(figure, fname, *args, **kwargs)
        if isinstance(fname, str | os.PathLike):
            figures.saved.add(figure)
            figure.stale = False  # what changes it later sets this again
        return made

    @functools.wraps(save_current)
    def save_current_figure(*args: Any, **kwargs: Any) -> Any:
        if figures.shown_last is not None and not figures.open():
            return figures.shown_last.savefig(*args, **kwargs)
        return save_current(*args, **kwargs)

    def forget_changed() -> None:
        """At the end of the code, before pyplot draws what has changed."""
        for figure in figures.open():
            if figure.stale:
                figures.saved.discard(figure)

    def flush_figures() -> None:
        """At the end of the code."""
        is_agg = str(matplotlib.get_backend(auto_select=False)).lower() == "agg"
        for figure in figures.open():
            if is_agg or figure in figures.saved:
                plt.close(figure)
        figures.saved.clear()
        figures.shown_last = None
        if is_agg:
            plt.switch_backend(INLINE)
        flush()  # type: ignore[no-untyped-call]

    shell.events.unregister("post_execute", flush)
    backend_inline.show, backend_inline.flush_figures = show_figures, flush_figures
    for owner, name, function in (
        (backend_agg, "show", show_figures),
        (Figure, "savefig", save_figure),
        (plt, "savefig", save_current_figure),
    ):
        setattr(owner, name, function)
    shell.events.register("post_execute", flush_figures)
    shell.events.callbacks["post_execute"].insert(0, forget_changed)
    plt.switch_backend(INLINE)  # pyplot has the functions as they were
