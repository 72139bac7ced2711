"""What an interrupt, a deadline and force do to a kernel, to the millisecond, and what the user is told."""

from typing import Any

import pytest

from grad_runner.agent.executions.execution import Execution, Failure, Outcome
from grad_runner.agent.kernels.component import KernelEnd
from grad_runner.agent.kernels.jupyter_wire import Message
from grad_runner.agent.limits import INTERRUPT_AGAIN_MS, KILL_AFTER_MS

IDLE = Message("status", "id", {"execution_state": "idle"})
KEYBOARD_INTERRUPT = Message("error", "id", {"ename": "KeyboardInterrupt", "evalue": "", "traceback": ["t"]})
KILLED = KernelEnd("crashed", "The kernel was ended by SIGKILL")
GONE = "All variables of session default are gone"
KEPT = "Session default keeps its variables; what the code had not done by then is not done."


def started(deadline_ms: int | None = None) -> Execution:
    execution = Execution(deadline_ms)
    execution.on_started(1_000)
    execution.on_message(Message("execute_input", "id", {}))
    return execution


def test_an_interrupt_is_repeated_once_and_never_kills() -> None:
    execution = started()
    assert execution.interrupt(2_000) == ("signal",)
    again = 2_000 + INTERRUPT_AGAIN_MS
    assert execution.wakes_at() == again
    assert execution.due_actions(again - 1) == ()
    assert execution.due_actions(again) == ("request_interrupt", "signal")
    assert execution.wakes_at() is None
    assert execution.due_actions(1_000_000_000) == ()
    assert execution.outcome is None


def test_code_that_has_not_stopped_can_be_interrupted_again() -> None:
    execution = started()
    execution.interrupt(2_000)
    execution.due_actions(2_000 + INTERRUPT_AGAIN_MS)
    assert execution.interrupt(60_000) == ("signal",)
    assert execution.due_actions(60_000 + INTERRUPT_AGAIN_MS) == ("request_interrupt", "signal")
    assert execution.wakes_at() is None


def test_a_deadline_interrupts_and_kills_after_its_grace() -> None:
    execution = started(500)
    assert execution.due_actions(1_500) == ("signal",)
    assert execution.interrupt(1_600) == ()
    assert execution.due_actions(1_500 + INTERRUPT_AGAIN_MS) == ("request_interrupt", "signal")
    assert execution.due_actions(1_500 + KILL_AFTER_MS - 1) == ()
    assert execution.due_actions(1_500 + KILL_AFTER_MS) == ("kill",)
    assert execution.wakes_at() is None
    execution.on_kernel_ended(KILLED)
    text = f"Stopped by force at its deadline of 500 ms: it did not react within 3 s. {GONE}"
    assert execution.outcome == Outcome("deadline_exceeded", Failure("deadline_exceeded", "", text))


def test_the_deadline_holds_for_code_that_took_no_notice_of_an_interrupt() -> None:
    execution = started(2_000)
    execution.interrupt(1_100)
    assert execution.wakes_at() == 1_100 + INTERRUPT_AGAIN_MS
    execution.due_actions(1_100 + INTERRUPT_AGAIN_MS)
    assert execution.wakes_at() == 3_000
    assert execution.due_actions(3_000) == ("signal",)
    execution.due_actions(3_000 + INTERRUPT_AGAIN_MS)
    assert execution.due_actions(3_000 + KILL_AFTER_MS) == ("kill",)


@pytest.mark.parametrize("interrupted", [False, True])
def test_force_ends_the_kernel_at_once_and_names_what_is_gone(interrupted: bool) -> None:
    execution = started(500)
    if interrupted:
        execution.interrupt(1_100)
    assert execution.force() == ("kill",)
    assert execution.wakes_at() is None
    assert execution.interrupt(1_200) == ()
    execution.on_kernel_ended(KILLED)
    failure = Failure("interrupted", "", f"Stopped by force. {GONE}")
    assert execution.outcome == Outcome("interrupted", failure)


def test_force_after_a_deadline_is_no_second_reason() -> None:
    execution = started(1_000)
    execution.due_actions(2_000)
    execution.force()
    execution.on_kernel_ended(KILLED)
    failure = Failure("deadline_exceeded", "", f"Stopped by force at its deadline of 1 s. {GONE}")
    assert execution.outcome == Outcome("deadline_exceeded", failure)


def test_that_a_kernel_was_killed_is_said_also_after_an_exception() -> None:
    execution = started()
    execution.interrupt(2_000)
    execution.on_message(KEYBOARD_INTERRUPT)
    execution.force()
    execution.on_kernel_ended(KILLED)
    assert execution.outcome == Outcome(
        "interrupted", Failure("interrupted", "", f"Stopped by force. {GONE}")
    )


@pytest.mark.parametrize(
    ("cause", "text", "hint"),
    [
        ("interrupted", "The code was interrupted", KEPT),
        ("deadline_exceeded", "The code was stopped at its deadline of 500 ms", ""),
    ],
)
def test_code_that_ends_well_after_an_interrupt_was_stopped(cause: Any, text: str, hint: str) -> None:
    execution = started(500)
    execution.interrupt(1_100, cause)
    execution.on_reply({"status": "ok"})
    execution.on_message(IDLE)
    assert execution.outcome == Outcome(cause, Failure(cause, "", text, hint=hint))


def test_the_exception_of_an_interrupt_says_that_variables_are_kept() -> None:
    execution = started()
    execution.interrupt(2_000)
    failure = execution.on_message(KEYBOARD_INTERRUPT)
    assert failure == Failure("interrupted", "KeyboardInterrupt", "", ("t",), (), KEPT)


def test_storage_that_stays_full_ends_the_kernel_and_says_so() -> None:
    execution = started()
    execution.interrupt(2_000, "storage_full", "it is full: 11 of 10 MiB")
    assert execution.due_actions(2_000 + INTERRUPT_AGAIN_MS) == ("request_interrupt", "signal")
    assert execution.due_actions(2_000 + KILL_AFTER_MS) == ("kill",)
    execution.on_kernel_ended(KILLED)
    text = f"Stopped by force: it is full: 11 of 10 MiB. {GONE}"
    assert execution.outcome == Outcome("interrupted", Failure("storage_full", "", text))


def test_a_reset_names_what_is_gone() -> None:
    execution = Execution(None, session="mine")
    execution.on_started(1_000)
    execution.on_kernel_ended(KernelEnd("reset"))
    text = "Stopped, since the session was reset. All variables of session mine are gone"
    assert execution.outcome == Outcome("interrupted", Failure("interrupted", "", text))


@pytest.mark.parametrize(
    ("detail", "shown"), [("", ""), ("It was ended by SIGINT", ": It was ended by SIGINT")]
)
def test_a_kernel_that_an_interrupt_ends_names_what_is_gone(detail: str, shown: str) -> None:
    execution = started()
    execution.interrupt(2_000)
    execution.on_kernel_ended(KernelEnd("crashed", detail))
    assert execution.outcome is not None
    assert execution.outcome.status == "interrupted"
    assert execution.outcome.failure is not None
    assert execution.outcome.failure.message == f"The kernel ended when it was interrupted{shown}. {GONE}"


@pytest.mark.parametrize("reason", ["out_of_memory", "lost"])
def test_another_end_after_an_interrupt_is_what_it_is(reason: Any) -> None:
    execution = started()
    execution.interrupt(2_000)
    execution.on_kernel_ended(KernelEnd(reason))
    assert execution.outcome is not None
    assert execution.outcome.status == reason
