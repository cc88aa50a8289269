"""What the roster publishes: the state with what its references say, and no name of a student."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from services.roster.facts import FACT, facts_of
from services.roster.kinds.table import KINDS
from shared.contracts.roster import FACTS, TermBegins, YearAtSchool, alias_digest
from shared.records.record import Record

CTED = {"name": "Sample", "type": "cted", "parent_id": None, "time_zone": None, "school_year_starts": "08-01"}
PLAIN = {"time_zone": None, "school_year_starts": None}
ORGANISATIONS = {
    "cted": CTED,
    "north": {"name": "North", "type": "district", "parent_id": "cted", **PLAIN},
    "high": {"name": "High", "type": "school", "parent_id": "north", **PLAIN},
    "central": {"name": "Central", "type": "central_campus", "parent_id": "cted", **PLAIN},
}
STUDENT = {
    "given_name": "Onlyhere",
    "family_name": "Neverthere",
    "preferred_name": "Nick",
    "state_student_id": "900001",
    "sources": [{"source": "sis", "sourced_id": "u-1"}],
    "identifiers": ["sis:u-1", "stateStudentId:900001"],
    "years": [
        {"school_year": "2023-24", "school_id": None, "grade_level": "11"},
        {"school_year": "2024-25", "school_id": "high", "grade_level": "12"},
    ],
    "directory_opt_out": True,
}
COMPLETION = {
    "student_id": "p1",
    "program_id": "welding",
    "organisation_id": "central",
    "started_on": "2023-08-07",
    "completed_on": "2025-07-31",
}
ENROLMENT = {
    "student_id": "p1",
    "program_id": "welding",
    "organisation_id": "central",
    "begin": "2023-08-07",
    "end": None,
    "concentrator_on": None,
}
PROGRAM = {"title": "Welding", "cip_code": "48.0508", "cluster": "S", "active_from": "2019-07-01", "active_to": None}
GUARDIAN = {
    "student_id": "p1",
    "guardian_id": "g1",
    "relation": "parent",
    "source": "sis",
    "sourced_id": "u-9",
    "begin": "2024-08-05",
    "end": None,
}
OUTCOME = {
    "student_id": "p1",
    "placement": "military",
    "source": "district-survey",
    "observed_on": "2025-07-31",
    "found_by": "call",
}
GROUPS = {"student_id": "p1", "school_year": "2024-25", "sex": "female", "low_income": True}


def record(kind, id, state, *, void=False):
    return Record(kind, id, 1, state, void, (), (), datetime(2025, 6, 1, tzinfo=UTC))


async def organisations():
    return [record("organisation", id, state) for id, state in ORGANISATIONS.items()]


async def told(kind, id, state, **more):
    """What is published of one record: to which subjects, and what."""
    found = await facts_of(organisations)([record(kind, id, state, **more)])
    return dict(found.get(f"{kind}/{id}", []))


@pytest.mark.parametrize(("kept", "grade"), [("9", "09"), ("09", "09"), ("11", "11"), ("A1", None), (None, None)])
async def test_a_grade_of_before_the_vocabulary_is_told_as_what_it_means(kept, grade):
    years = [{"school_year": "2024-25", "school_id": None, "grade_level": kept}]

    fact = await told("student", "p1", STUDENT | {"years": years})

    assert fact["student/p1"].years[0].grade_level == grade


async def test_a_student_without_a_name_and_with_the_district_of_each_year():
    (fact,) = (await told("student", "p1", STUDENT)).values()

    assert fact.years == (
        YearAtSchool(school_year="2023-24", grade_level="11"),
        YearAtSchool(school_year="2024-25", school_id="high", district_id="north", grade_level="12"),
    )
    assert set(fact.alias_digests) == {alias_digest("stateStudentId:900001"), alias_digest("sis:u-1")}
    text = msgspec.json.encode(fact).decode()
    assert not [word for word in ("Onlyhere", "Neverthere", "Nick", "900001", "u-1") if word in text]


@pytest.mark.parametrize(
    ("completed_on", "school_year"),
    [
        pytest.param("2025-07-31", "2024-25", id="the last day of the cted's year"),
        pytest.param("2025-08-01", "2025-26", id="the first day of the next"),
    ],
)
async def test_a_completion_lies_in_the_cteds_school_year(completed_on, school_year):
    (fact,) = (await told("completion", "c1", {**COMPLETION, "completed_on": completed_on})).values()

    assert (fact.school_year, fact.organisation_type) == (school_year, "central_campus")


@pytest.mark.parametrize(
    ("given", "resolved", "started", "known"),
    [
        pytest.param("2023-08-07", "2022-08-05", "2023-08-07", True, id="as told"),
        pytest.param(None, "2022-08-05", "2022-08-05", True, id="else as its enrolments say"),
        pytest.param(None, None, "2025-05-22", False, id="when nothing tells, nothing earned before it counts"),
    ],
)
async def test_a_completion_says_when_the_program_was_begun(given, resolved, started, known):
    async def starts(completions, _):
        return {one.key: resolved for one in completions if resolved and one.state["started_on"] is None}

    of = record("completion", "c1", {**COMPLETION, "completed_on": "2025-05-22", "started_on": given})
    [(_, fact)] = (await facts_of(organisations, starts=starts)([of]))["completion/c1"]

    assert (str(fact.started_on), fact.start_known) == (started, known)


async def test_an_outcome_lies_in_the_school_year_of_the_day_on_which_it_was_so():
    (fact,) = (await told("outcome", "o1", OUTCOME)).values()

    assert (fact.school_year, fact.placement, fact.student_id) == ("2024-25", "military", "p1")


async def test_an_enrolment_says_with_which_day_the_cteds_school_years_begin():
    (fact,) = (await told("enrolment", "e1", ENROLMENT)).values()

    assert fact.school_year_starts == "08-01"


@pytest.mark.parametrize(
    ("kind", "state", "subject"),
    [
        ("student", STUDENT, "student/x1"),
        ("demographics", GROUPS, "student/p1"),
        ("enrolment", ENROLMENT, "student/p1"),
        ("completion", COMPLETION, "student/p1"),
        ("outcome", OUTCOME, "student/p1"),
        ("guardian", GUARDIAN, "student/p1"),
        ("organisation", CTED, "organisation/x1"),
        ("program", PROGRAM, "program/x1"),
    ],
)
async def test_whom_each_kind_is_about_and_that_it_can_be_read(kind, state, subject):
    found = await told(kind, "x1", state)

    assert list(found) == [subject]
    fact = found[subject]
    assert msgspec.json.decode(msgspec.json.encode(fact), type=type(fact)) == fact


async def test_by_which_names_sources_mean_an_organisation_and_how_they_are_read_is_told_to_nobody():
    named = {**CTED, "_sources": [{"source": "sis", "sourced_id": "7", "how": "made"}]}

    assert await told("organisation", "x1", named) == await told("organisation", "x1", CTED)
    assert await told("source", "x1", {"source": "sis", "identifier_is": "state_id"}) == {}


async def test_the_terms_of_an_organisation_are_told_as_days():
    kept = [{"school_year": "2025-26", "term": "fall", "begins": "2025-08-04"}]

    fact = (await told("organisation", "x1", CTED | {"terms": kept}))["organisation/x1"]

    assert fact.terms == (TermBegins(school_year="2025-26", term="fall", begins=date(2025, 8, 4)),)


async def test_what_is_void_concerns_nobody():
    assert await told("enrolment", "e1", ENROLMENT, void=True) == {}


async def test_what_was_erased_is_withdrawn_though_nothing_is_left_of_it():
    async def starts(completions, _merges):
        return {one.key: one.state["started_on"] for one in completions}

    assert await facts_of(organisations, starts=starts)([record("completion", "c1", {}, void=True)]) == {}


def test_every_kind_has_its_fact():
    assert set(FACT) == {*KINDS, "guardian"} == {fact.kind for fact in FACTS}
