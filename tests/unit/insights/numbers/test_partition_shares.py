"""Numbers by their shape: medians are exact, what is in force adds up over the years, and slices keep their own."""

import statistics
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aggregator.domain.measures import BY_KEY
from services.insights.numbers.partition_shares import tallies, wanted
from services.insights.numbers.tallies import NOTHING, Tally
from services.insights.numbers.targets import exactly
from shared.plans import plans

JULY = (7, 1)
DAYS = BY_KEY["G1.days_to_validated"]
LISTS = BY_KEY["G1.approved_lists"]


def share(measure, year, dimension, value, num=None, den=None):
    return {"m": measure.key, "s": "all", "y": year, "d": dimension, "x": value, "num": num or {}, "den": den or {}}


@given(st.lists(st.integers(0, 400), max_size=30))
def test_a_median_of_counts_is_that_of_the_values_one_by_one(values):
    tally = sum((Tally(buckets=((value, 1),)) for value in values), NOTHING)

    assert tally.median == (Fraction(statistics.median(values)) if values else None)


@pytest.mark.parametrize(("value", "written"), [(Fraction(12), "12"), (Fraction(25, 2), "12.5"), (Fraction(0), "0")])
def test_a_median_is_written_exactly(value, written):
    assert exactly(value) == written


def test_the_buckets_of_a_spread_stand_beside_its_counts_from_their_day_on():
    shares = [
        share(DAYS, "2024-25", "all", "all", {"10": 1, "40": 2}, {"10": 4}),
        share(DAYS, "2024-25", "days", "0", {"10": 1}, {"10": 1}),
        share(DAYS, "2024-25", "days", "30", {"40": 2}, {"10": 2}),
        share(DAYS, "2024-25", "days", "not_yet", {}, {"10": 1}),
    ]
    early, late = (tallies(shares, [DAYS], day, JULY) for day in (date(2024, 7, 15), date(2024, 8, 31)))
    key = (DAYS.key, "2024-25", "all")

    assert (early[key].median, early[key].not_counted) == (0, 3)
    assert (late[key].median, late[key].not_counted) == (30, 1)


def test_a_slice_of_a_spread_has_its_own_buckets():
    shares = [
        share(DAYS, "2024-25", "campus", "north", {"5": 1}, {"5": 1}),
        share(DAYS, "2024-25", "campus_days", "north|7", {"5": 1}, {"5": 1}),
    ]

    assert tallies(shares, [DAYS], date(2025, 1, 1), JULY)[DAYS.key, "2024-25", "north"].median == 7
    assert [cell["d"] for cell in wanted(DAYS, "campus", "north")] == ["campus", "campus_days"]
    assert [cell["d"] for cell in wanted(DAYS, "sex", "female")] == ["sex"]


def test_what_is_in_force_is_so_in_every_year_until_it_ends():
    """One program since July 2022, approved in January 2024, offered until December 2024; another since 2023."""
    shares = [
        share(LISTS, "2022-23", "all", "all", {}, {"0": 1, "553": -1}),
        share(LISTS, "2023-24", "all", "all", {"188": 1, "549": -1}, {"0": 1, "188": 1, "549": -1}),
    ]
    found = tallies(shares, [LISTS], date(2025, 3, 1), JULY)
    by_year = {year: (one.numerator, one.denominator) for (_, year, _), one in found.items()}

    assert by_year == {"2022-23": (0, 1), "2023-24": (1, 2), "2024-25": (0, 1)}


def test_a_goal_without_a_target_has_no_rivals_and_what_is_mixed_up_is_named_of_both():
    plan = plans()["aurora"]
    goals = {goal.key: goal for goal in plan.goals}

    assert goals["G1"].share is None
    assert not any(goals["G1"].promises(reading.key) for reading in goals["G1"].readings)
    assert goals["G1"].beside == goals["W1"].beside == ("W1.headline", "W1.attempt_rate", "W1.pass_rate")
