"""How facts become counts: dated lines, their difference, and the cells that lines fall into."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures.measure import Measure, Series, Side
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


def lines(subject: Subject, measures: Iterable[Measure]) -> Counter[Line]:
    """All that a subject contributes: the members' days, so that counts and members cannot disagree."""
    found: Counter[Line] = Counter()
    for measure in measures:
        for member in measure.members(subject):
            for series, side, day in member.dates():
                found[Line(measure, series, member.school_year, member.where, side, day)] += member.n
            if member.gone_day:
                for series, side in member.leaves():
                    found[Line(measure, series, member.school_year, member.where, side, member.gone_day)] -= member.n
    return found


def change(before: Subject, after: Subject, measures: Sequence[Measure]) -> dict[Line, int]:
    """What to add to the counts when a subject goes from one state to another."""
    delta = lines(after, measures)
    delta.subtract(lines(before, measures))
    return {line: n for line, n in delta.items() if n}


def spread(delta: Mapping[Line, int], into: Delta) -> None:
    """Add the lines to every cell that they fall into, one for each dimension of their measure."""
    together: dict[tuple[Measure, Series, str, tuple[str, ...]], Days] = {}
    for (measure, series, school_year, where, side, day), n in delta.items():
        together.setdefault((measure, series, school_year, where), {})[side, day_number(school_year, day)] = n
    for (measure, series, school_year, where), days in together.items():
        for dimension, value in zip(measure.dimensions, where, strict=True):
            held = into.setdefault(Cell(measure.key, measure.version, series, school_year, dimension, value), {})
            for at, n in days.items():
                held[at] = held.get(at, 0) + n


def without_nothing(delta: Delta) -> Delta:
    """Only what is to be written: days whose changes cancel out over a batch are left away."""
    kept = (
        (cell, {at: n for at, n in days.items() if n} if 0 in days.values() else days) for cell, days in delta.items()
    )
    return {cell: days for cell, days in kept if days}


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
