"""Errors as executions show them."""

import pytest

from grad_runner.agent.executions.ending import error_message
from grad_runner.agent.executions.execution import Failure
from grad_runner.gen.shared.errors import REMEDY


@pytest.mark.parametrize(
    ("code", "hint", "shown"),
    [
        ("deadline_exceeded", "", REMEDY["deadline_exceeded"]),
        ("deadline_exceeded", "Give it an hour.", "Give it an hour."),
        ("code_raised", "", ""),
        ("code_raised", "Import it first.", "Import it first."),
        ("code_of_a_later_version", "", ""),
    ],
)
def test_error_message_has_the_given_hint_or_the_remedy_of_a_code_that_is_no_exception(
    code: str, hint: str, shown: str
) -> None:
    failure = Failure(code, "Name", "why", ("line",))
    error = error_message(failure, hint)
    assert error.hint == shown
    assert (error.code, error.name, error.message, list(error.traceback)) == (code, "Name", "why", ["line"])
