"""A goal's status, to the last person and the last day."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.numbers.tallies import NOTHING, Tally
from services.insights.numbers.targets import Target, fully_matured, is_over, percent, percent_of, status_of

AT_LEAST_90 = Target(Fraction(9, 10))
MORE_THAN_250 = Target(Fraction(250, 1000), ">")


def closed(numerator: int, denominator: int) -> Tally:
    """A cohort in which every window has ended."""
    return Tally(numerator, denominator, numerator, denominator)


@pytest.mark.parametrize(
    ("tally", "year_over", "expected"),
    [
        pytest.param(NOTHING, True, "no_data", id="denominator 0 is never 0 % and never 100 %"),
        pytest.param(closed(90, 100), True, "met", id="exactly the target is met"),
        pytest.param(closed(2249, 2500), True, "missed", id="89.96 % is not 90 %"),
        pytest.param(closed(8996, 10000), True, "missed", id="89.96 % of ten thousand is not either"),
        pytest.param(closed(9000, 10000), True, "met", id="9,000 of 10,000 is"),
        pytest.param(closed(89, 100), True, "missed", id="one short"),
        pytest.param(closed(95, 100), False, "on_track", id="the year still runs, so nothing is final"),
        pytest.param(closed(80, 100), False, "off_track", id="behind while the year still runs"),
        pytest.param(Tally(90, 100, 40, 50), True, "met", id="met already: the open ones cannot undo it"),
        pytest.param(Tally(85, 100, 50, 60), True, "off_track", id="83 % of the matured, and 15 undecided"),
        pytest.param(Tally(85, 100, 55, 60), True, "on_track", id="91 % of the matured, and 10 undecided"),
        pytest.param(Tally(70, 100, 65, 81), True, "missed", id="70 and 14 undecided can reach 84 at most"),
        pytest.param(Tally(76, 100, 70, 80), True, "off_track", id="76 and 14 undecided can just reach 90"),
        pytest.param(Tally(75, 100, 70, 80), True, "off_track", id="75 and 15 undecided can just reach 90 too"),
        pytest.param(Tally(75, 100, 70, 81), True, "missed", id="75 and 14 undecided cannot"),
        pytest.param(Tally(3, 10, 0, 0), False, "provisional", id="nobody matured"),
        pytest.param(Tally(3, 10, 0, 0), True, "provisional", id="nobody matured though the year is over"),
    ],
)
def test_status_of_at_least_90_percent(tally: Tally, year_over: bool, expected: str) -> None:
    assert status_of(tally, AT_LEAST_90, year_over=year_over, stale=False) == expected


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        pytest.param(closed(250, 1000), "missed", id="exactly the target is not more than the target"),
        pytest.param(closed(251, 1000), "met", id="one above is"),
    ],
)
def test_status_of_more_than(tally: Tally, expected: str) -> None:
    assert status_of(tally, MORE_THAN_250, year_over=True, stale=False) == expected


def test_without_a_target_there_is_no_verdict() -> None:
    assert status_of(closed(1, 2), None, year_over=True, stale=False) == "no_target"


def test_a_plain_count_has_no_denominator_and_is_data_all_the_same() -> None:
    assert status_of(Tally(7, 0), None, year_over=True, stale=False) == "no_target"
    assert status_of(NOTHING, None, year_over=True, stale=False) == "no_data"


@pytest.mark.parametrize("tally", [NOTHING, closed(95, 100)])
def test_a_stale_number_is_called_stale_whatever_it_says(tally: Tally) -> None:
    assert status_of(tally, AT_LEAST_90, year_over=True, stale=True) == "stale"


@pytest.mark.parametrize(
    ("target", "tally", "missing"),
    [
        pytest.param(AT_LEAST_90, closed(90, 100), 0, id="met"),
        pytest.param(AT_LEAST_90, closed(99, 100), 0, id="never negative"),
        pytest.param(AT_LEAST_90, closed(8996, 10000), 4, id="89.96 % of 10,000 lacks four"),
        pytest.param(AT_LEAST_90, closed(0, 101), 91, id="90.9 people are 91"),
        pytest.param(AT_LEAST_90, Tally(60, 100, 50, 55), 30, id="over matured and open"),
        pytest.param(AT_LEAST_90, NOTHING, 0, id="nobody"),
        pytest.param(MORE_THAN_250, closed(250, 1000), 1, id="more than needs one above"),
        pytest.param(MORE_THAN_250, closed(251, 1000), 0, id="one above is enough"),
        pytest.param(MORE_THAN_250, closed(0, 1001), 251, id="more than 250.25 is 251"),
    ],
)
def test_people_missing(target: Target, tally: Tally, missing: int) -> None:
    assert target.people_missing(tally) == missing


fractions = st.fractions(min_value=0, max_value=1, max_denominator=1000)


@given(share=fractions, comparison=st.sampled_from([">=", ">"]), whole=st.integers(1, 5000), part=st.integers(0, 5000))
def test_the_missing_people_are_just_enough(share, comparison, whole, part) -> None:
    """Adding the missing people keeps the promise, and one fewer would not."""
    target, part = Target(share, comparison), min(part, whole)
    missing = target.people_missing(closed(part, whole))

    assert target.met_by(part + missing, whole)
    assert missing == 0 or not target.met_by(part + missing - 1, whole)


@given(
    share=fractions,
    matured=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    still=st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
)
def test_a_verdict_is_given_exactly_when_no_open_member_can_change_it(share, matured, still) -> None:
    """Play every possible end of the year: all ends alike is a verdict, unlike ends are none."""
    target = Target(share)
    (yes, no), (counted, waiting, _) = matured, still
    tally = Tally(yes + counted, yes + no + counted + waiting, yes, yes + no)
    if not tally.denominator:
        return
    ends = {target.met_by(tally.numerator + more, tally.denominator) for more in range(waiting + 1)}
    found = status_of(tally, target, year_over=True, stale=False)

    assert (found == "met") == (ends == {True})
    assert (found == "missed") == (ends == {False})


@pytest.mark.parametrize(
    ("share", "printed"),
    [
        pytest.param(Fraction(8996, 10000), "89.9 %", id="89.96 % is not printed as 90 %"),
        pytest.param(Fraction(9, 10), "90 %", id="90 % is"),
        pytest.param(Fraction(9004, 10000), "90.0 %", id="a little more than 90 % does not look exact"),
        pytest.param(Fraction(2, 3), "66.6 %", id="cut, not rounded"),
        pytest.param(Fraction(1, 3000), "0.0 %", id="little"),
        pytest.param(Fraction(0), "0 %", id="none"),
        pytest.param(Fraction(1), "100 %", id="all"),
        pytest.param(Fraction(99999, 100000), "99.9 %", id="nearly all is not all"),
    ],
)
def test_percent_is_cut(share: Fraction, printed: str) -> None:
    assert percent(share) == printed


def test_a_share_of_nobody_is_a_dash() -> None:
    assert percent_of(0, 0) == "–"


@pytest.mark.parametrize(
    ("as_of", "over"),
    [
        pytest.param(date(2025, 6, 30), False, id="its last day still belongs to it"),
        pytest.param(date(2025, 7, 1), True, id="the day after"),
    ],
)
def test_a_school_year_is_over_the_day_after(as_of: date, over: bool) -> None:
    assert is_over("2024-25", as_of, (7, 1)) is over


def test_a_year_without_anybody_is_not_matured() -> None:
    assert not fully_matured(NOTHING, year_over=True)
