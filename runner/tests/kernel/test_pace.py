import os

import pytest

from grad_runner.kernel.pace import (
    BUSY_PAUSE_S,
    CHANGE_BYTES,
    GROWTH_BYTES,
    IDLE_PAUSE_S,
    URGENT_GROWTH_BYTES,
    Glance,
    Pace,
    has_taken_memory,
)
from grad_runner.kernel.process_table import Process

QUIET = Glance(b"7", 1000)


def probed(*, changed: bool, cost_s: float = 0.001) -> Pace:
    """One that has probed at 100.0."""
    pace = Pace()
    pace.probed(QUIET, began=100.0, ended=100.0 + cost_s, changed=changed)
    return pace


PAGE = os.sysconf("SC_PAGE_SIZE")
PAGES = CHANGE_BYTES // PAGE


def process(pid: int, rss: int, faults: int) -> Process:
    return Process(pid, 1, pid, 1, 1, 0, rss, False, faults)


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ([process(1, 100, 7)], False),
        ([process(1, 100, 7 + PAGES - 1)], False),
        ([process(1, 100, 7 + PAGES)], True),
        ([process(1, 100 + CHANGE_BYTES - 1, 7)], False),
        ([process(1, 100 + CHANGE_BYTES, 7)], True),
        ([process(1, 0, 7 + PAGES)], True),
        ([process(1, 100, 7), process(2, CHANGE_BYTES - 1, 0)], False),
        ([process(1, 100, 7), process(2, CHANGE_BYTES, 0)], True),
        ([], False),
    ],
    ids=["nothing", "few faults", "faults", "little", "grown", "shrunk with faults", "small", "new", "ended"],
)
def test_has_taken_memory(now: list[Process], taken: bool) -> None:
    before = process(1, 100, 7)
    assert has_taken_memory({before.identity: before}, {each.identity: each for each in now}) is taken


def test_a_new_pace_probes_at_once() -> None:
    assert Pace().is_due(QUIET, 100.0)


def test_a_change_makes_probes_frequent_for_two_seconds() -> None:
    pace = probed(changed=True)
    assert (pace.pause_s(101.9), pace.is_due(QUIET, 101.9)) == (BUSY_PAUSE_S, True)
    pace.probed(QUIET, began=101.9, ended=101.9, changed=False)
    assert (pace.pause_s(102.0), pace.is_due(QUIET, 102.0)) == (IDLE_PAUSE_S, False)


@pytest.mark.parametrize(
    ("glance", "now", "due"),
    [
        (QUIET, 101.9, False),
        (QUIET, 102.0, True),
        (Glance(b"8", 1000), 100.3, True),
        (Glance(b"7", 1000 + GROWTH_BYTES - 1), 100.3, False),
        (Glance(b"7", 1000 + GROWTH_BYTES), 100.3, True),
        (Glance(b"7", 0), 100.3, False),
    ],
    ids=["nothing", "two seconds", "a new process", "little growth", "growth", "less memory"],
)
def test_is_due_while_nothing_changes(glance: Glance, now: float, due: bool) -> None:
    assert probed(changed=False).is_due(glance, now) is due


def test_growth_counts_from_the_last_probe_and_not_from_the_last_glance() -> None:
    pace = probed(changed=False)
    step = GROWTH_BYTES // 2
    assert not pace.is_due(Glance(b"7", 1000 + step), 100.25)
    assert pace.is_due(Glance(b"7", 1000 + 2 * step), 100.5)


@pytest.mark.parametrize(
    ("growth", "now", "due"),
    [
        (GROWTH_BYTES, 100.74, False),
        (GROWTH_BYTES, 100.76, True),
        (URGENT_GROWTH_BYTES - 1, 100.25, False),
        (URGENT_GROWTH_BYTES, 100.25, True),
    ],
    ids=["too soon", "after a while", "not quite urgent", "urgent"],
)
def test_growth_leads_to_probes_of_one_percent_of_a_core_unless_it_is_urgent(
    growth: int, now: float, due: bool
) -> None:
    pace = probed(changed=False, cost_s=0.0075)
    assert pace.is_due(Glance(b"7", 1000 + growth), now) is due


@pytest.mark.parametrize(("cost_s", "pause_s"), [(0.005, 0.05), (0.01, 0.1), (0.5, 0.25)])
def test_pause_s_bounds_the_cost_of_probes_but_never_exceeds_the_idle_pause(
    cost_s: float, pause_s: float
) -> None:
    assert probed(changed=True, cost_s=cost_s).pause_s(100.5) == pytest.approx(pause_s)


def test_growth_makes_a_probe_due_at_the_bound_of_its_share() -> None:
    pace = Pace()
    pace.probed(Glance(b"7", 1000), began=100.0, ended=100.0, changed=False)  # it cost nothing
    assert not pace.is_due(Glance(b"7", 1000 + GROWTH_BYTES - 1), 100.0)
    assert pace.is_due(Glance(b"7", 1000 + GROWTH_BYTES), 100.0)


def test_a_pace_knows_what_was_used_at_the_last_probe() -> None:
    assert Pace().used_bytes_at_probe == 0
    assert probed(changed=False).used_bytes_at_probe == QUIET.used_bytes
