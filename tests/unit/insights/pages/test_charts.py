"""Whatever is drawn, every label of a trend can be read: none lies over another, and none is cut."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.numbers.tallies import Tally
from services.insights.numbers.targets import Target
from services.insights.pages.charts.labels import Box, Label
from services.insights.pages.charts.marks import AXIS_RIGHT, trend

AT_LEAST_90 = Target(Fraction(9, 10))
TARGETS = st.one_of(st.none(), st.fractions(0, 1, max_denominator=200).map(Target))


def year(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02d}"


@st.composite
def series(draw):
    """Up to 15 years in a row, of few and of many, at any height."""
    of = draw(st.lists(st.integers(1, 2500), min_size=1, max_size=15))
    return [(year(2012 + at), Tally(draw(st.integers(0, n)), n, n, n), draw(st.booleans())) for at, n in enumerate(of)]


def near(shares: list[float], of: int = 1000) -> list[tuple[str, Tally, bool]]:
    return [(year(2018 + at), Tally(int(of * one), of), False) for at, one in enumerate(shares)]


@given(series(), TARGETS, st.integers(0, 14))
def test_no_two_labels_meet_and_none_is_cut(years, target, at) -> None:
    chosen = years[at % len(years)][0]
    drawn = trend(years, target, chosen)
    labels = drawn.labels
    for number, one in enumerate(labels):
        assert one.box.within(Box(0, 0, drawn.width, drawn.height)), one
        assert not [other for other in labels[number + 1 :] if one.box.meets(other.box)], one
    # What names the target stands to the right of all that is in the plot.
    assert all(one.box.right <= AXIS_RIGHT for one in labels if one.text.endswith("%"))
    for one in drawn.points:
        assert one.chosen or not one.label or not [dot for dot in drawn.points if one.label.box.meets(dot.dot)], one
    shown = next(point for point in drawn.points if point.chosen)
    assert shown.label
    assert shown.at


@pytest.mark.parametrize("number", range(1, 9))
def test_up_to_eight_years_near_the_target_each_have_their_value_and_their_name(number) -> None:
    drawn = trend(near([0.912, 0.899, 0.905, 0.887, 0.894, 0.901, 0.9, 0.896][:number]), AT_LEAST_90, "2018-19")

    assert all(point.label and point.at for point in drawn.points)


def test_years_are_written_whole_where_all_have_room_and_else_all_short() -> None:
    assert [one.at.text for one in trend(near([0.9] * 3), None, None).points] == ["2018-19", "2019-20", "2020-21"]
    assert [one.at.text for one in trend(near([0.9] * 8), None, None).points][:2] == ["18-19", "19-20"]


def test_a_value_stands_off_the_target_line_where_it_can() -> None:
    drawn = trend(near([0.86]), AT_LEAST_90, None)
    box = drawn.points[0].label.box

    assert not box.top < drawn.target_y < box.bottom


@pytest.mark.parametrize(
    ("members", "few"),
    [pytest.param(9, True, id="nine members"), pytest.param(10, False, id="ten members")],
)
def test_a_year_of_few_is_drawn_smaller(members, few) -> None:
    small, large = trend([("2023-24", Tally(5, members), False), ("2024-25", Tally(50, 100), False)], None, None).points

    assert (small.few, small.radius < large.radius) == (few, few)


def test_a_label_ends_begins_or_has_its_middle_where_it_is_anchored() -> None:
    edges = {anchor: Label("100", 50, 20, 10, anchor).box for anchor in ("start", "middle", "end")}

    assert edges["start"].left == 50
    assert edges["end"].right == 50
    assert edges["middle"].left + edges["middle"].right == 100
