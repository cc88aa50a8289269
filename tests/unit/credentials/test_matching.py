"""Which award a row of an issuer's file means, and why none."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award.rules import Award
from services.credentials.verification.matching import Named, match
from shared.errors import Refused

DAY = date(2025, 5, 20)
ONE = Award(student_id="p1", credential_code="cpr", result="passed", awarded_on=DAY, license_number="L-1")
AWARDS = {
    "a1": ONE,
    "a2": replace(ONE, student_id="p2", license_number="L-2"),
    "a3": replace(ONE, credential_code="osha-10", license_number="L-2"),
    "a4": replace(ONE, student_id="p3", license_number=None),
    "a6": replace(ONE, student_id="p5", license_number="L-5"),
    "a5": replace(ONE, student_id="p5", license_number="L-5"),
    "r1": replace(ONE, student_id="p6", license_number="L-6"),
    "r2": replace(ONE, student_id="p6", license_number="L-6", awarded_on=date(2026, 5, 20), renews="r1"),
}


def named(**fields):
    return Named(**fields)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param(named(award_id="a2"), "a2", id="by its id"),
        pytest.param(named(license_number="L-1"), "a1", id="by license number"),
        pytest.param(named(license_number="L-2", credential_code="osha-10"), "a3", id="by number and credential"),
        pytest.param(
            named(license_number="L-2", student_id="p2", credential_code="cpr", awarded_on=DAY), "a2", id="by both"
        ),
        pytest.param(named(student_id="p3", credential_code="cpr", awarded_on=DAY), "a4", id="by student and day"),
        pytest.param(named(license_number="L-6"), "r2", id="a number kept through a renewal: the award in force"),
        pytest.param(
            named(license_number="L-6", student_id="p6", credential_code="cpr", awarded_on=DAY),
            "r1",
            id="a number kept through a renewal, and the day of the former",
        ),
        pytest.param(
            named(license_number="L-9", student_id="p3", credential_code="cpr", awarded_on=DAY),
            "a4",
            id="a number that is not kept yet, and the day",
        ),
    ],
)
def test_a_row_means_one_award(row, found):
    assert match(row, AWARDS) == found


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(named(award_id="a9"), "there is no award a9 that stands", id="an unknown id"),
        pytest.param(named(license_number="L-9"), "no award has license number L-9; add student_id", id="no number"),
        pytest.param(named(license_number="L-2"), "awards a2, a3 have license number L-2; say award_id", id="two"),
        pytest.param(
            named(license_number="L-1", student_id="p2"), "of another student's award", id="somebody else's number"
        ),
        pytest.param(named(), "the row names no award; send", id="nothing"),
        pytest.param(named(student_id="p1", credential_code="cpr"), "the row names no award", id="without the day"),
        pytest.param(
            named(student_id="p1", credential_code="cpr", awarded_on=date(2025, 5, 21)),
            "has cpr of 2025-05-20, not of 2025-05-21; check awarded_on",
            id="a day beside",
        ),
        pytest.param(
            named(student_id="p5", credential_code="cpr", awarded_on=DAY),
            "awards a5, a6 both record cpr for this student on 2025-05-20; say award_id, or void one",
            id="one that stands twice, under two ids of the person",
        ),
        pytest.param(named(license_number="L-5"), "awards a5, a6 have license number L-5", id="its number"),
        pytest.param(
            named(student_id="nobody", credential_code="cpr", awarded_on=DAY),
            "no award of cpr of this student is within your reach",
            id="somebody roster does not know",
        ),
        pytest.param(
            named(student_id="p4", credential_code="cpr", awarded_on=DAY),
            "no award of cpr of this student is within your reach",
            id="an unknown one",
        ),
    ],
)
def test_a_row_that_means_none_says_why(row, words):
    with pytest.raises(Refused, match=words):
        match(row, AWARDS)
