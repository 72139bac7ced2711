"""Parameters of an execution."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.executions import params
from grad_runner.common.errors import GradError


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), st.text() | st.integers() | st.booleans()
    )
)
def test_assignments_of_python_set_exactly_the_values(values: dict[str, Any]) -> None:
    namespace: dict[str, Any] = {}
    exec(params.assignments(values, "python"), namespace)
    namespace.pop("__builtins__")
    assert namespace == values


def test_parse_refuses_keywords() -> None:
    with pytest.raises(GradError, match="class"):
        params.parse('{"class": 1}')
    with pytest.raises(GradError):
        params.assignments({"a": 1}, "cobol")
