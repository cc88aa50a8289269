"""A viewer may ask for a part of the whole, and for a school year, if counts are kept of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import Refused
from shared.school_year import is_school_year
from shared.words.said import said


def checked_year(school_year: str) -> str:
    """Raise Refused unless the text is a school year as we write it."""
    if not is_school_year(school_year):
        raise Refused(said("school_year %(given)r is not a school year; write it as 2024-25", given=school_year))
    return school_year


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the whole that counts are kept for: a dimension and one of its values."""

    dimension: str = "all"
    value: str = "all"


WHOLE = Slice()


def slice_of(campus: str | None, district: str | None) -> Slice:
    """The slice that was asked for. Raise Refused for both at once, which nothing is kept for."""
    if campus and district:
        raise Refused(said("counts are kept by campus and by district, not by both at once; choose one of the two"))
    if campus:
        return Slice("campus", campus)
    return Slice("district", district) if district else WHOLE


def slice_within(asked: Slice, districts: Iterable[str] | None) -> Slice:
    """The slice that a viewer limited to `districts` (None: to nothing) gets; their first one by default.

    Raise Refused when what was asked for lies outside, or cannot be told apart by district.
    """
    if districts is None:
        return asked
    own = sorted(districts)
    if not own:
        raise Refused(said("your sign-in names no district; ask your district for one that does"))
    if asked == WHOLE:
        return Slice("district", own[0])
    if asked.dimension == "district" and asked.value in own:
        return asked
    raise Refused(
        said(
            "your sign-in reaches these districts only: %(districts)s; choose one of them",
            districts=", ".join(own),
        )
    )
