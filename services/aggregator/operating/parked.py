"""Parked records afterwards: looked at, produced again, or discarded with a reason; none is ever erased."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from re import escape
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.errors import Conflict, NotFound, Retryable
from shared.kafka import BATCH_BYTES, REQUEST_TIMEOUT_MS, servers
from shared.mongo import Database
from shared.process.settings import Settings

LARGEST_REQUEST_BYTES = 4 << 20
OPEN = {"closed.how": None}

Document = Mapping[str, Any]
# Puts a parked record on its log once more; the answer is the coordinates that it has there.
Produce = Callable[[Document], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parked records to look at; what is left empty does not narrow. `reason` is a part of the reason."""

    topic: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    closed_too: bool = False

    def filter(self) -> dict[str, Any]:
        found: dict[str, Any] = {} if self.closed_too else dict(OPEN)
        if self.topic:
            found["topic"] = self.topic
        if self.reason:
            found["reason"] = {"$regex": escape(self.reason), "$options": "i"}
        times = {"$gte": self.since, "$lt": self.until}
        if at := {bound: moment for bound, moment in times.items() if moment}:
            found["at"] = at
        return found


class SetAside:
    """The parked records of the aggregator's database, for whoever decides about them."""

    def __init__(self, database: Database) -> None:
        self._parked = database["parked"]

    async def find(self, wanted: Wanted, *, limit: int) -> tuple[int, list[Document]]:
        """How many match, and the first of them in the order of their parking, without their bytes."""
        matching = await self._parked.count_documents(wanted.filter())
        cursor = self._parked.find(wanted.filter(), {"value": 0, "headers": 0}).sort([("at", 1), ("_id", 1)])
        return matching, [one async for one in cursor.limit(limit)]

    async def ids(self, wanted: Wanted) -> list[str]:
        """The ids of all that match, in the order of their parking. Raise NotFound when none does."""
        found = [
            one["_id"] async for one in self._parked.find(wanted.filter(), {"_id": 1}).sort([("at", 1), ("_id", 1)])
        ]
        if not found:
            raise NotFound("no parked record matches; `aurora parked list` with the same options shows what does")
        return found

    async def get(self, ids: Sequence[str]) -> list[Document]:
        """All of these, bytes and headers included. Raise NotFound, naming them, when some do not exist."""
        found = {one["_id"]: one async for one in self._parked.find({"_id": {"$in": list(ids)}})}
        unknown = [id for id in ids if id not in found]
        if unknown:
            raise NotFound(f"no parked record is called {', '.join(unknown)}; `aurora parked list --all` names them")
        return [found[id] for id in dict.fromkeys(ids)]

    async def open(self, ids: Sequence[str]) -> list[Document]:
        """As `get`. Raise Conflict when somebody has dealt with one of them already."""
        found = await self.get(ids)
        dealt_with = [f"{one['_id']} was {one['closed']['how']} on {one['closed']['at']:%F %T}" for one in found
                      if one.get("closed")]  # fmt: skip
        if dealt_with:
            raise Conflict("; ".join(dealt_with))
        return found

    async def replay(self, parked: Document, produce: Produce) -> str:
        """Produce it again as it came, then close it; where it stands now.

        A crash in between leaves it open: replayed twice it changes nothing, its version is known.
        """
        now_at = await produce(parked)
        await self._close(parked, {"how": "replayed", "at": datetime.now(UTC), "as": now_at})
        return now_at

    async def discard(self, parked: Document, reason: str) -> None:
        """Close it for good, with the reason. It stays, bytes and all, and is not counted as parked any more."""
        await self._close(parked, {"how": "discarded", "at": datetime.now(UTC), "reason": reason})

    async def _close(self, parked: Document, closed: Document) -> None:
        # Another record may have come to these coordinates since it was looked at: that one stays open.
        same = {"_id": parked["_id"], "timestamp": parked.get("timestamp"), **OPEN}
        done = await self._parked.update_one(same, {"$set": {"closed": closed}})
        if done.matched_count == 0:
            raise Conflict(f"{parked['_id']} has changed in the meantime; look at it again")


@asynccontextmanager
async def producing(settings: Settings) -> AsyncIterator[Produce]:
    """Puts parked records back on their logs, to the partition that they came from, byte for byte."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers(settings),
        acks="all",
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_REQUEST_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )

    async def produce(parked: Document) -> str:
        # As a batch of one: `send` refuses a record that has neither key nor value.
        batch = producer.create_batch()
        headers = [(key, value) for key, value in parked["headers"]]
        batch.append(key=parked["key"], value=parked["value"], timestamp=None, headers=headers)
        try:
            kept = await (await producer.send_batch(batch, parked["topic"], partition=parked["partition"]))
        except KafkaError as error:
            raise Retryable(f"{parked['_id']} could not be produced: {error!r}") from error
        return f"{kept.topic}-{kept.partition}-{kept.offset}"

    try:
        try:
            await producer.start()
        except KafkaError as error:
            raise Retryable(f"Kafka: {error!r}") from error
        yield produce
    finally:
        await producer.stop()
