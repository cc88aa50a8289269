"""In which order a program's list of credentials is proposed, approved, revised and retired."""

from datetime import date

import pytest

from services.credentials.program_list.record import approval_fact
from services.credentials.program_list.rules import Approval, Step, checked
from shared.errors import Refused

TODAY = date(2025, 6, 1)


def step(status, on, body=None):
    return Step(status=status, on=date.fromisoformat(on), body=body or ("Board" if status == "approved" else None))


def listed(*steps):
    return Approval(program_id="welding", steps=tuple(steps))


PROPOSED, APPROVED = step("proposed", "2024-01-15"), step("approved", "2024-03-11")
REVISED, RETIRED = step("revised", "2024-09-01"), step("retired", "2025-05-01")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        pytest.param((PROPOSED,), None, id="proposed"),
        pytest.param((PROPOSED, APPROVED, REVISED, step("revised", "2024-10-01"), RETIRED), None, id="a whole life"),
        pytest.param((RETIRED, REVISED, PROPOSED, APPROVED), None, id="in any order of the rows"),
        pytest.param((step("proposed", "2024-03-11"), APPROVED), None, id="proposed and approved on one day"),
        pytest.param((PROPOSED, APPROVED, RETIRED, step("proposed", "2025-05-20")), None, id="proposed anew"),
        pytest.param((PROPOSED, APPROVED, REVISED, step("approved", "2024-10-01")), None, id="approved once more"),
        pytest.param((PROPOSED, step("retired", "2024-02-01")), None, id="a proposal that came to nothing"),
        pytest.param((APPROVED,), "put proposed before it, on the same day", id="approved at once"),
        pytest.param((APPROVED, step("proposed", "2024-03-11")), "put proposed before it", id="one day, wrong order"),
        pytest.param((PROPOSED, REVISED), "approved or retired may come there", id="revised, never approved"),
        pytest.param((PROPOSED, APPROVED, PROPOSED), "cannot come after proposed", id="proposed twice"),
        pytest.param((PROPOSED, APPROVED, RETIRED, step("revised", "2025-05-02")), "proposed may come", id="too late"),
        pytest.param((PROPOSED, step("approved", "2025-06-02")), "is in the future", id="approved tomorrow"),
    ],
)
def test_which_orders_are_possible(steps, words):
    if words is None:
        assert sorted(checked(listed(*steps), today=TODAY).steps, key=lambda one: one.on)
        return
    with pytest.raises(Refused, match=words):
        checked(listed(*steps), today=TODAY)


def test_an_approval_names_who_approved():
    with pytest.raises(Refused, match="say who approved it"):
        checked(listed(PROPOSED, Step(status="approved", on=date(2024, 3, 11))), today=TODAY)


@pytest.mark.parametrize(
    ("day", "status", "approved"),
    [
        pytest.param("2024-01-14", None, False, id="before the first step"),
        pytest.param("2024-01-15", "proposed", False, id="on the day it is proposed"),
        pytest.param("2024-03-11", "approved", True, id="on the day it is approved"),
        pytest.param("2024-09-01", "revised", True, id="while it is revised"),
        pytest.param("2025-05-01", "retired", False, id="retired"),
    ],
)
def test_how_a_list_stands_on_a_day(day, status, approved):
    whole = listed(PROPOSED, APPROVED, REVISED, RETIRED)

    assert whole.status_on(date.fromisoformat(day)) == status
    assert whole.approved_on(date.fromisoformat(day)) is approved


def test_of_two_steps_on_one_day_the_later_one_counts():
    assert listed(step("proposed", "2024-03-11"), APPROVED).status_on(date(2024, 3, 11)) == "approved"


def test_who_approved_stays_in_the_service():
    subject, fact = approval_fact(listed(PROPOSED, step("approved", "2024-03-11", "Governing Board")))

    assert subject == "program/welding"
    assert [(one.status, str(one.on)) for one in fact.steps] == [("proposed", "2024-01-15"), ("approved", "2024-03-11")]
    assert "Governing" not in repr(fact)
