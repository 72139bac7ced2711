import copy
import json
from typing import Any

import pytest

from grad_runner.local.plan import PlanError, Room, parse_plan

PLAN: dict[str, Any] = {
    "version": 1,
    "runner": "rabc",
    "runtime": "/run/grad/rabc",
    "dataMountRoot": "/run/grad/rabc/data",
    "rooms": [{"name": "data", "argv": ["/bin/true"], "env": {"A": "b"}, "log": "/l", "socket": "/s"}],
}


def test_parse_plan_returns_rooms_in_order_with_their_environment() -> None:
    plan = parse_plan(json.dumps(PLAN))
    assert plan.rooms == (Room("data", ("/bin/true",), {"A": "b"}, "/l", "/s"),)
    assert plan.keeper_socket == "/run/grad/rabc/keeper.sock"


@pytest.mark.parametrize(
    ("at", "value", "named"),
    [
        (["version"], 2, "version is 2"),
        (["runner"], "", "plan.runner"),
        (["runtime"], "relative", "plan.runtime"),
        (["dataMountRoot"], None, "plan.dataMountRoot"),
        (["rooms"], [], "rooms is not a list"),
        (["rooms", 0], "data", r"rooms\[0\] is not an object"),
        (["rooms", 0, "argv"], [], r"rooms\[0\].argv"),
        (["rooms", 0, "argv"], [1], r"rooms\[0\].argv"),
        (["rooms", 0, "env"], {"A": 1}, r"rooms\[0\].env"),
        (["rooms", 0, "log"], "l", r"rooms\[0\].log"),
        (["rooms"], PLAN["rooms"] * 2, "two rooms"),
    ],
)
def test_parse_plan_names_the_field_that_is_wrong(at: list[Any], value: object, named: str) -> None:
    wrong = copy.deepcopy(PLAN)
    inner = wrong
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    with pytest.raises(PlanError, match=named):
        parse_plan(json.dumps(wrong))


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_parse_plan_refuses_what_is_not_an_object(text: str) -> None:
    with pytest.raises(PlanError):
        parse_plan(text)
