"""A chain of renewals: what may renew what, what holds it together, and the one award that is in force."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award import renewals
from services.credentials.award.rules import Award

TODAY = date(2025, 6, 1)


def award(day="2025-05-20", **changes):
    plain = Award(student_id="p1", credential_code="cpr", result="passed", awarded_on=date.fromisoformat(day))
    return replace(plain, **changes)


FORMER = award("2023-05-20", expires_on=date(2025, 5, 20))
OTHERS_FORMER = replace(FORMER, student_id="p4")
FAILED = award(result="failed", awarded_on=None, taken_on=date(2023, 5, 20))


@pytest.mark.parametrize(
    ("others", "void", "new", "words"),
    [
        pytest.param({"a1": FORMER}, (), award(renews="a1"), None, id="it goes on with the former one"),
        pytest.param({"a1": FORMER}, (), award(), None, id="it renews nothing"),
        pytest.param({}, ("a1",), award(renews="a1"), "a1 is void; leave renews out", id="the former one is void"),
        pytest.param({}, (), award(renews="a1"), "no other award of this student in cpr", id="of somebody else"),
        pytest.param({"a2": FORMER}, (), award(renews="a2"), "no other award", id="itself"),
        pytest.param({"a1": FAILED}, (), award(renews="a1"), "not passed but failed", id="the former one was failed"),
        pytest.param(
            {"a1": replace(FORMER, revoked_on=date(2024, 1, 2))},
            (),
            award(renews="a1"),
            "was revoked on 2024-01-02; leave renews out",
            id="the former one was revoked",
        ),
        pytest.param(
            {"a1": FORMER, "b1": award("2024-05-20", renews="a1")},
            (),
            award(renews="a1"),
            "renewed by b1 already; send renews b1",
            id="the former one is renewed already",
        ),
        pytest.param(
            {"a1": FORMER, "a2": award(renews="a1")}, (), award(renews="a1"), None, id="renewed by this very one"
        ),
        pytest.param(
            {"a1": FORMER, "a2": OTHERS_FORMER, "b1": award("2024-05-20", renews="a2")},
            (),
            award(renews="a1"),
            "renewed by b1 already",
            id="its record under another id of the person is renewed already",
        ),
        pytest.param(
            {"a1": FORMER, "c1": award("2023-05-20", credential_code="aed"), "b1": award("2024-05-20", renews="c1")},
            (),
            award(renews="a1"),
            None,
            id="another credential of that day is renewed",
        ),
        pytest.param({"a1": award()}, (), award(renews="a1"), "not before 2025-05-20", id="of the same day"),
        pytest.param(
            {"a1": FORMER},
            (),
            award(result="failed", awarded_on=None, taken_on=TODAY, renews="a1"),
            "only a passed result renews",
            id="a failed renewal",
        ),
    ],
)
def test_what_may_renew_what(others, void, new, words):
    found = [problem.said for problem in renewals.in_the_way("a2", new, others, void)]

    assert len(found) == (words is not None)
    assert (words or "") in "".join(found)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        pytest.param(None, "PATCH /v1/awards/b1 with renews null first, or void that one", id="taken out"),
        pytest.param(replace(FORMER, credential_code="first-aid"), "of the same credential", id="another credential"),
        pytest.param(FAILED, "and passed", id="no longer passed"),
        pytest.param(award("2025-05-20"), "not after 2025-05-20", id="as late as its renewal"),
        pytest.param(award("2025-05-19"), None, id="a day before its renewal"),
        pytest.param(replace(FORMER, license_number="X"), None, id="another number"),
    ],
)
def test_an_award_that_is_renewed_is_held_fast(after, words):
    others = {"a1": FORMER, "b1": award(renews="a1")}

    found = [problem.said for problem in renewals.held_fast("a1", FORMER, after, others)]

    assert len(found) == (words is not None)
    assert (words or "") in "".join(found)


def test_an_award_that_stands_twice_is_let_go_though_its_other_record_is_renewed():
    others = {"a1": FORMER, "a2": OTHERS_FORMER, "b1": award(renews="a1")}

    assert list(renewals.held_fast("a2", OTHERS_FORMER, None, others)) == []
    assert list(renewals.held_fast("a1", FORMER, None, others)) != []


@pytest.mark.parametrize(
    ("awards", "holds"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"a1": award()}, "a1", id="the only one"),
        pytest.param({"a1": award("2024-05-20"), "a2": award()}, "a2", id="the later one, linked or not"),
        pytest.param({"a1": award(expires_on=TODAY)}, "a1", id="through the day on which it expires"),
        pytest.param({"a1": award(expires_on=date(2025, 5, 31))}, None, id="not a day longer"),
        pytest.param({"a1": award(revoked_on=TODAY)}, None, id="revoked"),
        pytest.param({"a1": FAILED}, None, id="failed"),
        pytest.param(
            {"a1": award("2024-05-20"), "a2": award(renews="a1", revoked_on=TODAY)},
            None,
            id="a revoked renewal does not bring the former one back",
        ),
        pytest.param({"a1": award("2024-05-20"), "a2": award(revoked_on=TODAY)}, "a1", id="a revoked one beside it"),
        pytest.param(
            {
                "a1": award("2024-05-20"),
                "a2": award("2024-05-20", student_id="p4"),
                "b1": award(renews="a1", revoked_on=TODAY),
            },
            None,
            id="of two records of one award, renewing one is renewing both",
        ),
    ],
)
def test_of_a_credential_a_student_holds_one_in_force(awards, holds):
    assert renewals.in_force(awards, TODAY) == holds
