"""What is measured, and when: processes are made up, and reading one's footprint is counted."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grad_runner.kernel.cgroup import MemoryCgroup
from grad_runner.kernel.memory_estimate import Footprint
from grad_runner.kernel.memory_usage import MemoryUsage
from grad_runner.kernel.process_table import Process
from grad_runner.kernel.shared_memory import SharedMemory

MIB = 1024 * 1024
LIMIT = 1024 * MIB
THRESHOLD = 992 * MIB
INHERITED_MIB = 80
LAUNCHER = Process(1, 0, 1, 1, 1, 0, 100 * MIB, False, 0)


def kernel(pid: int, rss_mib: int, faults: int = 0) -> Process:
    return Process(pid, 1, pid, 1, 1, 0, rss_mib * MIB, False, faults)


@dataclass
class Reader:
    """Stands for /proc; `took_s` is what each reading takes."""

    footprints: dict[int, Footprint]
    took_s: float = 0.01
    now: float = 100.0
    anonymous_mib: dict[int, int] = field(default_factory=dict)
    measured: list[int] = field(default_factory=list)
    machine_mib: int = 0
    memfd_mib: int = 0

    def measure(self, process: Process) -> Footprint:
        self.measured.append(process.pid)
        self.now += self.took_s
        return self.footprints[process.pid]

    def anonymous_bytes(self, pid: int) -> int:
        return self.anonymous_mib.get(pid, 0) * MIB

    def clock(self) -> float:
        return self.now

    def usage(self, limit_bytes: int = LIMIT, cgroup: MemoryCgroup | None = None) -> MemoryUsage:
        shared = SharedMemory(
            (), lambda: self.machine_mib * MIB, lambda pid: {pid: self.memfd_mib * MIB}, lambda _: []
        )
        return MemoryUsage(limit_bytes, cgroup, self.measure, self.anonymous_bytes, self.clock, shared)

    def excess(self, usage: MemoryUsage, *kernels: Process) -> int:
        """Sorts what was measured by pid and clears the list before."""
        self.measured.clear()
        trees = {f"k{each.pid}": [each] for each in kernels}
        excess = usage.excess_bytes(trees, [LAUNCHER], dict.fromkeys(trees, INHERITED_MIB * MIB))
        self.measured.sort()
        return excess


def reader(mib_each: int, *pids: int) -> tuple[Reader, MemoryUsage]:
    made = Reader({pid: Footprint(mib_each * MIB, (mib_each - 1) * MIB) for pid in (1, *pids)})
    return made, made.usage()


def test_nothing_is_measured_while_resident_sizes_stay_below_the_threshold() -> None:
    proc, usage = reader(10, 2, 3)
    assert proc.excess(usage, kernel(2, 400), kernel(3, 492)) == 0
    assert proc.measured == []
    assert proc.excess(usage, kernel(2, 400), kernel(3, 493)) == 0
    assert proc.measured == [1, 2, 3]


def test_idle_kernels_are_measured_once_whatever_their_resident_sizes_add_up_to() -> None:
    pids = range(2, 22)
    proc, usage = reader(10, *pids)
    kernels = [kernel(pid, 120) for pid in pids]
    assert proc.excess(usage, *kernels) == 0
    assert proc.measured == [1, *pids]
    for _ in range(3):
        assert proc.excess(usage, *kernels) == 0
        assert proc.measured == []


def test_only_a_kernel_that_changed_is_measured_again() -> None:
    pids = range(2, 22)
    proc, usage = reader(40, *pids)
    kernels = [kernel(pid, 120) for pid in pids]
    assert proc.excess(usage, *kernels) == 0
    kernels[3] = kernel(5, 300, faults=1)
    assert proc.excess(usage, *kernels) == 0
    assert proc.measured == [1, 5]


def test_excess_bytes_is_what_is_above_the_threshold() -> None:
    proc, usage = reader(331, 2, 3)
    assert proc.excess(usage, kernel(2, 600), kernel(3, 600)) == 3 * 331 * MIB - THRESHOLD == MIB
    proc, usage = reader(1, 2, 3)
    proc.footprints[1] = Footprint(THRESHOLD - 2 * MIB)
    assert proc.excess(usage, kernel(2, 600), kernel(3, 600)) == 0
    proc.footprints[1] = Footprint(THRESHOLD - 2 * MIB + 1)
    assert proc.excess(usage, kernel(2, 600, 1), kernel(3, 600, 1)) == 1


def test_a_kernel_that_certainly_uses_too_much_is_not_measured() -> None:
    proc, usage = reader(10, 2)
    proc.anonymous_mib = {1: 92, 2: INHERITED_MIB + 901}
    assert proc.excess(usage, kernel(2, 2000)) == MIB
    assert proc.measured == []
    trees = {"k2": [kernel(2, 2000)]}
    assert usage.tree_bytes(trees, [LAUNCHER], {"k2": INHERITED_MIB * MIB}) == {"k2": 901 * MIB}
    assert proc.measured == []
    proc.anonymous_mib = {1: 92, 2: INHERITED_MIB + 900}
    proc.footprints[3] = Footprint()
    assert proc.excess(usage, kernel(2, 2000), kernel(3, 100)) == 0
    assert proc.measured == [1, 2, 3]


def test_libraries_that_many_kernels_map_are_not_certain_to_be_too_much() -> None:
    pids = range(2, 12)
    proc, usage = reader(40, *pids)
    assert proc.excess(usage, *(kernel(pid, 500) for pid in pids)) == 0


def test_only_the_largest_process_of_a_tree_is_certain_because_forks_share() -> None:
    proc, usage = reader(10, 2, 3)
    proc.anonymous_mib = {2: 600, 3: 600}
    trees = {"k": [kernel(2, 600), kernel(3, 600)]}
    assert usage.excess_bytes(trees, [LAUNCHER], {"k": 0}) == 0
    assert usage.tree_bytes(trees, [LAUNCHER], {"k": 0}) == {"k": 600 * MIB}


def test_everything_is_measured_again_and_again_only_at_a_bounded_cost() -> None:
    pids = range(2, 12)
    proc, usage = reader(88, *pids)  # 968 MiB of 992
    for pid in proc.footprints:
        proc.footprints[pid] = Footprint(88 * MIB, 40 * MIB)
    kernels = [kernel(pid, 120) for pid in pids]
    assert proc.excess(usage, *kernels) == 0  # all were new, so all were measured
    counts = []
    for faults in range(1, 60):
        kernels[0] = kernel(2, 120, faults)
        proc.now += 0.05
        assert proc.excess(usage, *kernels) == 0
        counts.append(len(proc.measured))
    everything = 11 + 2  # the changed one and the launcher first
    assert set(counts) == {2, everything}
    assert 2 <= counts.count(everything) <= proc.now - 100 + 1  # 0.11 s of reading in 1.1 s at most
    # Sure to be too much by the figures as they are: measured at once.
    proc.footprints[2] = Footprint(88 * MIB + 30 * MIB, 40 * MIB)
    kernels[0] = kernel(2, 150, 99)
    assert proc.excess(usage, *kernels) == 11 * 88 * MIB + 30 * MIB - THRESHOLD


def test_measuring_what_changed_is_enough_up_to_the_threshold_itself() -> None:
    proc, usage = reader(1, 2, 3)
    proc.footprints = {1: Footprint(2 * MIB), 2: Footprint(THRESHOLD - 5 * MIB), 3: Footprint(3 * MIB)}
    assert proc.excess(usage, kernel(2, 600), kernel(3, 600)) == 0
    assert proc.measured == [1, 2, 3]
    # Now the two small ones have let go of 5 MiB that they shared: at most the threshold, so nothing more is measured.
    proc.footprints |= {1: Footprint(0), 3: Footprint(0)}
    assert proc.excess(usage, kernel(2, 600), kernel(3, 600, faults=1)) == 0
    assert proc.measured == [1, 3]


def test_everything_is_measured_as_soon_as_the_time_has_come() -> None:
    for wait_s, measured in [(0.29, [1, 2]), (0.31, [1, 2, 1, 2, 3])]:
        proc, usage = reader(1, 2, 3)
        proc.took_s = 0.01
        proc.footprints = {1: Footprint(2 * MIB), 2: Footprint(THRESHOLD - 5 * MIB), 3: Footprint(3 * MIB)}
        usage.excess_bytes({"a": [kernel(2, 600)], "b": [kernel(3, 600)]}, [LAUNCHER], {"a": 0, "b": 0})
        # Forces a measurement of everything: 0.03 s, so the next one may follow after 0.3 s.
        proc.footprints[2] = Footprint(THRESHOLD)
        assert proc.excess(usage, kernel(2, 600, 1), kernel(3, 600)) == 5 * MIB
        proc.footprints[2] = Footprint(THRESHOLD - 5 * MIB)
        proc.took_s = 0.0
        proc.now += wait_s
        # The sum is the threshold itself, and others may have to bear what was shared.
        assert proc.excess(usage, kernel(2, 600, 2), kernel(3, 600)) == 0
        assert proc.measured == sorted(measured)


def test_tree_bytes_measures_what_is_not_known() -> None:
    proc, usage = reader(50, 2, 3)
    trees = {"k2": [kernel(2, 600)], "k3": [kernel(3, 600)]}
    proc.anonymous_mib = {2: 512, 3: 100}  # just not more than half of the limit
    inherited = {"k2": 0, "k3": 0}
    assert usage.tree_bytes(trees, [LAUNCHER], inherited) == {"k2": 50 * MIB, "k3": 50 * MIB}
    assert sorted(proc.measured) == [1, 2, 3]
    usage.tree_bytes(trees, [LAUNCHER], inherited)
    assert sorted(proc.measured) == [1, 2, 3]


@pytest.mark.parametrize(("limit", "kernels"), [(0, [kernel(2, 9000)]), (LIMIT, [])])
def test_nothing_is_in_excess_without_a_limit_or_without_kernels(limit: int, kernels: list[Process]) -> None:
    proc, _ = reader(9000, 2)
    assert proc.excess(proc.usage(limit), *kernels) == 0


def test_the_figures_of_a_cgroup_serve_where_there_is_one(tmp_path: Path) -> None:
    for name, text in {"memory.current": str(THRESHOLD + 5), "memory.stat": "file 4\nshmem 0\n"}.items():
        (tmp_path / name).write_text(text)
    proc, _ = reader(10, 2)
    usage = proc.usage(LIMIT, MemoryCgroup(tmp_path, 2))
    assert proc.excess(usage, kernel(2, 10)) == 1
    (tmp_path / "memory.max").write_text(str(512 * MIB))  # a pod's limit that was lowered
    assert proc.excess(usage, kernel(2, 10)) == THRESHOLD + 1 - 496 * MIB
    (tmp_path / "memory.max").write_text("max")
    (tmp_path / "memory.stat").write_text("file 5\nshmem 0\n")
    assert proc.excess(usage, kernel(2, 9000)) == 0
    assert proc.measured == []
    usage.limit_bytes = 0
    (tmp_path / "memory.max").write_text(str(512 * MIB))
    assert proc.excess(usage, kernel(2, 10)) == THRESHOLD - 496 * MIB


def test_what_lies_in_memfds_counts_although_no_process_has_a_fault() -> None:
    proc, usage = reader(100, 2)
    assert proc.excess(usage, kernel(2, 120)) == 0
    proc.machine_mib = proc.memfd_mib = 1100
    assert proc.excess(usage, kernel(2, 120)) > 150 * MIB
    assert usage.tree_bytes({"k2": [kernel(2, 120)]}, [LAUNCHER], {"k2": 0})["k2"] == 1200 * MIB


def test_shared_memory_of_other_programs_does_not_count() -> None:
    proc, usage = reader(100, 2)
    proc.machine_mib = 5000
    assert proc.excess(usage, kernel(2, 120)) == 0
