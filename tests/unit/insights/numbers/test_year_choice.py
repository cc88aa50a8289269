"""A goal is shown in its newest settled year, and the board says which year that is and why."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from services.insights.numbers.board import View, board, by_year
from services.insights.numbers.freshness import Freshness
from services.insights.numbers.names import Calendar
from services.insights.numbers.slices import WHOLE
from services.insights.numbers.tallies import NOTHING, Tally
from services.insights.numbers.year_choice import Settling, YearChoice, newest_settled, year_of_all
from shared.plans import plans

JULY = (7, 1)
AUTUMN = date(2026, 11, 1)
WINDOWED = {"window": True}
OF_THE_YEAR = {"window": False}
OPEN_ENDED = {"window": False, "open_ended": True}


def closed(numerator: int, denominator: int) -> Tally:
    return Tally(numerator, denominator, numerator, denominator)


@pytest.mark.parametrize(
    ("years", "as_of", "settling", "expected"),
    [
        pytest.param({}, AUTUMN, WINDOWED, None, id="nothing counted"),
        pytest.param({"2025-26": NOTHING}, AUTUMN, WINDOWED, None, id="a year with nobody in it is none"),
        pytest.param(
            {"2024-25": closed(8, 10), "2023-24": closed(9, 10)},
            AUTUMN,
            WINDOWED,
            ("2024-25", "settled"),
            id="the newest of two",
        ),
        pytest.param(
            {"2024-25": closed(8, 10), "2025-26": Tally(5, 10, 5, 9)},
            AUTUMN,
            WINDOWED,
            ("2024-25", "settled"),
            id="one open window keeps a year from being settled",
        ),
        pytest.param(
            {"2024-25": closed(8, 10), "2025-26": Tally(5, 10)},
            AUTUMN,
            OF_THE_YEAR,
            ("2025-26", "settled"),
            id="what has no window is settled when its year is over",
        ),
        pytest.param(
            {"2025-26": Tally(5, 10), "2026-27": Tally(1, 2)},
            AUTUMN,
            OF_THE_YEAR,
            ("2025-26", "settled"),
            id="the year that still runs can gain members",
        ),
        pytest.param(
            {"2025-26": Tally(5, 10)}, date(2026, 6, 30), OF_THE_YEAR, ("2025-26", "begun"), id="on its last day"
        ),
        pytest.param(
            {"2025-26": Tally(5, 10)}, date(2026, 7, 1), OF_THE_YEAR, ("2025-26", "settled"), id="on the day after"
        ),
        pytest.param(
            {"2025-26": Tally(5, 10, 0, 0), "2026-27": NOTHING},
            AUTUMN,
            WINDOWED,
            ("2025-26", "begun"),
            id="none settled: the newest with anybody in it",
        ),
        pytest.param(
            {"2024-25": Tally(9, 9), "2025-26": Tally(5, 10)},
            AUTUMN,
            OPEN_ENDED,
            ("2025-26", "over"),
            id="who is not counted may still come: the year is over, and said to be no more than that",
        ),
        pytest.param(
            {"2025-26": Tally(10, 10)}, AUTUMN, OPEN_ENDED, ("2025-26", "settled"), id="open ended, but all counted"
        ),
    ],
)
def test_the_year_that_a_goal_is_shown_in(years, as_of, settling, expected) -> None:
    found = newest_settled(years, Settling(as_of, JULY, **settling))

    assert (found and (found.school_year, found.because)) == expected


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        pytest.param([], "2026-27", id="nothing counted: the present year"),
        pytest.param([("2024-25", "settled"), ("2025-26", "settled")], "2025-26", id="the newest settled of any goal"),
        pytest.param(
            [("2024-25", "settled"), ("2026-27", "begun")], "2024-25", id="one that only began decides nothing"
        ),
        pytest.param([("2025-26", "begun"), ("2026-27", "begun")], "2026-27", id="none settled: the newest begun"),
    ],
)
def test_the_year_of_a_board_as_a_whole(choices, expected) -> None:
    assert year_of_all([YearChoice(*one) for one in choices], AUTUMN, JULY) == expected


def shown(tallies, school_year=None):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    view = View(plans()["aurora"], WHOLE, AUTUMN, Calendar(), Freshness(now, 0.0))
    return board(view, {(key, year, "all"): tally for (key, year), tally in tallies.items()}, school_year)


TWO_GOALS = {
    ("W1.headline", "2024-25"): closed(8, 10),
    ("W1.headline", "2025-26"): Tally(5, 10, 0, 0),
    ("W2.headline", "2024-25"): closed(7, 10),
    ("W2.headline", "2025-26"): closed(9, 10),
}


def test_each_goal_is_shown_in_its_own_year_and_readings_follow_their_headline() -> None:
    found = shown(TWO_GOALS)
    years = {one.goal.key: (one.year.school_year, one.year.because) for one in found.goals if one.headline}

    assert years["W1"] == ("2024-25", "settled")
    assert years["W2"] == ("2025-26", "settled")
    assert years["W3"] == ("2025-26", "nobody")
    assert found.school_year == "2025-26"
    for one in found.goals:
        assert {reading.school_year for reading in one.readings} <= {one.year.school_year}
    assert by_year(found) == [("2025-26", ["W2"]), ("2024-25", ["W1"])]


def test_a_year_that_is_asked_for_holds_for_every_goal() -> None:
    found = shown(TWO_GOALS, "2023-24")

    assert Counter((one.year.school_year, one.year.because) for one in found.goals) == {("2023-24", "asked"): 6}
