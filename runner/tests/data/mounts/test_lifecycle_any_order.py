"""The life cycle under events in any order: what must hold always."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.mounts.lifecycle import (
    Action,
    AwaitRecovery,
    Lifecycle,
    Mount,
    Probe,
    ProbeTimes,
    Unmount,
    Watch,
)
from grad_runner.data.status import Failed, Mounted
from tests.data.mounts.lifecycle_cases import DENIED, MOUNT_FAILED, NEW, OLD, UNREACHABLE, at, expiring


class AnyOrder(RuleBasedStateMachine):
    """Does what the life cycle asks, in any order and at any time, with answers that may come late or never."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.under_way: list[Action] = []
        self.over: list[Action] = []
        self.mounts = 0  # how many mounts are shown: none or one
        self.shown: DatasetSpec | None = None

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Mount | Unmount):
                waits = [one for one in self.under_way if isinstance(one, Watch | Probe | AwaitRecovery)]
                self.over += waits
                self.under_way = [one for one in self.under_way if one not in waits]
                assert self.under_way == [], "one Mount or Unmount at a time, and nothing else beside it"
            if isinstance(action, Mount):
                assert action.spec == self.life.spec
            if isinstance(action, Watch | Probe):
                assert self.shown == self.life.spec
            self.under_way.append(action)

    @initialize(spec=st.sampled_from([OLD, expiring(0), expiring(20)]))
    def start(self, spec: DatasetSpec) -> None:
        self.life = Lifecycle(spec, ProbeTimes(every_seconds=30, before_call_seconds=5))
        self.take(self.life.start(at(self.now)))

    def finish(self, action: Action, error: GradError, succeeds: bool) -> list[Action]:
        now, life = at(self.now), self.life
        match action:
            case Mount(attempt, spec):
                if not succeeds:
                    return life.mount_failed(attempt, error, now)
                self.shown = spec
                return life.mounted(attempt, now)
            case Unmount(attempt):
                self.shown = None
                return life.unmounted(attempt, now)
            case Watch(attempt):
                return life.unusable(attempt, None if succeeds else error, now)
            case Probe(attempt):
                return life.probed(attempt, None if succeeds else error, now)
            case AwaitRecovery(attempt):
                return life.recovered(attempt, now)

    ERRORS = st.sampled_from([DENIED, UNREACHABLE, MOUNT_FAILED])

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), error=ERRORS, succeeds=st.booleans())
    def something_ends(self, data: st.DataObject, error: GradError, succeeds: bool) -> None:
        action = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove(action)
        self.over.append(action)
        self.take(self.finish(action, error, succeeds))

    @precondition(lambda self: any(not isinstance(one, Mount | Unmount) for one in self.over))
    @rule(data=st.data(), error=ERRORS, succeeds=st.booleans())
    def an_answer_comes_twice_or_late(self, data: st.DataObject, error: GradError, succeeds: bool) -> None:
        waits = [one for one in self.over if not isinstance(one, Mount | Unmount)]
        action = data.draw(st.sampled_from(waits))
        if action in self.under_way:  # the same attempt's next probe: this is its answer
            return
        before = (self.life.phase, self.life.state)
        assert self.finish(action, error, succeeds) == []
        assert (self.life.phase, self.life.state) == before

    @rule(spec=st.sampled_from([OLD, NEW, expiring(40)]))
    def renew(self, spec: DatasetSpec) -> None:
        self.take(self.life.renew(spec, at(self.now)))
        assert not isinstance(self.life.state, Mounted)

    @rule()
    def a_call_begins(self) -> None:
        self.take(self.life.probe_before_call(at(self.now)))

    @rule(seconds=st.sampled_from([0.05, 0.3, 3, 11, 31]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.life.tick(at(self.now)))

    @invariant()
    def is_never_stuck(self) -> None:
        life = self.life
        waits_for_a_request = isinstance(life.state, Failed) and life.phase == "idle"
        assert self.under_way or life.wakes_at(at(self.now)) is not None or waits_for_a_request

    @invariant()
    def reports_what_is_so(self) -> None:
        match self.life.state:
            case Mounted():
                assert self.shown == self.life.spec
                assert any(isinstance(one, Watch) for one in self.under_way)
            case Failed():
                assert self.shown is None


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
