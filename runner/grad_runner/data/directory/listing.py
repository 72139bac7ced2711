"""The files of a folder."""

import os
from collections.abc import Iterator


def list_files(root: str) -> Iterator[tuple[str, int] | None]:
    """Paths below `root` with sizes in bytes, folder by folder, sorted in each, and None at the end of each folder. Regular files
    only: a link may lead out of the folder. Folders that cannot be read are left out, as code sees nothing of them either."""
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(os.path.join(root, folder)), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = os.path.join(folder, entry.name)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path, entry.stat(follow_symlinks=False).st_size
        yield None
