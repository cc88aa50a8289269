"""No refusal quotes a record that its reader may not read."""

from types import SimpleNamespace

import pytest

from services.credentials.main import PRODUCER
from shared.doors.auth import ADMITTED, Caller, Identity, Reach, Role, Rows
from shared.errors import Conflict, NotFound, Problem, Refused
from shared.producer.desk import Desk
from shared.producer.routes import within_reach

HERE, THERE = "a" * 28, "b" * 28
KEPT = {
    HERE: {"student_id": "s1", "program_id": "welding", "organisation_id": "central"},
    THERE: {"student_id": "s1", "program_id": "nursing", "organisation_id": "valley"},
}


async def get_many(kind, ids):
    found = [id for id in ids if kind == "award" and id in KEPT]
    return {id: SimpleNamespace(kind=kind, key=f"{kind}/{id}", state=KEPT[id]) for id in found}


def asked_by(rows):
    who = Identity("t", frozenset({Role.INSTRUCTOR}), frozenset({"welding"}), frozenset({"central"}))
    kinds = {kind.name: kind for kind in PRODUCER.kinds}
    desk = Desk(PRODUCER, None, SimpleNamespace(get_many=get_many), None, kinds=kinds)
    caller = Caller(who, Reach(who, frozenset({rows}))) if rows else None
    return SimpleNamespace(scope={ADMITTED: caller}, app=SimpleNamespace(state=SimpleNamespace(desk=desk)))


def about(id, kind=Refused):
    return kind(f"award {id} stands in the way", [Problem("/renews", f"award {id} is another")])


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        pytest.param(Rows.OWN_PROGRAMS, about(HERE), id="of a record within reach"),
        pytest.param(Rows.ALL, about(THERE), id="whoever reaches everything"),
        pytest.param(Rows.OWN_PROGRAMS, about(THERE, NotFound), id="what is not there is told by its own name"),
        pytest.param(Rows.OWN_PROGRAMS, Refused("no award at all"), id="of no record"),
        pytest.param(None, about(THERE), id="nobody is in yet"),
    ],
)
async def test_a_refusal_that_may_be_read_is_told_as_it_is(rows, refusal):
    assert await within_reach(asked_by(rows), refusal) is refusal


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(about(THERE), id="in its words"),
        pytest.param(Conflict("taken", existing=THERE), id="as what exists"),
        pytest.param(Refused("two", [Problem("", f"award {HERE}"), Problem("", f"award {THERE}")]), id="one of two"),
    ],
)
async def test_a_record_beyond_reach_is_not_quoted(refusal):
    told = await within_reach(asked_by(Rows.OWN_PROGRAMS), refusal)

    assert isinstance(told, Conflict) == isinstance(refusal, Conflict)
    assert THERE not in f"{told.detail} {[one.said for one in told.problems]} {getattr(told, 'existing', '')}"
    assert "beyond your reach" in told.detail
