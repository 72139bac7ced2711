import copy
import json
from typing import Any

import pytest

from grad_runner.init.plan import Component, PlanError, parse_plan

PLAN: dict[str, Any] = {
    "version": 2,
    "runner": "rabc",
    "runtime": "/run/grad/rabc",
    "dataMountRoot": "/run/grad/rabc/data",
    "folders": ["/var/grad/rabc/code"],
    "binds": [{"source": "/var/grad/rabc/volume/kernel", "target": "/run/grad/rabc/kernel"}],
    "dataPlace": {"path": "/var/grad/rabc/data", "isLink": False},
    "components": [{"name": "data", "argv": ["/bin/true"], "env": {"A": "b"}, "log": "/l", "socket": "/s"}],
}


def test_parse_plan_returns_the_components_in_order_with_their_environment() -> None:
    plan = parse_plan(json.dumps(PLAN))
    assert plan.components == (Component("data", ("/bin/true",), {"A": "b"}, "/l", "/s"),)
    assert plan.init_socket == "/run/grad/rabc/init.sock"


@pytest.mark.parametrize(
    ("at", "value", "named"),
    [
        (["version"], 1, "version is 1"),
        (["runner"], "", "plan.runner"),
        (["runtime"], "relative", "plan.runtime"),
        (["dataMountRoot"], None, "plan.dataMountRoot"),
        (["folders"], ["code"], "plan.folders"),
        (["binds"], {}, "plan.binds"),
        (["binds", 0], "x", r"plan.binds\[0\]"),
        (["binds", 0, "source"], "kernel", r"plan.binds\[0\].source"),
        (["binds", 0, "target"], None, r"plan.binds\[0\].target"),
        (["dataPlace"], None, "plan.dataPlace"),
        (["dataPlace", "path"], "data", "plan.dataPlace.path"),
        (["components"], [], "components is not a list"),
        (["components", 0], "data", r"components\[0\] is not an object"),
        (["components", 0, "argv"], [], r"components\[0\].argv"),
        (["components", 0, "argv"], [1], r"components\[0\].argv"),
        (["components", 0, "env"], {"A": 1}, r"components\[0\].env"),
        (["components", 0, "log"], "l", r"components\[0\].log"),
        (["components"], PLAN["components"] * 2, "two components"),
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
