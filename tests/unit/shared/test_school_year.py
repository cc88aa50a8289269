"""What a school year is, so that no date of it overflows."""

import pytest

from shared.school_year import day_zero, is_school_year, last_day


@pytest.mark.parametrize(
    "year", ["0000-01", "0001-02", "1899-00", "2200-01", "9999-00", "\uff12\uff10\uff12\uff14-25", "2024-26"]
)
def test_what_is_none(year):
    assert not is_school_year(year)


@pytest.mark.parametrize("year", ["1900-01", "1999-00", "2024-25", "2199-00"])
def test_what_is_one_has_days(year):
    assert is_school_year(year)
    assert day_zero(year) < last_day(year)
