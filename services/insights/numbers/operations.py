"""Operators are told how fresh the counts are, where counting stands, what is set aside and what the audit found.

Numbers of records and of partitions only: nothing here names, or counts, a student.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.insights.numbers.freshness import Freshness, TopicPartition
from services.insights.numbers.store import Store
from shared import mongo
from shared.contracts.catalogue import BY_SERVICE
from shared.words.said import Said, said

PLACE = {"turn": 1, "next": 1, "at": 1, "stopped": 1, "recount": 1}
Document = Mapping[str, Any]
# The standing audit comes round in minutes: where there was one, and none for a day, it has ended.
AUDIT_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Service:
    """One service's log is counted up to `through`; None while some of its partitions were never heard of."""

    name: str
    through: datetime | None
    parked: int = 0
    parked_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """The last audit of a partition number, and how many days of cells differed from the facts."""

    at: datetime
    subjects: int
    cells: int
    drift: tuple[tuple[str, int], ...] = ()

    @property
    def days(self) -> int:
        return sum(days for _, days in self.drift)


@dataclass(frozen=True, slots=True)
class Partition:
    """Where one partition number stands; `position` gives by service the number of the next record to count."""

    number: int
    turn: int
    position: Mapping[str, int]
    written: datetime | None = None
    stopped: str = ""
    recounting: tuple[int, int] | None = None
    lag: int | None = None
    lag_at: datetime | None = None
    audit: Audit | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """The state of the whole, at one moment."""

    now: datetime
    freshness: Freshness
    services: tuple[Service, ...]
    partitions: tuple[Partition, ...]

    @property
    def lag(self) -> int | None:
        """Records that were not counted yet when the aggregator last looked; None: it has told nothing."""
        known = [one.lag for one in self.partitions if one.lag is not None]
        return sum(known) if known else None

    @property
    def lag_at(self) -> datetime | None:
        """The moment of the oldest of these looks."""
        return min((one.lag_at for one in self.partitions if one.lag_at), default=None)

    @property
    def parked(self) -> int:
        return sum(one.parked for one in self.services)

    @property
    def audited(self) -> int:
        """How many partition numbers were audited within a day."""
        return len([one for one in self.partitions if one.audit and one.audit.at >= self.now - AUDIT_WITHIN])

    @property
    def last_audit(self) -> datetime | None:
        return max((one.audit.at for one in self.partitions if one.audit), default=None)

    @property
    def drift(self) -> int:
        return sum(one.audit.days for one in self.partitions if one.audit)

    def troubles(self) -> Iterator[Said]:
        """What a person must see to, the most urgent first."""
        stopped = [one for one in self.partitions if one.stopped]
        for one in stopped:
            yield said("Counting has stopped in partition %(number)s: %(why)s.", number=one.number, why=one.stopped)
        if self.drift:
            yield said("Some counts differ from the facts; `aurora audit` names the cells.")
        for kept in self.freshness.withheld:
            yield said(
                "%(service)s holds back %(records)s records that it cannot publish; its log says why.",
                service=kept.service,
                records=kept.records,
            )
        if self.parked:
            yield said("Records that cannot be read are set aside; `aurora parked list` shows them.")
        if self.freshness.stale and not stopped:
            yield said("Not up to date: %(why)s.", why=self.freshness.why)
        if self.last_audit and self.last_audit < self.now - AUDIT_WITHIN:
            yield said("Nothing has been audited for more than a day; `aurora audit` looks at everything now.")


async def operations(store: Store) -> Operations:
    """Read it from the aggregator's database."""
    now = await store.now()
    database = store.places.database
    freshness, heard, places, watched, parked = await asyncio.gather(
        store.freshness(now),
        store.heard(),
        store.places.find({}, PLACE).sort("_id", 1).to_list(None),
        database["watched"].find({}).to_list(None),
        _parked(database["parked"]),
    )
    topics = {store.settings.topic(name): name for name in sorted(BY_SERVICE)}
    by_number = {one["_id"]: one for one in watched}
    return Operations(
        now=now,
        freshness=freshness,
        services=tuple(services_of(topics, heard, store.streams(), parked)),
        partitions=tuple(partition_of(one, by_number.get(one["_id"], {}), topics) for one in places),
    )


async def _parked(collection: mongo.Collection) -> dict[str, tuple[int, datetime | None]]:
    """By topic, how many records nobody has dealt with, and since when the oldest of them is set aside."""
    steps: list[dict[str, Any]] = [
        {"$match": {"closed.how": None}},
        {"$group": {"_id": "$topic", "n": {"$sum": 1}, "since": {"$min": "$at"}}},
    ]
    return {one["_id"]: (one["n"], one["since"]) async for one in mongo.aggregate(collection, steps)}


def services_of(
    topics: Mapping[str, str],
    heard: Mapping[TopicPartition, datetime],
    expected: Iterable[TopicPartition],
    parked: Mapping[str, tuple[int, datetime | None]],
) -> Iterator[Service]:
    """Each service by its log; the partition furthest behind speaks for all of it."""
    of_topic: dict[str, list[datetime | None]] = {topic: [] for topic in topics}
    for topic, partition in expected:
        of_topic[topic].append(heard.get((topic, partition)))
    for topic, name in topics.items():
        known = [one for one in of_topic[topic] if one is not None]
        through = min(known) if known and len(known) == len(of_topic[topic]) else None
        yield Service(name, through, *parked.get(topic, (0, None)))


def partition_of(place: Document, watched: Document, topics: Mapping[str, str]) -> Partition:
    """A partition number, put together from its place and from what the aggregator last noted about it."""
    recount, lag = place.get("recount"), watched.get("lag", {})
    return Partition(
        number=place["_id"],
        turn=place["turn"],
        position={topics.get(topic, topic): offset for topic, offset in sorted(place.get("next", {}).items())},
        written=place.get("at"),
        stopped=str(place.get("stopped", "")),
        recounting=(recount["done"], recount["of"]) if recount else None,
        lag=lag.get("records"),
        lag_at=lag.get("at"),
        audit=_audit(watched.get("audited")),
    )


def _audit(left: Document | None) -> Audit | None:
    if left is None:
        return None
    drift: Sequence[Sequence[Any]] = left["drift"]
    return Audit(left["at"], left["subjects"], left["cells"], tuple((key, days) for key, days in drift))
