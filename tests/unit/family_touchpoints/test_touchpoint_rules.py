"""The life of a touchpoint: which step follows which, what goes without saying, and what may be set right."""

from dataclasses import replace
from datetime import date

import pytest

from services.family_touchpoints.touchpoint.rules import Step, Touchpoint, checked, corrected, replied, stepped
from shared.errors import Refused

TODAY, DAY = date(2025, 10, 20), date(2025, 10, 9)
STATES = ("planned", "missed", "not_made", "held", "cancelled")
LEADS = {
    ("planned", "planned"),
    ("planned", "missed"),
    ("planned", "not_made"),
    ("planned", "held"),
    ("planned", "cancelled"),
    ("missed", "planned"),
    ("missed", "held"),
    ("missed", "cancelled"),
    ("not_made", "planned"),
    ("not_made", "held"),
    ("not_made", "cancelled"),
}


def made(status="held", on=DAY, **said):
    return Touchpoint(
        **{
            "student_id": "p1",
            "occasion_id": "o1",
            "method": "Phone",
            "purpose": "progress",
            "steps": (Step(status, on),),
            "outcome": "reached" if status == "held" else None,
            **said,
        }
    )


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("from_", STATES)
def test_only_some_steps_lead_on(from_, to):
    one = made(from_)

    if (from_, to) in LEADS:
        assert stepped(one, to, DAY).steps == (Step(from_, DAY), Step(to, DAY))
    else:
        with pytest.raises(Refused, match="and cannot be"):
            stepped(one, to, DAY)


def test_what_was_missed_is_not_held_before_that_day():
    with pytest.raises(Refused, match="it was not made later, on 2025-10-09"):
        stepped(made("not_made"), "held", date(2025, 10, 8))
    assert stepped(made("planned"), "held", date(2025, 10, 8)).on == date(2025, 10, 8)


@pytest.mark.parametrize(
    ("said", "outcome", "reached_on"),
    [
        pytest.param({}, "reached", DAY, id="a call reaches on its day"),
        pytest.param({"outcome": "no_answer"}, "no_answer", None, id="nobody answered"),
        pytest.param({"method": "App", "outcome": None}, "delivered", None, id="what is written is delivered"),
        pytest.param({"method": "Mail", "outcome": None}, "delivered", None, id="a letter is delivered"),
        pytest.param(
            {"method": "Text", "outcome": None, "direction": "from_family"}, "reached", DAY, id="their text reaches us"
        ),
        pytest.param({"method": "Text", "reached_on": TODAY}, "reached", TODAY, id="a text answered later"),
    ],
)
def test_what_came_of_it_and_when_goes_without_saying(said, outcome, reached_on):
    one = checked(made(**said), today=TODAY)

    assert (one.outcome, one.reached_on) == (outcome, reached_on)


@pytest.mark.parametrize(
    ("method", "purpose", "counts"),
    [
        pytest.param("HomeVisit", "progress", True, id="two-way"),
        pytest.param("Robocall", "attendance", False, id="a robocall"),
        pytest.param("Newsletter", "progress", False, id="a mass mail"),
        pytest.param("Phone", "emergency", False, id="an emergency"),
    ],
)
def test_only_what_is_two_way_and_no_emergency_counts(method, purpose, counts):
    assert made(method=method, purpose=purpose).counts is counts


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param("planned", {"outcome": "reached"}, id="an outcome of a plan"),
        pytest.param("planned", {"breach": "why"}, id="a breach of a plan"),
        pytest.param("missed", {"reached_on": DAY}, id="reached although missed"),
    ],
)
def test_what_is_of_what_was_held_waits_until_it_is(status, said):
    with pytest.raises(Refused, match="leave it out until it is held"):
        checked(made(status, **said), today=TODAY)


@pytest.mark.parametrize("status", ["missed", "not_made", "held", "cancelled"])
def test_only_a_plan_is_of_a_day_to_come(status):
    later = date(2025, 10, 21)

    assert checked(made("planned", on=later), today=TODAY).on == later
    with pytest.raises(Refused, match="plan it; log it on or after the day"):
        checked(made(status, on=later), today=TODAY)


def test_only_what_was_delivered_is_answered():
    text = checked(made(method="Text", outcome=None), today=TODAY)

    assert (replied(text, TODAY).outcome, replied(text, TODAY).reached_on) == ("reached", TODAY)
    for one in (made(), made("planned", method="Text"), replace(text, method="Mail"), replied(text, TODAY)):
        with pytest.raises(Refused, match="nothing to reply to"):
            replied(one, TODAY)


def test_what_follows_from_a_correction_follows():
    one = checked(made(), today=TODAY)

    moved = checked(corrected(one, {"held_on": date(2025, 10, 1)}), today=TODAY)
    nobody = checked(corrected(one, {"outcome": "left_message"}), today=TODAY)
    assert (moved.on, moved.reached_on) == (date(2025, 10, 1), date(2025, 10, 1))
    assert (nobody.outcome, nobody.reached_on) == ("left_message", None)
    with pytest.raises(Refused, match="it is held, not planned"):
        corrected(one, {"planned_for": DAY})


def test_a_text_that_was_answered_keeps_its_day_when_another_thing_is_set_right():
    text = replied(checked(made(method="Text", outcome=None), today=TODAY), TODAY)

    assert corrected(text, {"minutes": 3}).reached_on == TODAY
