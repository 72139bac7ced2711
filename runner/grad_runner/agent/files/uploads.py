"""Files on their way in: kept in parts below the state folder until they are whole and checked, then put in place at once.

An upload's id follows from path, size and checksum, so whoever begins it again goes on where it was cut. Meant for threads,
one call for each upload at a time.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import stat
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from grad_runner.agent.files.confined_fs import allowed_path, folder_beneath
from grad_runner.agent.files.workspace_files import WRITABLE, entry_of, translate
from grad_runner.agent.limits import MAX_BATCH_BYTES, MIB
from grad_runner.common.errors import GradError
from grad_runner.gen.grad.v1 import file_pb2 as pb

_ID: Final = re.compile(r"[0-9a-f]{32}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KEPT_SECONDS: Final = 7 * 24 * 3600
_SPARE_BYTES: Final = 64 * MIB
_CHUNK_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class Promise:
    """What is to arrive. `path` is below /workspace, `mode` has permission bits."""

    path: str
    total_bytes: int
    sha256: str
    mode: int

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.path}\0{self.total_bytes}\0{self.sha256}".encode()).hexdigest()[:32]


class Uploads:
    def __init__(self, state: Path, workspace: Path) -> None:
        self._folder = state / "uploads"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._workspace = workspace
        self._forget_old()

    def begin(self, path: str, total_bytes: int, sha256: str, mode: int) -> tuple[str, int]:
        """Id and the bytes that are there already. Raises GradError."""
        plain = allowed_path(path, below=WRITABLE)
        if "/" not in plain or not _SHA256.fullmatch(sha256.lower()):
            what = (
                f'the path "{path[:200]}" names no file'
                if "/" not in plain
                else "sha256 is not 64 hexadecimal digits"
            )
            raise GradError(
                "path_not_allowed" if "/" not in plain else "invalid_argument",
                f"Cannot begin an upload: {what}",
            )
        promise = Promise(plain, total_bytes, sha256.lower(), (mode or 0o644) & 0o777)
        folder = self._folder / promise.id
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            there = (folder / "data").stat().st_size if (folder / "data").exists() else 0
            free = os.statvfs(self._folder)
            if total_bytes - there + _SPARE_BYTES > free.f_bavail * free.f_frsize:
                raise GradError(
                    "storage_full", f"Cannot take {total_bytes} bytes: the runner's storage is full"
                )
            (folder / "promise.new").write_text(json.dumps(asdict(promise)), encoding="utf-8")
            os.rename(folder / "promise.new", folder / "promise.json")
            (folder / "data").touch(0o600)
        except OSError as error:
            raise translate(error, path) from error
        if there > total_bytes:  # cannot be of this promise: begin anew
            os.truncate(folder / "data", 0)
            there = 0
        return promise.id, there

    def write(self, upload: str, offset: int, data: bytes) -> int:
        """The upload's new end. Raises GradError `upload_offset`, `invalid_argument`, `file_not_found`, `storage_full`."""
        promise = self._promise(upload)
        if len(data) > MAX_BATCH_BYTES:
            raise GradError(
                "invalid_argument", f"Cannot take a part of {len(data)} bytes: at most {MAX_BATCH_BYTES}"
            )
        try:
            fd = os.open(self._folder / upload / "data", os.O_WRONLY | os.O_CLOEXEC)
            try:
                end = os.fstat(fd).st_size
                if offset != end:
                    hint = f"It goes on at {end}; begin the upload again."
                    raise GradError(
                        "upload_offset", f"Cannot add a part at {offset}: the upload ends at {end}", hint
                    )
                if end + len(data) > promise.total_bytes:
                    raise GradError(
                        "invalid_argument",
                        f"Cannot add a part: more than the {promise.total_bytes} promised bytes",
                    )
                done = 0
                while done < len(data):
                    done += os.pwrite(fd, data[done:], end + done)
            finally:
                os.close(fd)
        except OSError as error:
            raise translate(error, promise.path) from error
        return end + len(data)

    def finish(self, upload: str) -> pb.FileEntry:
        """Checks the whole and puts it in place. Raises GradError `checksum_mismatch`, `upload_offset`."""
        promise = self._promise(upload)
        data = self._folder / upload / "data"
        try:
            size = data.stat().st_size
            if size != promise.total_bytes:
                hint = "Begin the upload again: it goes on from where it is."
                raise GradError(
                    "upload_offset", f"Cannot finish: {size} of {promise.total_bytes} bytes are there", hint
                )
            if _sha256(data) != promise.sha256:
                shutil.rmtree(self._folder / upload, ignore_errors=True)
                raise GradError(
                    "checksum_mismatch",
                    f'Cannot put "{promise.path}": its checksum is not the one promised',
                    "Put it again.",
                )
            entry = self._place(promise, data)
        except OSError as error:
            raise translate(error, promise.path) from error
        shutil.rmtree(self._folder / upload, ignore_errors=True)
        return entry

    def _place(self, promise: Promise, data: Path) -> pb.FileEntry:
        """At once, over what is there; a symbolic link in its place is replaced, not followed. Raises OSError."""
        parent, _, name = promise.path.rpartition("/")
        root = os.open(self._workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with folder_beneath(root, parent, create=True) as folder:
                _sync(data, promise.mode)
                try:
                    os.rename(data, name, dst_dir_fd=folder)
                except OSError as error:
                    if error.errno != errno.EXDEV:
                        raise
                    _copy(data, folder, name, promise)
                info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        finally:
            os.close(root)
        return entry_of(promise.path, info)

    def _promise(self, upload: str) -> Promise:
        try:
            if _ID.fullmatch(upload):
                return Promise(
                    **json.loads((self._folder / upload / "promise.json").read_text(encoding="utf-8"))
                )
        except (OSError, ValueError, TypeError):
            pass
        raise GradError("file_not_found", "Cannot find the upload", "Begin it again.")

    def _forget_old(self) -> None:
        for folder in self._folder.iterdir():
            try:
                if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
            except OSError:
                continue


def _copy(data: Path, folder: int, name: str, promise: Promise) -> None:
    """Where state and workspace are not of one file system."""
    temporary = f".grad-upload-{promise.id}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(temporary, flags, stat.S_IRUSR | stat.S_IWUSR, dir_fd=folder)
    with open(fd, "wb") as target, data.open("rb") as source:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)
        target.flush()
        os.fchmod(fd, promise.mode)
        os.fdatasync(fd)
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _sync(data: Path, mode: int) -> None:
    fd = os.open(data, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(fd, mode)
        os.fsync(fd)
    finally:
        os.close(fd)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
