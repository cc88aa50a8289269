"""A class list, row by row: kept, unchanged, refused, warned about."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award.decision import Ground, decide
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.errors import Conflict
from shared.producer.decisions import Asked, Stored
from shared.roster_copy.students import Enrolment, Student

DAY = date(2025, 5, 20)
OSHA = Credential(
    code="osha-10",
    title="OSHA 10",
    issuer="Made-up",
    type="Certification",
    tiers=(DatedTier(program_id="welding", tier="required", valid_from=date(2020, 7, 1)),),
)
WELDING = Enrolment(program_id="welding", organisation_id="north", begin=date(2024, 8, 5))
ADA = Student(id="p1", enrolments=(WELDING,))
BOB = Student(id="p2", enrolments=(WELDING,))
NEWCOMER = Student(id="p3")
STUDENTS = {"p1": ADA, "p2": BOB, "p3": NEWCOMER, "stateStudentId:900001": ADA}


def everywhere(_student):
    return lambda _program, _organisation: True


def ground(awards=None, within=everywhere, **more):
    return Ground(
        students=STUDENTS,
        programs={"welding"},
        credentials={"osha-10": OSHA},
        codes=["osha-10"],
        awards=awards or {},
        within=within,
        today=date(2025, 6, 1),
        **more,
    )


def row(student="p1", key="r0", **changes):
    award = Award(student_id=student, credential_code="osha-10", result="passed", awarded_on=DAY)
    return Asked(key, replace(award, **changes))


def stored(student="p1", *, void=False, **changes):
    return Stored(replace(row(student, **changes).wanted, program_id="welding", organisation_id="north"), void)


def one(asked, awards=None, within=everywhere):
    return decide([asked], ground(awards, within))[0]


@pytest.mark.parametrize(
    ("number", "numbered", "warned"),
    [
        pytest.param(
            "L-1", {"L-1": {"p2"}}, ["another student's award has this license number"], id="another's number"
        ),
        pytest.param("L-1", {"L-1": {"p1"}}, [], id="the student's own, of another credential"),
        pytest.param("1.23457E+11", {}, ["1.23457E+11 is a number that a spreadsheet has shortened"], id="shortened"),
        pytest.param("123456789012", {}, [], id="a number of nobody else"),
        pytest.param(None, {}, [], id="no number"),
    ],
)
def test_an_odd_license_number_is_kept_and_warned_about(number, numbered, warned):
    (kept,) = decide([row(license_number=number)], ground(numbered=numbered))

    assert kept.keep is not None
    assert [one.detail for one in kept.warnings] == warned


def test_one_license_number_on_two_rows_is_warned_about_at_the_second():
    first, second = decide([row(license_number="L-1"), row("p2", "r1", license_number="L-1")], ground())

    assert (first.warnings, len(second.warnings)) == ((), 1)
    assert "p1" not in second.warnings[0].said


def test_a_row_is_kept_with_the_person_the_program_and_the_campus_it_belongs_to():
    kept = one(row("stateStudentId:900001")).keep

    assert (kept.student_id, kept.program_id, kept.organisation_id) == ("p1", "welding", "north")


@pytest.mark.parametrize(
    ("asked", "pointer", "words"),
    [
        pytest.param(row("nobody"), "/student_id", "there is no student nobody", id="an unknown student"),
        pytest.param(row(program_id="weldign"), "/program_id", "no program weldign", id="an unknown program"),
        pytest.param(
            row(credential_code="osha10"), "/credential_code", "the nearest known: osha-10", id="an unknown code"
        ),
        pytest.param(row(awarded_on=date(2025, 6, 2)), "/awarded_on", "on or after that day", id="a future day"),
    ],
)
def test_a_row_is_refused_in_words_and_the_others_kept(asked, pointer, words):
    good, bad = decide([row("p2", "good"), asked], ground())

    assert good.keep is not None
    assert words in bad.refusal.detail
    assert bad.refusal.problems[0].pointer == pointer


@pytest.mark.parametrize(
    ("asked", "doubt"),
    [
        pytest.param(row(), "none", id="all known"),
        pytest.param(row("nobody"), "unknown", id="an unknown student"),
        pytest.param(row(program_id="weldign"), "unknown", id="an unknown program"),
        pytest.param(row("p3"), "unknown", id="a student without an enrolment"),
        pytest.param(row(awarded_on=date(2024, 8, 4)), "unknown", id="before the first enrolment"),
        pytest.param(row(credential_code="osha10"), "none", id="an unknown code is ours to know"),
        pytest.param(row(awarded_on=date(2025, 6, 2)), "none", id="a future day stays one"),
    ],
)
def test_what_roster_may_be_about_to_tell(asked, doubt):
    assert one(asked).doubt == doubt


def test_a_student_of_somebody_else_is_not_there_but_roster_may_be_about_to_tell():
    refused = one(row(), within=lambda _student: lambda program, _organisation: program == "nursing")

    assert "there is no student p1 within your reach" in refused.refusal.detail
    assert refused.doubt == "reach"


@pytest.mark.parametrize(
    ("awards", "asked", "outcome"),
    [
        pytest.param({"a1": stored()}, row(), ("a1", True), id="the same, under another key"),
        pytest.param({"r0": stored()}, row(), ("r0", True), id="the same key"),
        pytest.param({"a1": stored(void=True)}, row(), ("r0", False), id="a void one does not stand in the way"),
        pytest.param({"a1": stored("p2")}, row(), ("r0", False), id="somebody else's"),
        pytest.param({"a1": stored()}, row(program_id="welding"), ("a1", True), id="the program said, and the same"),
    ],
)
def test_an_exact_repeat_changes_nothing(awards, asked, outcome):
    decided = one(asked, awards)

    assert (decided.id, decided.unchanged) == outcome


def test_a_key_that_was_used_and_voided_does_not_bring_the_award_back():
    decided = one(row(), {"r0": stored(void=True)})

    assert decided.unchanged
    assert "is void since" in decided.warnings[0].detail


def test_another_result_on_the_same_day_names_the_award_to_change():
    decided = one(row(license_number="X-2"), {"a1": stored(license_number="X-1")})

    assert isinstance(decided.refusal, Conflict)
    assert decided.refusal.existing == "a1"
    assert "PATCH /v1/awards/a1" in decided.refusal.detail


def test_another_day_within_a_month_is_kept_and_warned_about():
    decided = one(row(), {"a1": stored(awarded_on=date(2025, 5, 1))})

    assert decided.keep is not None
    assert "PATCH /v1/awards/a1" in decided.warnings[0].works


def test_two_rows_for_one_student_are_seen():
    first, second, third = decide(
        [row("p1", "r0"), row("stateStudentId:900001", "r1"), row("p1", "r2", license_number="X-1")], ground()
    )

    assert first.keep is not None
    assert (second.id, second.unchanged) == ("r0", True)
    assert isinstance(third.refusal, Conflict)
