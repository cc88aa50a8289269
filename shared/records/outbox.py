"""The relay reads here which records are unpublished, and writes whom they concern and that they are published."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateMany, UpdateOne

from shared.mongo import Session, server_time
from shared.records.record import Record
from shared.records.store import UNPUBLISHED, Records


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A record with a mark, set `since` then; `live` unless it only waits to be published again as it stands."""

    record: Record
    live: bool
    since: datetime


class Outbox:
    """The marks on a service's records."""

    def __init__(self, records: Records) -> None:
        self._database = records.database
        self._collection = records.collection

    async def server_time(self) -> datetime:
        """MongoDB's clock, which every mark and heartbeat goes by."""
        return await server_time(self._database)

    async def oldest(
        self, limit: int, *, but: Collection[str] = (), session: Session | None = None
    ) -> list[Unpublished]:
        """Read unpublished records without their history: live ones first, oldest first, of majority data."""
        cursor = (
            self._collection.find(
                {"mark.rank": {"$gte": 0}, "_id": {"$nin": list(but)}}, {"history": 0}, session=session
            )
            .sort([("mark.rank", 1), ("mark.since", 1)])
            .hint(UNPUBLISHED)
            .limit(limit)
            .batch_size(limit + 1)
        )
        documents = await cursor.to_list(None)
        return [Unpublished(Record.of(one), one["mark"]["rank"] == 0, one["mark"]["since"]) for one in documents]

    async def note_subjects(self, concerned: Mapping[str, Collection[str]]) -> None:
        """Keep, by record key, the subjects that the record is about to be published to."""
        if concerned:
            await self._collection.bulk_write(
                [
                    UpdateOne({"_id": key}, {"$addToSet": {"subjects": {"$each": list(subjects)}}})
                    for key, subjects in concerned.items()
                ],
                ordered=False,
            )

    async def published(self, records: Iterable[Record]) -> None:
        """Take the mark off those that still are at the version that was published."""
        by_version: dict[int, list[str]] = defaultdict(list)
        for record in records:
            by_version[record.version].append(record.key)
        if by_version:
            await self._collection.bulk_write(
                [
                    UpdateMany({"_id": {"$in": keys}, "version": version}, {"$unset": {"mark": ""}})
                    for version, keys in by_version.items()
                ],
                ordered=False,
            )
