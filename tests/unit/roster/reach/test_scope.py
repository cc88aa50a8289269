"""What a manager of one district may write: what lies in it, by organisation, home school or student."""

from datetime import UTC, datetime

import pytest

from services.roster.kinds.rows import ToKeep
from services.roster.reach.scope import Scope
from shared.doors.auth import Identity, Reach, Rows
from shared.errors import Forbidden, NotFound
from shared.records.record import Record
from shared.roster_copy.merges import Merges

PLACES = {
    "cted": {"type": "cted", "parent_id": None},
    "north": {"type": "district", "parent_id": "cted"},
    "south": {"type": "district", "parent_id": "cted"},
    "north-high": {"type": "school", "parent_id": "north"},
    "south-high": {"type": "school", "parent_id": "south"},
}
AT = datetime(2025, 6, 1, tzinfo=UTC)


class Store:
    """Ann is at home in the north, Bob in the south; `seen` is what a question within reach would find."""

    def __init__(self, seen=()):
        self.seen = set(seen)

    async def organisations(self):
        return [Record("organisation", id, 1, state, False, (), (), AT) for id, state in PLACES.items()]

    async def organisations_under(self, districts):
        return sorted(id for id, state in PLACES.items() if {id, state["parent_id"]} & set(districts))

    async def merges(self):
        return Merges()

    async def students_at(self, where):
        return ["ann"] if "north-high" in str(where) else []

    async def students_enrolled(self, _where):
        return []

    async def among(self, _kind, ids, _where):
        return self.seen & set(ids)

    async def transfers(self, _students, _places):
        return []


async def writing(kind, id, state, *, districts=("north",), stored=(), seen=()):
    who = Identity("user", frozenset(), districts=frozenset(districts))
    scope = Scope(Reach(who, frozenset({Rows.OWN_DISTRICTS})), Store(seen))
    can = await scope.writable(kind, stored)
    return await scope.refusals(kind, [ToKeep(id, state)], {id: id}, dict.fromkeys(stored, state), can)


async def about(person, *, districts=("north",)):
    who = Identity("user", frozenset(), districts=frozenset(districts))
    scope = Scope(Reach(who, frozenset({Rows.OWN_DISTRICTS})), Store())
    return (await scope.writable("outcome", {person})).about("outcome", person, ())


def at(school):
    return {"years": [{"school_year": "2024-25", "school_id": school}]}


@pytest.mark.parametrize(
    ("kind", "id", "state"),
    [
        pytest.param("organisation", "new", {"type": "school", "parent_id": "north"}, id="a school of the district"),
        pytest.param("student", "p1", at("north-high"), id="a student at home in it"),
    ],
)
async def test_what_lies_in_the_district_may_be_written(kind, id, state):
    assert await writing(kind, id, state) == {}


@pytest.mark.parametrize(
    ("kind", "id", "state"),
    [
        pytest.param("organisation", "new", {"type": "school", "parent_id": "south"}, id="another's school"),
        pytest.param("organisation", "cted", PLACES["cted"], id="what is above all districts"),
        pytest.param("program", "welding", {}, id="a program, which all districts share"),
        pytest.param("student", "p1", at("south-high"), id="a student at home elsewhere"),
    ],
)
async def test_what_lies_in_another_district_may_not(kind, id, state):
    assert isinstance((await writing(kind, id, state))[id], Forbidden)


@pytest.mark.parametrize(("person", "districts", "may"), [("ann", ("north",), True), ("bob", ("north",), False)])
async def test_only_of_the_districts_own_students_something_may_be_said(person, districts, may):
    assert await about(person, districts=districts) is may


async def test_a_caller_of_no_district_writes_nothing():
    assert not await about("ann", districts=())
    assert isinstance((await writing("student", "p1", at("north-high"), districts=()))["p1"], Forbidden)


async def test_what_stands_out_of_reach_is_not_there_for_who_would_bring_it_within():
    refused = await writing("student", "p1", at("north-high"), stored=["p1"])
    assert isinstance(refused["p1"], NotFound)
    assert await writing("student", "p1", at("north-high"), stored=["p1"], seen=["p1"]) == {}
