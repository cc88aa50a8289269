"""How facts become counts: dated lines, their difference, and the cells that lines fall into."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measure import Measure, Member, Series, Side
from shared.school_year import day_zero


class Line(NamedTuple):
    """One dated contribution, before it is spread over the dimensions.

    `where` gives the member's value in each dimension of the measure, in their order.
    """

    measure: Measure
    series: Series
    school_year: str
    where: tuple[str, ...]
    side: Side
    day: date


class Cell(NamedTuple):
    """One place in the counts: a measure as now defined, one school year, one value of one dimension."""

    measure: str
    version: int
    series: Series
    school_year: str
    dimension: str
    value: str


Days = dict[tuple[Side, int], int]
Delta = dict[Cell, Days]
# What is being added up, for each dimension of the measure by value: no cell is named for each line that falls into it.
Spread = dict[tuple[Measure, Series, str], tuple[dict[str, Days], ...]]


# What two members have alike that count alike; who it is and why is nothing to a count.
COUNTED_BY = attrgetter("school_year", "where", "cohort_day", "counted_day", "matured_day", "gone_day", "n")


def lines(subject: Subject, measures: Iterable[Measure]) -> Counter[Line]:
    """All that a subject contributes: the members' days, so that counts and members cannot disagree."""
    found: Counter[Line] = Counter()
    for measure in measures:
        for member in measure.members(subject):
            _add(found, measure, member, 1)
    return found


def change(before: Subject, after: Subject, measures: Iterable[Measure]) -> dict[Line, int]:
    """What to add to the counts when a subject goes from one state to another.

    Of one fact most members stand as they did: only those that differ are made into lines.
    """
    found: Counter[Line] = Counter()
    for measure in measures:
        differing: dict[tuple[Any, ...], tuple[Member, int]] = {}
        for subject, once in ((after, 1), (before, -1)):
            for member in measure.members(subject):
                alike = COUNTED_BY(member)
                _, times = differing.get(alike, (member, 0))
                differing[alike] = member, times + once
        for member, times in differing.values():
            if times:
                _add(found, measure, member, times)
    return {line: n for line, n in found.items() if n}


def _add(found: Counter[Line], measure: Measure, member: Member, times: int) -> None:
    for series, side, day in member.dates():
        found[Line(measure, series, member.school_year, member.where, side, day)] += times * member.n
    if member.gone_day:
        for series, side in member.leaves():
            found[Line(measure, series, member.school_year, member.where, side, member.gone_day)] -= times * member.n


def spread(delta: Mapping[Line, int], into: Spread) -> None:
    """Add the lines to every dimension of their measure; they become cells once, when all are in."""
    for (measure, series, school_year, where, side, day), n in delta.items():
        dimensions = into.get((measure, series, school_year))
        if dimensions is None:
            dimensions = into[measure, series, school_year] = tuple({} for _ in measure.dimensions)
        at = side, day_number(school_year, day)
        for values, value in zip(dimensions, where, strict=True):
            days = values.get(value)
            if days is None:
                values[value] = {at: n}
            else:
                days[at] = days.get(at, 0) + n


def cells_of(spread: Spread) -> Delta:
    """Only what is to be written: days whose changes cancel out over a batch are left away."""
    found: Delta = {}
    for (measure, series, school_year), dimensions in spread.items():
        for dimension, values in zip(measure.dimensions, dimensions, strict=True):
            for value, days in values.items():
                kept = {at: n for at, n in days.items() if n} if 0 in days.values() else days
                if kept:
                    found[Cell(measure.key, measure.version, series, school_year, dimension, value)] = kept
    return found


@lru_cache(maxsize=256)
def _zero(school_year: str) -> int:
    return day_zero(school_year).toordinal()


def day_number(school_year: str, day: date) -> int:
    """Days since 1 July of the school year; negative before it."""
    return day.toordinal() - _zero(school_year)


def up_to(days: Mapping[str, int], school_year: str, as_of: date) -> int:
    """The one reading rule: the sum of the days not after `as_of`, of one side of a count document."""
    last = day_number(school_year, as_of)
    return sum(n for day, n in days.items() if int(day) <= last)


class Count(NamedTuple):
    """A cell as read on some day."""

    numerator: int
    denominator: int

    def __add__(self, other: object) -> "Count":
        if not isinstance(other, Count):
            return NotImplemented
        return Count(self.numerator + other.numerator, self.denominator + other.denominator)


def read(school_year: str, num: Mapping[str, int], den: Mapping[str, int], as_of: date) -> Count:
    """One share of a cell, as of a day; the shares of all partitions add up to the cell."""
    return Count(up_to(num, school_year, as_of), up_to(den, school_year, as_of))
