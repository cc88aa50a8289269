"""Whose awards a caller reaches: by the student's home districts, under whichever of the student's ids."""

from datetime import UTC, datetime

import pytest

from shared.doors.auth import Identity, Reach, Rows
from shared.records.record import Record
from shared.roster_copy.lookup import Calendar, Told
from shared.roster_copy.merges import Merges
from shared.roster_copy.reach import filter_of, reachable, within
from shared.roster_copy.students import Student

NORTH = Student(id="p1", district_id="north")
SOUTH = Student(id="p2", district_id="south")
NOWHERE = Student(id="p3")
MOVED = Student(id="p4", district_id="south", together=("p4", "p5"), districts=frozenset({"north"}))


def reach(*rows, districts=(), student_id=None):
    who = Identity("user", frozenset(), districts=frozenset(districts), student_id=student_id)
    return Reach(who, frozenset(rows))


OF_NORTH = reach(Rows.OWN_DISTRICTS, districts=["north"])


@pytest.mark.parametrize(
    ("caller", "student", "reached"),
    [
        pytest.param(OF_NORTH, NORTH, True, id="a student at home in the district"),
        pytest.param(OF_NORTH, SOUTH, False, id="one of another district"),
        pytest.param(OF_NORTH, NOWHERE, False, id="one who is at home nowhere"),
        pytest.param(OF_NORTH, MOVED, True, id="one of whose records is at home there"),
        pytest.param(reach(Rows.OWN_DISTRICTS), NORTH, False, id="a caller of no district"),
        pytest.param(reach(Rows.OWN_DISTRICTS, districts=["*"]), SOUTH, True, id="a caller of every district"),
        pytest.param(reach(Rows.SELF, student_id="p5"), MOVED, True, id="oneself, under the other id"),
        pytest.param(reach(Rows.SELF, student_id="p1"), MOVED, False, id="another than oneself"),
    ],
)
async def test_a_district_reaches_its_own_students_and_nobody_else(caller, student, reached):
    record = award(student.id)

    assert within(caller, student)("welding", "central") is reached
    assert await reachable([record], caller, Heard()) == ([record] if reached else [])


@pytest.mark.parametrize(
    ("caller", "students"),
    [
        pytest.param(OF_NORTH, {"p1", "p4", "p5"}, id="a district's, under all their ids"),
        pytest.param(reach(Rows.OWN_DISTRICTS), set(), id="of no district"),
        pytest.param(reach(Rows.SELF, student_id="p5"), {"p4", "p5"}, id="one's own"),
    ],
)
async def test_a_list_holds_the_awards_of_these_students(caller, students):
    ways = (await filter_of(caller, Heard()))["$or"]

    assert set(ways[-1]["state.student_id"]["$in"]) == students


def award(student_id):
    state = {"student_id": student_id, "program_id": "welding", "organisation_id": "central"}
    return Record("award", "a1", 1, state, False, (), (), datetime(2025, 6, 1, tzinfo=UTC))


class Heard:
    """What roster has told of four students."""

    async def told(self, names, _programs):
        students = {one.id: one for one in (NORTH, SOUTH, NOWHERE, MOVED)}
        return Told({name: students[name] for name in names}, frozenset(), Calendar())

    async def students_of(self, districts):
        at_home = {"north": ["p1", "p5"], "south": ["p2", "p4"]}
        return (await self.merges()).all_together([id for one in districts for id in at_home[one]])

    async def merges(self):
        return Merges({"p5": "p4"})
