"""Which folders may be datasets, by name, by location and by identity."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from grad_runner.common.mounts import read_table
from grad_runner.data.directory.contact import find_contact, find_listener
from grad_runner.data.directory.folder import Folder, identity_of, opened_folder
from grad_runner.data.directory.location import Location, location_of, parse_mounts
from grad_runner.data.directory.refusal import Protected, folder_fault

TABLE = """\
20 1 254:0 / / rw - ext4 /dev/vda rw
22 20 0:20 / /proc rw - proc proc rw
23 20 0:21 / /dev rw - devtmpfs devtmpfs rw
24 23 0:25 / /dev/shm rw - tmpfs tmpfs rw
25 20 0:22 / /run rw - tmpfs tmpfs rw
26 25 0:23 / /run/user/1000 rw - tmpfs tmpfs rw
27 20 254:1 / /home rw - ext4 /dev/vdb rw
28 20 254:0 / /mnt/machine rw - ext4 /dev/vda rw
29 20 254:1 /me/.local /mnt/local rw - ext4 /dev/vdb rw
30 20 0:23 /grad /mnt/sockets rw - tmpfs tmpfs rw
31 25 8:1 / /run/media/me/disk rw - vfat /dev/sdb1 rw
32 20 0:40 / /mnt/other rw - proc proc rw
33 20 254:2 /a\\040b /mnt/blank rw - ext4 /dev/vdc rw
34 20 254:1 /me/.local/state/grad/runners /mnt/runners rw - ext4 /dev/vdb rw
35 20 254:0 /etc /mnt/etc rw - ext4 /dev/vda rw
"""
MOUNTS = parse_mounts(TABLE)
PROTECTED = Protected(("/home/me/.local/state/grad", "/home/me/.config/gractl"), "/home/me")


def fault(path: str, protected: Protected = PROTECTED) -> str | None:
    """Of a folder that is not on this machine: no identity is equal to one that is."""
    around = [
        entry for entry in MOUNTS if path == entry.point or path.startswith(f"{entry.point.rstrip('/')}/")
    ]
    mount = max(around, key=lambda entry: len(entry.point))
    return folder_fault(Folder(-1, path, (-1, -1), mount.id), protected, MOUNTS)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/", "keep files of their own"),
        ("/home", "keep files of their own"),
        ("/home/me", "keep files of their own"),
        ("/home/me/.local", "contains /home/me/.local/state/grad"),
        ("/home/me/.local/state/grad", "is in /home/me/.local/state/grad"),
        ("/home/me/.local/state/grad/runners/r1/volume", "is in /home/me/.local/state/grad"),
        ("/home/me/.config/gractl/contexts", "is in /home/me/.config/gractl"),
        ("/proc/1/cwd", "one of the system's"),
        ("/mnt/other", "one of the system's"),
        ("/dev/shm", "one of the system's"),
        ("/sys", "one of the system's"),
        ("/run", "one of the system's"),
        ("/run/user/1000/grad", "one of the system's"),
        ("/run/media", "one of the system's"),
        ("/mnt/sockets", "one of the system's"),
        ("/mnt/machine", "is the whole machine"),
        ("/mnt/local", "contains /home/me/.local/state/grad"),
        ("/mnt/runners", "is in /home/me/.local/state/grad"),
        ("/mnt", "has another file system in it, at /mnt/machine"),
    ],
)
def test_folder_fault_refuses(path: str, why: str) -> None:
    assert why in (fault(path) or "")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/home/me/data",
            "/home/me/.local/share/x",
            "/home/me/.local/state/grader",
            "/run/media/me/disk/photos",
        ),
        *("/mnt/blank", "/mnt/etc", "/srv/data", "/running", "/devices"),
    ],
)
def test_folder_fault_allows(path: str) -> None:
    assert fault(path) is None


def test_folder_fault_knows_the_home_folder_and_the_machine_without_other_folders() -> None:
    assert fault("/home/me", Protected((), "/home/me")) == "contains the home folder"
    assert fault("/mnt/machine", Protected()) == "is the whole machine"
    assert fault("/home/me", Protected()) is None


def test_folder_fault_refuses_what_lies_in_no_mount_of_ours() -> None:
    elsewhere = Folder(-1, "/home/me/data", (-1, -1), 999)
    assert "does not see" in (folder_fault(elsewhere, PROTECTED, MOUNTS) or "")
    covered = Folder(-1, "/home/me/data", (-1, -1), 25)  # the mount's own names do not lead there
    assert "does not see" in (folder_fault(covered, PROTECTED, MOUNTS) or "")


def test_folder_fault_refuses_the_identity_of_a_folder_above_a_protected_one(tmp_path: Path) -> None:
    own = tmp_path / "a" / "b"
    own.mkdir(parents=True)
    identity = identity_of(str(tmp_path / "a"))
    assert identity is not None
    same = Folder(-1, "/srv/x", identity, 20)  # as a file system shows it that names neither path nor device
    assert "contains" in (folder_fault(same, Protected((str(own),)), MOUNTS) or "")


def test_location_of_is_that_of_the_nearest_mount_and_of_the_last_on_it() -> None:
    assert location_of("/mnt/local/x", MOUNTS) == Location("254:1", "/me/.local/x")
    assert location_of("/mnt/blank", MOUNTS) == Location("254:2", "/a b")
    assert location_of("/etc", MOUNTS) == Location("254:0", "/etc")
    over = parse_mounts(f"{TABLE}40 20 254:9 / /home rw - ext4 /dev/vdx rw\n")
    assert location_of("/home/me", over) == Location("254:9", "/me")
    assert location_of("/x", []) is None


def refused_here(path: Path | str, protected: Sequence[Path], home: Path | None = None) -> str | None:
    """Of a folder of this machine."""
    own = Protected(tuple(str(one) for one in protected), str(home or ""))
    with opened_folder(str(path)) as folder:
        return folder_fault(folder, own, parse_mounts(read_table()))


def test_folder_fault_sees_through_links_and_names_of_proc(tmp_path: Path) -> None:
    state, data = tmp_path / "state", tmp_path / "data"
    state.mkdir()
    data.mkdir()
    (data / "link").symlink_to(state)
    (tmp_path / "named").symlink_to(state)
    assert refused_here(data, [state]) is None
    assert refused_here(data / "link", [state]) is not None
    assert refused_here(state, [tmp_path / "named"]) is not None
    for machine in (
        "/proc/self/root",
        f"/proc/{os.getpid()}/cwd/../../../../../..",
        "/proc/self/task/../root",
    ):
        assert refused_here(machine, [state]) is not None
        assert "is the whole machine" in (refused_here(machine, []) or "")


def test_find_contact_finds_sockets_and_pipes_however_deep(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "file").touch()
    (tmp_path / "link").symlink_to("/dev/null")
    assert find_contact(str(tmp_path)) is None
    os.mkfifo(deep / "pipe")
    assert find_contact(str(tmp_path)) == "a/b/pipe"
    assert find_contact(str(tmp_path), max_entries=2) is None
    assert find_contact(str(tmp_path), max_seconds=0) is None


def test_find_listener_finds_a_bound_socket_by_any_name_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "below"
    folder.mkdir(parents=True)
    (tmp_path / "other").symlink_to(folder)
    identity = identity_of(str(tmp_path / "data"))
    assert identity is not None and find_listener(identity) is None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "other" / "x.sock"))
        listener.listen()
        assert find_listener(identity) == str(tmp_path / "other" / "x.sock")
    (folder / "x.sock").unlink()
    assert find_listener(identity) is None
