"""A service's records and the facts of them, read side by side in pieces: memory does not grow with them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import Any

from deploy.repair.comparing import (
    BY_PUBLISHING,
    CERTAIN,
    Compared,
    Counted,
    Difference,
    Kept,
    Pair,
    difference,
)
from deploy.repair.told import facts_from, kinds_of
from shared.contracts.catalogue import BY_KIND
from shared.kafka import PARTITIONS
from shared.mongo import Client, Database, aggregate, server_time
from shared.process.settings import Settings
from shared.records.record import Record

RECORDS_AT_ONCE = 500
SUBJECTS_AT_ONCE = 100
DOUBTFUL_AT_ONCE = 5_000
LOOKS = 3
LOOK_AGAIN_SECONDS = 0.25

Document = Mapping[str, Any]
# Of every fact its record, version, kind, and whether it stands: its content is not compared.
FACTS = {
    "$map": {
        "input": {"$objectToArray": "$facts"},
        "in": {"r": "$$this.k", "v": "$$this.v.v", "k": "$$this.v.k", "s": {"$ne": ["$$this.v.s", None]}},
    }
}


@dataclass(frozen=True, slots=True)
class Sides:
    """Where the records of a service and the facts of them are."""

    service: str
    records: Database
    facts: Database
    settings: Settings

    @classmethod
    def of(cls, service: str, client: Client, settings: Settings) -> "Sides":
        return cls(service, client[settings.database(service)], client[settings.database("aggregator")], settings)


async def compare(sides: Sides, *, wait_seconds: float) -> AsyncIterator[Compared]:
    """Every record with the facts of it, and every fact with its record; yields how far it is, the last time all.

    Nothing need stand still meanwhile: what differs is looked at again once all that was written
    until then is counted, and told only if it differs still.
    """
    found = Compared(sides.service)
    comparing = Comparing(sides, found, wait_seconds)
    found.behind = await comparing.caught_up()
    doubtful: dict[Pair, Difference] = {}
    async for piece in comparing.pieces():
        doubtful |= piece
        if len(doubtful) >= DOUBTFUL_AT_ONCE:
            await comparing.settle(doubtful)
            doubtful = {}
        yield found
    await comparing.settle(doubtful)
    yield found


class Comparing:
    """One reading of both sides; what is told of it goes into `found`."""

    def __init__(self, sides: Sides, found: Compared, wait_seconds: float) -> None:
        self._sides = sides
        self._found = found
        self._wait_seconds = wait_seconds
        self._facts_of = facts_from(sides.service, sides.records, sides.settings)
        self._kinds = frozenset(kinds_of(sides.service))

    async def pieces(self) -> AsyncIterator[dict[Pair, Difference]]:
        """What seems to differ, piece by piece: first from the records' side, then from the facts'."""
        async for piece in self.from_the_records():
            yield piece
        async for piece in self.from_the_facts():
            yield piece

    async def from_the_records(self) -> AsyncIterator[dict[Pair, Difference]]:
        """What facts seem to lack of the records, or to have otherwise."""
        cursor = self._sides.records["records"].find({"kind": {"$in": sorted(self._kinds)}}, {"history": 0})
        async for documents in _some(cursor, RECORDS_AT_ONCE):
            kept = await self._kept(documents)
            self._found.records += len(kept)
            self._found.waiting += sum(one.waits for one in kept.values())
            pairs = [Pair(subject, key) for key, one in kept.items() for subject in one.concerns]
            yield self._unlike(pairs, kept, await self._counted(pairs))

    async def from_the_facts(self) -> AsyncIterator[dict[Pair, Difference]]:
        """Facts of records that are not there, that never concerned their subject, or that are at an older version."""
        steps = [{"$project": {"facts": FACTS}}]
        async for documents in _some(aggregate(self._sides.facts["subjects"], steps), SUBJECTS_AT_ONCE):
            counted = {pair: fact for document in documents for pair, fact in self._facts_in(document)}
            self._found.facts += len(counted)
            yield await self._without_record(counted)

    async def settle(self, doubtful: Mapping[Pair, Difference]) -> None:
        """Look again, once what was written is counted, at what seemed to differ; keep what differs still."""
        for _ in range(LOOKS):
            if not doubtful:
                return
            self._found.behind = self._found.behind or await self.caught_up()
            doubtful = await self._again(doubtful)
            if self._found.behind:
                doubtful = {pair: one for pair, one in doubtful.items() if one.how in CERTAIN}
        parked = await self._parked([one for one in doubtful.values() if one.how in BY_PUBLISHING])
        for pair, one in sorted(doubtful.items()):
            self._found.add(replace(one, parked=parked.get(pair, "")))

    async def caught_up(self) -> str:
        """Wait until all that was acknowledged by now is counted. Why that is not known, if it takes too long."""
        now = await server_time(self._sides.records)
        deadline = monotonic() + self._wait_seconds
        while True:
            topic = self._sides.settings.topic(self._sides.service)
            told = [one["through"] async for one in self._sides.facts["progress"].find({"topic": topic})]
            if len(told) >= PARTITIONS and min(told) >= now:
                return ""
            stopped = await self._sides.facts["places"].find_one({"stopped": {"$exists": True}})
            if stopped:
                return f"counting is stopped in partition {stopped['_id']}: {stopped['stopped']}"
            if monotonic() >= deadline:
                last = f"only until {min(told):%Y-%m-%d %H:%M:%S} UTC" if len(told) >= PARTITIONS else "not at all yet"
                return f"{topic} is counted {last}; `aurora status` shows what is behind"
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _again(self, doubtful: Collection[Pair]) -> dict[Pair, Difference]:
        found: dict[Pair, Difference] = {}
        rest = iter(sorted(doubtful))
        while pairs := list(islice(rest, RECORDS_AT_ONCE)):
            where = {"_id": {"$in": sorted({pair.record for pair in pairs})}}
            documents = await self._sides.records["records"].find(where, {"history": 0}).to_list(None)
            kept = await self._kept(documents)
            found |= self._unlike(pairs, kept, await self._counted(pairs))
        return found

    async def _kept(self, documents: Sequence[Document]) -> dict[str, Kept]:
        records = [Record.of(document) for document in documents]
        facts = await self._facts_of(records)
        waits = {document["_id"] for document in documents if "mark" in document}
        return {
            record.key: Kept(
                record.version,
                dict.fromkeys(record.subjects, False) | {subject: True for subject, _ in facts.get(record.key, ())},
                record.key in waits,
            )
            for record in records
        }

    async def _counted(self, pairs: Iterable[Pair]) -> dict[Pair, Counted]:
        """The facts of these pairs."""
        wanted = set(pairs)
        where = {"_id": {"$in": sorted({pair.subject for pair in wanted})}}
        found = aggregate(self._sides.facts["subjects"], [{"$match": where}, {"$project": {"facts": FACTS}}])
        return {pair: fact async for one in found for pair, fact in self._facts_in(one) if pair in wanted}

    def _facts_in(self, document: Document) -> Iterable[tuple[Pair, Counted]]:
        for fact in document.get("facts") or ():
            # What a newer release counts is not ours to judge.
            if fact["k"] in self._kinds and fact["k"] in BY_KIND:
                yield Pair(document["_id"], fact["r"]), Counted(fact["v"], fact["s"])

    def _unlike(
        self, pairs: Iterable[Pair], kept: Mapping[str, Kept], counted: Mapping[Pair, Counted]
    ) -> dict[Pair, Difference]:
        seen = ((pair, difference(pair, kept.get(pair.record), counted.get(pair))) for pair in pairs)
        return {pair: one for pair, one in seen if one is not None}

    async def _without_record(self, counted: Mapping[Pair, Counted]) -> dict[Pair, Difference]:
        """Of these facts those whose record is not there, or never concerned their subject."""
        where = {"_id": {"$in": sorted({pair.record for pair in counted})}}
        cursor = self._sides.records["records"].find(where, {"version": 1, "subjects": 1})
        kept = {one["_id"]: Kept(one["version"], dict.fromkeys(one["subjects"], False)) async for one in cursor}
        return {pair: one for pair, one in self._unlike(counted, kept, counted).items() if one.how in CERTAIN}

    async def _parked(self, unlike: Sequence[Difference]) -> dict[Pair, str]:
        """Which of these are missing because the event of their very version is parked, and where."""
        named = {f"{one.pair.record}/{one.record_version}/{one.pair.subject}".encode(): one.pair for one in unlike}
        found: dict[Pair, str] = {}
        rest = iter(sorted(named))
        while some := list(islice(rest, RECORDS_AT_ONCE)):
            where = {"headers": {"$in": [["ce_id", id] for id in some]}}
            async for parked in self._sides.facts["parked"].find(where, {"headers": 1}):
                ids = (bytes(value) for key, value in parked["headers"] if key == "ce_id")
                found |= {named[id]: parked["_id"] for id in ids if id in named}
        return found


async def _some(found: Any, at_once: int) -> AsyncIterator[list[Document]]:
    piece: list[Document] = []
    async for one in found:
        piece.append(one)
        if len(piece) == at_once:
            yield piece
            piece = []
    if piece:
        yield piece
