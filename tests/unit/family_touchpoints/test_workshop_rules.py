"""The life of a workshop, how many were there, and who counts once."""

from dataclasses import replace
from datetime import date

import pytest

from services.family_touchpoints.workshop.attendance import Attendance, present
from services.family_touchpoints.workshop.rules import NEXT, Heads, Workshop, corrected, follow, late, rolled
from shared.errors import Refused
from shared.roster_copy.merges import Merges

DAY, TODAY = date(2025, 11, 12), date(2025, 11, 20)
EVENING = Workshop(
    kind="workshop", career_related=True, level="high", organisation_ids=("high",), held_on=DAY, status="planned"
)
HELD = replace(EVENING, status="held")


@pytest.mark.parametrize("action", ["hold", "cancel", "reopen"])
@pytest.mark.parametrize("status", ["planned", "held", "cancelled"])
def test_an_action_leads_where_the_table_says_and_nowhere_else(status, action):
    before = replace(EVENING, status=status)

    if (status, action) in NEXT:
        assert follow(before, action, today=TODAY).status == NEXT[status, action]
    else:
        with pytest.raises(Refused, match=f"this workshop is {status}"):
            follow(before, action, today=TODAY)


def test_nothing_is_held_in_the_future():
    with pytest.raises(Refused, match="plan it; hold it on or after the day"):
        follow(EVENING, "hold", today=date(2025, 11, 11))
    assert follow(EVENING, "hold", today=DAY).held_on == DAY
    assert follow(EVENING, "hold", today=TODAY, on=date(2025, 11, 19)).held_on == date(2025, 11, 19)


@pytest.mark.parametrize(
    ("workshop", "named", "unnamed"),
    [
        pytest.param(HELD, 25, 0, id="nobody counted"),
        pytest.param(replace(HELD, head_count=40, head_count_of="everyone"), 25, 15, id="everyone"),
        pytest.param(replace(HELD, head_count=20, head_count_of="everyone"), 25, 0, id="fewer than are named"),
        pytest.param(replace(HELD, head_count=20, head_count_of="unnamed_only"), 25, 20, id="those not named"),
        pytest.param(
            replace(EVENING, status="cancelled", head_count=40, head_count_of="everyone"), 25, 0, id="not held"
        ),
    ],
)
def test_how_many_were_there_whom_nobody_named(workshop, named, unnamed):
    assert workshop.unnamed(named) == unnamed


OUTGROWN = replace(HELD, head_count=20, head_count_of="everyone")


@pytest.mark.parametrize(
    ("workshop", "on", "heads", "status"),
    [
        pytest.param(EVENING, DAY, Heads(), "held", id="on its day"),
        pytest.param(EVENING, TODAY, Heads(40, "everyone"), "held", id="after its day, with a count"),
        pytest.param(EVENING, date(2025, 11, 11), Heads(), "planned", id="before its day"),
        pytest.param(HELD, DAY, Heads(20, "unnamed_only"), "held", id="few, but not of everyone"),
        pytest.param(OUTGROWN, DAY, Heads(), "held", id="an older count stays"),
        pytest.param(OUTGROWN, DAY, Heads(20, "everyone"), "held", id="the older count said again"),
    ],
)
def test_a_roll_of_twenty_five(workshop, on, heads, status):
    after = rolled(workshop, on, heads, today=TODAY, named=25)

    assert (after.status, after.held_on) == (status, DAY)


@pytest.mark.parametrize(
    ("workshop", "on", "heads", "said"),
    [
        pytest.param(EVENING, date(2025, 11, 11), Heads(40, "everyone"), "before it is held", id="counted too early"),
        pytest.param(EVENING, date(2025, 11, 21), Heads(), "in the future", id="a day that has not come"),
        pytest.param(replace(EVENING, status="cancelled"), DAY, Heads(), "reopen it", id="cancelled"),
        pytest.param(HELD, DAY, Heads(40, None), "head_count_of", id="a count of whom?"),
        pytest.param(HELD, DAY, Heads(None, "everyone"), "go together", id="everyone is how many?"),
        pytest.param(HELD, DAY, Heads(20, "everyone"), "25 are marked present; 20 cannot be everyone", id="too few"),
    ],
)
def test_a_roll_of_twenty_five_is_refused(workshop, on, heads, said):
    with pytest.raises(Refused, match=said):
        rolled(workshop, on, heads, today=TODAY, named=25)


def test_an_older_count_does_not_stand_in_the_way_of_what_else_is_set_right():
    assert corrected(OUTGROWN, {"level": "middle"}, today=TODAY, named=25).level == "middle"
    with pytest.raises(Refused, match="cannot be everyone"):
        corrected(OUTGROWN, {"head_count": 21}, today=TODAY, named=25)


@pytest.mark.parametrize(("today", "expected"), [(date(2026, 1, 11), False), (date(2026, 1, 12), True)])
def test_after_sixty_days_it_is_late(today, expected):
    assert late(HELD, today) is expected


def test_a_guardian_with_two_ids_is_one_and_only_who_is_present_counts():
    roll = [
        Attendance(workshop_id="w1", guardian_id=id, status=status)
        for id, status in (("g1", "present"), ("g9", "present"), ("g2", "absent"), ("g3", "registered"))
    ]

    assert present(roll, Merges({"g9": "g1"})) == 1
    assert present(roll, Merges()) == 2
