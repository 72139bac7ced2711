"""The state machine of one attached dataset, without I/O: what happened and when goes in, what to do comes out.

    mounting --mounted--> mounted --ended--> pausing --time--> mounting
       |                     |
       '--failed-------------'--unusable, refused--> unmounting --unmounted--> recovering, pausing or idle

Each method returns actions, which the caller begins at once, in order; each action ends in one call of the method that its
docstring names, with the attempt that it carried. A call for an attempt that is over changes nothing, so an answer that comes
late, or after its work was cancelled, does no harm. `wakes_at` says when to call `tick`. Invariant: at most one Mount or Unmount
is under way.
"""

from dataclasses import dataclass
from typing import Final, Literal

from grad_runner.common.backoff import Backoff
from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.keys import keys_expired
from grad_runner.data.status import Failed, Mounted, Mounting, State

FIRST_PAUSE_SECONDS: Final = 0.1
MAX_PAUSE_SECONDS: Final = 30.0
"""Between two tries to mount; doubled after each that fails."""
CONFIRM_AFTER_SECONDS: Final = 0.2
"""From a probe that was refused to the one that confirms it. Code may be reading, and S3 sometimes refuses a single request."""
RECOVERS_BY_ITSELF: Final = frozenset({"dataset_unreachable", "dataset_invalid"})
"""Codes after which the source can be watched until it is there again."""
TRIED_AGAIN: Final = frozenset({"dataset_mount_failed"})
"""Codes after which mounting is tried again from time to time. After any other code only a request for the dataset helps."""

Phase = Literal["mounting", "mounted", "pausing", "unmounting", "recovering", "idle"]


@dataclass(frozen=True, slots=True)
class Now:
    """An instant on two clocks, in seconds."""

    steady: float
    """Of a clock that is never set, for pauses and intervals."""
    epoch: float
    """Since the epoch, for the keys' expiry: it goes on while the machine sleeps."""


@dataclass(frozen=True, slots=True)
class ProbeTimes:
    """When the source of a mounted dataset is asked whether the keys are still accepted."""

    every_seconds: float = 30.0
    before_call_seconds: float = 5.0
    """A call that begins asks when the last probe is older than this."""


DEFAULT_PROBE_TIMES: Final = ProbeTimes()


@dataclass(frozen=True, slots=True)
class Mount:
    """Mount the dataset and show it in the place of what is mounted. Ends in `mounted` or `mount_failed`. Watch, Probe and
    AwaitRecovery of earlier attempts may be cancelled."""

    attempt: int
    spec: DatasetSpec


@dataclass(frozen=True, slots=True)
class Unmount:
    """Unmount what there is, if anything. Ends in `unmounted`. Watch and Probe of earlier attempts may be cancelled."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Wait until the mount cannot be used any more. Ends in `unusable`."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask the source whether it may still be read. Ends in `probed`."""

    attempt: int


@dataclass(frozen=True, slots=True)
class AwaitRecovery:
    """Wait until another try to mount makes sense. Ends in `recovered`."""

    attempt: int


Action = Mount | Unmount | Watch | Probe | AwaitRecovery


class Lifecycle:
    """`start` first. `state` is what callers may be told at any time: Failed only after the mount is gone."""

    def __init__(self, spec: DatasetSpec, probe_times: ProbeTimes = DEFAULT_PROBE_TIMES) -> None:
        self.spec = spec
        self.state: State = Mounting()
        self.phase: Phase = "idle"
        self._probe_times = probe_times
        self._attempt = 0
        self._renewed = False
        """`renew` came while Mount or Unmount was under way: mount again after it."""
        self._error = GradError("internal", "")
        """Why it is being unmounted."""
        self._mounted_at = 0.0
        self._probed_at = 0.0
        self._probing = False
        self._refused = False
        """The last probe was refused, and the next one is to confirm it."""
        self._pause_ends_at = 0.0
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS)

    def start(self, now: Now) -> list[Action]:
        return self._mount(now)

    def renew(self, spec: DatasetSpec, now: Now) -> list[Action]:
        """The same source with other keys, or a request to try again. What is mounted stays until the new mount is ready."""
        is_retry = isinstance(self.state, Failed) and spec.keys == self.spec.keys
        self.state = Mounting(self._error if is_retry else None)
        self.spec = spec
        if self.phase in ("mounting", "unmounting"):
            self._renewed = True
            return []
        return self._mount(now)

    def mounted(self, attempt: int, now: Now) -> list[Action]:
        """The new mount is shown."""
        if not self._is_current(attempt, "mounting"):
            return []
        if self._renewed:
            return self._mount(now)
        self.phase = "mounted"
        self.state = Mounted()
        self._mounted_at = self._probed_at = now.steady
        self._probing = self._refused = False
        return [Watch(attempt)]

    def mount_failed(self, attempt: int, error: GradError, now: Now) -> list[Action]:
        """Nothing of this attempt is left; an earlier mount may still be shown."""
        if not self._is_current(attempt, "mounting"):
            return []
        if self._renewed:
            return self._mount(now)
        return self._unmount(error)

    def unusable(self, attempt: int, error: GradError | None, now: Now) -> list[Action]:
        """The mount has ended and can be made anew (None), or the source is not readable (`error`)."""
        if not self._is_current(attempt, "mounted"):
            return []
        ran_seconds = now.steady - self._mounted_at
        if error is not None:
            if ran_seconds >= self._backoff.steady_seconds:
                self._backoff.reset()
            return self._unmount(error)
        self.state = Mounting()
        return self._pause(now, ran_seconds)

    def probe_before_call(self, now: Now) -> list[Action]:
        """For a call that begins: a probe where the last one is too old. None while one runs: a slow source makes one call wait
        and not each."""
        if self.phase != "mounted" or self._probing or self._refused:
            return []
        is_fresh = now.steady - self._probed_at < self._probe_times.before_call_seconds
        return [] if is_fresh and not self._expired(now) else self._probe(now)

    def probed(self, attempt: int, refusal: GradError | None, now: Now) -> list[Action]:
        """`refusal` is None also where the source did not say. After a first refusal the state is Mounting, so that no call
        begins, until the second probe."""
        if not (self._is_current(attempt, "mounted") and self._probing):
            return []
        self._probing = False
        self._probed_at = now.steady
        if refusal is not None and self._refused:
            return self._unmount(refusal)
        self._refused = refusal is not None
        self.state = Mounting() if self._refused else Mounted()
        return []

    def unmounted(self, attempt: int, now: Now) -> list[Action]:
        """Nothing is mounted any more."""
        if not self._is_current(attempt, "unmounting"):
            return []
        if self._renewed:
            return self._mount(now)
        self.state = Failed(self._error)
        if self._error.code in RECOVERS_BY_ITSELF:
            self.phase = "recovering"
            return [AwaitRecovery(attempt)]
        if self._error.code in TRIED_AGAIN:
            return self._pause(now)
        self.phase = "idle"
        return []

    def recovered(self, attempt: int, now: Now) -> list[Action]:
        """The source answers; that alone does not mean that mounting succeeds, so there is a pause first."""
        return self._pause(now) if self._is_current(attempt, "recovering") else []

    def wakes_at(self, now: Now) -> float | None:
        """The instant of the steady clock at which to call `tick`; in the past when that is due. None: not at all."""
        if self.phase == "pausing":
            return self._pause_ends_at
        if self.phase != "mounted" or self._probing:
            return None
        if self._refused:
            return self._probed_at + CONFIRM_AFTER_SECONDS
        next_probe = self._probed_at + self._probe_times.every_seconds
        keys = self.spec.keys
        if keys is None or keys.expires_at_seconds == 0:
            return next_probe
        return min(next_probe, now.steady + keys.expires_at_seconds - now.epoch)

    def tick(self, now: Now) -> list[Action]:
        """The time of `wakes_at` has come; does nothing before."""
        wakes_at = self.wakes_at(now)
        if wakes_at is None or now.steady < wakes_at:
            return []
        return self._mount(now) if self.phase == "pausing" else self._probe(now)

    def _mount(self, now: Now) -> list[Action]:
        self._renewed = False
        if self._expired(now):
            return self._unmount(keys_expired(self.spec.name))
        self.phase = "mounting"
        self._attempt += 1
        return [Mount(self._attempt, self.spec)]

    def _probe(self, now: Now) -> list[Action]:
        if self._expired(now):
            return self._unmount(keys_expired(self.spec.name))
        self._probing = True
        return [Probe(self._attempt)]

    def _unmount(self, error: GradError) -> list[Action]:
        self.phase = "unmounting"
        if self.state == Mounted():
            self.state = Mounting()
        self._error = error
        self._attempt += 1
        return [Unmount(self._attempt)]

    def _pause(self, now: Now, ran_seconds: float = 0.0) -> list[Action]:
        self.phase = "pausing"
        self._attempt += 1
        self._pause_ends_at = now.steady + self._backoff.failed(ran_seconds)
        return []

    def _is_current(self, attempt: int, phase: Phase) -> bool:
        return attempt == self._attempt and self.phase == phase

    def _expired(self, now: Now) -> bool:
        return self.spec.keys is not None and self.spec.keys.expired(now.epoch)
