"""Matplotlib's list of fonts, which takes up to seconds to build and must not be built at each start.

`python -m grad_runner.kernel.font_cache` builds it once, when the environment is made, in `<prefix>/share/grad/mpl`. A
launcher copies it to a writable folder, where Matplotlib builds it if the environment has none.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_LISTS = "fontlist-*.json"


def shipped() -> Path:
    """The environment's folder with the list."""
    return Path(sys.prefix) / "share/grad/mpl"


def use_font_cache(folder: Path) -> None:
    """Makes `folder` Matplotlib's configuration folder for this process and its children. Call it before the import."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in shipped().glob(_LISTS):
        if not (folder / source.name).exists():
            shutil.copyfile(source, folder / source.name)
    os.environ["MPLCONFIGDIR"] = str(folder)


def add_cjk_font() -> None:
    """Gives Matplotlib glyphs for Chinese, Japanese and Korean text, which its own fonts have not, if the environment has
    such a font. Imports Matplotlib. Code that chooses another `font.family` has that one alone."""
    package = find_spec("cvttf_NotoSansCJK_Regular")
    if package is None or not package.submodule_search_locations:
        return
    import matplotlib
    from matplotlib.font_manager import fontManager

    fontManager.addfont(Path(package.submodule_search_locations[0]) / "NotoSansCJKtc-Regular.otf")
    matplotlib.rcParams["font.family"] = ["sans-serif", "Noto Sans CJK TC"]


def build() -> Path:
    """Builds the environment's list and returns its folder."""
    folder = shipped()
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "MPLCONFIGDIR": str(folder)}
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=env, check=True)
    return folder


if __name__ == "__main__":
    build()
