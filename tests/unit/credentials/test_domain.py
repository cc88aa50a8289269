"""What an award may say, row by row."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award import rules as domain
from services.credentials.award.looks import Look
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.errors import Refused

TODAY = date(2025, 6, 1)
SECURITY = Credential(
    code="security-plus",
    title="Security+",
    issuer="Made-up Issuer",
    type="Certification",
    tiers=(DatedTier(program_id="it-security", tier="required", valid_from=date(2020, 7, 1)),),
)
PASSED = Award(
    student_id="p1", credential_code="security-plus", result="passed", awarded_on=date(2025, 5, 20), program_id="it"
)
FAILED = Award(student_id="p1", credential_code="security-plus", result="failed", taken_on=date(2025, 5, 1))


def record(**changes):
    return domain.record(replace(PASSED, **changes), credential=SECURITY, today=TODAY)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the least there is"),
        pytest.param({"awarded_on": TODAY}, id="awarded today"),
        pytest.param({"awarded_on": date(2020, 7, 1)}, id="on the catalogue's first day"),
        pytest.param({"taken_on": date(2025, 5, 20)}, id="taken on the day it was awarded"),
        pytest.param({"expires_on": date(2025, 5, 20)}, id="expires on the day it was awarded"),
        pytest.param({"expires_on": date(2035, 5, 20)}, id="an expiry may lie in the future"),
        pytest.param({"result": "failed", "awarded_on": None, "taken_on": date(2025, 5, 1)}, id="a failed attempt"),
        pytest.param({"result": "in_progress", "awarded_on": None, "taken_on": date(2025, 5, 1)}, id="in progress"),
        pytest.param({"revoked_on": date(2025, 5, 20)}, id="revoked on the day it was awarded"),
    ],
)
def test_an_award_is_kept_as_it_was_sent(changes):
    assert record(**changes) == replace(PASSED, **changes)


LOOK_TOMORROW = Look(level="issuer_lookup", verified_on=date(2025, 6, 2), outcome="confirmed")


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        pytest.param(
            {"awarded_on": date(2025, 6, 2)}, "/awarded_on", "send it on or after that day", id="awarded tomorrow"
        ),
        pytest.param({"awarded_on": None}, "/awarded_on", "the day on the certificate", id="passed without a day"),
        pytest.param(
            {"result": "failed"}, "/awarded_on", "send taken_on, or result passed", id="failed with a day of award"
        ),
        pytest.param(
            {"result": "failed", "awarded_on": None}, "/taken_on", "the day of the attempt", id="failed without a day"
        ),
        pytest.param(
            {"awarded_on": date(2020, 6, 30)},
            "/awarded_on",
            "before 2020-07-01, when security-plus came into the catalogue",
            id="a day before the first tier",
        ),
        pytest.param(
            {"result": "failed", "awarded_on": None, "taken_on": date(2020, 6, 30)},
            "/taken_on",
            "before 2020-07-01",
            id="an attempt a day before the first tier",
        ),
        pytest.param(
            {"expires_on": date(2025, 5, 19)}, "/expires_on", "before awarded_on", id="expires before awarded"
        ),
        pytest.param({"taken_on": date(2025, 5, 21)}, "/taken_on", "the attempt comes first", id="taken after awarded"),
        pytest.param(
            {"verifications": (LOOK_TOMORROW,)}, "/verification/verified_on", "is in the future", id="verified tomorrow"
        ),
        pytest.param(
            {"revoked_on": date(2025, 5, 19)}, "/revoked_on", "before awarded_on", id="revoked before awarded"
        ),
        pytest.param({"revoked_on": date(2025, 6, 2)}, "/revoked_on", "is in the future", id="revoked tomorrow"),
    ],
)
def test_a_refusal_names_the_field_and_what_would_work(changes, pointer, words):
    with pytest.raises(Refused) as refused:
        record(**changes)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert words in refused.value.detail


def test_every_reason_is_told_at_once():
    with pytest.raises(Refused) as refused:
        record(awarded_on=date(2025, 7, 1), expires_on=date(2025, 6, 1))

    assert {problem.pointer for problem in refused.value.problems} == {"/awarded_on", "/expires_on"}


def test_a_credential_without_any_tier_takes_any_past_day():
    untiered = replace(SECURITY, tiers=())

    assert domain.record(replace(PASSED, awarded_on=date(1999, 1, 1)), credential=untiered, today=TODAY)


def correct(award, today=TODAY, credential=SECURITY, **changes):
    return domain.correct(award, changes, credential=credential, today=today)


def test_a_correction_must_hold_like_a_new_award():
    assert correct(PASSED, awarded_on=date(2025, 5, 2)).day == date(2025, 5, 2)
    with pytest.raises(Refused, match="in the future"):
        correct(PASSED, awarded_on=date(2025, 7, 1))


def test_a_failed_attempt_that_was_a_pass_needs_its_day():
    with pytest.raises(Refused, match="needs awarded_on"):
        correct(FAILED, result="passed")
    assert correct(FAILED, result="passed", awarded_on=date(2025, 5, 2)).taken_on == date(2025, 5, 1)


def test_a_correction_elsewhere_is_not_held_against_tiers_dated_later_since():
    redated = replace(SECURITY, tiers=(DatedTier(program_id="it", tier="required", valid_from=date(2025, 5, 25)),))

    assert correct(PASSED, credential=redated, license_number="X-1").license_number == "X-1"
    with pytest.raises(Refused, match="came into the catalogue"):
        correct(PASSED, credential=redated, awarded_on=date(2025, 5, 21))


def test_a_revocation_stands_until_it_is_lifted():
    revoked = domain.revoke(PASSED, date(2025, 5, 25), today=TODAY)

    assert revoked.revoked_on == date(2025, 5, 25)
    with pytest.raises(Refused, match="only a passed result can be revoked"):
        correct(revoked, result="failed", awarded_on=None, taken_on=date(2025, 5, 20))
    assert correct(revoked, revoked_on=None) == PASSED


@pytest.mark.parametrize(
    ("award", "day", "words"),
    [
        pytest.param(FAILED, date(2025, 5, 25), "only a passed result", id="a failed attempt"),
        pytest.param(PASSED, date(2025, 5, 19), "before awarded_on", id="before it was awarded"),
        pytest.param(PASSED, date(2025, 6, 2), "in the future", id="tomorrow"),
    ],
)
def test_what_cannot_be_revoked(award, day, words):
    with pytest.raises(Refused, match=words):
        domain.revoke(award, day, today=TODAY)


def test_each_look_is_kept_and_the_same_look_once():
    seen = Look(level="document_seen", verified_on=date(2025, 5, 22), outcome="confirmed")
    lost = Look(level="issuer_lookup", verified_on=TODAY, outcome="not_found")

    looked = domain.verify(domain.verify(PASSED, seen, today=TODAY), lost, today=TODAY)

    assert looked.verifications == (seen, lost)
    assert domain.verify(looked, seen, today=TODAY) == looked
    with pytest.raises(Refused, match="once it has happened"):
        domain.verify(PASSED, LOOK_TOMORROW, today=TODAY)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param({"awarded_on": date(2025, 5, 19)}, "a1", id="a day apart"),
        pytest.param({"awarded_on": date(2025, 4, 20)}, "a1", id="30 days apart"),
        pytest.param({"awarded_on": date(2025, 4, 19)}, None, id="31 days apart"),
        pytest.param({}, None, id="the same day is no neighbour"),
        pytest.param(
            {"result": "failed", "awarded_on": None, "taken_on": date(2025, 5, 10)}, None, id="a failed attempt before"
        ),
        pytest.param(
            {"result": "in_progress", "awarded_on": None, "taken_on": date(2025, 5, 10)}, "a1", id="begun before"
        ),
    ],
)
def test_an_award_close_in_time_is_likely_the_same_one(other, found):
    assert domain.near(PASSED, {"a1": replace(PASSED, **other)}) == found


def test_of_several_the_closest_is_named():
    others = {
        "far": replace(PASSED, awarded_on=date(2025, 5, 1)),
        "close": replace(PASSED, awarded_on=date(2025, 5, 18)),
    }

    assert domain.near(PASSED, others) == "close"


@pytest.mark.parametrize(
    ("row", "stored", "repeated"),
    [
        pytest.param({}, {}, True, id="the very same"),
        pytest.param({}, {"verifications": (LOOK_TOMORROW,)}, True, id="verified since"),
        pytest.param({}, {"license_number": "X-1", "program_id": "other"}, True, id="completed since"),
        pytest.param({"batch_id": "b2"}, {"batch_id": "b1"}, True, id="in another list"),
        pytest.param({"license_number": "X-2"}, {"license_number": "X-1"}, False, id="another licence"),
        pytest.param({"license_number": "X-2"}, {}, False, id="a licence that was not known"),
        pytest.param({"verifications": (LOOK_TOMORROW,)}, {}, False, id="a look that was not known"),
        pytest.param({"result": "failed", "awarded_on": None, "taken_on": PASSED.awarded_on}, {}, False, id="failed"),
    ],
)
def test_a_row_that_adds_nothing_is_a_repeat(row, stored, repeated):
    assert domain.repeats(replace(PASSED, **row), replace(PASSED, **stored)) is repeated
