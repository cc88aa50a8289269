"""What becomes of one value of a plain kind: the rows of its rules, without a database."""

from dataclasses import replace
from datetime import date

import pytest

from shared.doors.auth import Identity, Reach, Rows
from shared.producer.decisions import Asked, Stored
from shared.producer.plain.decision import Ground, decide, filing_of
from shared.records.record import Natural
from shared.roster_copy.reach import filing, within
from shared.roster_copy.students import Enrolment, Filed, Student
from tests.made_up_producer import VISIT

WELDING = Enrolment(program_id="welding", organisation_id="central", begin=date(2024, 8, 5))
NURSING = Enrolment(program_id="nursing", organisation_id="east", begin=date(2025, 8, 5))
ADA, BOB, NEW = Student(id="p1", enrolments=(WELDING,)), Student(id="p2", enrolments=(WELDING,)), Student(id="p3")
SAID = {"student_id": "p1", "program_id": "welding", "on": "2025-05-20", "minutes": 30, "note": None}
SAID |= {"organisation_id": None}
EVERYTHING = Reach(Identity("all", frozenset()), frozenset({Rows.ALL}))
TEACHER = Reach(
    Identity("t", frozenset(), programs=frozenset({"welding", "nursing"}), campuses=frozenset({"*"})),
    frozenset({Rows.OWN_PROGRAMS}),
)


def ground(reach=EVERYTHING, before=None, plain=VISIT, **students):
    told = {"p1": ADA, "p2": BOB, "p3": NEW} | students
    return Ground(
        students=told,
        programs={"welding", "nursing"},
        organisations={"central", "east"},
        files=lambda student: filing(reach, student, plain.kind.filed),
        reads=lambda student: within(reach, student),
        reaches=lambda place: reach.allows(**place),
        today=date(2025, 6, 1),
        before=before,
    )


def came_to(said, on, stored=(), plain=VISIT):
    row = Asked("new", {**SAID, **said})
    standing = {key: Stored(one) for key, one in dict(stored).items()}
    return decide(plain, [(row, filing_of(plain, row, on))], standing, on)[0]


@pytest.mark.parametrize(
    ("said", "reach", "doubt", "refused"),
    [
        pytest.param({}, TEACHER, "none", False, id="enrolled that day"),
        pytest.param({"program_id": "nursing"}, TEACHER, "reach", True, id="not in that program, as far as we know"),
        pytest.param({"on": "2024-01-10"}, TEACHER, "unknown", True, id="before any enrolment that we know of"),
        pytest.param({"student_id": "p3"}, TEACHER, "unknown", True, id="nowhere, as far as we know"),
        pytest.param({"student_id": "p3"}, EVERYTHING, "unknown", False, id="nowhere, filed by who may file anywhere"),
        pytest.param({"student_id": "p9"}, EVERYTHING, "unknown", True, id="nobody, as far as we know"),
        pytest.param({"organisation_id": "nowhere"}, EVERYTHING, "unknown", True, id="a place that we do not know"),
        pytest.param({"on": "2025-06-02"}, TEACHER, "none", True, id="a rule's refusal waits for no news"),
    ],
)
def test_on_what_of_rosters_a_decision_hangs(said, reach, doubt, refused):
    found = came_to(said, ground(reach))

    assert (found.doubt, found.refusal is not None) == (doubt, refused)


def test_the_place_is_that_of_the_enrolment_and_another_one_is_no_slip_to_pass_over():
    kept = came_to({}, ground()).keep
    other = came_to({"organisation_id": "east"}, ground())

    assert kept["organisation_id"] == "central"
    assert "taught welding at central on 2025-05-20, not at east" in other.refusal.detail


def test_the_same_of_two_people_is_never_one_record():
    by_day = replace(VISIT, kind=replace(VISIT.kind, naturals=(Natural("visit", ("on",), name="one_a_day"),)))
    stands = {"old": {**SAID, "organisation_id": "central"}}

    assert came_to({}, ground(), stands, by_day).unchanged
    assert came_to({"student_id": "p2"}, ground(), stands, by_day).refusal.existing == "old"


def test_a_twin_is_found_by_what_is_filled_in_too():
    placed = Natural("visit", ("student_id", "organisation_id", "on"), name="one_a_place")
    at_place = replace(VISIT, kind=replace(VISIT.kind, naturals=(placed,)))
    stands = {"old": {**SAID, "organisation_id": "central"}}

    assert came_to({}, ground(), stands, at_place).id == "old"


@pytest.mark.parametrize(
    ("said", "organisation"),
    [
        pytest.param({"note": "set right"}, "central", id="a note stays where the record was filed"),
        pytest.param({"program_id": "nursing", "organisation_id": None}, "east", id="another program is placed anew"),
    ],
)
def test_a_change_places_anew_only_what_it_says_otherwise(said, organisation):
    before = {**SAID, "organisation_id": "central"}
    elsewhere = replace(NURSING, begin=date(2024, 8, 5))
    moved = replace(ADA, enrolments=(elsewhere, replace(elsewhere, program_id="welding")))
    found = came_to({**before, **said}, ground(before=before, p1=moved))

    assert found.keep["organisation_id"] == organisation


@pytest.mark.parametrize(
    ("filed", "may"),
    [
        pytest.param(Filed(student="student_id"), True, id="by the student alone"),
        pytest.param(Filed(student="student_id", program="program_id"), True, id="by the program"),
        pytest.param(Filed(student="student_id", organisation="organisation_id"), False, id="by a place not theirs"),
    ],
)
def test_who_teaches_a_student_files_as_far_as_the_kind_says_where(filed, may):
    on = filing(TEACHER, ADA, filed)

    assert on("welding" if filed.program else None, "east" if filed.organisation else None) is may
