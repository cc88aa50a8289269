"""Which award may be announced, and that a correction announces nothing."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award import rules as domain
from services.credentials.award.celebrations import Celebration, first_day
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.errors import Refused

TODAY = date(2025, 6, 1)
CPR = Credential(code="cpr", title="CPR", issuer="Made-up", type="Certification")
PASSED = Award(student_id="p1", credential_code="cpr", result="passed", awarded_on=date(2025, 5, 20))
FAILED = replace(PASSED, result="failed", awarded_on=None, taken_on=date(2025, 5, 20))


def told(day, channel="assembly"):
    return Celebration(channel=channel, celebrated_on=date.fromisoformat(day))


@pytest.mark.parametrize(
    ("award", "day", "words"),
    [
        pytest.param(PASSED, "2025-05-20", None, id="on the day it was awarded"),
        pytest.param(PASSED, "2025-06-01", None, id="today"),
        pytest.param(PASSED, "2025-06-02", "is in the future", id="tomorrow"),
        pytest.param(PASSED, "2025-05-19", "before awarded_on", id="before it was awarded"),
        pytest.param(FAILED, "2025-05-21", "only a passed result is celebrated", id="failed"),
        pytest.param(replace(PASSED, revoked_on=date(2025, 5, 25)), "2025-05-24", None, id="before it was revoked"),
        pytest.param(replace(PASSED, revoked_on=date(2025, 5, 25)), "2025-05-25", "was revoked", id="once revoked"),
    ],
)
def test_which_award_may_be_celebrated(award, day, words):
    if words is None:
        assert domain.celebrate(award, told(day), today=TODAY).celebrations == (told(day),)
        return
    with pytest.raises(Refused, match=words):
        domain.celebrate(award, told(day), today=TODAY)


def test_the_same_celebration_is_kept_once_and_the_first_day_counts():
    award = domain.celebrate(PASSED, told("2025-05-28"), today=TODAY)
    award = domain.celebrate(award, told("2025-05-28"), today=TODAY)
    award = domain.celebrate(award, told("2025-05-22", "newsletter"), today=TODAY)

    assert len(award.celebrations) == 2
    assert first_day(award.celebrations) == date(2025, 5, 22)
    assert first_day(()) is None


def test_a_correction_takes_celebrations_back_and_announces_nothing():
    award = domain.celebrate(PASSED, told("2025-05-28"), today=TODAY)

    assert domain.correct(award, {"celebrations": ()}, credential=CPR, today=TODAY).celebrations == ()
    with pytest.raises(Refused, match="only takes celebrations back"):
        domain.correct(award, {"celebrations": (told("2025-05-29"),)}, credential=CPR, today=TODAY)
