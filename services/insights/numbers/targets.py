"""Whether a goal is met, how many people are missing, and which years and slices can be shown."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from shared.errors import Refused
from shared.plans import Comparison
from shared.school_year import is_school_year, last_day
from shared.words.said import said

Status = Literal["no_data", "too_few", "no_target", "met", "missed", "on_track", "off_track", "provisional", "stale"]


@dataclass(frozen=True, slots=True)
class Tally:
    """One number as counted: all members of a cell, and those among them whose window has ended.

    What is open is the rest: it can still move. Of a spread, `buckets` tells how many members have which value.
    `withheld`: there are some, and this viewer is not to know how many.
    """

    numerator: int = 0
    denominator: int = 0
    matured_numerator: int = 0
    matured_denominator: int = 0
    buckets: tuple[tuple[int, int], ...] = ()
    withheld: bool = False

    @property
    def members(self) -> int:
        """How many people or things the number is about."""
        return max(self.numerator, self.denominator)

    @property
    def open(self) -> int:
        """Members whose window has not ended."""
        return max(0, self.denominator - self.matured_denominator)

    @property
    def open_numerator(self) -> int:
        """Open members who are counted already."""
        return max(0, self.numerator - self.matured_numerator)

    @property
    def undecided(self) -> int:
        """Open members who may still come to be counted."""
        return max(0, self.open - self.open_numerator)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.matured_numerator + other.matured_numerator,
            self.matured_denominator + other.matured_denominator,
            tuple(sorted((Counter(dict(self.buckets)) + Counter(dict(other.buckets))).items())),
            self.withheld or other.withheld,
        )

    @property
    def not_counted(self) -> int:
        """Members who are not counted, or not yet."""
        return max(0, self.denominator - self.numerator)

    @property
    def median(self) -> Fraction | None:
        """The exact middle value of a spread; of an even number halfway between the two middle ones."""
        n = sum(many for _, many in self.buckets)
        if not n:
            return None
        middle = [_at(self.buckets, place) for place in ((n - 1) // 2, n // 2)]
        return Fraction(sum(middle), 2)


NOTHING = Tally()
WITHHELD = Tally(withheld=True)


def _at(buckets: Iterable[tuple[int, int]], place: int) -> int:
    """The value at a place of all values in order, counted from 0."""
    for value, many in sorted(buckets):
        if place < many:
            return value
        place -= many
    raise ValueError("a place behind the last value")


@dataclass(frozen=True, slots=True)
class Target:
    """What the plan promises, compared on exact fractions: 89.96 % is not 90 %."""

    share: Fraction
    comparison: Comparison = ">="

    def met_by(self, numerator: int, denominator: int) -> bool:
        """Whether this many of that many keep the promise."""
        reached = Fraction(numerator, denominator)
        return reached >= self.share if self.comparison == ">=" else reached > self.share

    def needed(self, denominator: int) -> int:
        """The least numerator that keeps the promise."""
        exact = self.share * denominator
        at_least = -(-exact.numerator // exact.denominator)
        return at_least if self.comparison == ">=" else exact.numerator // exact.denominator + 1

    def people_missing(self, tally: Tally) -> int:
        """How many more people, matured or open, would have to be counted."""
        return max(0, self.needed(tally.denominator) - tally.numerator)


def status_of(tally: Tally, target: Target | None, *, year_over: bool, stale: bool) -> Status:
    """Where a goal stands.

    `year_over` says that nobody can join the cohort any more; then a verdict is final as soon as
    no open member can change it, whether because none is left or because it would not be enough.
    """
    if tally.withheld:
        return "too_few"
    if stale:
        return "stale"
    if tally.denominator == 0 and (target is not None or tally.numerator == 0):
        return "no_data"
    if target is None:
        return "no_target"
    if year_over and target.met_by(tally.numerator, tally.denominator):
        return "met"
    if year_over and not target.met_by(tally.numerator + tally.undecided, tally.denominator):
        return "missed"
    if tally.matured_denominator == 0:
        return "provisional"
    return "on_track" if target.met_by(tally.matured_numerator, tally.matured_denominator) else "off_track"


def percent(share: Fraction) -> str:
    """A share in percent, cut after one decimal and never rounded up: 89.96 % prints as 89.9 %."""
    tenths = share.numerator * 1000 // share.denominator
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth} %" if tenth or share * 1000 != tenths else f"{whole} %"


def exactly(value: Fraction) -> str:
    """A whole number, or one with a half: `12`, `12.5`."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.1f}"


def percent_of(numerator: int, denominator: int) -> str:
    """`87.1 %`, or a dash when there is nothing to take a share of."""
    return percent(Fraction(numerator, denominator)) if denominator else "–"


def fully_matured(tally: Tally, *, year_over: bool, window: bool = True) -> bool:
    """Whether every window of a year has ended; without a `window` nothing is waited for but the year's end."""
    return year_over and tally.denominator > 0 and (tally.open == 0 or not window)


def is_over(school_year: str, as_of: date, starts: tuple[int, int]) -> bool:
    """Whether nobody can join this year's cohort any more."""
    return as_of > last_day(school_year, starts)


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
