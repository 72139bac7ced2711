"""Memory in files: of a real tmpfs, of real memfds, and of a process that hides them."""

import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grad_runner.kernel.process_memory import (
    read_footprint,
    read_machine_shared_bytes,
    read_mapped_files,
    read_open_memory_files,
)
from grad_runner.kernel.process_table import Process, read_process
from grad_runner.kernel.shared_memory import SharedMemory

MIB = 1024 * 1024
SHM = Path("/dev/shm")


def this_process() -> Process:
    process = read_process(os.getpid())
    assert process is not None
    return process


@pytest.fixture
def memfd() -> Iterator[int]:
    fd = os.memfd_create("test")
    yield fd
    os.close(fd)


def scanned(memory: SharedMemory) -> int:
    memory.scan([this_process()])
    return memory.held_bytes(this_process())


def test_a_memfd_counts_by_its_blocks_and_not_by_its_size(memfd: int) -> None:
    memory = SharedMemory()
    os.ftruncate(memfd, 1024 * MIB)
    assert scanned(memory) < MIB
    os.pwrite(memfd, b"x" * 32 * MIB, 0)
    assert 32 * MIB <= scanned(memory) < 33 * MIB
    files = read_open_memory_files(os.getpid())
    assert files is not None
    assert os.fstat(memfd).st_ino in files


def test_what_is_mapped_of_a_memfd_counts_with_the_process_and_not_twice(memfd: int) -> None:
    before = read_footprint(this_process()).proportional_bytes
    os.ftruncate(memfd, 32 * MIB)
    os.pwrite(memfd, b"x" * 32 * MIB, 0)
    with mmap.mmap(memfd, 32 * MIB) as mapping:
        mapping.write(b"y" * 32 * MIB)
        assert scanned(SharedMemory()) < MIB
        assert read_footprint(this_process()).proportional_bytes - before > 30 * MIB
    assert scanned(SharedMemory()) >= 32 * MIB


def test_mappings_of_files_in_own_folders_do_not_count_with_the_process() -> None:
    devices = SharedMemory((SHM,)).devices
    with TemporaryDirectory(dir=SHM) as folder, (Path(folder) / "file").open("w+b") as file:
        file.truncate(32 * MIB)
        with mmap.mmap(file.fileno(), 32 * MIB) as mapping:
            mapping.write(b"x" * 32 * MIB)
            process = this_process()
            difference = read_footprint(process).proportional_bytes
            difference -= read_footprint(process, devices).proportional_bytes
            assert 31 * MIB < difference < 40 * MIB
            mapped = {name: size for _, _, name, size in read_mapped_files(os.getpid())}
            assert mapped[file.name] == 32 * MIB


def test_a_folder_counts_its_deleted_files_while_they_are_open_and_its_empty_ones() -> None:
    memory = SharedMemory((SHM,))
    before = memory.folder_bytes()
    with TemporaryDirectory(dir=SHM) as folder:
        with (Path(folder) / "file").open("wb") as file:
            os.unlink(file.name)
            file.write(b"x" * 32 * MIB)
            file.flush()
            assert memory.folder_bytes() - before > 30 * MIB
        for index in range(5000):
            (Path(folder) / str(index)).touch()
        assert memory.folder_bytes() - before > 4 * MIB


def test_the_bound_grows_with_the_machines_shared_memory_until_a_scan_shows_that_it_is_of_others() -> None:
    machine = [100 * MIB]
    memory = SharedMemory((), lambda: machine[0], lambda _: {}, lambda _: [])
    assert memory.upper_bytes() == 0
    machine[0] = 300 * MIB
    assert memory.upper_bytes() == 200 * MIB
    memory.scan([this_process()])
    assert memory.upper_bytes() == 0
    machine[0] = 50 * MIB
    assert memory.upper_bytes() == 0


def test_a_process_that_hides_its_files_is_charged_with_all_that_the_machine_has_taken() -> None:
    machine = [100 * MIB]
    memory = SharedMemory((), lambda: machine[0], lambda _: None, lambda _: [])
    machine[0] = 300 * MIB
    memory.scan([this_process()])
    assert memory.held_bytes(this_process()) == 200 * MIB


def test_a_process_that_has_ended_has_no_files() -> None:
    assert read_open_memory_files(2**22 + 1) == {}
    assert list(read_mapped_files(2**22 + 1)) == []


def test_the_machines_shared_memory_grows_with_a_memfd(memfd: int) -> None:
    before = read_machine_shared_bytes()
    os.pwrite(memfd, b"x" * 64 * MIB, 0)
    assert read_machine_shared_bytes() - before > 0
