"""G1 and the denominators beside W1, rule by rule: which credentials, which programs, on which days, and why."""

import pytest

from services.aggregator.domain.measures import BY_KEY
from shared.contracts.credentials import CatalogueStep, ProgramCatalogue
from shared.contracts.roster import Program, Student
from tests.unit.aggregator.students import LATE, awarded, count, day, enrolled, members, seen, someone

LOOKED = seen("2025-03-12")
OPTED_OUT = Student(student_id="somebody", directory_opt_out=True)


@pytest.mark.parametrize(
    ("award", "expected", "code"),
    [
        pytest.param(awarded(seen=(LOOKED,)), (1, 1), "validated", id="issuer lookup"),
        pytest.param(awarded(seen=(seen(level="issuer_feed"),)), (1, 1), "validated", id="the issuer's feed"),
        pytest.param(awarded(seen=(seen(level="cryptographic"),)), (1, 1), "validated", id="a proof"),
        pytest.param(awarded(seen=(seen(level="document_seen"),)), (0, 1), "weak", id="a document is no third party"),
        pytest.param(awarded(seen=(seen(level="self_reported"),)), (0, 1), "weak", id="nor is the student's word"),
        pytest.param(awarded(seen=(seen(outcome="not_found"),)), (0, 1), "not_found", id="looked up in vain"),
        pytest.param(awarded(), (0, 1), "not_verified", id="not looked up"),
        pytest.param(
            awarded(seen=(LOOKED, seen("2025-05-01", outcome="not_found"))), (1, 1), "validated",
            id="confirmed once stays so: only a revocation takes it back",
        ),
    ],
)  # fmt: skip
def test_validated_is_confirmed_by_a_third_party(award, expected, code):
    assert count("G1.validated", award) == expected
    (member,) = members("G1.validated", award)
    assert member.why(LATE).code == code


@pytest.mark.parametrize(
    "award",
    [
        pytest.param(awarded(result="failed"), id="failed"),
        pytest.param(awarded(result="in_progress"), id="in progress"),
        pytest.param(awarded(revoked="2025-08-01", seen=(LOOKED,)), id="revoked"),
        pytest.param(awarded(renews="a0", seen=(LOOKED,)), id="a renewal goes on with a credential, and is none more"),
    ],
)
@pytest.mark.parametrize("key", ["G1.validated", "G1.days_to_validated", "G1.celebrated"])
def test_what_is_no_credential_earned(key, award):
    assert count(key, award) == (0, 0)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (
            "document_seen",
            "WELD-1, earned on 2025-03-02, rests on a document that was seen; no third party has confirmed it",
        ),
        (
            "self_reported",
            "WELD-1, earned on 2025-03-02, rests on the student's own word; no third party has confirmed it",
        ),
    ],
)
def test_what_is_no_third_partys_word_is_said_plainly(level, words):
    (member,) = members("G1.validated", awarded(seen=(seen(level=level),)))

    assert member.why(LATE).words == words


def test_a_confirmation_counts_from_its_day_in_the_year_of_the_award():
    award = awarded("2025-03-02", seen=(seen("2025-09-15"),))

    assert count("G1.validated", award, as_of=day("2025-03-01")) == (0, 0)
    assert count("G1.validated", award, as_of=day("2025-09-14")) == (0, 1)
    assert count("G1.validated", award, as_of=day("2025-09-15")) == (1, 1)
    assert count("G1.validated", award, year="2025-26") == (0, 0)


@pytest.mark.parametrize(
    ("award", "bucket", "words"),
    [
        pytest.param(awarded(seen=(LOOKED,)), "10",
            "WELD-1, earned on 2025-03-02, was confirmed by a third party 10 days later, on 2025-03-12", id="ten days"),
        pytest.param(awarded(seen=(seen("2025-02-01"),)), "0",
            "WELD-1, earned on 2025-03-02, was confirmed by a third party on the day it was earned",
            id="looked up before it was dated"),
        pytest.param(awarded(seen=(seen("2025-04-01"), LOOKED)), "10",
            "WELD-1, earned on 2025-03-02, was confirmed by a third party 10 days later, on 2025-03-12",
            id="the first confirmation decides"),
        pytest.param(awarded(), "not_yet",
            "WELD-1, earned on 2025-03-02, has not been looked up with its issuer", id="not yet"),
    ],
)  # fmt: skip
def test_days_from_earned_to_validated(award, bucket, words):
    measure = BY_KEY["G1.days_to_validated"]
    (member,) = measure.members(someone(award, enrolled()))

    places = measure.places(member)
    assert (places["days"], places["program_days"]) == (bucket, f"welding|{bucket}")
    assert member.why(LATE).words == words


@pytest.mark.parametrize(
    ("facts", "all_of_them", "those_who_may", "code"),
    [
        pytest.param([awarded(celebrated_on=day("2025-06-01"))], (1, 1), (1, 1), "celebrated", id="celebrated"),
        pytest.param([awarded()], (0, 1), (0, 1), "not_celebrated", id="not yet"),
        pytest.param([awarded(), OPTED_OUT], (0, 1), (0, 0), "opted_out", id="may not be announced"),
        pytest.param([awarded(celebrated_on=day("2025-06-01")), OPTED_OUT], (1, 1), (0, 0), "celebrated",
            id="opted out after the celebration"),
    ],
)  # fmt: skip
def test_celebrated_of_earned(facts, all_of_them, those_who_may, code):
    assert count("G1.celebrated", *facts) == all_of_them
    assert count("G1.celebrated_of_those_who_may_be", *facts) == those_who_may
    (member,) = members("G1.celebrated", *facts)
    assert member.why(LATE).code == code


def on_offer(begin="2022-07-01", end=None) -> Program:
    return Program(
        program_id="p", title="P", cip_code="00.0000", cluster="making", active_from=day(begin),
        active_to=day(end) if end else None,
    )  # fmt: skip


def listed(*steps: tuple[str, str]) -> ProgramCatalogue:
    return ProgramCatalogue(
        program_id="p",
        steps=tuple(CatalogueStep(status=status, on=day(on)) for status, on in steps),
    )


def in_force(as_of: str, *facts) -> tuple[int, int]:
    found = [one for one in members("G1.approved_lists", *facts) if one.is_member(day(as_of))]
    return sum(one.is_counted(day(as_of)) for one in found), len(found)


APPROVED = ("approved", "2023-01-10")


@pytest.mark.parametrize(
    ("as_of", "facts", "expected"),
    [
        pytest.param("2022-06-30", [on_offer()], (0, 0), id="not on offer yet"),
        pytest.param("2022-07-01", [on_offer()], (0, 1), id="on offer from its first day, without a list"),
        pytest.param("2023-01-09", [on_offer(), listed(APPROVED)], (0, 1), id="the day before its approval"),
        pytest.param("2023-01-10", [on_offer(), listed(APPROVED)], (1, 1), id="the day of its approval"),
        pytest.param("2024-01-01", [on_offer(), listed(APPROVED, ("revised", "2023-06-01"))], (1, 1), id="revised"),
        pytest.param("2023-06-01", [on_offer(), listed(APPROVED, ("retired", "2023-06-01"))], (0, 1), id="retired"),
        pytest.param("2023-06-01", [on_offer(), listed(APPROVED, ("proposed", "2023-06-01"))], (0, 1), id="anew"),
        pytest.param("2023-01-10", [on_offer(), listed(("proposed", "2023-01-10"), APPROVED)], (1, 1),
            id="of two steps on one day the later listed"),
        pytest.param("2022-07-01", [on_offer(), listed(("approved", "2020-01-01"))], (1, 1), id="ahead of it"),
        pytest.param("2023-06-30", [on_offer(end="2023-06-30"), listed(APPROVED)], (1, 1), id="on its last day"),
        pytest.param("2023-07-01", [on_offer(end="2023-06-30"), listed(APPROVED)], (0, 0), id="on offer no more"),
        pytest.param("2024-01-01", [on_offer("2024-01-01", "2023-06-30")], (0, 0), id="ended before it began"),
        pytest.param("2024-01-01", [listed(APPROVED)], (0, 0), id="a list of nothing"),
    ],
)  # fmt: skip
def test_programs_on_offer_and_their_lists(as_of, facts, expected):
    assert in_force(as_of, *facts) == expected


def test_a_program_says_why_its_list_is_approved_or_is_not():
    said = [
        one.why(LATE) for one in members("G1.approved_lists", on_offer(), listed(APPROVED, ("retired", "2025-01-01")))
    ]

    assert [(one.code, one.words) for one in said] == [
        ("no_list", "no list of credentials has been proposed for it"),
        ("approved", "its list of credentials was approved on 2023-01-10"),
        ("not_approved", "its list of credentials was retired on 2025-01-01 and is not approved"),
    ]
    assert said[1].records == ("program/0", "approval/1")


CONCENTRATES = enrolled("2024-08-01", concentrator="2024-09-01")
SATELLITE = enrolled("2024-08-01", kind="satellite_campus", concentrator="2024-09-01")


@pytest.mark.parametrize(
    ("facts", "of_attempts", "of_concentrators"),
    [
        pytest.param([CONCENTRATES, awarded()], (1, 1), (1, 1), id="passed"),
        pytest.param([CONCENTRATES, awarded(result="failed")], (0, 1), (1, 1), id="attempted in vain"),
        pytest.param([CONCENTRATES, awarded("2025-03-01", result="failed"), awarded()], (1, 2), (1, 1), id="twice"),
        pytest.param([CONCENTRATES, awarded(revoked="2025-08-01")], (1, 1), (1, 1), id="revoked later"),
        pytest.param([CONCENTRATES, awarded(result="in_progress")], (0, 0), (0, 1), id="without a result yet"),
        pytest.param([CONCENTRATES, awarded(renews="a0")], (0, 0), (0, 1), id="a renewal is no attempt"),
        pytest.param([CONCENTRATES], (0, 0), (0, 1), id="no attempt"),
        pytest.param([CONCENTRATES, awarded(tiers={})], (1, 1), (0, 1), id="a credential of no use to the program"),
        pytest.param([CONCENTRATES, awarded(tiers={}, program="welding")], (1, 1), (1, 1), id="but taught in it"),
        pytest.param([CONCENTRATES, awarded("2025-07-01")], (0, 0), (0, 1), id="in the next year"),
        pytest.param([SATELLITE, awarded()], (0, 0), (0, 0), id="at a satellite"),
        pytest.param([awarded()], (0, 0), (0, 0), id="enrolled nowhere"),
        pytest.param([enrolled("2024-08-01"), awarded()], (1, 1), (0, 0), id="no concentrator"),
    ],
)  # fmt: skip
def test_attempts_and_concentrators_are_other_denominators(facts, of_attempts, of_concentrators):
    assert count("W1.pass_rate", *facts) == of_attempts
    assert count("W1.attempt_rate", *facts) == of_concentrators
