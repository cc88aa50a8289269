"""The plan is data, and data with a mistake in it is refused at once."""

from fractions import Fraction

import pytest
from pydantic import ValidationError

from shared.plans import plans, read_plan

PLAN = """
key: mock
title: A made-up plan
organisation: Mock District
source: nowhere
goals:
  - key: M1
    title: A made-up goal
    seed: at least half.
    line: 1
    target: {target}
    comparison: "{comparison}"
    deadline: 2026-06-30
    owner_role: leader
    unit: students
    headline: {headline}
    readings: {readings}
"""


def plan(target='"0.5"', comparison=">=", headline="M1.headline", readings="[]"):
    return read_plan(PLAN.format(target=target, comparison=comparison, headline=headline, readings=readings))


def test_the_first_goal_of_aurora_is_the_sentence_of_the_plan() -> None:
    goal = plans()["aurora"].goals[0]

    assert goal.seed.startswith("at least 90% of central program completers")
    assert (goal.target, goal.share, goal.comparison, goal.line) == ("0.90", Fraction(9, 10), ">=", 16)
    assert goal.measures == (
        "W1.headline",
        "W1.strict",
        "W1.verified",
        "W1.with_satellites",
        "W1.any_credential",
        "W1.by_program",
        "W1.attempt_rate",
        "W1.pass_rate",
    )


def test_any_credential_is_no_reading_of_high_value_and_cannot_disagree() -> None:
    goal = plans()["aurora"].goals[0]

    assert [key for key in goal.measures if not goal.promises(key)] == [
        "W1.any_credential",
        "W1.attempt_rate",
        "W1.pass_rate",
    ]


def test_a_goal_without_a_measure_shows_none() -> None:
    uncounted = [goal.key for goal in plans()["aurora"].goals if not goal.measures]

    assert "W1" not in uncounted


def test_a_target_is_exact() -> None:
    assert plan(target='"2/3"').goals[0].share == Fraction(2, 3)
    assert plan(target='"0.9"').goals[0].share == Fraction(9, 10)
    assert plan(target="null").goals[0].share is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param({"target": "0.9"}, "write the number as text", id="a target that is no exact number"),
        pytest.param({"target": '"nine tenths"'}, "target", id="a target that is no number at all"),
        pytest.param({"comparison": "<"}, "comparison", id="a comparison that no goal makes"),
        pytest.param(
            {"headline": "null", "readings": "[{key: M1.x, label: X, differs: y}]"},
            "no headline",
            id="readings that rival nothing",
        ),
        pytest.param({"readings": "[{key: M1.headline, label: X, differs: y}]"}, "twice", id="a reading twice"),
        pytest.param({"readings": "[{key: M1.x, label: X, differs: y, lable: z}]"}, "lable", id="a misspelt field"),
    ],
)
def test_a_plan_with_a_mistake_is_refused(wrong, said) -> None:
    with pytest.raises(ValidationError, match=said):
        plan(**wrong)


def test_a_reading_that_is_no_rival_is_held_to_no_target() -> None:
    goal = plan(readings="[{key: M1.beside, label: B, differs: y, rival: false}]").goals[0]

    assert [goal.promises(key) for key in goal.measures] == [True, False]
