"""Attempts and sittings of one day, told apart: a retake counts, and the same row sent twice stays one."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.assessment import decision as deciding
from services.credentials.assessment.rules import Assessment
from services.credentials.award import decision as batch
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.roster_copy.students import Enrolment, Student

DAY = date(2026, 5, 10)
TODAY = date(2026, 6, 1)
CPR = Credential(
    code="cpr",
    title="CPR",
    issuer="Made-up",
    type="Certification",
    tiers=(DatedTier(program_id="nursing", tier="relevant", valid_from=date(2020, 7, 1)),),
)
NURSING = Enrolment(program_id="nursing", organisation_id="north", begin=date(2024, 8, 5))
STUDENTS = {"s8": Student(id="s8", enrolments=(NURSING,))}

FAILED = Award(student_id="s8", credential_code="cpr", result="failed", taken_on=DAY)
PASSED = Award(student_id="s8", credential_code="cpr", result="passed", taken_on=DAY, awarded_on=DAY)
OPEN = replace(FAILED, result="in_progress")
SAT = Assessment(
    student_id="s8", program_id="nursing", kind="technical_skills", form="a", scale="percent", taken_on=DAY
)
NOT_YET, DONE = replace(SAT, passed=False), replace(SAT, passed=True)
LOW, HIGH = replace(SAT, score="40"), replace(SAT, score="80")


def came_to(one):
    return "unchanged" if one.unchanged else "refused" if one.refusal else "created"


def logged(awards, standing=()):
    ground = batch.Ground(
        students=STUDENTS,
        programs={"nursing"},
        credentials={"cpr": CPR},
        codes=["cpr"],
        awards={f"old{n}": batch.Stored(one) for n, one in enumerate(standing)},
        within=lambda _: lambda _program, _organisation: True,
        today=TODAY,
    )
    return batch.decide([batch.Asked(f"r{n}", one) for n, one in enumerate(awards)], ground)


def sat(rows, standing=()):
    ground = deciding.AssessmentGround(
        students=STUDENTS,
        programs={"nursing"},
        stored={f"old{n}": deciding.Stored(one) for n, one in enumerate(standing)},
        within=lambda _: lambda _program, _organisation: True,
        today=TODAY,
    )
    return deciding.decide([deciding.Asked(f"r{n}", one) for n, one in enumerate(rows)], ground)


@pytest.mark.parametrize(
    ("rows", "outcomes"),
    [
        pytest.param([FAILED, PASSED], ["created", "created"], id="failed, then passed"),
        pytest.param([PASSED, FAILED], ["created", "created"], id="passed, then failed: in any order"),
        pytest.param(
            [FAILED, PASSED, FAILED, PASSED], ["created", "created", "unchanged", "unchanged"], id="and the same again"
        ),
        pytest.param([FAILED, replace(FAILED, evidence_url="http://x")], ["created", "refused"], id="failed otherwise"),
        pytest.param([FAILED, replace(FAILED, attempt=2)], ["created", "created"], id="failed twice, and numbered"),
        pytest.param(
            [FAILED, replace(FAILED, attempt=2), PASSED] * 2,
            ["created"] * 3 + ["unchanged"] * 3,
            id="three attempts, and the same again",
        ),
        pytest.param([PASSED, replace(PASSED, attempt=2)], ["created", "unchanged"], id="a pass has no number"),
        pytest.param([PASSED, replace(PASSED, license_number="L")], ["created", "refused"], id="passed otherwise"),
        pytest.param([OPEN, PASSED], ["created", "created"], id="in progress, then passed: the pass is not lost"),
    ],
)
def test_attempts_at_a_credential_on_one_day(rows, outcomes):
    assert [came_to(one) for one in logged(rows)] == outcomes


def test_a_retake_is_found_beside_what_stands_and_a_repeat_is_it():
    again = logged([PASSED, FAILED], standing=[FAILED])

    assert [came_to(one) for one in again] == ["created", "unchanged"]
    assert again[1].id == "old0"


def test_what_a_second_failure_is_told_would_work():
    (_, refused) = logged([FAILED, replace(FAILED, evidence_url="http://x")])

    (problem,) = refused.refusal.problems
    assert (
        problem.works == "PATCH /v1/awards/r0 if it is wrong, or send attempt 2 if it was one more attempt of that day"
    )


def test_a_result_beside_an_attempt_in_progress_is_kept_with_a_question():
    (_, passed) = logged([OPEN, PASSED])

    assert [each.works for each in passed.warnings] == [
        "if both are the same attempt, void this and PATCH /v1/awards/r0"
    ]


@pytest.mark.parametrize(
    ("rows", "outcomes"),
    [
        pytest.param([NOT_YET, DONE], ["created", "created"], id="told not passed, then passed"),
        pytest.param([DONE, NOT_YET], ["created", "created"], id="the other way round"),
        pytest.param([NOT_YET, DONE] * 2, ["created"] * 2 + ["unchanged"] * 2, id="and the same again"),
        pytest.param([LOW, HIGH], ["created", "refused"], id="two scores: one of them may be a slip"),
        pytest.param([LOW, replace(HIGH, attempt=2)], ["created", "created"], id="two scores, and numbered"),
        pytest.param(
            [LOW, replace(HIGH, attempt=2)] * 2, ["created"] * 2 + ["unchanged"] * 2, id="numbered, and the same again"
        ),
        pytest.param([HIGH, replace(HIGH, passed=True)], ["created", "refused"], id="the verdict told later: PATCH"),
        pytest.param([replace(HIGH, passed=True), HIGH], ["created", "unchanged"], id="the same with less"),
    ],
)
def test_sittings_of_one_form_on_one_day(rows, outcomes):
    assert [came_to(one) for one in sat(rows)] == outcomes


def test_what_a_second_score_is_told_would_work():
    (_, refused) = sat([LOW, HIGH])

    (problem,) = refused.refusal.problems
    assert problem.works == "PATCH /v1/assessments/r0 if it is wrong, or send attempt 2 if it was sat once more"
