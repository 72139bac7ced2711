"""Uploads of files: parts are collected below the state folder; once the file is complete and its checksum is right, it is
moved into place in one step.

The id of an upload is a hash of path, size and checksum, so a client that begins it again goes on where it stopped. Calls may
be slow: call them in a thread, one at a time for each upload.
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

from grad_runner.agent.files.confined_fs import is_in_data, open_confined, open_confined_folder, plain_path
from grad_runner.agent.files.workspace_files import entry_of, translate
from grad_runner.agent.limits import MIB
from grad_runner.common.errors import GradError
from grad_runner.gen.grad.v1 import file_pb2 as pb
from grad_runner.gen.shared.limits import MAX_FILE_PART_BYTES

UPLOAD_PREFIX: Final = ".grad-upload-"
"""Of a file in the workspace that is not complete yet, where parts cannot be moved there in one step."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_EXPIRE_SECONDS: Final = 7 * 24 * 3600
_RESERVED_BYTES: Final = 64 * MIB
"""Free disk space that an upload must leave for the journal."""
_CHUNK_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class UploadSpec:
    """What the client announced. `path` is below /workspace; `sha256` is in hexadecimal; `mode` has permission bits only."""

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
        self._delete_expired()

    def more_bytes(self, path: str, total_bytes: int, sha256: str) -> int:
        """By how much an upload would add to what is stored now: without what has arrived, and what it replaces."""
        mode = 0  # it is no part of the id
        plain = _writable(path)
        arrived = self._folder / UploadSpec(plain, total_bytes, sha256.lower(), mode).id
        stored = _stored_bytes(arrived / "data")
        try:
            root = os.open(self._workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                replaced = open_confined(root, plain, os.O_PATH)
                info = os.fstat(replaced)
                os.close(replaced)
                if stat.S_ISDIR(info.st_mode):
                    raise GradError(
                        "path_not_allowed",
                        f'Cannot put a file at "{path[:200]}": it is a folder',
                        'End the path with "/" to put the file into it.',
                    )
                stored += 512 * info.st_blocks if info.st_nlink == 1 and stat.S_ISREG(info.st_mode) else 0
            finally:
                os.close(root)
        except OSError:
            pass  # there is no such file
        return total_bytes - stored

    def begin(self, path: str, total_bytes: int, sha256: str, mode: int) -> tuple[str, int]:
        """The upload's id and how many bytes have arrived already. Raises GradError `path_not_allowed`, `invalid_argument`,
        `storage_full`."""
        plain = _writable(path)
        if not _SHA256.fullmatch(sha256.lower()):
            raise GradError("invalid_argument", "Cannot begin an upload: sha256 is not 64 hexadecimal digits")
        spec = UploadSpec(plain, total_bytes, sha256.lower(), (mode or 0o644) & 0o777)
        folder = self._folder / spec.id
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            arrived = (folder / "data").stat().st_size if (folder / "data").exists() else 0
            free = os.statvfs(self._folder)
            if total_bytes - arrived + _RESERVED_BYTES > free.f_bavail * free.f_frsize:
                raise GradError(
                    "storage_full", f"Cannot take {total_bytes} bytes: the runner's storage is full"
                )
            (folder / "spec.new").write_text(json.dumps(asdict(spec)), encoding="utf-8")
            os.rename(folder / "spec.new", folder / "spec.json")
            (folder / "data").touch(0o600)
        except OSError as error:
            raise translate(error, path) from error
        if arrived > total_bytes:  # not of this upload: begin again
            os.truncate(folder / "data", 0)
            arrived = 0
        return spec.id, arrived

    def write(self, upload: str, offset: int, data: bytes) -> int:
        """Adds a part; returns how many bytes have arrived.

        Raises GradError `upload_offset`, `invalid_argument`, `file_not_found`, `storage_full`.
        """
        spec = self._spec(upload)
        if len(data) > MAX_FILE_PART_BYTES:
            raise GradError(
                "invalid_argument", f"Cannot take a part of {len(data)} bytes: at most {MAX_FILE_PART_BYTES}"
            )
        try:
            fd = os.open(self._folder / upload / "data", os.O_WRONLY | os.O_CLOEXEC)
            try:
                end = os.fstat(fd).st_size
                if offset != end:
                    hint = f"Begin the upload again: it goes on at {end}."
                    raise GradError(
                        "upload_offset", f"Cannot add a part at {offset}: the upload ends at {end}", hint
                    )
                if end + len(data) > spec.total_bytes:
                    raise GradError(
                        "invalid_argument",
                        f"Cannot add a part: the upload would have more than its {spec.total_bytes} bytes",
                    )
                done = 0
                while done < len(data):
                    done += os.pwrite(fd, data[done:], end + done)
            finally:
                os.close(fd)
        except OSError as error:
            raise translate(error, spec.path) from error
        return end + len(data)

    def finish(self, upload: str) -> pb.FileEntry:
        """Checks the file and moves it into place. Raises GradError `checksum_mismatch`, `upload_offset`, `storage_full`."""
        spec = self._spec(upload)
        data = self._folder / upload / "data"
        try:
            size = data.stat().st_size
            if size != spec.total_bytes:
                hint = "Begin the upload again: it goes on where it stopped."
                raise GradError(
                    "upload_offset", f"Cannot finish: {size} of {spec.total_bytes} bytes are there", hint
                )
            if _sha256(data) != spec.sha256:
                shutil.rmtree(self._folder / upload, ignore_errors=True)
                raise GradError(
                    "checksum_mismatch",
                    f'Cannot put "{spec.path}": its checksum is not the announced one',
                    "Upload it again.",
                )
            entry = self._place(spec, data)
        except OSError as error:
            raise translate(error, spec.path) from error
        shutil.rmtree(self._folder / upload, ignore_errors=True)
        return entry

    def _place(self, spec: UploadSpec, data: Path) -> pb.FileEntry:
        """Replaces what is there in one step, also a symbolic link, which is not followed. Raises OSError."""
        parent, _, name = spec.path.rpartition("/")
        root = os.open(self._workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with open_confined_folder(root, parent, create=True) as folder:
                _sync(data, spec.mode)
                try:
                    os.rename(data, name, dst_dir_fd=folder)
                except OSError as error:
                    if error.errno != errno.EXDEV:
                        raise
                    _copy(data, folder, name, spec)
                info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        finally:
            os.close(root)
        return entry_of(spec.path, info)

    def _spec(self, upload: str) -> UploadSpec:
        try:
            if _ID.fullmatch(upload):
                return UploadSpec(
                    **json.loads((self._folder / upload / "spec.json").read_text(encoding="utf-8"))
                )
        except (OSError, ValueError, TypeError):
            pass
        raise GradError("file_not_found", "Cannot find the upload", "Begin it again.")

    def _delete_expired(self) -> None:
        for folder in self._folder.iterdir():
            try:
                if time.time() - folder.stat().st_mtime > _EXPIRE_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
            except OSError:
                continue


def _writable(path: str) -> str:
    """The plain path of a file that clients may write. Raises GradError `path_not_allowed`."""
    plain = plain_path(path)
    if is_in_data(plain):
        raise GradError(
            "path_not_allowed",
            f'Cannot put a file at "{path[:200]}": datasets are below data/, and only code writes to them',
            "Put it elsewhere, and let code copy it into a dataset with `access: read-write`.",
        )
    if plain == "":
        raise GradError("path_not_allowed", f'Cannot begin an upload: the path "{path[:200]}" names no file')
    return plain


def _stored_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _copy(data: Path, folder: int, name: str, spec: UploadSpec) -> None:
    """For state and workspace on different file systems: copies, then renames."""
    temporary = f"{UPLOAD_PREFIX}{spec.id}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(temporary, flags, stat.S_IRUSR | stat.S_IWUSR, dir_fd=folder)
    with open(fd, "wb") as target, data.open("rb") as source:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)
        target.flush()
        os.fchmod(fd, spec.mode)
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
