"""Figures of scripts: what is shown, and what savefig saves."""

import base64
from typing import Any

import pytest

from .component import Component, KernelClient

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 5])\nplt.title('t')\n"


def images(kernel: KernelClient, code: str) -> tuple[list[bytes], str]:
    """The images that were shown, and stderr."""
    cell = kernel.run(code)
    assert cell.reply["status"] == "ok", cell.messages
    shown: list[dict[str, Any]] = [
        content["data"] for kind, content in cell.messages if kind == "display_data"
    ]
    return [base64.b64decode(data["image/png"]) for data in shown if "image/png" in data], cell.stderr


def ink(component: Component, name: str) -> int:
    """How much of a saved image is not white."""
    import matplotlib.image

    return int((matplotlib.image.imread(component.workspace / name) < 0.9).sum())


def test_a_figure_is_shown_at_the_end(kernel: KernelClient) -> None:
    assert len(images(kernel, PLOT)[0]) == 1
    assert images(kernel, "1")[0] == []


def test_a_figure_that_was_saved_is_not_shown_again(component: Component, kernel: KernelClient) -> None:
    assert images(kernel, PLOT + "plt.savefig('saved.png')") == ([], "")
    assert ink(component, "saved.png") > 1_000
    assert len(images(kernel, PLOT)[0]) == 1


def test_a_figure_that_was_saved_is_shown_when_code_asks_for_it_or_changes_it(kernel: KernelClient) -> None:
    assert len(images(kernel, PLOT + "plt.savefig('a.png')\nplt.show()")[0]) == 1
    assert len(images(kernel, PLOT + "plt.savefig('a.png')\nplt.plot([3, 1])")[0]) == 1


def test_a_figure_in_a_buffer_is_shown(kernel: KernelClient) -> None:
    assert len(images(kernel, "import io\n" + PLOT + "plt.savefig(io.BytesIO())")[0]) == 1


def test_savefig_behind_show_saves_what_was_shown(component: Component, kernel: KernelClient) -> None:
    shown, stderr = images(kernel, PLOT + "plt.show()\nplt.savefig('behind.png')")
    assert (len(shown), stderr) == (1, "")
    assert ink(component, "behind.png") > 1_000


def test_a_second_plot_behind_show_is_a_figure_of_its_own(kernel: KernelClient) -> None:
    assert len(images(kernel, PLOT + "plt.show()\nplt.plot([2])\nplt.show()")[0]) == 2


def test_show_works_with_agg(component: Component, kernel: KernelClient) -> None:
    shown, stderr = images(
        kernel, "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT + "plt.show()\nplt.savefig('agg.png')"
    )
    assert (len(shown), stderr) == (1, "")
    assert ink(component, "agg.png") > 1_000


def test_agg_shows_nothing_unasked_and_ends_with_the_code(component: Component, kernel: KernelClient) -> None:
    assert images(kernel, "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT) == ([], "")
    assert images(kernel, "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT + "plt.savefig('n.png')") == (
        [],
        "",
    )
    assert ink(component, "n.png") > 1_000
    assert len(images(kernel, PLOT)[0]) == 1


@pytest.mark.parametrize("text", ["標題", "标题", "タイトル", "제목", "plain"])
def test_titles_have_glyphs(kernel: KernelClient, text: str) -> None:
    shown, stderr = images(kernel, f"import matplotlib.pyplot as plt\nplt.plot([1])\nplt.title({text!r})")
    assert (len(shown), stderr) == (1, "")
