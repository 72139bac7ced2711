"""Which kernel's end was a kill by the system, from a count that names none."""

from grad_runner.kernel.oom_kills import RECENT_SECONDS, OomKills


class _Group:
    """A control group, and a clock."""

    def __init__(self, counted: int | None = 0) -> None:
        self.counted = counted
        self.now = 100.0
        self.kills = OomKills(lambda: self.counted, lambda: self.now)

    def explains(
        self, signal: str | None = "KILL", *, asked_for: bool = False, by_watchdog: bool = False
    ) -> bool:
        return self.kills.explains(signal=signal, asked_for=asked_for, by_watchdog=by_watchdog)


def test_a_kill_explains_one_end_by_sigkill_that_nobody_asked_for() -> None:
    group = _Group(counted=3)
    assert not group.explains()
    group.counted = 4
    assert not group.explains("SEGV") and not group.explains(None) and not group.explains(asked_for=True)
    assert group.explains()
    assert not group.explains()


def test_the_end_of_a_kernel_by_the_watchdog_leaves_the_kill_to_the_other_kernel() -> None:
    group = _Group()
    group.counted = 1
    assert not group.explains(by_watchdog=True)
    assert group.explains()


def test_a_kill_that_ended_no_kernel_explains_none_later() -> None:
    group = _Group()
    group.counted = 1
    assert group.kills.is_recent()
    group.now += RECENT_SECONDS
    assert group.kills.is_recent()
    group.now += 0.1
    assert not group.kills.is_recent() and not group.explains()
    group.counted = 2
    assert group.kills.is_recent() and group.explains() and not group.kills.is_recent()


def test_without_a_count_nothing_is_explained() -> None:
    group = _Group(counted=None)
    assert not group.explains() and not group.kills.is_recent()
    group.counted = 2  # counted from now on: it is not known when these were
    assert not group.explains()
    group.counted = None
    assert not group.explains()
