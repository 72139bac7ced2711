"""Every order of events, also those that happen rarely, without a mount and without a clock."""

# mypy: disable-error-code="comparison-overlap"
# An assertion on `state` narrows its type, and the next event changes it.

from collections.abc import Callable

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.mounts.lifecycle import (
    CONFIRM_AFTER_SECONDS,
    FIRST_PAUSE_SECONDS,
    MAX_PAUSE_SECONDS,
    AwaitRecovery,
    Lifecycle,
    Mount,
    Now,
    Probe,
    ProbeTimes,
    Unmount,
    Watch,
)
from grad_runner.data.status import Failed, Mounted, Mounting
from tests.data.mounts.lifecycle_cases import (
    DENIED,
    EPOCH,
    INVALID,
    MOUNT_FAILED,
    NEW,
    OLD,
    UNREACHABLE,
    at,
    expiring,
)


def mounted(spec: DatasetSpec = OLD, times: ProbeTimes | None = None) -> Lifecycle:
    """Mounted at 0, as attempt 1."""
    life = Lifecycle(spec, times or ProbeTimes(every_seconds=30, before_call_seconds=5))
    assert life.start(at(0)) == [Mount(1, spec)]
    assert life.state == Mounting() and life.wakes_at(at(0)) is None
    assert life.mounted(1, at(0)) == [Watch(1)]
    assert life.state == Mounted()
    return life


def failing(error: GradError, at_seconds: float = 0) -> Lifecycle:
    """Being unmounted, as attempt 2, because the first try to mount has failed."""
    life = Lifecycle(OLD)
    life.start(at(0))
    assert life.mount_failed(1, error, at(at_seconds)) == [Unmount(2)]
    assert life.state == Mounting()
    return life


# Mounting


def test_mounted_after_renew_mounts_again_with_what_was_requested_last() -> None:
    life = Lifecycle(OLD)
    life.start(at(0))
    assert life.renew(NEW, at(1)) == []
    assert life.mounted(1, at(2)) == [Mount(2, NEW)]
    assert life.state == Mounting()
    assert life.mounted(2, at(3)) == [Watch(2)]
    assert life.state == Mounted()


def test_mount_failed_after_renew_mounts_again_and_unmounts_nothing() -> None:
    life = mounted()
    life.renew(NEW, at(1))
    life.renew(OLD, at(2))
    assert life.mount_failed(2, DENIED, at(3)) == [Mount(3, OLD)]


@pytest.mark.parametrize(
    "error", [DENIED, GradError("internal", "bug"), GradError("dataset_bucket_not_found", "")]
)
def test_unmounted_waits_for_a_request_where_nothing_else_can_help(error: GradError) -> None:
    life = failing(error)
    assert life.unmounted(2, at(1)) == []
    assert life.state == Failed(error)
    assert life.wakes_at(at(1)) is None
    assert life.tick(at(1_000_000)) == []
    assert life.renew(OLD, at(2)) == [Mount(3, OLD)]
    assert life.state == Mounting(error)  # why the try before has failed is still known


def test_renewal_with_other_keys_is_no_second_try_of_what_has_failed() -> None:
    life = failing(DENIED)
    life.unmounted(2, at(1))
    life.renew(NEW, at(2))
    assert life.state == Mounting()


def test_unmounted_tries_again_by_itself_after_a_mount_failed_with_longer_and_longer_pauses() -> None:
    life = failing(MOUNT_FAILED)
    now, pauses = 0.0, []
    for attempt in range(2, 26, 3):
        assert life.unmounted(attempt, at(now)) == []
        assert life.state == Failed(MOUNT_FAILED)
        wakes_at = life.wakes_at(at(now))
        assert wakes_at is not None
        pauses.append(wakes_at - now)
        assert life.tick(at(wakes_at - 0.001)) == []
        now = wakes_at
        assert life.tick(at(now)) == [Mount(attempt + 2, OLD)]
        assert life.state == Failed(MOUNT_FAILED)  # until the outcome is known
        assert life.mount_failed(attempt + 2, MOUNT_FAILED, at(now)) == [Unmount(attempt + 3)]
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8])
    assert pauses[0] == pytest.approx(FIRST_PAUSE_SECONDS)


def test_pauses_have_a_maximum_and_are_reset_after_a_mount_that_lasted() -> None:
    def next_pause(life: Lifecycle, attempt: int, at_seconds: float) -> tuple[float, int]:
        life.unmounted(attempt, at(at_seconds))
        wakes_at = life.wakes_at(at(at_seconds))
        assert wakes_at is not None
        life.tick(at(wakes_at))
        return wakes_at - at_seconds, attempt + 2

    life, attempt, pause = failing(MOUNT_FAILED), 2, 0.0
    for _ in range(12):
        pause, mounting = next_pause(life, attempt, 0)
        life.mount_failed(mounting, MOUNT_FAILED, at(0))
        attempt = mounting + 1
    assert pause == MAX_PAUSE_SECONDS
    _, mounting = next_pause(life, attempt, 0)
    for lasted, expected in ((9.9, MAX_PAUSE_SECONDS), (10, FIRST_PAUSE_SECONDS)):
        life.mounted(mounting, at(100))
        assert life.unusable(mounting, MOUNT_FAILED, at(100 + lasted)) == [Unmount(mounting + 1)]
        pause, mounting = next_pause(life, mounting + 1, 200)
        assert pause == pytest.approx(expected)


@pytest.mark.parametrize("error", [UNREACHABLE, INVALID])
def test_unmounted_waits_for_the_recovery_of_a_source_that_is_away(error: GradError) -> None:
    life = failing(error)
    assert life.unmounted(2, at(1)) == [AwaitRecovery(2)]
    assert life.state == Failed(error) and life.wakes_at(at(1)) is None
    assert life.recovered(2, at(50)) == []
    assert life.wakes_at(at(50)) == pytest.approx(50 + FIRST_PAUSE_SECONDS)
    assert life.tick(at(51)) == [Mount(4, OLD)]


def test_renew_ends_the_wait_for_a_recovery_and_a_late_recovery_changes_nothing() -> None:
    life = failing(UNREACHABLE)
    life.unmounted(2, at(1))
    assert life.renew(NEW, at(2)) == [Mount(3, NEW)]
    assert life.recovered(2, at(3)) == [] and life.recovered(3, at(3)) == []
    assert life.wakes_at(at(3)) is None


def test_renew_while_unmounting_mounts_as_soon_as_that_is_done() -> None:
    life = failing(DENIED)
    assert life.renew(NEW, at(1)) == []
    assert life.unmounted(2, at(2)) == [Mount(3, NEW)]
    assert life.state == Mounting()


# Mounted


def test_renew_while_mounted_mounts_anew_and_ignores_events_of_the_old_mount() -> None:
    life = mounted()
    assert life.renew(NEW, at(1)) == [Mount(2, NEW)]
    assert life.state == Mounting()
    assert life.unusable(1, DENIED, at(2)) == [] and life.probed(1, DENIED, at(2)) == []
    assert life.mounted(2, at(3)) == [Watch(2)]


def test_unusable_makes_a_mount_that_ended_anew_after_a_pause() -> None:
    life = mounted()
    assert life.unusable(1, None, at(20)) == []
    assert life.state == Mounting()
    assert life.wakes_at(at(20)) == pytest.approx(20 + FIRST_PAUSE_SECONDS)
    assert life.tick(at(20.05)) == []
    assert life.tick(at(20.11)) == [Mount(3, OLD)]


def test_unusable_unmounts_when_the_source_is_not_readable() -> None:
    life = mounted()
    assert life.unusable(1, UNREACHABLE, at(1)) == [Unmount(2)]
    assert life.state == Mounting()  # Failed only when nothing is mounted any more
    assert life.unmounted(2, at(2)) == [AwaitRecovery(2)]
    assert life.state == Failed(UNREACHABLE)


# Probes


def test_tick_probes_at_intervals() -> None:
    life = mounted()
    assert life.wakes_at(at(0)) == 30
    assert life.tick(at(29.9)) == []
    assert life.tick(at(30)) == [Probe(1)]
    assert life.wakes_at(at(31)) is None and life.tick(at(100)) == []  # one at a time
    assert life.probed(1, None, at(31)) == []
    assert life.state == Mounted() and life.wakes_at(at(31)) == 61


def test_probed_unmounts_only_after_a_second_refusal() -> None:
    life = mounted()
    life.tick(at(30))
    assert life.probed(1, DENIED, at(31)) == []
    assert life.state == Mounting()  # no call begins meanwhile
    assert life.probe_before_call(at(31)) == []
    assert life.wakes_at(at(31)) == pytest.approx(31 + CONFIRM_AFTER_SECONDS)
    assert life.tick(at(31 + CONFIRM_AFTER_SECONDS)) == [Probe(1)]
    assert life.probed(1, DENIED, at(32)) == [Unmount(2)]
    assert life.unmounted(2, at(32)) == []
    assert life.state == Failed(DENIED)


def test_probed_is_mounted_again_when_a_refusal_is_not_confirmed() -> None:
    life = mounted()
    life.tick(at(30))
    life.probed(1, DENIED, at(31))
    life.tick(at(32))
    assert life.probed(1, None, at(32)) == []
    assert life.state == Mounted() and life.wakes_at(at(32)) == 62
    life.tick(at(62))
    assert life.probed(1, DENIED, at(62)) == []  # a first refusal again


def test_probed_without_a_probe_changes_nothing() -> None:
    life = mounted()
    assert life.probed(1, DENIED, at(1)) == []
    assert life.state == Mounted() and life.wakes_at(at(1)) == 30


def test_probe_before_call_asks_where_the_last_answer_is_too_old() -> None:
    life = mounted()
    assert life.probe_before_call(at(4.99)) == []
    assert life.probe_before_call(at(5)) == [Probe(1)]
    assert life.probe_before_call(at(50)) == []  # another call waits for it already
    life.probed(1, None, at(51))
    assert life.probe_before_call(at(55.9)) == []
    assert life.probe_before_call(at(56)) == [Probe(1)]


@pytest.mark.parametrize("phase", ["mounting", "unmounting", "idle", "pausing", "recovering"])
def test_probe_before_call_asks_only_of_what_is_mounted(phase: str) -> None:
    lives: dict[str, Callable[[], Lifecycle]] = {
        "mounting": lambda: Lifecycle(OLD),
        "unmounting": lambda: failing(DENIED),
        "idle": lambda: failing(DENIED),
        "pausing": lambda: failing(MOUNT_FAILED),
        "recovering": lambda: failing(UNREACHABLE),
    }
    life = lives[phase]()
    if phase == "mounting":
        life.start(at(0))
    elif phase != "unmounting":
        life.unmounted(2, at(0))
    assert life.phase == phase
    assert life.probe_before_call(at(1_000)) == []


# Expiry of keys


def test_start_mounts_nothing_with_keys_that_have_expired() -> None:
    life = Lifecycle(expiring(0))
    assert life.start(at(0)) == [Unmount(1)]
    life.unmounted(1, at(0))
    assert isinstance(life.state, Failed) and life.state.error.code == "dataset_credentials_expired"
    assert life.wakes_at(at(0)) is None


def test_tick_unmounts_at_the_instant_at_which_keys_expire() -> None:
    life = mounted(expiring(12))
    assert life.wakes_at(at(0)) == 12
    assert life.tick(at(11.9)) == []
    assert life.tick(at(12)) == [Unmount(2)]
    life.unmounted(2, at(12))
    assert isinstance(life.state, Failed) and life.state.error.code == "dataset_credentials_expired"
    assert life.renew(NEW, at(13)) == [Mount(3, NEW)]


def test_wakes_at_is_the_next_probe_where_keys_last_longer_or_their_end_is_not_known() -> None:
    assert mounted(expiring(31)).wakes_at(at(0)) == 30
    assert mounted(DatasetSpec("d", DirectorySource("/d"))).wakes_at(at(0)) == 30


def test_probe_before_call_sees_expired_keys_whatever_the_age_of_the_last_probe() -> None:
    life = mounted(expiring(600))
    slept = Now(1, EPOCH + 3_600)  # the machine slept, and its steady clock stood still
    assert life.wakes_at(slept) == pytest.approx(1 - 3_000)
    assert life.probe_before_call(slept) == [Unmount(2)]
    assert life.state == Mounting()


# Calls that come too late or twice


def test_events_of_attempts_that_are_over_change_nothing() -> None:
    life = mounted()
    life.renew(NEW, at(1))
    for late in (
        life.mounted(1, at(2)),
        life.mount_failed(1, DENIED, at(2)),
        life.unusable(1, None, at(2)),
        life.unusable(2, None, at(2)),
        life.probed(2, DENIED, at(2)),
        life.unmounted(2, at(2)),
        life.recovered(2, at(2)),
    ):
        assert late == []
    assert (life.phase, life.state) == ("mounting", Mounting())
    assert life.mount_failed(2, DENIED, at(3)) == [Unmount(3)]
    assert life.mounted(3, at(4)) == [] and life.mount_failed(3, DENIED, at(4)) == []
