"""What insights reads of the aggregator's database; it writes nothing."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from services.aggregator.domain.counts import read
from services.aggregator.domain.facts import Subject, subject_from
from services.aggregator.domain.measures import Measure
from services.insights.board import Tallies
from services.insights.domain import NOTHING, Slice, Tally
from services.insights.freshness import Freshness, Stream, freshness_of
from services.insights.names import Names, names_of
from shared import mongo
from shared.contracts.catalogue import BY_SERVICE
from shared.mongo import Database
from shared.settings import Settings

PARTITIONS = 12
SHARE = {"_id": 0, "m": 1, "s": 1, "y": 1, "x": 1, "num": 1, "den": 1}
# What is enough of the longest member list to fill a page without reading a whole school year.
SUBJECTS_AT_ONCE = 200


class Store:
    """Counts, facts and progress; every number is as of a day."""

    def __init__(self, database: Database, settings: Settings) -> None:
        # One moment for all cells of a reading: else an award that comes meanwhile stands in some and not in others.
        self.counts = database["counts"].with_options(read_concern=mongo.SNAPSHOT)
        self.subjects = database["subjects"]
        self.progress = database["progress"]
        self.places = database["places"]
        self.settings = settings

    async def all_years(self, measures: Sequence[Measure], part: Slice, as_of: date) -> Tallies:
        """The numbers of several measures in one slice, every school year, in one round trip."""
        found = await self._shares(measures, {"d": part.dimension, "x": part.value})
        return _tallies(found, as_of)

    async def groups(self, measure: Measure, school_year: str, dimension: str, as_of: date) -> dict[str, Tally]:
        """One measure in one year, by the values of a dimension; a group without anybody is left away."""
        found = await self._shares([measure], {"y": school_year, "d": dimension})
        return {value: tally for (_, _, value), tally in _tallies(found, as_of).items() if tally != NOTHING}

    async def _shares(self, measures: Sequence[Measure], where: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        # Only cells of the definition that is in force; another version's stand beside them in a recount.
        cells = [{"m": one.key, "v": one.version, "s": {"$in": ["all", "matured"]}, **where} for one in measures]
        if not cells:
            return []
        found: list[Mapping[str, Any]] = await self.counts.find({"$or": cells}, SHARE).to_list(None)
        return found

    async def names(self) -> Names:
        """Programs, organisations and the calendar."""
        kinds = [{"_id": {"$gte": f"{kind}/", "$lt": f"{kind}0"}} for kind in ("program", "organisation")]
        return names_of(subject_from(one) for one in await self.subjects.find({"$or": kinds}).to_list(None))

    async def freshness(self, now: datetime) -> Freshness:
        """How far the counts reach."""
        heard, stopped = await asyncio.gather(
            self.progress.find({}, {"topic": 1, "partition": 1, "through": 1}).to_list(None),
            self.places.find({"stopped": {"$exists": True}}, {"stopped": 1}).to_list(None),
        )
        through = {(one["topic"], one["partition"]): one["through"] for one in heard if one.get("through")}
        return freshness_of(
            through,
            self._streams(),
            {one["_id"]: str(one["stopped"]) for one in stopped},
            now=now,
            stale_after_seconds=self.settings.stale_after_seconds,
        )

    def _streams(self) -> Collection[Stream]:
        topics = [self.settings.topic(service) for service in BY_SERVICE]
        return [(topic, partition) for topic in topics for partition in range(PARTITIONS)]

    async def turns(self) -> dict[int, int]:
        """How often each partition's counts or facts have been written: equal turns, equal numbers."""
        return {one["_id"]: one["turn"] for one in await self.places.find({}, {"turn": 1}).to_list(None)}

    async def subjects_with(self, kind: str, school_year: str, after: str | None) -> list[Subject]:
        """The next subjects, by id, that have a fact of this kind in this school year."""
        where = {"has": f"{kind}|{school_year}", **({"_id": {"$gt": after}} if after else {})}
        found = self.subjects.find(where).sort("_id", 1).limit(SUBJECTS_AT_ONCE)
        return [subject_from(one) for one in await found.to_list(None)]


def _tallies(shares: Iterable[Mapping[str, Any]], as_of: date) -> dict[tuple[str, str, str], Tally]:
    """The shares of all partitions, added up to cells and read as of a day."""
    found: dict[tuple[str, str, str], Tally] = {}
    for share in shares:
        key = (share["m"], share["y"], share["x"])
        count = read(share["y"], share.get("num", {}), share.get("den", {}), as_of)
        before = found.get(key, NOTHING)
        if share["s"] == "all":
            found[key] = replace(
                before,
                numerator=before.numerator + count.numerator,
                denominator=before.denominator + count.denominator,
            )
        else:
            found[key] = replace(
                before,
                matured_numerator=before.matured_numerator + count.numerator,
                matured_denominator=before.matured_denominator + count.denominator,
            )
    return found
