"""Names and ids."""

import pytest

from grad_runner.agent import names
from grad_runner.common.errors import GradError


@pytest.mark.parametrize("name", ["A", "1a", "a-", "a" * 41, "ä", "a/b", "../x"])
def test_session_name_refuses_and_suggests(name: str) -> None:
    with pytest.raises(GradError) as refused:
        names.session_name(name)
    suggested = refused.value.hint.split('"')[1]
    assert names.session_name(suggested) == suggested
