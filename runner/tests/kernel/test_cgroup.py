import os
from pathlib import Path

import pytest

from grad_runner.kernel.cgroup import MemoryCgroup, memory_cgroup, own_memory_cgroup

V2 = {
    "memory.current": "1000\n",
    "memory.max": "5000\n",
    "memory.stat": "anon 500\nfile 400\nshmem 100\nkernel 100\n",
    "memory.events": "low 0\noom 2\noom_kill 3\n",
}
V1 = {
    "memory.usage_in_bytes": "1000\n",
    "memory.limit_in_bytes": "5000\n",
    "memory.stat": "cache 1\nshmem 1\ntotal_cache 400\ntotal_shmem 100\n",
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
}


def group(folder: Path, files: dict[str, str], members: list[int] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {
        "cgroup.procs": "".join(f"{pid}\n" for pid in members or [os.getpid()]),
        **files,
    }.items():
        (folder / name).write_text(text)
    return folder


def memberships(folder: Path, *lines: str) -> Path:
    file = folder / "memberships"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


@pytest.mark.parametrize(("version", "files"), [(1, V1), (2, V2)])
def test_figures_are_read_from_both_versions(tmp_path: Path, version: int, files: dict[str, str]) -> None:
    found = MemoryCgroup(group(tmp_path, files), 1 if version == 1 else 2)
    assert (found.used_bytes(), found.limit_bytes(), found.oom_kills()) == (1000 - (400 - 100), 5000, 3)


@pytest.mark.parametrize(
    ("version", "file", "text"),
    [(2, "memory.max", "max\n"), (1, "memory.limit_in_bytes", "9223372036854771712\n")],
)
def test_limit_bytes_is_0_for_no_limit(tmp_path: Path, version: int, file: str, text: str) -> None:
    files = {**(V1 if version == 1 else V2), file: text}
    assert MemoryCgroup(group(tmp_path, files), 1 if version == 1 else 2).limit_bytes() == 0


@pytest.mark.parametrize(
    ("current", "file", "shmem", "used"),
    [(0, 0, 0, 0), (5, 0, 0, 5), (5, 9, 0, 0), (5, 0, 9, 5)],
    ids=["nothing", "no cache", "more cache than memory", "more tmpfs than cache"],
)
def test_used_bytes_is_not_negative_where_the_counts_do_not_agree(
    tmp_path: Path, current: int, file: int, shmem: int, used: int
) -> None:
    files = {"memory.current": str(current), "memory.stat": f"file {file}\nshmem {shmem}\n"}
    assert MemoryCgroup(group(tmp_path, files), 2).used_bytes() == used


@pytest.mark.parametrize(("limit", "want"), [((1 << 60) - 1, (1 << 60) - 1), (1 << 60, 0)])
def test_limit_bytes_takes_what_no_machine_has_for_no_limit(tmp_path: Path, limit: int, want: int) -> None:
    assert MemoryCgroup(group(tmp_path, {"memory.max": str(limit)}), 2).limit_bytes() == want


def test_figures_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    for version in (1, 2):
        nothing = MemoryCgroup(tmp_path, 1 if version == 1 else 2)
        assert (nothing.used_bytes(), nothing.oom_kills(), nothing.limit_bytes()) == (None, None, 0)


def test_memory_cgroup_finds_a_container_of_version_2(tmp_path: Path) -> None:
    root = group(tmp_path / "fs", V2)
    assert memory_cgroup(root, memberships(tmp_path, "0::/")) == MemoryCgroup(root, 2)
    assert memory_cgroup(root, memberships(tmp_path, "0::/../outside")) == MemoryCgroup(root, 2)


def test_memory_cgroup_finds_a_slice_of_a_machine_of_version_2(tmp_path: Path) -> None:
    # The root of a machine's hierarchy has no figures of its own.
    group(tmp_path / "fs", {})
    folder = group(tmp_path / "fs/user.slice/session-1", V2)
    found = memory_cgroup(tmp_path / "fs", memberships(tmp_path, "0::/user.slice/session-1"))
    assert found == MemoryCgroup(folder, 2)


def test_memory_cgroup_finds_version_1_in_a_container_and_on_a_machine(tmp_path: Path) -> None:
    lines = memberships(tmp_path, "4:cpuset,memory:/docker/abc", "0::/")
    in_container = group(tmp_path / "fs/memory", V1)
    assert memory_cgroup(tmp_path / "fs", lines) == MemoryCgroup(in_container, 1)
    on_machine = group(tmp_path / "fs/memory/docker/abc", V1)
    assert memory_cgroup(tmp_path / "fs", lines) == MemoryCgroup(on_machine, 1)


def test_memory_cgroup_takes_the_line_of_the_memory_controller_and_its_whole_path(tmp_path: Path) -> None:
    group(tmp_path / "fs/a:b", V2)  # of another hierarchy
    folder = group(tmp_path / "fs/memory/a:b", V1)
    lines = memberships(tmp_path, "1:pids:/a:b", "4:memory:/a:b")
    assert memory_cgroup(tmp_path / "fs", lines) == MemoryCgroup(folder, 1)


def test_memory_cgroup_is_none_where_none_can_be_seen(tmp_path: Path) -> None:
    assert memory_cgroup(tmp_path, tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("members", "own"),
    [
        ([os.getpid()], True),
        ([1, os.getppid(), os.getpid()], True),
        ([os.getpid(), 2**22 + 1], False),  # somebody else
        ([os.getpid(), 0], False),  # somebody in another pid namespace
        ([1], False),
    ],
)
def test_own_memory_cgroup_shares_its_group_with_nobody(
    tmp_path: Path, members: list[int], own: bool
) -> None:
    found = MemoryCgroup(group(tmp_path, V2, members), 2)
    assert own_memory_cgroup(found) == (found if own else None)
    assert own_memory_cgroup(None) is None
    assert own_memory_cgroup(MemoryCgroup(tmp_path / "missing", 2)) is None
