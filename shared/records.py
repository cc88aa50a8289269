"""Records: one document is a record's state, its history and its outbox; one write changes all of them or none."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from shared import metrics
from shared.errors import Conflict, Refused, Retryable
from shared.mongo import Database, aggregate
from shared.record import Draft, Entry, Natural, Past, Record, Saved, may_change, may_create, may_put, took_effect

__all__ = ["Draft", "Entry", "Natural", "Past", "Record", "Records", "Saved"]

CHUNK = 1000
TRIES = 10
COUNTED_AT_MOST = 100_000
UNPUBLISHED = "unpublished"
DUPLICATE_KEY = 11000
REFERENCE_CHANGED = Entry(by="aurora", action="reference_changed")
LIVE = {"rank": 0, "since": "$$NOW"}
REPUBLISH = {"rank": 1, "since": "$$NOW"}

Document = dict[str, Any]
# A pure decision: Saved (nothing to write), None (write it), or a Refused raised.
Decide = Callable[[Draft, Record | None], Saved | None]


class Records:
    """A service's records, in the collection `records` of its own database.

    Every write is one document, majority and journaled: state, version, history, subjects and
    the mark that says "not yet published". Every read is of majority data, so that a retry is
    never answered with a version that a failover takes back. `written` is set after each write
    of this process, and wakes the relay.
    """

    def __init__(
        self, database: Database, *, naturals: Sequence[Natural] = (), indexes: Sequence[tuple[str, ...]] = ()
    ) -> None:
        """`indexes` are paths in the document, such as `("kind", "state.student_id")`."""
        self.database = database
        self.collection = database["records"]
        self.written = asyncio.Event()
        self._naturals = {natural.name: natural for natural in naturals}
        self._indexes = indexes

    async def prepare(self) -> None:
        """Make the indexes; harmless when they are there."""
        await self.collection.create_index(
            [("mark.rank", 1), ("mark.since", 1)],
            name=UNPUBLISHED,
            partialFilterExpression={"mark.rank": {"$exists": True}},
        )
        for natural in self._naturals.values():
            await self.collection.create_index(
                [(path, 1) for path in natural.paths],
                name=natural.name,
                unique=True,
                partialFilterExpression=natural.holds_for(),
            )
        for paths in self._indexes:
            await self.collection.create_index([(path, 1) for path in paths])

    async def get(self, kind: str, id: str) -> Record | None:
        """One record, void or not."""
        return (await self.get_many(kind, [id])).get(id)

    async def get_many(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """Those of the records that exist, by id."""
        found = await self._read(f"{kind}/{id}" for id in ids)
        return {record.id: record for record in found.values()}

    async def find(
        self, kind: str, where: Mapping[str, Any], *, after: str | None = None, limit: int, include_void: bool = False
    ) -> list[Record]:
        """Records in the order of their ids, from the one behind `after`; `where` filters documents."""
        # "0" is the character that follows "/": the range is one kind.
        page: Document = {"_id": {"$gt": f"{kind}/{after or ''}", "$lt": f"{kind}0"}}
        if not include_void:
            page["void"] = False
        cursor = self.collection.find({"$and": [page, where]}).sort("_id", 1).limit(limit)
        return [Record.of(document) async for document in cursor]

    async def create(self, draft: Draft) -> Saved:
        """Keep a new record. The same id and digest again: unchanged, with the record as it stands.

        Raise Refused when the id was used with another body, Conflict when a natural key is taken.
        """
        return _or_raise(await self.create_many([draft]))

    async def put(self, draft: Draft) -> Saved:
        """Make the record's state this one; what is so already writes nothing.

        Raise Stale when `expected` is given and another version stands there.
        """
        return _or_raise(await self.put_many([draft]))

    async def change(self, draft: Draft) -> Saved:
        """Take an existing record from its `expected` version to the next.

        A key that stands in its history was done before: unchanged, whatever is expected.
        Raise NotFound, NoVersionGiven or Stale.
        """
        return _or_raise(await self._save([draft], may_change))

    async def create_many(self, drafts: Sequence[Draft]) -> list[Saved | Refused]:
        """As `create`, row by row: a refused row stops no other."""
        return await self._save(drafts, may_create)

    async def put_many(self, drafts: Sequence[Draft]) -> list[Saved | Refused]:
        """As `put`, row by row; two rows about one record count in their order."""
        return await self._save(drafts, may_put)

    async def raise_versions(self, where: Mapping[str, Any], entry: Entry = REFERENCE_CHANGED) -> int:
        """Give every record that matches a new version: something that its facts are made of has changed.

        Safe to repeat: one more version says the same.
        """
        done = await self.collection.update_many(where, [{"$set": _one_more(entry)}])
        self.written.set()
        return int(done.modified_count)

    async def mark_for_republish(self, where: Mapping[str, Any]) -> int:
        """Have every record that matches published again as it stands, behind all live writes."""
        unmarked = {"$and": [where, {"mark": {"$exists": False}}]}
        done = await self.collection.update_many(unmarked, [{"$set": {"mark": REPUBLISH}}])
        self.written.set()
        return int(done.modified_count)

    async def unpublished(self) -> tuple[int, float | None]:
        """How many records wait for the relay (counted to 100,000), and for how many seconds the
        oldest live write among them has waited."""
        waiting, oldest = 0, None
        steps: list[Document] = [
            {"$match": {"mark.rank": {"$gte": 0}}},
            {"$sort": {"mark.rank": 1, "mark.since": 1}},
            {"$limit": COUNTED_AT_MOST},
            {"$group": {"_id": "$mark.rank", "count": {"$sum": 1}, "since": {"$min": "$mark.since"}}},
            {"$set": {"age": {"$divide": [{"$subtract": ["$$NOW", "$since"]}, 1000]}}},
        ]
        async for rank in aggregate(self.collection, steps, hint=UNPUBLISHED):
            waiting += rank["count"]
            oldest = max(0.0, rank["age"]) if rank["_id"] == 0 else oldest
        return waiting, oldest

    async def _read(self, keys: Iterable[str]) -> dict[str, Record]:
        cursor = self.collection.find({"_id": {"$in": list(keys)}})
        return {document["_id"]: Record.of(document) async for document in cursor}

    async def _save(self, drafts: Sequence[Draft], decide: Decide) -> list[Saved | Refused]:
        outcomes: dict[int, Saved | Refused] = {}
        for start in range(0, len(drafts), CHUNK):
            outcomes |= await self._save_chunk(dict(enumerate(drafts[start : start + CHUNK], start)), decide)
        for outcome in outcomes.values():
            metrics.RECORDS_WRITTEN.labels(outcome.outcome if isinstance(outcome, Saved) else "refused").inc()
        return [outcomes[row] for row in range(len(drafts))]

    async def _save_chunk(self, rows: dict[int, Draft], decide: Decide) -> dict[int, Saved | Refused]:
        """One read and one write for all; again for those that another writer overtook.

        Raise Retryable when a record is overtaken again and again. What other rows have
        written by then stands, and is found unchanged by a repeat.
        """
        outcomes: dict[int, Saved | Refused] = {}
        overtaken: Counter[int] = Counter()
        while waiting := {row: draft for row, draft in rows.items() if row not in outcomes}:
            first_of_each = {draft.key: row for row, draft in reversed(waiting.items())}
            turn = {row: waiting[row] for row in sorted(first_of_each.values())}
            outcomes |= await self._decide_and_write(turn, decide)
            overtaken.update(turn.keys() - outcomes.keys())
            if most := max(overtaken.values(), default=0):
                if most >= TRIES:
                    raise Retryable("others keep changing the same record; send this again")
                await asyncio.sleep(0.002 * 2**most)
        return outcomes

    async def _decide_and_write(self, rows: dict[int, Draft], decide: Decide) -> dict[int, Saved | Refused]:
        """The outcome of every row but those that were overtaken between the read and the write."""
        known = await self._read(draft.key for draft in rows.values())
        outcomes: dict[int, Saved | Refused] = {}
        wanted: dict[int, Draft] = {}
        for row, draft in rows.items():
            try:
                ready = draft.readied()
                settled = decide(ready, known.get(draft.key))
            except Refused as refusal:
                outcomes[row] = refusal
                continue
            if settled:
                outcomes[row] = settled
            else:
                wanted[row] = ready
        return outcomes | await self._write(wanted, known) if wanted else outcomes

    async def _write(self, wanted: dict[int, Draft], known: Mapping[str, Record]) -> dict[int, Saved | Refused]:
        rows, refused = list(wanted), {}
        updates = [_update(draft, known.get(draft.key)) for draft in wanted.values()]
        try:
            await self.collection.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            failed = {rows[one["index"]]: one for one in error.details["writeErrors"]}
            if error.details["writeConcernErrors"] or any(one["code"] != DUPLICATE_KEY for one in failed.values()):
                raise
            refused = {row: await self._conflict(wanted[row], one) for row, one in failed.items()}
        finally:
            self.written.set()
        now = await self._read(draft.key for row, draft in wanted.items() if row not in refused)
        outcomes: dict[int, Saved | Refused] = {row: why for row, why in refused.items() if why}
        for row, draft in wanted.items():
            before, after = known.get(draft.key), now.get(draft.key)
            if after and took_effect(draft, before, after):
                outcomes[row] = Saved("changed" if before else "created", after)
        return outcomes

    async def _conflict(self, draft: Draft, failed: Mapping[str, Any]) -> Conflict | None:
        """Whose natural key it is. None when nobody's any more, or when the record itself was just created."""
        if failed["keyPattern"] == {"_id": 1}:
            return None
        natural = next((one for one in self._naturals.values() if f" index: {one.name} " in failed["errmsg"]), None)
        if natural is None:
            return Conflict(f"another {draft.kind} has the same {' and '.join(failed['keyPattern'])}")
        # The index, entered at the key, names the holder even where a path goes through an array.
        cursor = self.collection.find(natural.holds_for() | failed["keyValue"], {"_id": 1})
        async for holder in cursor.hint(natural.name).min(list(failed["keyValue"].items())).limit(1):
            existing = holder["_id"].partition("/")[2]
            if existing != draft.id:
                return Conflict(
                    f"{draft.kind} {existing} has the same {' and '.join(natural.fields)}; change or void that one",
                    existing=existing,
                )
        return None


def _or_raise(outcomes: list[Saved | Refused]) -> Saved:
    outcome = outcomes[0]
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _update(draft: Draft, before: Record | None) -> UpdateOne:
    """The write of a draft, which finds nothing to write to unless `before` is what is stored."""
    guard = {"_id": draft.key, "version": before.version if before else {"$exists": False}}
    changed = {
        "kind": {"$literal": draft.kind},
        "state": {"$literal": draft.state},
        "void": draft.void,
        "subjects": {"$setUnion": [{"$ifNull": ["$subjects", []]}, {"$literal": list(draft.subjects)}]},
    }
    return UpdateOne(guard, [{"$set": changed | _one_more(draft.entry)}], upsert=before is None)


def _one_more(entry: Entry) -> Document:
    """One more version: its number, its line of history, and the mark that the relay looks for."""
    version = {"$add": [{"$ifNull": ["$version", 0]}, 1]}
    line = {"$mergeObjects": [{"version": version, "at": "$$NOW"}, {"$literal": asdict(entry)}]}
    return {
        "version": version,
        "history": {"$concatArrays": [{"$ifNull": ["$history", []]}, [line]]},
        "mark": LIVE,
        "updated_at": "$$NOW",
    }
