"""Counts made anew from facts, and in what they differ from those that were kept."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.aggregator.domain.counts import Cell, Delta, Gathered, Spread, gather, spread
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures import Measure
from services.aggregator.domain.shapes import Side


class Difference(NamedTuple):
    """One day of one cell that is counted otherwise than the facts say."""

    cell: Cell
    side: Side
    day: int
    counted: int
    recounted: int


def recount(subjects: Iterable[Subject], measures: Sequence[Measure], into: Spread) -> None:
    """Add what these subjects contribute, from nothing: all that their facts say, and no difference of anything."""
    gathered: Gathered = {}
    for subject in subjects:
        gather(subject, measures, gathered)
    spread(gathered, into)


def differences(cells: Iterable[Cell], counted: Delta, recounted: Delta) -> list[Difference]:
    """Cell by cell and day by day, what is not the same; a day that is absent is a day of 0."""
    found = []
    for cell in cells:
        stored, expected = counted.get(cell, {}), recounted.get(cell, {})
        for side, day in stored.keys() | expected.keys():
            n, m = stored.get((side, day), 0), expected.get((side, day), 0)
            if n != m:
                found.append(Difference(cell, side, day, n, m))
    return found


def as_version(delta: Delta, version: int) -> Delta:
    """The same cells filed under another version of their measure."""
    return {cell._replace(version=version): days for cell, days in delta.items()}
