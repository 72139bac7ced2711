"""What a dataset of type directory cannot do, with a real data component: the tests of `tests/attacks/directory_dataset_test.ts`
do the same through gractl."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grad_runner.gen.grad.v1 import dataset_pb2
from tests.data.data_component import (
    FAILED,
    MOUNTED,
    DataComponent,
    data_component,
    directory_dataset,
)
from tests.data.s3.test_supervision import until_state

REFUSED = "dataset_folder_refused"


@contextmanager
def listening(at: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(at))
        listener.listen()
        at.chmod(0o777)
        yield listener


def connects(component: DataComponent, *path: str) -> bool:
    """Whether a process in the runner's namespaces reaches the socket through the mount."""
    at = component.init.data_root.joinpath(*path)
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(at)!r})"
    return component.init.inside("python3", "-c", code).returncode == 0


async def refused(component: DataComponent, path: Path | str) -> str:
    answer = (await component.apply(directory_dataset("files", Path(path))))["files"]
    assert (answer.state, answer.error_code) == (FAILED, REFUSED), (path, answer)
    assert answer.error_hint
    return answer.error_message


async def test_protected_folders_are_refused_by_every_name(tmp_path: Path) -> None:
    state, data = tmp_path / "up" / "state", tmp_path / "data"
    (state / "runners").mkdir(parents=True)
    data.mkdir()
    (data / "link").symlink_to(state / "runners")
    (data / "bound").mkdir()
    (data / "loop").symlink_to("loop")
    options = ("--allow-directories", "--protected", str(state), "--home", str(data))
    async with data_component(*options) as component:
        for path in (state, state / "runners", data / "link", tmp_path / "up", tmp_path):
            assert "grad and gractl" in await refused(component, path)
        assert "home folder" in await refused(component, data)
        for name in ("/proc/self/root", "/proc/1/root", "/dev", "/sys", "/run", "/proc/self/root/proc"):
            await refused(component, name)
        for source in ("/", state.parent, state / "runners"):
            bound = data / "bound"
            assert component.init.inside("mount", "--rbind", str(source), str(bound)).returncode == 0
            await refused(component, bound)
            assert component.init.inside("umount", "--lazy", str(bound)).returncode == 0
        assert component.init.inside("mount", "-t", "tmpfs", "none", str(data / "bound")).returncode == 0
        inner = data / "bound" / "x"
        assert component.init.inside("mkdir", str(inner)).returncode == 0
        assert component.init.inside("mount", "-t", "tmpfs", "none", str(inner)).returncode == 0
        assert "another file system" in await refused(component, data / "bound")
        answer = (await component.apply(directory_dataset("files", data / "loop")))["files"]
        assert answer.error_code == "dataset_invalid" and "symbolic links" in answer.error_message


async def test_link_that_takes_the_folders_place_between_check_and_mount_shows_nothing(
    tmp_path: Path,
) -> None:
    elsewhere, shown, aside = tmp_path / "elsewhere", tmp_path / "shown", tmp_path / "aside"
    for folder, text in ((elsewhere, "secret"), (shown, "open")):
        folder.mkdir()
        (folder / "file").write_text(text)
    ended = threading.Event()

    def swap() -> None:
        while not ended.is_set():
            shown.rename(aside)
            shown.symlink_to(elsewhere)
            shown.unlink()
            aside.rename(shown)

    swapping = threading.Thread(target=swap, name="swap")
    swapping.start()
    try:
        # What is checked by its name and used by its name is another folder in between.
        found = set[str]()
        for _ in range(100_000):
            with suppress(OSError):
                if not shown.is_symlink():
                    found.add((shown / "file").read_text())
            if "secret" in found:
                break
        assert "secret" in found
        async with data_component("--allow-directories") as component:
            seen = set()
            for _ in range(100):
                if (await component.apply(directory_dataset("files", shown)))["files"].state == MOUNTED:
                    seen.add(component.sh("cat files/file"))
                await component.apply()
    finally:
        ended.set()
        swapping.join()
    assert "secret" not in seen, seen


async def test_link_in_the_place_of_a_mounted_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere, writable = tmp_path / "elsewhere", tmp_path / "writable"
    elsewhere.mkdir()
    (elsewhere / "key").write_text("secret")
    inner = writable / "inner"
    inner.mkdir(parents=True)
    async with data_component("--allow-directories") as component:
        answer = await component.apply(
            directory_dataset("outer", writable, dataset_pb2.ACCESS_READ_WRITE),
            directory_dataset("inner", inner),
        )
        assert {one.state for one in answer.values()} == {MOUNTED}
        # As code does it that may write to the folder above.
        inner.rename(writable / "moved")
        inner.symlink_to(elsewhere)
        assert (inner / "key").read_text() == "secret"
        assert await until_state(component, "inner", FAILED, 60) == REFUSED
        assert component.ls() == ["outer"]
        assert str(elsewhere) in await refused(component, inner)
        inner.unlink()
        (writable / "moved").rename(inner)
        assert (await component.apply(directory_dataset("inner", inner)))["inner"].state == MOUNTED


async def test_sockets_and_pipes_are_refused_and_ones_that_come_later_end_the_mount(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    dataset = directory_dataset("files", folder)
    async with data_component("--allow-directories") as component:
        assert (await component.apply(dataset))["files"].state == MOUNTED
        with listening(folder / "later.sock"):
            # Read-only, nosuid and nodev as it is: the mount alone closes no socket.
            assert connects(component, "files", "later.sock")
            assert await until_state(component, "files", FAILED, 60) == REFUSED
            assert not connects(component, "files", "later.sock")
            assert "later.sock" in await refused(component, folder)
            assert component.ls() == []
        assert "later.sock" in await refused(component, folder)  # nobody listens, and somebody may again
        (folder / "later.sock").unlink()
        os.mkfifo(folder / "pipe")
        assert "pipe" in await refused(component, folder)
        (folder / "pipe").unlink()
        assert (await component.apply(dataset))["files"].state == MOUNTED


async def test_mount_is_nosuid_and_nodev_and_shows_no_other_file_system(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    async with data_component("--allow-directories") as component:
        access = dataset_pb2.ACCESS_READ_WRITE
        await component.apply(
            directory_dataset("readable", tmp_path), directory_dataset("writable", tmp_path, access)
        )
        table = component.sh("cat /proc/self/mountinfo")
        for name, flags in (("readable", "ro,nosuid,nodev"), ("writable", "rw,nosuid,nodev")):
            line = next(line for line in table.splitlines() if f"/data/{name} " in line)
            assert line.split(" ")[5].startswith(flags), line
