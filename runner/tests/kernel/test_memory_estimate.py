"""The estimate against a model of pages that processes allocate, share by forking, copy on write, free and leave behind."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grad_runner.kernel.memory_estimate import Footprint, MemoryEstimate
from grad_runner.kernel.process_table import Process

LAUNCHER = 0
"""Group of the launcher, from which the first process of every other group is forked."""


def process(pid: int, *, rss: int, faults: int = 0) -> Process:
    return Process(pid, 1, pid, 1, 1, 0, rss, False, faults)


@dataclass
class Machine:
    """Pages have numbers; a process maps a set of them."""

    pages: dict[int, set[int]] = field(default_factory=lambda: {1: {0, 1, 2, 3}})
    faults: dict[int, int] = field(default_factory=lambda: {1: 0})
    group: dict[int, int] = field(default_factory=lambda: {1: LAUNCHER})
    _last_page: int = 3
    _last_pid: int = 1

    def allocate(self, pid: int) -> None:
        self._last_page += 1
        self.pages[pid].add(self._last_page)
        self.faults[pid] += 1

    def write_shared(self, pid: int) -> None:
        """Copy on write: the process gets a page of its own in place of a shared one."""
        shared = [page for page in self.pages[pid] if self._mappers(page) > 1]
        if shared:
            self.pages[pid].remove(shared[0])
            self.allocate(pid)

    def free(self, pid: int) -> None:
        """Changes the resident size but causes no fault."""
        if self.pages[pid]:
            self.pages[pid].remove(max(self.pages[pid]))

    def free_and_allocate(self, pid: int) -> None:
        """Leaves the resident size as it was."""
        self.free(pid)
        self.allocate(pid)

    def fork(self, pid: int) -> None:
        self._last_pid += 1
        child = self._last_pid
        self.pages[child] = set(self.pages[pid])
        self.faults[child] = 0
        self.group[child] = child if self.group[pid] == LAUNCHER else self.group[pid]

    def end(self, pid: int) -> None:
        if pid != 1:
            del self.pages[pid], self.faults[pid], self.group[pid]

    def used(self) -> int:
        return len(set().union(*self.pages.values()))

    def groups(self) -> list[list[Process]]:
        """A table of this moment, as the monitor would read it."""
        groups: dict[int, list[Process]] = {}
        for pid, pages in self.pages.items():
            groups.setdefault(self.group[pid], []).append(
                process(pid, rss=len(pages), faults=self.faults[pid])
            )
        return list(groups.values())

    def footprint(self, process: Process) -> Footprint:
        # Fractions in place of integers: the model's sum is exact.
        mappers = [self._mappers(page) for page in self.pages[process.pid]]
        proportional = sum((Fraction(1, count) for count in mappers), Fraction(0))
        return Footprint(proportional, mappers.count(1))  # type: ignore[arg-type]

    def _mappers(self, page: int) -> int:
        return sum(page in pages for pages in self.pages.values())


OPERATIONS = ("allocate", "write_shared", "free", "free_and_allocate", "fork", "end", "measure_changed")
STEPS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 20)), max_size=40)


def run_step(machine: Machine, estimate: MemoryEstimate, operation: str, choice: int) -> None:
    if operation != "measure_changed":
        getattr(machine, operation)(list(machine.pages)[choice % len(machine.pages)])
        return
    # As the monitor does: the launcher, whose pages every kernel shares, is measured each time.
    groups = machine.groups()
    targets = {each.pid: each for each in (*groups[0], *estimate.changed(groups[1:]))}
    estimate.record({each: machine.footprint(each) for each in targets.values()}, groups)


@given(STEPS)
@settings(deadline=None, max_examples=400)
def test_upper_bytes_is_never_below_what_is_used(steps: list[tuple[str, int]]) -> None:
    machine, estimate = Machine(), MemoryEstimate()
    for operation, choice in steps:
        run_step(machine, estimate, operation, choice)
        assert estimate.upper_bytes(machine.groups()) >= machine.used()


@given(STEPS)
@settings(deadline=None, max_examples=100)
def test_upper_bytes_is_exact_after_everything_was_measured(steps: list[tuple[str, int]]) -> None:
    machine, estimate = Machine(), MemoryEstimate()
    for operation, choice in steps:
        run_step(machine, estimate, operation, choice)
    groups = machine.groups()
    estimate.record({each: machine.footprint(each) for group in groups for each in group}, groups)
    assert estimate.upper_bytes(groups) == machine.used()
    assert estimate.changed(groups) == []
    assert estimate.released_bytes == 0


def test_changed_names_the_whole_group_of_a_process_that_had_a_fault() -> None:
    quiet, busy, child = process(1, rss=10), process(2, rss=10), process(3, rss=10)
    estimate = MemoryEstimate()
    groups = [[quiet], [busy, child]]
    assert estimate.changed(groups) == [quiet, busy, child]
    estimate.record({each: Footprint(5, 1) for each in (quiet, busy, child)}, groups)
    assert estimate.changed(groups) == []
    assert estimate.changed([[quiet], [busy, process(3, rss=10, faults=1)]]) == [
        busy,
        process(3, rss=10, faults=1),
    ]


def test_record_keeps_what_was_not_measured_again_and_releases_what_was() -> None:
    old, other = process(1, rss=10), process(2, rss=20)
    estimate = MemoryEstimate()
    estimate.record({old: Footprint(5, 1), other: Footprint(7, 4)}, [[old], [other]])
    assert estimate.released_bytes == 0
    changed = process(1, rss=12, faults=1)
    estimate.record({changed: Footprint(6, 3)}, [[changed], [other]])
    assert (estimate.footprint(changed), estimate.footprint(other)) == (Footprint(6, 3), Footprint(7, 4))
    assert estimate.released_bytes == 4
    assert estimate.upper_bytes([[changed], [other]]) == 6 + 7 + 4


def test_a_process_that_was_never_measured_counts_with_its_resident_size() -> None:
    new = process(1, rss=10)
    estimate = MemoryEstimate()
    assert estimate.upper_bytes([[new]]) == 10
    assert estimate.footprint(new) == Footprint(0, 0)


@pytest.mark.parametrize(
    ("now", "upper"),
    [
        (process(1, rss=10), 5),
        (process(1, rss=11), 11 + 4),
        (process(1, rss=10, faults=1), 10 + 4),
        (None, 4),
    ],
    ids=["unchanged", "grown", "same size, but a fault", "ended"],
)
def test_upper_bytes_adds_the_shared_part_of_what_changed(now: Process | None, upper: int) -> None:
    before = process(1, rss=10)
    estimate = MemoryEstimate()
    estimate.record({before: Footprint(5, 1)}, [[before]])
    assert estimate.upper_bytes([[now]] if now else []) == upper
