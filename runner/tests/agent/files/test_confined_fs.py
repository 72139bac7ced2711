"""Opening below a folder that somebody else may change: no link, no `..` and no absolute path leads out."""

import ctypes
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grad_runner.agent.files import confined_fs
from grad_runner.agent.files.confined_fs import (
    is_in_data,
    open_confined,
    open_confined_folder,
    open_regular,
    plain_path,
)
from grad_runner.common.errors import GradError

READ_FOLDER = os.O_RDONLY | os.O_DIRECTORY


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    """A descriptor of `tmp_path`/root, with a file, a folder and a file that lies outside of it."""
    (tmp_path / "outside.txt").write_text("outside")
    folder = tmp_path / "root"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "inner" / "b.txt").write_text("b")
    fd = os.open(folder, READ_FOLDER)
    yield fd
    os.close(fd)


def content(fd: int) -> bytes:
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


def fails_with(number: int, root: int, path: str) -> None:
    with pytest.raises(OSError) as refused:
        os.close(open_confined(root, path, os.O_RDONLY))
    assert refused.value.errno == number
    assert refused.value.filename == path


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_open_confined_opens_what_is_below(root: int) -> None:
    assert content(open_confined(root, "a.txt", os.O_RDONLY)) == b"a"
    assert content(open_confined(root, "inner/b.txt", os.O_RDONLY)) == b"b"
    assert content(open_confined(root, "inner/../a.txt", os.O_RDONLY)) == b"a"


@pytest.mark.parametrize(
    "target", ["a.txt", "inner/b.txt", "../root/a.txt", "../outside.txt", "/etc/hostname"]
)
def test_open_confined_follows_no_link_wherever_it_leads(root: int, tmp_path: Path, target: str) -> None:
    (tmp_path / "root" / "link").symlink_to(target)
    # Without openat2 the same link opens, where what it names exists.
    if Path(tmp_path / "root" / target).exists():
        os.close(os.open("link", os.O_RDONLY, dir_fd=root))
    fails_with(errno.ELOOP, root, "link")


def test_open_confined_follows_no_link_in_the_middle_of_a_path(root: int, tmp_path: Path) -> None:
    (tmp_path / "root" / "same").symlink_to("inner")
    os.close(os.open("same/b.txt", os.O_RDONLY, dir_fd=root))
    fails_with(errno.ELOOP, root, "same/b.txt")


def test_open_confined_follows_no_magic_link(root: int) -> None:
    proc = os.open("/proc/self", READ_FOLDER)
    try:
        os.close(os.open(f"fd/{root}", os.O_RDONLY, dir_fd=proc))
        fails_with(errno.ELOOP, proc, f"fd/{root}")
    finally:
        os.close(proc)


@pytest.mark.parametrize("path", ["../outside.txt", "inner/../../outside.txt", "/etc/hostname"])
def test_open_confined_leads_out_by_no_path(root: int, path: str) -> None:
    os.close(os.open(path, os.O_RDONLY, dir_fd=root))
    fails_with(errno.EXDEV, root, path)


def test_open_confined_reports_what_is_missing(root: int) -> None:
    fails_with(errno.ENOENT, root, "missing")


def test_open_confined_closes_on_exec_and_takes_flags_and_mode(root: int, tmp_path: Path) -> None:
    fd = open_confined(root, "new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    assert not os.get_inheritable(fd)
    os.write(fd, b"new")
    os.close(fd)
    made = tmp_path / "root" / "new"
    assert (made.read_bytes(), made.stat().st_mode & 0o777) == (b"new", 0o640)
    with pytest.raises(FileExistsError):
        open_confined(root, "new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)


def test_open_regular_opens_files_only_and_waits_for_nobody(root: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "root" / "fifo")
    assert content(open_regular(root, "a.txt", os.O_RDONLY)) == b"a"
    before = descriptors()
    for path in ("inner", "fifo"):
        # Opened for reading a FIFO waits for its other end, which never comes.
        with pytest.raises(OSError, match="not a regular file") as refused:
            open_regular(root, path, os.O_RDONLY)
        assert (refused.value.errno, refused.value.filename) == (errno.EINVAL, path)
    assert descriptors() == before


def test_open_regular_follows_no_link(root: int, tmp_path: Path) -> None:
    (tmp_path / "root" / "link").symlink_to("a.txt")
    with pytest.raises(OSError) as refused:
        open_regular(root, "link", os.O_RDONLY)
    assert refused.value.errno == errno.ELOOP


def test_confined_folder_gives_folders_and_closes_them(root: int) -> None:
    before = descriptors()
    with open_confined_folder(root, "") as folder:
        assert folder != root
        assert set(os.listdir(folder)) == {"a.txt", "inner"}
    with open_confined_folder(root, "inner") as folder:
        assert os.listdir(folder) == ["b.txt"]
    with pytest.raises(NotADirectoryError), open_confined_folder(root, "a.txt"):
        pass
    with pytest.raises(FileNotFoundError), open_confined_folder(root, "missing/deep"):
        pass
    assert descriptors() == before


def test_confined_folder_creates_what_is_missing(root: int, tmp_path: Path) -> None:
    before = descriptors()
    os.umask(mask := os.umask(0o022))
    with open_confined_folder(root, "inner/new/deep", create=True) as folder:
        assert os.listdir(folder) == []
        assert os.path.samestat(os.fstat(folder), (tmp_path / "root/inner/new/deep").stat())
    assert (tmp_path / "root/inner/new").stat().st_mode & 0o777 == 0o755 & ~mask
    with open_confined_folder(root, "inner/new/deep", create=True):
        pass
    assert descriptors() == before


def test_confined_folder_creates_nothing_through_a_link(root: int, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError) as refused, open_confined_folder(root, "link/new", create=True):
        pass
    assert refused.value.errno in (errno.ELOOP, errno.ENOTDIR)
    assert os.listdir(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("code", "code"),
        ("code/a.py", "code/a.py"),
        ("code//./a.py", "code/a.py"),
        ("./outputs/", "outputs"),
        ("table.csv", "table.csv"),
        ("state/x", "state/x"),
        ("", ""),
        (".", ""),
        ("/workspace", ""),
        ("/workspace/", ""),
        ("/workspace/outputs/a", "outputs/a"),
        ("/workspace//outputs/a", "outputs/a"),
        ("/workspace/workspace/a", "workspace/a"),
        ("workspace/a", "workspace/a"),
        ("data/set/a", "data/set/a"),
        ("code/" + "ä" * 1997 + "x", "code/" + "ä" * 1997 + "x"),  # 4,000 bytes
    ],
)
def test_plain_path_gives_the_plain_form(path: str, plain: str) -> None:
    assert plain_path(path) == plain


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/code/a.py",
        "/workspaces/a",
        "/workspace/../etc",
        "code/../data",
        "..",
        "code/\0",
        "code/" + "ä" * 1998,  # 4,001 bytes
    ],
)
def test_plain_path_refuses_all_others(path: str) -> None:
    with pytest.raises(GradError) as refused:
        plain_path(path)
    assert refused.value.code == "path_not_allowed"
    assert "paths are below /workspace" in refused.value.message


@pytest.mark.parametrize(
    ("plain", "is_in"),
    [("data", True), ("data/set/a", True), ("database", False), ("outputs/data", False), ("", False)],
)
def test_is_in_data_is_true_for_the_datasets_only(plain: str, *, is_in: bool) -> None:
    assert is_in_data(plain) is is_in


class FailingLibc:
    """Answers with an error of the system so many times, then as the system does."""

    def __init__(self, number: int, times: int) -> None:
        self.number, self.times, self.calls = number, times, 0
        self._libc = confined_fs._libc

    def syscall(self, *arguments: Any) -> int:
        self.calls += 1
        if self.calls > self.times:
            return int(self._libc.syscall(*arguments))
        ctypes.set_errno(self.number)
        return -1


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EINTR])
def test_open_confined_tries_again_when_something_was_renamed_meanwhile(
    root: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    libc = FailingLibc(number, 7)
    monkeypatch.setattr(confined_fs, "_libc", libc)
    assert content(open_confined(root, "a.txt", os.O_RDONLY)) == b"a"
    assert libc.calls == 8
    monkeypatch.setattr(confined_fs, "_libc", FailingLibc(number, 8))
    fails_with(number, root, "a.txt")


def test_open_confined_tries_once_what_fails_for_good(root: int, monkeypatch: pytest.MonkeyPatch) -> None:
    libc = FailingLibc(errno.EACCES, 1)
    monkeypatch.setattr(confined_fs, "_libc", libc)
    fails_with(errno.EACCES, root, "a.txt")
    assert libc.calls == 1


def test_open_regular_takes_flags(root: int, tmp_path: Path) -> None:
    fd = open_regular(root, "a.txt", os.O_WRONLY | os.O_TRUNC)
    os.write(fd, b"new")
    os.close(fd)
    assert (tmp_path / "root" / "a.txt").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["a.txt", "a.txt/inner"])
def test_open_confined_folder_creates_no_folder_over_a_file(root: int, path: str) -> None:
    with pytest.raises(NotADirectoryError), open_confined_folder(root, path, create=True):
        pass
