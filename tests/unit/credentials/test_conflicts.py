"""What a merge of persons leaves to decide about awards, in words that say what settles it."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award.looks import Look
from services.credentials.award.rules import Award
from services.credentials.worklists.conflicts import undecided

TODAY = date(2025, 6, 1)


def award(day="2025-05-20", who="p1", **changes):
    plain = Award(student_id=who, credential_code="cpr", result="passed", awarded_on=date.fromisoformat(day))
    return replace(plain, **changes)


FORMER = award("2024-05-20", "p4")
FAILED = {"result": "failed", "awarded_on": None, "taken_on": date(2025, 5, 20)}
LOOKED = (Look(level="issuer_lookup", verified_on=TODAY, outcome="confirmed"),)


@pytest.mark.parametrize(
    ("awards", "void", "words"),
    [
        pytest.param({"a1": award()}, (), {}, id="an award alone"),
        pytest.param(
            {"a1": award(), "a2": award(who="p4")},
            (),
            {
                "a1": "this one is counted, and a2 says the same of 2025-05-20",
                "a2": "award a1 says the same of 2025-05-20 under another id of the student, and that one is counted",
            },
            id="twice, and alike: the one that is counted is named",
        ),
        pytest.param(
            {"a1": award(**FAILED), "a2": award(who="p4")},
            (),
            {},
            id="not passed and passed on one day are two attempts",
        ),
        pytest.param(
            {"a1": award(), "a2": award(who="p4", verifications=LOOKED), "a3": award(who="p5")},
            (),
            {"a1": "award a2 says", "a2": "and a1, a3 say the same", "a3": "award a2 says"},
            id="three times, and the confirmed one is counted",
        ),
        pytest.param(
            {"a1": award(), "b1": FORMER},
            (),
            {
                "a1": "PATCH /v1/awards/a1 with renews b1",
                "b1": "award a1 of 2025-05-20, under another id of the student, is in force too; "
                "if the later one renews the earlier, PATCH /v1/awards/a1 with renews b1",
            },
            id="two in force under two ids",
        ),
        pytest.param({"a1": award(), "b1": replace(FORMER, student_id="p1")}, (), {}, id="two in force under one id"),
        pytest.param({"a1": award(renews="b1"), "b1": FORMER}, (), {}, id="one that renews the other"),
        pytest.param({"a1": award(), "b1": replace(FORMER, revoked_on=TODAY)}, (), {}, id="one of them revoked"),
        pytest.param(
            {"a1": award(), "b1": replace(FORMER, expires_on=date(2025, 5, 31))}, (), {}, id="one of them expired"
        ),
        pytest.param(
            {"a1": award(renews="b1")},
            (),
            {"a1": "award b1 is no other award of this student in cpr"},
            id="it renews another person's, once they are two again",
        ),
        pytest.param(
            {"a1": award(renews="b1")}, ("b1",), {"a1": "award b1 is void"}, id="it renews one that was taken out"
        ),
        pytest.param(
            {"a1": award(renews="b1"), "b1": replace(FORMER, revoked_on=TODAY)}, (), {}, id="the former revoked since"
        ),
        pytest.param(
            {"a1": award(renews="b1"), "b1": FORMER, "b2": award("2024-05-20"), "c1": award("2025-04-20", renews="b2")},
            (),
            {
                "a1": "award b1 is renewed by c1 already",
                "b1": "this one is counted",
                "b2": "award b1 says the same",
                "c1": "award b2 is renewed by a1 already",
            },
            id="both records of one award renewed",
        ),
    ],
)
def test_what_is_to_decide_is_said_of_every_award_it_is_about(awards, void, words):
    found = {id: "; ".join(undecided(id, awards, void, TODAY)) for id in awards}

    assert {id for id, why in found.items() if why} == set(words)
    for id, said in words.items():
        assert said in found[id]


def test_two_records_of_one_award_are_not_two_in_force():
    awards = {"a1": award(), "a2": award(who="p4")}

    assert not any("in force" in why for id in awards for why in undecided(id, awards, (), TODAY))
