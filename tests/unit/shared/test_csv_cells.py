"""What a spreadsheet writes in its own way is read where it is certain, and only there."""

import pytest

from shared.csv.cells import decimal, school_year, whole


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        pytest.param("80", 80, id="digits"),
        pytest.param("80.0", 80, id="a whole number with a point"),
        pytest.param("80.00", 80, id="two zeros behind the point"),
        pytest.param("-3", -3, id="a negative one, which is refused for that"),
        pytest.param("80.5", "80.5", id="a half"),
        pytest.param("80,0", "80,0", id="a comma"),
        pytest.param("1/0", "1/0", id="no number"),
        pytest.param("1E+3", "1E+3", id="shortened"),
        pytest.param("٣", "٣", id="other digits"),
        pytest.param("1234567890", "1234567890", id="too long"),
    ],
)
def test_whole_numbers(cell, read):
    assert whole(cell) == read


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        pytest.param("72,5", "72.5", id="a comma"),
        pytest.param("0,65", "0.65", id="two digits behind it"),
        pytest.param("72.5", "72.5", id="a point"),
        pytest.param("1,234", "1,234", id="may be thousands"),
        pytest.param("-72,5", "-72,5", id="negative"),
        pytest.param("1/0", "1/0", id="no number"),
    ],
)
def test_numbers_with_a_comma(cell, read):
    assert decimal(cell) == read


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        pytest.param("2026-2027", "2026-27", id="in full"),
        pytest.param("2026/2027", "2026-27", id="with a stroke"),
        pytest.param("1999-2000", "1999-00", id="over the century"),
        pytest.param("2026-27", "2026-27", id="as it is written here"),
        pytest.param("2026-2028", "2026-2028", id="two years apart"),
        pytest.param("2027-2026", "2027-2026", id="backwards"),
        pytest.param("2026", "2026", id="one year"),
    ],
)
def test_school_years(cell, read):
    assert school_year(cell) == read
