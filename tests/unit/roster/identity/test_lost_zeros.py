"""A number that a spreadsheet has taken the zeros from makes nobody a second person."""

import pytest

from services.roster.identity.people import People
from services.roster.kinds.rows import Known, Wanted
from services.roster.kinds.student import decide_student
from services.roster.oneroster.read.findings import findings_of
from services.roster.values import Student
from shared.errors import Conflict

ABE = {"given_name": "Abe", "family_name": "Ash"}
STORED = ("p1", {**ABE, "_birth_date": "2008-03-01", "identifiers": ["stateStudentId:090001"]})


@pytest.fixture
def known():
    ids = iter(["p-new", "p-newer"])
    return Known(today=None, people=People(new_id=ids.__next__, padded={"stateStudentId:090001": STORED}))


def decided(known, name, **fields):
    one = decide_student(Wanted(name, Student(**{**ABE, **fields}), whole=":" not in name), known)
    known.take("student", one)
    return one


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        pytest.param("stateStudentId:90001", {}, id="by the number alone"),
        pytest.param("dist2:u1", {"state_student_id": "90001"}, id="of a source"),
        pytest.param("p7", {"state_student_id": "90001"}, id="under a new person id"),
        pytest.param("stateStudentId:90001", {"family_name": "Oak"}, id="of another family name"),
    ],
)
def test_a_number_without_its_zeros_names_the_number_that_was_meant(known, name, fields):
    with pytest.raises(Conflict) as refused:
        decided(known, name, **fields)

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code, refused.value.existing) == ("/state_student_id", "zeros_lost", "p1")
    assert problem.works.startswith("write 090001")
    (finding,) = findings_of(refused.value, "users.csv", 2, {"identifier": "90001"}, {"state_student_id": "identifier"})
    assert (finding.column, finding.value, finding.code) == ("identifier", "90001", "zeros_lost")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        pytest.param("stateStudentId:90001", {"given_name": "Bo"}, id="of another given name"),
        pytest.param("stateStudentId:90001", {"birth_date": "2007-03-01"}, id="born on another day"),
        pytest.param("stateStudentId:0090001", {}, id="with more zeros"),
        pytest.param("stateStudentId:90002", {}, id="another number"),
        pytest.param("dist2:u1", {}, id="without a number"),
    ],
)
def test_whoever_is_somebody_else_is_kept(known, name, fields):
    assert decided(known, name, **fields).id == "p-new"


def test_of_whom_the_caller_does_not_reach_nothing_is_told(known):
    known.people.padded.clear()
    known.people.know(*STORED)  # as another row of the batch has made it known, not to this caller

    assert decided(known, "stateStudentId:90001").id == "p-new"


def test_an_earlier_row_of_the_same_file_counts(known):
    known.people.padded.clear()
    decided(known, "stateStudentId:090001")

    with pytest.raises(Conflict, match="write 090001"):
        decided(known, "stateStudentId:90001")


def test_somebody_else_of_that_name_is_sent_without_the_number_first(known):
    one = decided(known, "dist2:u1")

    assert decided(known, "dist2:u1", state_student_id="90001").id == one.id
