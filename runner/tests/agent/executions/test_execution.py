"""The state machine of an execution."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.executions.execution import (
    ClearOutput,
    Execution,
    Failure,
    LeftOut,
    Outcome,
    RichOutput,
    StreamText,
)
from grad_runner.agent.kernels.component import KernelEnd
from grad_runner.agent.kernels.jupyter_wire import Message

OK = {"status": "ok"}


def message(kind: str, **content: Any) -> Message:
    return Message(kind, "id", content)


IDLE = message("status", execution_state="idle")
BUSY = message("status", execution_state="busy")
INPUT = message("execute_input", code="1")
ERROR = message("error", ename="ValueError", evalue="bad", traceback=["\x1b[31mone\x1b[0m\ntwo"])


def started(deadline_ms: int | None = None, *, needs_reply: bool = True) -> Execution:
    execution = Execution(deadline_ms, needs_reply)
    execution.on_started(1000)
    return execution


@pytest.mark.parametrize("reply_first", [True, False])
def test_an_execution_ends_with_reply_and_idle_in_any_order(reply_first: bool) -> None:
    execution = started()
    execution.on_message(BUSY)
    if reply_first:
        execution.on_reply(OK)
    else:
        execution.on_message(IDLE)
    assert execution.outcome is None
    if reply_first:
        execution.on_message(IDLE)
    else:
        execution.on_reply(OK)
    assert execution.outcome == Outcome("succeeded")


@pytest.mark.parametrize(("sent", "exits"), [(True, True), (False, False), ("x", False), (None, False)])
def test_code_that_called_exit_has_succeeded_and_ends_its_kernel(sent: object, exits: bool) -> None:
    execution = started()
    execution.on_message(IDLE)
    execution.on_reply({**OK, "exits": sent})
    assert execution.outcome == Outcome("succeeded", exits=exits)


def test_a_resumed_execution_ends_with_idle_alone() -> None:
    execution = started(needs_reply=False)
    execution.on_message(IDLE)
    assert execution.outcome == Outcome("succeeded")


def test_on_message_returns_an_exception_once_and_without_colours() -> None:
    execution = started()
    assert execution.on_message(ERROR) == Failure("code_raised", "ValueError", "bad", ("one", "two"))
    assert execution.on_message(ERROR) is None
    execution.on_message(IDLE)
    execution.on_reply({"status": "error", "ename": "ValueError", "evalue": "bad", "traceback": []})
    assert execution.outcome == Outcome("failed")


def test_on_message_takes_a_short_and_a_full_traceback() -> None:
    content = {
        "ename": "E",
        "evalue": "",
        "traceback": ["a"],
        "full_traceback": ["a", "\x1b[1mlib\x1b[0m", 3],
    }
    failure = started().on_message(message("error", **content))
    assert isinstance(failure, Failure)
    assert (failure.traceback, failure.full_traceback) == (("a",), ("a", "lib"))


@pytest.mark.parametrize(("sent", "wait"), [(True, True), (False, False), ("yes", False), (None, False)])
def test_on_message_returns_the_wish_to_remove_output(sent: object, wait: bool) -> None:
    assert started().on_message(message("clear_output", wait=sent)) == ClearOutput(wait)


def test_on_reply_takes_an_exception_that_no_message_had() -> None:
    execution = started()
    execution.on_message(IDLE)
    execution.on_reply({"status": "error", "ename": "E", "evalue": "v", "traceback": ["t"]})
    assert execution.outcome == Outcome("failed", Failure("code_raised", "E", "v", ("t",)))


def test_on_message_returns_results_displays_and_text() -> None:
    execution = started()
    data = {"text/plain": "1"}
    assert execution.on_message(message("execute_result", data=data)) == RichOutput("result", data)
    update = message("update_display_data", data=data, transient={"display_id": "d"})
    assert execution.on_message(update) == RichOutput("display", data, "d", True)
    assert execution.on_message(message("stream", name="stderr", text="t")) == StreamText("stderr", "t")
    assert execution.on_message(message("comm_open", data={})) is None


@pytest.mark.parametrize("kind", ["display_data", "update_display_data", "execute_result", "stream"])
def test_output_that_was_too_large_is_left_out(kind: str) -> None:
    assert started().on_message(Message(kind, "id", {}, is_cut=True)) == LeftOut()


def test_an_exception_that_was_too_large_is_one_all_the_same() -> None:
    execution = started()
    failure = execution.on_message(Message("error", "id", {}, is_cut=True))
    assert isinstance(failure, Failure)
    assert (failure.code, failure.message) == ("code_raised", "The exception is too large to be shown")
    execution.on_message(IDLE)
    execution.on_reply({"status": "error"})
    assert execution.outcome == Outcome("failed")


def test_due_actions_interrupt_at_the_deadline_and_escalate() -> None:
    execution = started(500)
    execution.on_message(INPUT)
    assert execution.wakes_at() == 1500
    assert execution.due_actions(1499) == ()
    assert execution.due_actions(1500) == ("signal",)
    assert execution.wakes_at() == 2500
    assert execution.due_actions(2500) == ("request_interrupt", "signal")
    assert execution.wakes_at() == 4500
    assert execution.due_actions(4500) == ("kill",)
    assert execution.wakes_at() is None
    execution.on_kernel_ended(KernelEnd("crashed"))
    assert execution.outcome is not None
    assert execution.outcome.status == "deadline_exceeded"


def test_interrupt_signals_again_if_the_code_has_not_begun() -> None:
    execution = started()
    assert execution.interrupt(2000) == ("signal",)
    assert execution.wakes_at() == 2100
    assert execution.due_actions(2100) == ("signal",)


def test_an_interrupted_execution_is_interrupted_even_if_the_code_ended_well() -> None:
    execution = started()
    execution.interrupt(2000)
    execution.on_message(IDLE)
    execution.on_reply(OK)
    assert execution.outcome is not None
    assert execution.outcome.status == "interrupted"
    assert execution.outcome.failure is not None


def test_an_exception_after_an_interrupt_has_the_interrupts_code() -> None:
    execution = started()
    execution.interrupt(2000)
    output = execution.on_message(message("error", ename="KeyboardInterrupt", evalue="", traceback=[]))
    assert isinstance(output, Failure)
    assert output.code == "interrupted"
    execution.on_message(IDLE)
    execution.on_reply({"status": "error"})
    assert execution.outcome == Outcome("interrupted")


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        (KernelEnd("crashed"), "crashed", "kernel_crashed"),
        (KernelEnd("out_of_memory"), "out_of_memory", "out_of_memory"),
        (KernelEnd("evicted"), "out_of_memory", "out_of_memory"),
        (KernelEnd("lost"), "lost", "execution_lost"),
        (KernelEnd("reset"), "interrupted", "interrupted"),
    ],
)
def test_on_kernel_ended_sets_status_and_code(end: KernelEnd, status: str, code: str) -> None:
    execution = started()
    execution.on_kernel_ended(end)
    assert execution.outcome is not None
    assert execution.outcome.failure is not None
    assert (execution.outcome.status, execution.outcome.failure.code) == (status, code)


def test_on_kernel_ended_changes_nothing_after_the_code_has_ended() -> None:
    execution = started()
    execution.on_message(IDLE)
    execution.on_kernel_ended(KernelEnd("crashed"))
    assert execution.outcome == Outcome("succeeded")


messages = st.one_of(
    st.sampled_from([IDLE, BUSY, INPUT, ERROR, message("execute_result", data={"text/plain": "1"})]),
    st.builds(
        Message,
        st.sampled_from(["status", "error", "stream", "display_data", "execute_result", "other"]),
        st.just("id"),
        st.dictionaries(
            st.sampled_from(
                ["execution_state", "ename", "evalue", "traceback", "data", "text", "name", "transient"]
            ),
            st.one_of(
                st.none(),
                st.text(max_size=5),
                st.integers(),
                st.lists(st.text(max_size=3)),
                st.just({"a/b": 1}),
            ),
        ),
    ),
)
steps = st.lists(
    st.one_of(messages, st.sampled_from(["reply", "bad reply", "interrupt", "end"]), st.integers(0, 5000)),
    max_size=30,
)


@given(steps, st.none() | st.integers(1, 3000))
def test_any_order_of_steps_ends_once_and_never_raises(taken: list[Any], deadline_ms: int | None) -> None:
    execution = started(deadline_ms)
    now, outcome = 1000, None
    for step in taken:
        if isinstance(step, Message):
            execution.on_message(step)
        elif isinstance(step, int):
            now += step
            execution.due_actions(now)
        elif step == "interrupt":
            execution.interrupt(now)
        elif step == "end":
            execution.on_kernel_ended(KernelEnd("crashed"))
        else:
            execution.on_reply(OK if step == "reply" else {"status": "error", "traceback": 3})
        if outcome is not None:
            assert execution.outcome is outcome
            assert execution.wakes_at() is None
        outcome = execution.outcome
