"""One person per human, whatever the number of source ids; never a guess."""

import pytest

from services.roster.identity.people import People
from services.roster.identity.whose import Unlike
from services.roster.kinds.rows import Known, Wanted
from services.roster.kinds.student import decide_student
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
    row = Wanted(
        name, Student(**{**NAMES, **fields}), whole=":" not in name if whole is None else whole, version=version
    )
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


@pytest.mark.parametrize(
    ("name", "works"),
    [
        pytest.param("p1", ["PUT /v1/students/{id} with If-Match"], id="by person id"),
        pytest.param(
            "north:u1",
            ["POST /v1/persons/north:u1/sources/north:u1/separate", "PUT /v1/students/{id} with If-Match"],
            id="by the only source id",
        ),
    ],
)
def test_a_second_state_id_is_a_conflict_that_names_what_would_work(known, name, works):
    with pytest.raises(Conflict, match="has another stateStudentId") as refused:
        told(known, name, state_student_id="8")
    assert refused.value.existing == "p1"
    assert all(each in refused.value.problems[0].works for each in works)


def test_of_several_source_ids_only_a_separation_corrects_the_number(known):
    told(known, "east:w9", state_student_id="1")

    with pytest.raises(Conflict) as refused:
        told(known, "east:w9", state_student_id="8")
    assert "POST /v1/persons/east:w9/sources/east:w9/separate" in refused.value.detail
    assert "If-Match" not in refused.value.detail


ANA = {"given_name": "Ana", "family_name": "Made-Up"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param({"given_name": "Ana"}, None, id="the same given name"),
        pytest.param({"given_name": "ÁNA"}, None, id="case and accents aside"),
        pytest.param({"given_name": "Ana", "family_name": "Quite-Other"}, None, id="another family name is a note"),
        pytest.param({"given_name": "Anastasia"}, None, id="one begins the other"),
        pytest.param({"given_name": "Bo", "preferred_name": "Ana"}, None, id="the preferred name agrees"),
        pytest.param({"given_name": "An"}, "given names", id="a beginning of two letters is none"),
        pytest.param({"given_name": "Bo"}, "given names", id="another given name, the family name the same"),
        pytest.param({"given_name": "..."}, "given names", id="no letter in it"),
        pytest.param({"given_name": "Ana", "birth_date": "2008-03-02"}, "birth dates", id="another birth date"),
        pytest.param({"given_name": "Ana", "birth_date": "2008-03-01"}, None, id="the same birth date"),
        pytest.param(
            {"given_name": "Bo", "birth_date": "2008-03-01"}, "given names", id="twins share all but the given name"
        ),
    ],
)
@pytest.mark.parametrize("name", ["east:w9", "stateStudentId:5"])
def test_a_number_alone_makes_nobody_the_same_person(known, row, why, name):
    told(known, "p5", state_student_id="5", birth_date="2008-03-01", **ANA)
    before = dict(known.people.states)
    fields = {**ANA, "state_student_id": "5", **row}

    if why is None:
        assert told(known, name, **fields).id == "p5"
        return
    with pytest.raises(Unlike, match=why) as refused:
        told(known, name, **fields)
    assert (refused.value.existing, refused.value.claim.name) == ("p5", name)
    assert known.people.states == before


def test_the_same_source_id_with_a_new_name_is_a_rename(known):
    told(known, "east:w9", state_student_id="5", **ANA)

    assert told(known, "east:w9", state_student_id="5", given_name="Bo", family_name="New").id == "p-new"
    assert known.people.states["p-new"]["given_name"] == "Bo"


def test_a_birth_date_stays_when_a_row_does_not_say_it(known):
    told(known, "p5", birth_date="2008-03-01")

    assert told(known, "p5").state["_birth_date"] == "2008-03-01"
    assert "birth_date" not in known.people.states["p5"]


@pytest.mark.parametrize(
    ("decided", "person", "number"),
    [pytest.param("two_persons", "p-new", None, id="two"), pytest.param("merged", "p5", "5", id="one")],
)
def test_what_was_decided_of_a_row_holds_the_next_time(known, decided, person, number):
    told(known, "p5", state_student_id="5", **ANA)
    known.people.decided["p5", "east:w9"] = decided

    found = told(known, "east:w9", state_student_id="5", given_name="Bo", family_name="Made-Up")

    assert (found.id, found.state["state_student_id"]) == (person, number)
    assert [note.code for note in found.notes] == (["number_of_another"] if number is None else [])


def test_who_gives_the_number_of_another_as_was_decided_keeps_the_own_record(known):
    told(known, "p5", state_student_id="5", **ANA)
    known.people.decided["p5", "p2"] = "two_persons"

    assert told(known, "south:v2", state_student_id="5").id == "p2"
    assert known.people.states["p2"]["state_student_id"] is None


def test_a_new_person_id_with_the_number_of_another_is_told_whose_it_is(known):
    told(known, "p5", state_student_id="5", **ANA)

    with pytest.raises(Conflict, match="PUT /v1/students/p5"):
        told(known, "p6", state_student_id="5", **ANA)
    with pytest.raises(Unlike):
        told(known, "p6", state_student_id="5", given_name="Bo", family_name="Made-Up")


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
