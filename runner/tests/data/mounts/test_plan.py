import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.keys import Keys
from grad_runner.data.mounts.plan import Attach, Attached, Detach, Renew, Step, plan

OLD, NEW = Keys("old", "old"), Keys("new", "new")


def one(name: str, path: str = "/a", keys: Keys | None = OLD, writable: bool = False) -> DatasetSpec:
    return DatasetSpec(name, DirectorySource(path), keys, writable)


@pytest.mark.parametrize(
    ("requested", "attached", "steps"),
    [
        ([], [], []),
        ([one("a")], [], [Attach(one("a"))]),
        ([], [Attached(one("a"), False)], [Detach("a")]),
        ([one("a")], [Attached(one("a"), False)], []),
        ([one("a", "/b")], [Attached(one("a"), False)], [Detach("a"), Attach(one("a", "/b"))]),
        (
            [one("a", writable=True)],
            [Attached(one("a"), False)],
            [Detach("a"), Attach(one("a", writable=True))],
        ),
        ([one("a")], [Attached(one("a", writable=True), False)], [Detach("a"), Attach(one("a"))]),
        ([one("a", keys=NEW)], [Attached(one("a"), False)], [Renew(one("a", keys=NEW))]),
        ([one("a", keys=None)], [Attached(one("a"), False)], [Renew(one("a", keys=None))]),
        ([one("a")], [Attached(one("a"), True)], [Renew(one("a"))]),
        ([one("b"), one("a")], [Attached(one("c"), True)], [Detach("c"), Attach(one("a")), Attach(one("b"))]),
    ],
)
def test_plan_leads_to_the_requested_datasets(
    requested: list[DatasetSpec], attached: list[Attached], steps: list[Step]
) -> None:
    assert plan({w.name: w for w in requested}, {a.spec.name: a for a in attached}) == steps


SPECS = st.builds(
    one,
    st.sampled_from("abc"),
    st.sampled_from(["/a", "/b"]),
    st.sampled_from([None, OLD, NEW]),
    st.booleans(),
)


@given(st.lists(SPECS), st.lists(st.builds(Attached, SPECS, st.booleans())))
def test_plan_reaches_its_aim_and_is_then_empty(
    requested: list[DatasetSpec], attached: list[Attached]
) -> None:
    aim = {w.name: w for w in requested}
    now = {a.spec.name: a for a in attached}
    for step in plan(aim, now):
        match step:
            case Detach(name):
                del now[name]
            case Attach(w):
                assert w.name not in now
                now[w.name] = Attached(w, False)
            case Renew(w):
                assert (now[w.name].spec.source, now[w.name].spec.writable) == (w.source, w.writable)
                now[w.name] = Attached(w, False)
    assert {name: a.spec for name, a in now.items()} == aim
    assert plan(aim, now) == []
