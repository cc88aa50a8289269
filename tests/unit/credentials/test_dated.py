"""What holds from its day until the next."""

from datetime import date

import pytest

from services.credentials.in_force import Span, differing, in_force

JAN, FEB, MAR = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
DATED = [(FEB, "b"), (JAN, "a"), (FEB, "c")]


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        pytest.param(date(2024, 12, 31), None, id="before the first"),
        pytest.param(JAN, "a", id="from its own day on"),
        pytest.param(date(2025, 1, 31), "a", id="until the day before the next"),
        pytest.param(MAR, "c", id="of two on one day the later in order"),
    ],
)
def test_the_latest_that_has_begun_is_in_force(day, holds):
    found = in_force(DATED, day, since=lambda one: one[0])

    assert (found[1] if found else None) == holds


@pytest.mark.parametrize(
    ("turns", "days", "spans"),
    [
        pytest.param([JAN, FEB], set(), (), id="nothing differs"),
        pytest.param([FEB, JAN, FEB, MAR], {FEB}, (Span(FEB, MAR),), id="in the middle"),
        pytest.param([JAN, FEB, MAR], {JAN, FEB}, (Span(JAN, MAR),), id="days that meet are one span"),
        pytest.param([JAN, FEB, MAR], {JAN, MAR}, (Span(JAN, FEB), Span(MAR, None)), id="the last is for ever"),
        pytest.param([], {JAN}, (), id="without turns"),
    ],
)
def test_the_days_that_differ(turns, days, spans):
    assert differing(turns, days.__contains__) == spans


def test_a_span_as_a_filter_holds_its_first_day_and_not_its_end():
    assert Span(JAN, FEB).as_filter() == {"$gte": "2025-01-01", "$lt": "2025-02-01"}
    assert Span(JAN, None).as_filter() == {"$gte": "2025-01-01"}
