"""How facts become counts: members by place and day, their difference, and the cells that they fall into."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Series, Side
from shared.school_year import day_zero


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
# What is being added up of some subjects, by the place in all dimensions, and then for each dimension by value: what
# shares a place and a day goes into the dimensions once, for all measures that it counts alike in, and no cell is named
# for each line that falls into it.
Alike = tuple[Measure, ...]
Gathered = dict[tuple[Alike, Series, str], dict[tuple[str, ...], Days]]
Spread = dict[tuple[Alike, Series, str], tuple[dict[str, Days], ...]]


# What two members have alike that count alike; who it is and why is nothing to a count.
COUNTED_BY = attrgetter("school_year", "where", "cohort_day", "counted_day", "matured_day", "gone_day", "n")


def gather(subject: Subject, measures: Iterable[Measure], into: Gathered) -> None:
    """Add all that a subject contributes: the members' days, so that counts and members cannot disagree."""
    _add(((subject, 1),), measures, into)


def change(before: Subject, after: Subject, measures: Iterable[Measure], into: Gathered) -> None:
    """Add what the counts change by when a subject goes from one state to another.

    Of one fact most members stand as they did: only those that differ are made into days.
    """
    _add(((after, 1), (before, -1)), measures, into)


def _add(states: Sequence[tuple[Subject, int]], measures: Iterable[Measure], into: Gathered) -> None:
    """Add the members of each state so many times; those that count alike in several measures are added once."""
    found: dict[tuple[Any, ...], tuple[Member, dict[Measure, int]]] = {}
    for measure in measures:
        for subject, once in states:
            for member in measure.members(subject):
                _, times = found.setdefault((measure.dimensions, *COUNTED_BY(member)), (member, {}))
                times[measure] = times.get(measure, 0) + once
    for member, times in found.values():
        for n in set(times.values()):
            if n:
                _gather(into, tuple(measure for measure, of in times.items() if of == n), member, n)


def _gather(into: Gathered, measures: Alike, member: Member, times: int) -> None:
    year, where, n = member.school_year, member.where, times * member.n
    for series, side, day in member.dates():
        places = into.get((measures, series, year))
        if places is None:
            places = into[measures, series, year] = {}
        days = places.get(where)
        if days is None:
            days = places[where] = {}
        at = side, day_number(year, day)
        days[at] = days.get(at, 0) + n
    if member.gone_day:
        at_end = day_number(year, member.gone_day)
        for series, side in member.leaves():
            days = into[measures, series, year][where]
            days[side, at_end] = days.get((side, at_end), 0) - n


def spread(gathered: Gathered, into: Spread) -> None:
    """Add what was gathered to every dimension of its measures; it becomes cells once, when all is in."""
    for key, places in gathered.items():
        dimensions = into.get(key)
        if dimensions is None:
            dimensions = into[key] = tuple({} for _ in key[0][0].dimensions)
        for where, gathered_days in places.items():
            for values, value in zip(dimensions, where, strict=True):
                days = values.get(value)
                if days is None:
                    values[value] = dict(gathered_days)
                else:
                    for at, n in gathered_days.items():
                        days[at] = days.get(at, 0) + n


def cells_of(spread: Spread) -> Delta:
    """Only what is to be written: days whose changes cancel out over a batch are left away."""
    found: Delta = {}
    for (measures, series, school_year), dimensions in spread.items():
        for dimension, values in zip(measures[0].dimensions, dimensions, strict=True):
            for value, days in values.items():
                for measure in measures:
                    cell = Cell(measure.key, measure.version, series, school_year, dimension, value)
                    before = found.setdefault(cell, days)
                    if before is not days:
                        found[cell] = _sum(before, days)
    for cell in [cell for cell, days in found.items() if 0 in days.values()]:
        if kept := {at: n for at, n in found[cell].items() if n}:
            found[cell] = kept
        else:
            del found[cell]
    return found


def _sum(some: Days, more: Days) -> Days:
    """Of both; neither is changed, since cells of several measures may be made of it."""
    summed = dict(some)
    for at, n in more.items():
        summed[at] = summed.get(at, 0) + n
    return summed


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
