"""Every partition keeps its share of a count; here they are added up to numbers, each as its measure is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.aggregator.domain.counts import Count, read
from services.aggregator.domain.measures import Measure
from services.insights.numbers.tallies import NOTHING, Tallies, Tally
from shared.school_year import last_day, school_year_of

Share = Mapping[str, Any]
Found = dict[tuple[str, str, str], Tally]  # being put together: by measure, school year and value


def wanted(measure: Measure, dimension: str, value: str | None = None) -> Iterator[dict[str, Any]]:
    """What to ask the counts for: one dimension of a measure, or one value of it; of a spread its buckets too."""
    # Only cells of the definition that is in force; another version's stand beside them in a recount.
    cell = {"m": measure.key, "v": measure.version, "s": {"$in": ["all", "matured"]}}
    yield cell | {"d": dimension} | ({} if value is None else {"x": value})
    of = buckets_of(measure, dimension)
    if of is not None:
        prefix = {} if dimension == "all" or value is None else {"x": {"$gte": f"{value}|", "$lt": f"{value}}}"}}
        yield cell | {"d": of} | prefix


def buckets_of(measure: Measure, dimension: str) -> str | None:
    """The dimension that holds the values of a spread within another dimension; None where none is kept."""
    name = measure.spread_in if dimension == "all" else f"{dimension}_{measure.spread_in}"
    return name if measure.spread_in and name in measure.dimensions else None


def lasting_until(measure: Measure, school_year: str, as_of: date, starts: tuple[int, int]) -> date:
    """The day as of which a year is counted: of what is in force, the year's last day."""
    return min(as_of, last_day(school_year, starts)) if measure.shape == "in_force" else as_of


def tallies(shares: Iterable[Share], measures: Sequence[Measure], as_of: date, starts: tuple[int, int]) -> Tallies:
    """The numbers of these measures, by year and value, as of a day."""
    by_key = {measure.key: measure for measure in measures}
    found: Found = {}
    lasting: list[Share] = []
    for share in shares:
        measure = by_key[share["m"]]
        if measure.shape == "in_force":
            lasting.append(share)
        elif measure.spread_in and share["d"].endswith(measure.spread_in):
            _bucket(found, share, as_of)
        else:
            _part(found, share, read(share["y"], share.get("num", {}), share.get("den", {}), as_of))
    for key, count in _in_force(lasting, as_of, starts):
        found[key] = replace(NOTHING, numerator=count.numerator, denominator=count.denominator)
    return found


def _part(found: Found, share: Share, count: Count) -> None:
    key = (share["m"], share["y"], share["x"])
    before = found.get(key, NOTHING)
    if share["s"] == "all":
        numerator, denominator = before.numerator + count.numerator, before.denominator + count.denominator
        found[key] = replace(before, numerator=numerator, denominator=denominator)
    else:
        numerator = before.matured_numerator + count.numerator
        denominator = before.matured_denominator + count.denominator
        found[key] = replace(before, matured_numerator=numerator, matured_denominator=denominator)


def _bucket(found: Found, share: Share, as_of: date) -> None:
    within, _, bucket = share["x"].rpartition("|")
    n = read(share["y"], share.get("num", {}), {}, as_of).numerator
    if n:
        key = (share["m"], share["y"], within or "all")
        found[key] = found.get(key, NOTHING) + Tally(buckets=((int(bucket), n),))


def _in_force(
    shares: Sequence[Share], as_of: date, starts: tuple[int, int]
) -> Iterator[tuple[tuple[str, str, str], Count]]:
    """For each school year begun, all that has begun until its last day and has not ended by then."""
    if not shares:
        return
    first, final = min(share["y"] for share in shares), school_year_of(as_of, starts)
    for number in range(int(first[:4]), int(final[:4]) + 1):
        year = f"{number}-{(number + 1) % 100:02d}"
        until = min(as_of, last_day(year, starts))
        summed: dict[tuple[str, str, str], Count] = {}
        for share in shares:
            key = (share["m"], year, share["x"])
            count = read(share["y"], share.get("num", {}), share.get("den", {}), until)
            summed[key] = summed.get(key, Count(0, 0)) + count
        yield from summed.items()
