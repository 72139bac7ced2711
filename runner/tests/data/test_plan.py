import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.data.plan import Attach, Attached, Detach, Renew, Step, plan
from grad_runner.data.source import DirectorySource, Keys, Wanted

OLD, NEW = Keys("old", "old"), Keys("new", "new")


def one(name: str, path: str = "/a", keys: Keys | None = OLD, writable: bool = False) -> Wanted:
    return Wanted(name, DirectorySource(path), keys, writable)


@pytest.mark.parametrize(
    ("wanted", "attached", "steps"),
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
def test_plan_makes_the_attached_the_wanted(
    wanted: list[Wanted], attached: list[Attached], steps: list[Step]
) -> None:
    assert plan({w.name: w for w in wanted}, {a.wanted.name: a for a in attached}) == steps


WANTED = st.builds(
    one,
    st.sampled_from("abc"),
    st.sampled_from(["/a", "/b"]),
    st.sampled_from([None, OLD, NEW]),
    st.booleans(),
)


@given(st.lists(WANTED), st.lists(st.builds(Attached, WANTED, st.booleans())))
def test_plan_reaches_its_aim_and_then_rests(wanted: list[Wanted], attached: list[Attached]) -> None:
    aim = {w.name: w for w in wanted}
    now = {a.wanted.name: a for a in attached}
    for step in plan(aim, now):
        match step:
            case Detach(name):
                del now[name]
            case Attach(w):
                assert w.name not in now
                now[w.name] = Attached(w, False)
            case Renew(w):
                assert (now[w.name].wanted.source, now[w.name].wanted.writable) == (w.source, w.writable)
                now[w.name] = Attached(w, False)
    assert {name: a.wanted for name, a in now.items()} == aim
    assert plan(aim, now) == []
