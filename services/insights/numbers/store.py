"""The store reads the aggregator's database, and writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from services.aggregator.domain.facts import Subject, subject_from
from services.aggregator.domain.measures import Measure
from services.insights.numbers.definitions import AS_DEFINED, Defined, defined_by
from services.insights.numbers.freshness import Freshness, TopicPartition, freshness_of, withheld_from
from services.insights.numbers.names import Names, names_of
from services.insights.numbers.partition_shares import tallies, wanted
from services.insights.numbers.slices import Slice
from services.insights.numbers.tallies import NOTHING, Tallies, Tally
from shared import mongo
from shared.contracts.catalogue import BY_SERVICE
from shared.contracts.credentials import Catalogue
from shared.mongo import Database
from shared.process.settings import Settings

PARTITIONS = 12
SHARE = {"_id": 0, "m": 1, "d": 1, "s": 1, "y": 1, "x": 1, "num": 1, "den": 1}
# What is enough of the longest member list to fill a page without reading a whole school year.
SUBJECTS_AT_ONCE = 200


class Store:
    """Counts, facts and progress; every number is as of a day.

    `clock` gives the present instant; None: MongoDB's own, which heartbeats go by. By a clock of ours
    that is a day slow no count would ever be stale.
    """

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime] | None = None) -> None:
        # One moment for all cells of a reading: else an award that comes meanwhile stands in some and not in others.
        self.counts = database["counts"].with_options(read_concern=mongo.SNAPSHOT)
        self.subjects = database["subjects"]
        self.progress = database["progress"]
        self.places = database["places"]
        self.settings = settings
        self._database = database
        self._clock = clock

    async def now(self) -> datetime:
        """The present instant, which "today" and "how far behind" are told by."""
        return self._clock() if self._clock else await mongo.server_time(self._database)

    async def all_years(
        self,
        measures: Sequence[Measure],
        part: Slice,
        as_of: date,
        starts: tuple[int, int],
        defined: Defined = AS_DEFINED,
    ) -> Tallies:
        """The numbers of several measures in one slice, every school year, in one round trip."""
        measures = defined.shown(measures)
        asked = [cell for one in measures for cell in wanted(one, part.dimension, part.value)]
        return tallies(await self._shares(asked), measures, as_of, starts)

    async def groups(
        self,
        measures: Sequence[Measure],
        school_year: str,
        dimension: str,
        as_of: date,
        starts: tuple[int, int],
        defined: Defined = AS_DEFINED,
    ) -> dict[str, dict[str, Tally]]:
        """Measures in one year, at one moment, by the values of a dimension; a group without anybody is left away."""
        shown = defined.shown(measures)
        years: dict[str, dict[str, str]] = {
            one.key: {} if one.shape == "in_force" else {"y": school_year} for one in shown
        }
        shares = await self._shares([cell | years[one.key] for one in shown for cell in wanted(one, dimension)])
        found: dict[str, dict[str, Tally]] = {one.key: {} for one in measures}
        for (key, year, value), tally in tallies(shares, shown, as_of, starts).items():
            if year == school_year and tally != NOTHING:
                found[key][value] = tally
        return found

    async def _shares(self, cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
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
        notes, stopped = await asyncio.gather(
            self._notes(),
            self.places.find({"stopped": {"$exists": True}}, {"stopped": 1}).to_list(None),
        )
        found = freshness_of(
            _through(notes),
            self.streams(),
            {one["_id"]: str(one["stopped"]) for one in stopped},
            now=now,
            stale_after_seconds=self.settings.stale_after_seconds,
        )
        services = {self.settings.topic(service): service for service in BY_SERVICE}
        return replace(found, withheld=withheld_from(notes, services))

    async def defined(self) -> Defined:
        """Which version of each measure is whole."""
        fields = {"turn": 1, "definitions": 1, "standing": 1}
        return defined_by(await self.places.find({}, fields).to_list(None))

    async def heard(self) -> dict[TopicPartition, datetime]:
        """How far each topic and partition is counted by time."""
        return _through(await self._notes())

    async def _notes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.progress.find({"through": {"$exists": True}}).to_list(None)
        return found

    def streams(self) -> Collection[TopicPartition]:
        """Every topic and partition that is counted."""
        topics = [self.settings.topic(service) for service in BY_SERVICE]
        return [(topic, partition) for topic in topics for partition in range(PARTITIONS)]

    async def turns(self) -> dict[int, int]:
        """How often each partition's counts or facts have been written: equal turns, equal numbers."""
        return {one["_id"]: one["turn"] for one in await self.places.find({}, {"turn": 1}).to_list(None)}

    async def subjects_of(self, measure: Measure, school_year: str, after: str | None) -> list[Subject]:
        """The next subjects, by id, that may have members in this school year."""
        first, last = min(measure.subjects), max(measure.subjects)
        where: dict[str, Any] = {"_id": {"$gt": after or f"{first}/", "$lt": f"{last}0"}}
        if measure.shape != "in_force":
            where["has"] = {"$in": [f"{kind}|{school_year}" for kind in measure.found_by]}
        found = self.subjects.find(where).sort("_id", 1).limit(SUBJECTS_AT_ONCE)
        return [subject_from(one) for one in await found.to_list(None)]

    async def subjects_with_any(self, has: Sequence[str]) -> AsyncIterator[Subject]:
        """Every subject, once, that has a fact of one of these kinds and school years, such as `completion|2025-26`."""
        async for document in self.subjects.find({"has": {"$in": list(has)}}):
            yield subject_from(document)

    async def credential_titles(self, codes: Collection[str]) -> dict[str, str]:
        """What the credentials of these codes are called, as far as they are in the catalogue."""
        found = await self.subjects_named([f"credential/{code}" for code in sorted(codes)]) if codes else {}
        return {one.credential_code: one.title for subject in found.values() for _, one in subject.of(Catalogue)}

    async def subjects_named(self, ids: Sequence[str]) -> dict[str, Subject]:
        """The subjects of these ids, such as `student/7f3`, of which anything has been heard."""
        found = await self.subjects.find({"_id": {"$in": list(ids)}}).to_list(None)
        return {one["_id"]: subject_from(one) for one in found}


def _through(notes: Iterable[Mapping[str, Any]]) -> dict[TopicPartition, datetime]:
    return {(one["topic"], one["partition"]): one["through"] for one in notes if one["through"]}
