"""One person per human, whatever the number of source ids; never a guess."""

import pytest

from services.roster.domain import Known, Row, decide_student
from services.roster.people import People
from services.roster.values import Student
from shared.errors import Conflict, Refused

NAMES = {"given_name": "Sample", "family_name": "One"}


@pytest.fixture
def known():
    ids = iter(["p-new", "p-newer"])
    known = Known(today=None, people=People(new_id=ids.__next__), organisations={"high": {}, "other": {}})
    told(known, "p1", state_student_id="1", sources=[source("north", "u1")], years=[year("2023-24", "high")])
    told(known, "p2", sources=[source("south", "v2")])
    return known


def source(name, sourced_id):
    return {"source": name, "sourced_id": sourced_id}


def year(school_year, school_id=None, grade_level=None):
    return {"school_year": school_year, "school_id": school_id, "grade_level": grade_level}


def told(known, name, *, whole=None, version=None, **fields):
    """One row, decided and taken; the person it was about and what is kept."""
    row = Row(name, Student(**{**NAMES, **fields}), whole=":" not in name if whole is None else whole, version=version)
    decided = decide_student(row, known)
    known.take("student", decided)
    return decided


@pytest.mark.parametrize(
    ("name", "fields", "person"),
    [
        pytest.param("p1", {"state_student_id": "1"}, "p1", id="by person id"),
        pytest.param("stateStudentId:1", {}, "p1", id="by state id"),
        pytest.param("north:u1", {}, "p1", id="by source id"),
        pytest.param("east:w9", {"state_student_id": "1"}, "p1", id="a new source id beside a known state id"),
        pytest.param("east:w9", {"sources": [source("south", "v2")]}, "p2", id="a new source id beside a known one"),
        pytest.param("east:w9", {}, "p-new", id="nobody's yet: a new person"),
        pytest.param("stateStudentId:7", {}, "p-new", id="nobody's state id: a new person"),
        pytest.param("p7", {"state_student_id": "7"}, "p7", id="a person id of the caller's choice"),
    ],
)
def test_whose_a_row_is(known, name, fields, person):
    assert told(known, name, **fields).id == person


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        pytest.param("p3", {"state_student_id": "1"}, id="a new person with another's state id"),
        pytest.param("p2", {"sources": [source("north", "u1")]}, id="a person with another's source id"),
        pytest.param("north:u1", {"sources": [source("south", "v2")]}, id="the source ids of two"),
        pytest.param("south:v2", {"state_student_id": "1"}, id="the source id of one, the state id of another"),
    ],
)
def test_two_persons_are_never_joined_by_a_row(known, name, fields):
    before = dict(known.people.states)

    with pytest.raises(Conflict) as refused:
        told(known, name, **fields)
    assert refused.value.existing in ("p1", "p2")
    assert known.people.states == before


@pytest.mark.parametrize("name", ["p1", "north:u1"])
def test_a_second_state_id_is_a_conflict_that_names_the_person(known, name):
    with pytest.raises(Conflict, match="stateStudentId 1") as refused:
        told(known, name, state_student_id="8")
    assert refused.value.existing == "p1"


def test_who_has_read_the_record_may_correct_the_state_id(known):
    told(known, "p1", state_student_id="8", version=3)

    assert known.people.find("stateStudentId:8") == "p1"
    assert known.people.find("stateStudentId:1") is None


def test_a_path_and_a_body_that_disagree_are_refused(known):
    with pytest.raises(Refused, match="send one of them"):
        told(known, "stateStudentId:7", state_student_id="8")


@pytest.mark.parametrize("name", ["", ":x", "north:", "a b", "-p", "p" * 57, "north:a b", "stateStudentId:a/b"])
def test_what_can_be_no_id(known, name):
    with pytest.raises(Refused, match="cannot be a student's id"):
        told(known, name)


def test_one_sources_view_adds_and_takes_nothing_away(known):
    decided = told(
        known, "east:w9", state_student_id="1", years=[year("2024-25", "other", "12"), year("2023-24", None, "11")]
    )

    assert decided.id == "p1"
    assert decided.state["identifiers"] == ["east:w9", "north:u1", "stateStudentId:1"]
    assert decided.state["years"] == [year("2023-24", "high", "11"), year("2024-25", "other", "12")]


def test_the_whole_record_replaces(known):
    decided = told(known, "p1", state_student_id="1", years=[year("2024-25", "other")])

    assert decided.state["identifiers"] == ["stateStudentId:1"]
    assert decided.state["years"] == [year("2024-25", "other")]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param(None, True, id="not said: as it was"),
        pytest.param(False, False, id="said"),
    ],
)
def test_an_opt_out_is_not_forgotten(known, sent, kept):
    told(known, "p2", sources=[source("south", "v2")], directory_opt_out=True)

    assert told(known, "south:v2", directory_opt_out=sent).state["directory_opt_out"] is kept


@pytest.mark.parametrize(
    ("years", "pointer"),
    [
        pytest.param([year("2024-25", "nowhere")], "/years/0/school_id", id="a school that is not there"),
        pytest.param([year("2024-25"), year("2024-25", "high")], "/years/1/school_year", id="a year twice"),
    ],
)
def test_home_schools_exist_and_there_is_one_a_year(known, years, pointer):
    with pytest.raises(Refused) as refused:
        told(known, "p1", state_student_id="1", years=years)
    assert [each.pointer for each in refused.value.problems] == [pointer]
