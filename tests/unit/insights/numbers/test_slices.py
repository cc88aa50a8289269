"""Which part of the whole a viewer gets to see."""

import pytest

from services.insights.numbers.slices import WHOLE, Slice, checked_year, slice_of, slice_within
from shared.errors import Refused


@pytest.mark.parametrize(
    ("campus", "district", "expected"),
    [
        pytest.param(None, None, WHOLE, id="everything"),
        pytest.param("", "", WHOLE, id="an empty form field is nothing asked"),
        pytest.param("northwest", None, Slice("campus", "northwest"), id="a campus"),
        pytest.param(None, "mesa-verde", Slice("district", "mesa-verde"), id="a district"),
    ],
)
def test_slice_of(campus, district, expected) -> None:
    assert slice_of(campus, district) == expected


def test_campus_and_district_together_are_refused_in_words() -> None:
    with pytest.raises(Refused, match="not by both at once"):
        slice_of("northwest", "mesa-verde")


@pytest.mark.parametrize(
    ("asked", "districts", "expected"),
    [
        pytest.param(WHOLE, None, WHOLE, id="no limit"),
        pytest.param(WHOLE, ["south", "north"], Slice("district", "north"), id="a limited leader gets an own district"),
        pytest.param(Slice("district", "south"), ["north", "south"], Slice("district", "south"), id="or the other"),
    ],
)
def test_slice_within(asked, districts, expected) -> None:
    assert slice_within(asked, districts) == expected


@pytest.mark.parametrize(
    ("asked", "districts", "said"),
    [
        pytest.param(Slice("district", "east"), ["north"], "these districts only: north", id="another district"),
        pytest.param(Slice("campus", "northwest"), ["north"], "these districts only: north", id="a campus of all"),
        pytest.param(WHOLE, [], "names no district", id="no district at all"),
    ],
)
def test_outside_the_own_districts_is_refused(asked, districts, said) -> None:
    with pytest.raises(Refused, match=said):
        slice_within(asked, districts)


@pytest.mark.parametrize("text", ["2025", "2024-26", "2024/25", "", "2024-25; drop"])
def test_what_is_no_school_year_is_refused(text) -> None:
    with pytest.raises(Refused, match="write it as 2024-25"):
        checked_year(text)
