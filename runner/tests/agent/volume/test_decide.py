"""When storage is measured, and what follows from it."""

from grad_runner.agent.limits import MIB
from grad_runner.agent.volume.decide import MAX_ENDED_WHILE_FULL, MIN_FREE_BYTES, Storage
from grad_runner.agent.volume.measure import Usage

FREE = 100_000 * MIB


def storage(used_mib: int, *, at: float = 100.0, cost_s: float = 0.01, free: int = FREE) -> Storage:
    made = Storage(1000 * MIB)
    measure(made, used_mib, at=at, cost_s=cost_s, free=free)
    return made


def measure(
    made: Storage, used_mib: int, *, at: float = 100.0, cost_s: float = 0.01, free: int = FREE
) -> None:
    made.measured(Usage(used_mib * MIB, 10), free_bytes=free, began=at, ended=at + cost_s)


def test_it_is_measured_first_of_all() -> None:
    assert Storage(1000 * MIB).is_due(0, active=False)


def test_it_is_measured_when_the_disk_has_lost_what_could_fill_it() -> None:
    made = storage(400)
    made.looked(FREE - 600 * MIB)
    assert not made.is_due(101, active=True)
    assert made.is_due(101, active=True, more_bytes=1)
    made.looked(FREE - 601 * MIB)
    assert made.is_due(101, active=False)


def test_it_is_measured_now_and_then_while_code_runs_and_not_while_none_does() -> None:
    made = storage(400)
    assert not made.is_due(109.9, active=True)
    assert made.is_due(110, active=True)
    assert not made.is_due(10_000, active=False)


def test_measurements_that_take_long_are_seldom() -> None:
    made = storage(1001, cost_s=2)
    assert not made.is_due(107, active=True)
    assert made.is_due(109, active=True)
    assert not storage(400, cost_s=2).is_due(250, active=True)


def test_an_execution_ends_that_adds_to_a_full_storage() -> None:
    made = storage(1001)
    assert made.must_end(500 * MIB)
    assert not made.must_end(1001 * MIB)  # it may be deleting files
    measure(made, 1016)
    assert not made.must_end(1001 * MIB)
    measure(made, 1017)
    assert made.must_end(1001 * MIB)
    measure(made, 999)
    assert not made.must_end(0)


def test_executions_are_accepted_while_it_is_full_until_too_many_have_added_to_it() -> None:
    made = storage(1001)
    made.ended(500 * MIB)  # began while there was free space
    for _ in range(MAX_ENDED_WHILE_FULL):
        assert made.accepts_executions()
        made.ended(1001 * MIB)
    assert not made.accepts_executions()
    measure(made, 999)
    assert made.accepts_executions()
    measure(made, 1001)
    assert made.accepts_executions()


def test_what_is_wrong_is_told() -> None:
    assert storage(400).fault() is None
    assert storage(400).fault(600 * MIB) is None
    assert storage(400).fault(601 * MIB) == (
        "the runner's storage is full: 400 MiB of 1000 MiB are in use, and 601 MiB more do not fit"
    )
    assert storage(1001).fault() == "the runner's storage is full: 1001 MiB of 1000 MiB are in use"
    assert "disk is full: 255 MiB" in str(storage(1, free=MIN_FREE_BYTES - MIB).fault())
    made = storage(1)
    made.measured(Usage(MIB, 200_000), free_bytes=FREE, began=1, ended=2)
    assert "too many files" in str(made.fault())
    made.measured(Usage(MIB, 10, is_complete=False), free_bytes=FREE, began=1, ended=2)
    assert "too deep" in str(made.fault())


def test_without_a_limit_nothing_is_too_much() -> None:
    made = Storage(0)
    made.measured(Usage(10**15, 10**9, is_complete=False), free_bytes=FREE, began=1, ended=2)
    assert made.fault(10**15) is None
