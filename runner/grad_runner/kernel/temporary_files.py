"""Deleting what kernels leave in the folder for temporary files. User code may have taken away its own rights to folders."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path


def empty_folder(folder: Path) -> None:
    """Makes the folder if it is missing and deletes what is in it. Best effort: never raises."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for entry in list(os.scandir(folder)):
            delete_tree(Path(entry.path))


def delete_tree(path: Path) -> None:
    """Deletes the folder and all in it, or the file; links are not followed. Best effort: never raises, also where there is
    none."""
    with suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        with suppress(RecursionError):  # code can nest folders deeper than functions
            shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
                subprocess.run([*command, "--", str(path)], stderr=subprocess.DEVNULL, check=False)
