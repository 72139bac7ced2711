"""Ends of an execution that are rare, and the instants of an interrupt to the millisecond."""

from typing import Any

import pytest

from grad_runner.agent.executions.execution import Execution, Failure, Outcome, RichOutput
from grad_runner.agent.kernels.component import KernelEnd
from grad_runner.agent.kernels.jupyter_wire import Message
from grad_runner.agent.limits import INTERRUPT_AGAIN_MS, SIGNAL_AGAIN_MS

INPUT = Message("execute_input", "id", {})


def started(deadline_ms: int | None = None, *, begun: bool = True) -> Execution:
    execution = Execution(deadline_ms)
    execution.on_started(1_000)
    if begun:
        execution.on_message(INPUT)
    return execution


def test_output_that_cannot_be_used_is_a_crash() -> None:
    execution = started()
    execution.on_invalid_output("no JSON")
    failure = Failure("kernel_crashed", "", "Cannot use the kernel's output: no JSON")
    assert execution.outcome == Outcome("crashed", failure)
    execution.on_lost("later")
    assert execution.outcome.status == "crashed"


def test_what_nobody_can_know_is_lost() -> None:
    execution = started()
    execution.on_lost("the agent was away")
    assert execution.outcome == Outcome("lost", Failure("execution_lost", "", "the agent was away"))
    execution.on_invalid_output("later")
    assert execution.outcome.status == "lost"


def test_code_that_the_kernel_did_not_run_is_interrupted() -> None:
    execution = started()
    execution.on_reply({"status": "aborted"})
    execution.on_message(Message("status", "id", {"execution_state": "idle"}))
    failure = Failure("interrupted", "", "The kernel did not run the code")
    assert execution.outcome == Outcome("interrupted", failure)


def test_a_deadline_is_due_at_its_millisecond() -> None:
    execution = started(500)
    assert execution.wakes_at() == 1_500
    assert execution.due_actions(1_499) == ()
    assert execution.due_actions(1_500) == ("signal",)
    assert execution.wakes_at() == 1_500 + INTERRUPT_AGAIN_MS
    # It has begun: neither an interrupt nor the deadline begins it again.
    assert execution.interrupt(1_600) == ()
    assert execution.due_actions(1_500 + INTERRUPT_AGAIN_MS - 1) == ()


@pytest.mark.parametrize("deadline_ms", [None, 0])
def test_without_a_deadline_nothing_is_ever_due(deadline_ms: int | None) -> None:
    execution = started(deadline_ms)
    assert execution.wakes_at() is None
    assert execution.due_actions(1_000_000_000) == ()


def test_an_interrupt_before_the_code_began_is_sent_again_soon() -> None:
    execution = started(begun=False)
    execution.interrupt(2_000)
    assert execution.wakes_at() == 2_000 + SIGNAL_AGAIN_MS
    assert execution.due_actions(2_000 + SIGNAL_AGAIN_MS) == ("signal",)
    assert execution.wakes_at() == 2_000 + INTERRUPT_AGAIN_MS


def test_nothing_is_due_after_the_end() -> None:
    execution = started(500)
    execution.on_lost("gone")
    assert execution.wakes_at() is None
    assert execution.due_actions(9_999) == ()
    assert execution.interrupt(9_999) == ()
    assert execution.force() == ()


def test_texts_of_an_exception_are_bounded() -> None:
    execution = started()
    name, value = "N" * 201, "v" * 16_001
    failure = execution.on_message(
        Message("error", "id", {"ename": name, "evalue": value, "traceback": "no list"})
    )
    assert failure == Failure("code_raised", "N" * 200 + "…", "v" * 16_000 + "…", ())
    other = started()
    bare = other.on_message(Message("error", "id", {"ename": 1, "evalue": None, "traceback": [1, "text"]}))
    assert bare == Failure("code_raised", "", "", ("text",))


def test_an_exit_status_without_an_exception_is_called_so() -> None:
    execution = started()
    failure = execution.on_message(Message("error", "id", {"ename": "", "evalue": "3", "traceback": []}))
    assert failure == Failure("code_raised", "", "exit status 3")
    other = started().on_message(Message("error", "id", {"ename": "E", "evalue": "3", "traceback": []}))
    assert other == Failure("code_raised", "E", "3")


def test_the_id_of_a_display_is_bounded_and_plain() -> None:
    def output(**content: object) -> object:
        return started().on_message(Message("display_data", "id", {"data": {"text/plain": "x"}, **content}))

    shown = output(transient={"display_id": "d" * 201})
    assert shown == RichOutput("display", {"text/plain": "x"}, "d" * 200)
    for transient in ({"display_id": 1}, {}, "none", None):
        assert output(transient=transient) == RichOutput("display", {"text/plain": "x"})
    assert output(data={}) is None
    assert output(data="text") is None


IDLE = Message("status", "id", {"execution_state": "idle"})


@pytest.mark.parametrize(
    ("replied", "reason", "status"),
    [
        (True, "out_of_memory", "succeeded"),
        (False, "out_of_memory", "out_of_memory"),
        (False, "crashed", "succeeded"),
    ],
)
def test_a_kernel_that_ends_after_the_code_does_not_change_how_it_ended(
    replied: bool, reason: Any, status: str
) -> None:
    execution = started()
    if replied:
        execution.on_reply({"status": "ok"})
        execution._idle = True  # as if idle had come with the end
    else:
        execution.on_message(IDLE)
    execution.on_kernel_ended(KernelEnd(reason, "what the system said"))
    assert execution.outcome is not None
    assert execution.outcome.status == status
    if status == "out_of_memory":
        failure = Failure("out_of_memory", "", "what the system said")
        assert execution.outcome == Outcome("out_of_memory", failure)


def test_an_end_without_a_detail_has_a_text_of_its_own() -> None:
    execution = started()
    execution.on_kernel_ended(KernelEnd("crashed", ""))
    assert execution.outcome == Outcome(
        "crashed", Failure("kernel_crashed", "", "The kernel ended by itself")
    )


@pytest.mark.parametrize("raised", [False, True])
def test_a_stop_for_full_storage_says_how_full_it_is_unless_the_code_raised_an_error_itself(
    raised: bool,
) -> None:
    execution = started()
    execution.interrupt(1_100, "storage_full", "it is full: 11 of 10 MiB")
    if raised:
        execution.on_message(
            Message("error", "id", {"ename": "OSError", "evalue": "no space", "traceback": []})
        )
    execution.on_reply({"status": "error"})
    execution.on_message(IDLE)
    text = "The code was stopped: it is full: 11 of 10 MiB"
    failure = None if raised else Failure("storage_full", "", text)
    assert execution.outcome == Outcome("interrupted", failure)
