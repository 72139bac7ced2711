"""One s3fs, from its start to its end: a child in the foreground, ready when a stat through it was
answered."""

import asyncio
import contextlib
import os
from pathlib import Path

from grad_runner.common.errors import GradError
from grad_runner.common.mounts import mounts_below, read_table
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.keys import Keys
from grad_runner.data.s3.errors import may_not_read
from grad_runner.data.s3.s3fs_args import Settings, Version, parse_version, s3fs_argv, s3fs_env

MOUNT_SECONDS = 10.0
PROBE_SECONDS = 10.0
POLL_SECONDS = 0.005
MAX_LOG_TAIL = 600
FUSE = "/dev/fuse"


class S3fs:
    """A running s3fs; made by `start_s3fs`."""

    def __init__(self, process: asyncio.subprocess.Process, words: Path, keys: Keys | None) -> None:
        self._process = process
        self._stderr = words
        self._keys = keys

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ended(self) -> str:
        """Waits for the end; answers s3fs' own last words, without keys."""
        code = await self._process.wait()
        return self._log_tail() or f"exit status {code}"

    async def kill(self) -> None:
        """Ends it at once; whoever reads from it gets an error within milliseconds. Nothing to do when it has
        ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._stderr.unlink(missing_ok=True)

    def _log_tail(self) -> str:
        try:
            text = self._stderr.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        # Its first lines are its version and its own arguments.
        lines = [line for line in text.splitlines() if line.strip() and "[INF]" not in line]
        words = " / ".join(lines)[-MAX_LOG_TAIL:]
        return words if self._keys is None else self._keys.redact(words)


async def start_s3fs(spec: DatasetSpec, at: Path, settings: Settings) -> S3fs:
    """Starts it on the folder `at`. Raises GradError `dataset_mount_failed` where the machine has not what it
    needs."""
    _require_fuse(spec.name)
    words = at.with_name(f"{at.name}.stderr")
    out = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *s3fs_argv(spec, str(at), settings),
            env=s3fs_env(spec.keys, os.environ),
            cwd="/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=out,
        )
    except FileNotFoundError as error:
        raise not_installed(spec.name) from error
    finally:
        os.close(out)
    return S3fs(process, words, spec.keys)


async def wait_ready(s3fs: S3fs, spec: DatasetSpec, at: Path, key: str | None) -> None:
    """Returns when the mount answers, tried with `key`. Raises GradError `dataset_mount_failed`,
    `dataset_access_denied`."""
    try:
        async with asyncio.timeout(MOUNT_SECONDS):
            while str(at) not in mounts_below(read_table(), str(at)):
                await _alive_for(s3fs, spec, POLL_SECONDS)
    except TimeoutError as error:
        raise _mount_failed(spec.name, "it did not mount in time") from error
    said = await probe_mount(at, key)
    if said == "" or (
        key is not None and said == "No such file or directory" and await probe_mount(at, None) == ""
    ):
        return  # that key may have been deleted since it was listed
    if "ermission denied" in said or "not permitted" in said:
        raise may_not_read(spec)
    await _alive_for(s3fs, spec, 0.5)  # a refusal shows as its end, with better words than those of stat
    raise _mount_failed(spec.name, said)


async def probe_mount(at: Path, key: str | None) -> str:
    """What goes wrong when the mount is looked at, empty when nothing does. By a throwaway process, that is
    left behind when it hangs: a reader of a dead mount ignores every signal."""
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
        async with asyncio.timeout(PROBE_SECONDS):
            _, said = await process.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return "the mount does not answer"
    return said.decode(errors="replace").strip().rpartition(": ")[2] if process.returncode else ""


async def _alive_for(s3fs: S3fs, spec: DatasetSpec, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            words = await s3fs.ended()
    except TimeoutError:
        return
    raise _mount_failed(spec.name, words)


async def s3fs_version() -> Version | None:
    """None when it is not installed or says nothing that we understand."""
    try:
        process = await asyncio.create_subprocess_exec(
            "s3fs", "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        return None
    said, _ = await process.communicate()
    return parse_version(said.decode(errors="replace"))


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


def _mount_failed(name: str, words: str) -> GradError:
    hint = "Run `gractl doctor`."
    if "invalid credentials" in words:
        # The keys have listed the prefix just now, so it is not they.
        hint = "s3fs also lists the root of the bucket once: allow s3:ListBucket without a condition on the prefix."
    return GradError(
        "dataset_mount_failed", f'Cannot attach dataset "{name}": s3fs did not mount it: {words}', hint
    )
