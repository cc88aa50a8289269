"""The roster's rules, row by row; all names are made up."""

from datetime import date

import pytest

from services.roster.identity.people import People
from services.roster.kinds.completion import begun_on, decide_completion
from services.roster.kinds.demographics import decide_demographics
from services.roster.kinds.enrolment import decide_enrolment
from services.roster.kinds.organisation import decide_organisation, district_of
from services.roster.kinds.outcome import decide_outcome
from services.roster.kinds.program import decide_program
from services.roster.kinds.rows import Known, Wanted, may_void
from services.roster.values import Completion, DemographicsOfYear, Enrolment, Organisation, Outcome, Program
from shared.errors import Conflict, Refused

TODAY = date(2025, 6, 1)
ORGANISATIONS = {
    "sample-cted": {"type": "cted", "parent_id": None},
    "north-d": {"type": "district", "parent_id": "sample-cted"},
    "north-high": {"type": "school", "parent_id": "north-d"},
    "central": {"type": "central_campus", "parent_id": "sample-cted"},
}


@pytest.fixture
def known():
    people = People(new_id=iter(["p-new"]).__next__)
    people.know("p1", {"state_student_id": "900001", "identifiers": ["stateStudentId:900001"]})
    return Known(today=TODAY, people=people, organisations=dict(ORGANISATIONS), programs={"welding": {}})


def problems_of(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.pointer: each.detail for each in refused.value.problems}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        pytest.param({"type": "cted", "parent_id": "north-d"}, "/parent_id", id="the cted has nothing above it"),
        pytest.param({"parent_id": "nowhere"}, "/parent_id", id="a parent that is not there"),
        pytest.param({"parent_id": "north-d"}, "/parent_id", id="under itself"),
        pytest.param({"parent_id": "north-high"}, "/parent_id", id="under what lies under it"),
        pytest.param({"school_year_starts": "07-01"}, "/type", id="only the cted sets the year"),
        pytest.param({"time_zone": "America/Phoenix"}, "/type", id="only the cted sets the time zone"),
        pytest.param({"type": "cted", "time_zone": "Mars/Base"}, "/time_zone", id="no such time zone"),
        pytest.param({"type": "cted", "time_zone": "../etc/passwd"}, "/time_zone", id="a time zone is no path"),
        pytest.param({"type": "cted", "school_year_starts": "02-30"}, "/school_year_starts", id="30 February"),
        pytest.param({"type": "cted", "school_year_starts": "02-29"}, "/school_year_starts", id="not every year"),
    ],
)
def test_an_organisation_that_cannot_be(known, fields, pointer):
    del known.organisations["sample-cted"]
    body = Organisation(**{"name": "North", "type": "district", **fields})

    with pytest.raises(Refused) as refused:
        decide_organisation(Wanted("north-d", body), known)
    assert pointer in problems_of(refused)


def test_a_second_cted_is_a_conflict_that_names_the_first(known):
    with pytest.raises(Conflict) as refused:
        decide_organisation(Wanted("other", Organisation(name="Other", type="cted")), known)
    assert refused.value.existing == "sample-cted"


def test_the_cted_itself_may_be_sent_again(known):
    body = Organisation(name="Sample", type="cted", school_year_starts="08-01", time_zone="America/Phoenix")

    assert decide_organisation(Wanted("sample-cted", body), known).state["school_year_starts"] == "08-01"


@pytest.mark.parametrize(
    ("organisation", "district"),
    [
        pytest.param("north-high", "north-d", id="a school lies in its district"),
        pytest.param("north-d", "north-d", id="a district is its own"),
        pytest.param("central", None, id="a central campus lies in none"),
        pytest.param("nowhere", None, id="one that is not there lies in none"),
        pytest.param(None, None, id="no home school"),
    ],
)
def test_the_district_of_a_place(organisation, district):
    assert district_of(organisation, ORGANISATIONS) == district


def test_a_circle_of_parents_is_walked_once():
    circle = {"a": {"type": "school", "parent_id": "b"}, "b": {"type": "school", "parent_id": "a"}}

    assert district_of("a", circle) is None


@pytest.mark.parametrize(
    ("active_to", "refused"),
    [
        pytest.param("2019-06-30", True, id="the day before it began"),
        pytest.param("2019-07-01", False, id="active for one day"),
        pytest.param(None, False, id="still active"),
    ],
)
def test_a_program_ends_after_it_began(known, active_to, refused):
    body = Program(title="Welding", cip_code="48.0508", cluster="M", active_from="2019-07-01", active_to=active_to)
    if not refused:
        assert decide_program(Wanted("welding", body), known).state["active_to"] == active_to
        return
    with pytest.raises(Refused, match="before active_from 2019-07-01"):
        decide_program(Wanted("welding", body), known)


PLACED = {"student_id": "stateStudentId:900001", "program_id": "welding", "organisation_id": "central"}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        pytest.param({"student_id": "p9"}, "/student_id", id="an unknown person"),
        pytest.param({"student_id": "stateStudentId:1"}, "/student_id", id="an unknown state id"),
        pytest.param({"student_id": "north-sis:u1"}, "/student_id", id="an unknown source id"),
        pytest.param({"program_id": "baking"}, "/program_id", id="an unknown program"),
        pytest.param({"organisation_id": "nowhere"}, "/organisation_id", id="an unknown organisation"),
        pytest.param({"end": "2024-08-04"}, "/end", id="it ends the day before it begins"),
        pytest.param({"concentrator_on": "2025-06-02"}, "/concentrator_on", id="a concentrator from tomorrow on"),
        pytest.param(
            {"end": "2025-05-20", "concentrator_on": "2025-05-21"},
            "/concentrator_on",
            id="a concentrator from the day after it ended",
        ),
    ],
)
def test_an_enrolment_that_cannot_be(known, fields, pointer):
    with pytest.raises(Refused) as refused:
        decide_enrolment(Wanted("e1", Enrolment(**{**PLACED, "begin": "2024-08-05", **fields})), known)
    assert set(problems_of(refused)) == {pointer}


def test_a_concentrator_after_the_end_is_told_what_would_work(known):
    body = Enrolment(**PLACED, begin="2024-08-05", end="2025-05-20", concentrator_on="2025-05-21")

    with pytest.raises(Refused, match="after the enrolment's end 2025-05-20, so that no day is both; send a day up to"):
        decide_enrolment(Wanted("e1", body), known)
    last = decide_enrolment(Wanted("e1", body.model_copy(update={"concentrator_on": date(2025, 5, 20)})), known)
    assert last.state["concentrator_on"] == "2025-05-20"


def test_an_enrolment_may_last_a_day_and_begin_later_than_today(known):
    body = Enrolment(**PLACED, begin="2025-08-05", end="2025-08-05")

    assert decide_enrolment(Wanted("e1", body), known).state == {
        "student_id": "p1",
        "program_id": "welding",
        "organisation_id": "central",
        "begin": "2025-08-05",
        "end": "2025-08-05",
        "concentrator_on": None,
    }


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        pytest.param({"completed_on": "2025-06-02"}, "/completed_on", id="tomorrow"),
        pytest.param({"started_on": "2025-05-23"}, "/completed_on", id="started the day after"),
        pytest.param({"student_id": "p9"}, "/student_id", id="an unknown person"),
    ],
)
def test_a_completion_that_cannot_be(known, fields, pointer):
    with pytest.raises(Refused) as refused:
        decide_completion(Wanted("c1", Completion(**{**PLACED, "completed_on": "2025-05-22", **fields})), known)
    assert set(problems_of(refused)) == {pointer}


@pytest.mark.parametrize(
    ("given", "earliest", "begun"),
    [
        pytest.param("2023-08-05", "2024-08-05", "2023-08-05", id="the one given"),
        pytest.param("2024-09-01", "2024-08-05", "2024-09-01", id="the one given, also when an enrolment began before"),
        pytest.param(None, "2024-08-05", "2024-08-05", id="else the earliest enrolment's begin"),
        pytest.param(None, "2025-05-22", "2025-05-22", id="that of an enrolment which began when it was completed"),
        pytest.param(None, "2025-05-23", None, id="an enrolment that began the day after says nothing"),
        pytest.param(None, None, None, id="without an enrolment nothing tells"),
    ],
)
def test_when_a_completed_program_was_begun_is_worked_out_and_never_kept(known, given, earliest, begun):
    if earliest:
        known.begun["p1", "welding"] = earliest
    body = Completion(**PLACED, completed_on="2025-05-22", started_on=given)

    decided = decide_completion(Wanted("c1", body), known)

    assert decided.state["started_on"] == given
    assert begun_on(decided.state, earliest) == begun
    assert [each.works for each in decided.notes] == ([] if begun else ["send started_on, or the enrolment"])


def test_a_completion_of_today_is_in_time(known):
    body = Completion(**PLACED, completed_on=TODAY, started_on=TODAY)

    assert decide_completion(Wanted("c1", body), known).state["completed_on"] == "2025-06-01"


def test_demographics_are_filed_by_person_and_year(known):
    body = DemographicsOfYear(student_id="stateStudentId:900001", school_year="2024-25", low_income=True)

    decided = decide_demographics(Wanted("", body), known)

    assert (decided.id, decided.state["student_id"]) == ("p1-2024-25", "p1")


def test_what_is_still_named_is_not_voided():
    with pytest.raises(Conflict, match="program welding is still named by 2 enrolment, 1 completion"):
        may_void("program", "welding", {"enrolment": 2, "completion": 1})
    may_void("program", "welding", {"enrolment": 0, "completion": 0})


@pytest.mark.parametrize("day", ["2025-02-29", "2025-1-1", "1747872000", "2025-05-22T00:00:00", 0, True, "1066-10-14"])
def test_a_day_is_written_one_way(day):
    with pytest.raises(ValueError, match="active_from"):
        Program(title="Welding", cip_code="48.0508", cluster="M", active_from=day)


@pytest.mark.parametrize("year", ["2024-26", "2024", "2024-2025", "1999-01"])
def test_a_school_year_is_written_one_way(year):
    with pytest.raises(ValueError, match="school_year"):
        DemographicsOfYear(student_id="p1", school_year=year)


OUTCOME = {"placement": "employment", "source": "district-survey", "found_by": "survey"}


def test_an_outcome_is_of_a_person_on_a_day_that_has_been(known):
    body = Outcome(**OUTCOME, student_id="stateStudentId:900001", observed_on="2025-06-01")
    assert decide_outcome(Wanted("o1", body), known).state["student_id"] == "p1"

    with pytest.raises(Refused) as ahead:
        decide_outcome(Wanted("o1", body.model_copy(update={"observed_on": date(2025, 6, 2)})), known)
    assert set(problems_of(ahead)) == {"/observed_on"}
    with pytest.raises(Refused) as nobody:
        decide_outcome(Wanted("o1", body.model_copy(update={"student_id": "p9"})), known)
    assert set(problems_of(nobody)) == {"/student_id"}
