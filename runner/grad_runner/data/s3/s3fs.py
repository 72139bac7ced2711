"""One s3fs process, from its start to its end. It runs in the foreground as a child, so that its end is noticed at once."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.keys import Keys
from grad_runner.data.memory_limit import release_memory_of
from grad_runner.data.s3.errors import may_not_read
from grad_runner.data.s3.s3fs_args import Settings, Version, parse_version, s3fs_argv, s3fs_env

MAX_MOUNT_SECONDS: Final = 10.0
"""From the start of s3fs until its mount appears."""
MAX_PROBE_SECONDS: Final = 10.0
"""For a stat through the mount."""
POLL_SECONDS: Final = 0.005
END_SECONDS: Final = 0.5
"""How long s3fs gets to end by itself after its mount gave an error: its own message is better than that of stat."""
MAX_LOG_TAIL_CHARS: Final = 600
FUSE: Final = "/dev/fuse"


class S3fs:
    """A running s3fs; made by `start_s3fs`."""

    def __init__(self, process: asyncio.subprocess.Process, stderr: Path, keys: Keys | None) -> None:
        self._process = process
        self._stderr = stderr
        self._keys = keys

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ended(self) -> str:
        """Waits until the process has ended; returns the tail of its stderr without keys, or its exit status."""
        code = await self._process.wait()
        return self._log_tail() or f"exit status {code}"

    async def kill(self) -> None:
        """Ends the process at once: readers of the mount get an error within milliseconds. Idempotent."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._stderr.unlink(missing_ok=True)

    def _log_tail(self) -> str:
        try:
            text = self._stderr.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return tail_of(text, self._keys)


def tail_of(text: str, keys: Keys | None) -> str:
    """The last lines of s3fs' stderr as one line, without keys. Pure."""
    # The [INF] lines at its start show its version and its arguments.
    lines = [line for line in text.splitlines() if line.strip() and "[INF]" not in line]
    joined = " / ".join(lines)
    # Before it is cut: half a key would not be recognised.
    redacted = joined if keys is None else keys.redact(joined)
    return redacted[-MAX_LOG_TAIL_CHARS:]


async def start_s3fs(spec: DatasetSpec, at: Path, settings: Settings) -> S3fs:
    """Starts s3fs on the folder `at`; `wait_ready` comes next. Raises GradError `dataset_mount_failed` when s3fs or FUSE is
    missing."""
    if not settings.by_component:
        _require_fuse(spec.name)
    stderr = at.with_name(f"{at.name}.stderr")
    out = os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *s3fs_argv(spec, str(at), settings),
            env=s3fs_env(spec, os.environ),
            cwd="/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=out,
        )
    except FileNotFoundError as error:
        raise not_installed(spec.name) from error
    finally:
        os.close(out)
    with contextlib.suppress(ProcessLookupError):
        release_memory_of(process.pid)
    return S3fs(process, stderr, spec.keys)


async def wait_ready(
    s3fs: S3fs, spec: DatasetSpec, at: Path, key: str | None, mounted: Callable[[], str | None]
) -> str:
    """Returns the id of the mount when it can be read at `at`. `key` is one of its files, to try with; None in an empty dataset.
    `mounted` returns the id as soon as s3fs has mounted. Raises GradError `dataset_mount_failed`,
    `dataset_access_denied`."""
    try:
        async with asyncio.timeout(MAX_MOUNT_SECONDS):
            while (mount := mounted()) is None:
                await _alive_for(s3fs, spec, POLL_SECONDS)
    except TimeoutError as error:
        raise _mount_failed(spec.name, "it did not mount in time") from error
    message = await probe_mount(at, key)
    if message == "" or (
        key is not None and message == "No such file or directory" and await probe_mount(at, None) == ""
    ):
        return mount  # the object may have been deleted since it was listed
    if "ermission denied" in message or "not permitted" in message:
        raise may_not_read(spec)
    await _alive_for(s3fs, spec, END_SECONDS)
    raise _mount_failed(spec.name, message)


async def probe_mount(at: Path, key: str | None) -> str:
    """Why the mount, or the file `key` in it, cannot be read; empty when it can. Asked by a process of its own, which is
    abandoned when it hangs: the kernel does not interrupt a process that reads from a dead FUSE mount."""
    paths = [str(at)] if key is None else [str(at), str(at / key)]
    process = await asyncio.create_subprocess_exec(
        "stat",
        "--format=%n",
        "--",
        *paths,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    try:
        async with asyncio.timeout(MAX_PROBE_SECONDS):
            _, message = await process.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return "the mount does not answer"
    return message.decode(errors="replace").strip().rpartition(": ")[2] if process.returncode else ""


async def _alive_for(s3fs: S3fs, spec: DatasetSpec, seconds: float) -> None:
    """Waits so long, unless s3fs ends before. Raises GradError `dataset_mount_failed` when it does."""
    try:
        async with asyncio.timeout(seconds):
            log_tail = await s3fs.ended()
    except TimeoutError:
        return
    raise _mount_failed(spec.name, log_tail)


async def s3fs_version() -> Version | None:
    """The version of the installed s3fs; None when there is none, or when its output is not understood."""
    try:
        process = await asyncio.create_subprocess_exec(
            "s3fs", "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        return None
    message, _ = await process.communicate()
    return parse_version(message.decode(errors="replace"))


def not_installed(name: str) -> GradError:
    return GradError(
        "dataset_mount_failed",
        f'Cannot attach dataset "{name}": s3fs is not installed',
        "Install it (Debian, Ubuntu: sudo apt-get install s3fs) and run the command again.",
    )


def _require_fuse(name: str) -> None:
    try:
        os.close(os.open(FUSE, os.O_RDWR))
    except OSError as error:
        raise GradError(
            "dataset_mount_failed",
            f'Cannot attach dataset "{name}": {FUSE} cannot be opened ({error.strerror})',
            "Load the module (sudo modprobe fuse) and let users open it (sudo chmod 666 /dev/fuse).",
        ) from error


def _mount_failed(name: str, log_tail: str) -> GradError:
    hint = "Run `gractl doctor`."
    if "invalid credentials" in log_tail:
        # The keys are valid: the preflight has listed the prefix with them.
        hint = "s3fs also lists the root of the bucket once: allow s3:ListBucket without a condition on the prefix."
    return GradError(
        "dataset_mount_failed", f'Cannot attach dataset "{name}": s3fs did not mount it: {log_tail}', hint
    )
