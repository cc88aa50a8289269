"""One document is a record's state, its history and its outbox, and one write changes all of them or none."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from shared.errors import Conflict, Refused, Retryable
from shared.mongo import Collection as Stored
from shared.mongo import Database, aggregate, server_time
from shared.process import metrics
from shared.process.grouped import Grouped
from shared.records.record import (
    Draft,
    Entry,
    Natural,
    Past,
    Record,
    Saved,
    may_change,
    may_create,
    may_put,
    took_effect,
)
from shared.records.updates import ADDED, NOTHING_BESIDE, REPUBLISH, Beside, first_of, next_of, one_more

__all__ = ["Draft", "Entry", "Natural", "Past", "Record", "Records", "Saved"]

CHUNK = 1000
SHARED_ROWS = 100
TRIES = 10
COUNTED_AT_MOST = 100_000
UNPUBLISHED = "unpublished"
DUPLICATE_KEY = 11000
REFERENCE_CHANGED = Entry(by="aurora", action="reference_changed")

Document = dict[str, Any]
# A pure decision: Saved (nothing to write), None (write it), or a Refused raised.
Decide = Callable[[Draft, Record | None], Saved | None]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A draft that a caller wants written; `unseen` when it is not even looked whether it may be."""

    draft: Draft
    decide: Decide
    unseen: bool


def _fitting(callers: Sequence[Sequence[_Wish]]) -> int:
    """How many of the first callers may share a write: no two about one record, and not too much at once."""
    keys: set[str] = set()
    for count, wishes in enumerate(callers):
        theirs = {wish.draft.key for wish in wishes}
        if count and (keys & theirs or len(keys) + len(theirs) > CHUNK):
            return count
        keys |= theirs
    return len(callers)


class Records:
    """A service's records, in the collection `records` of its own database.

    Every write is one document, majority and journaled: state, version, history, subjects and
    the mark that says "not yet published". Every read is of majority data, so that a retry is
    never answered with a version that a failover takes back. Callers that come while others'
    rows are written share the next write. `written` is set after each write of this process, and
    wakes the relay.
    """

    def __init__(
        self,
        database: Database,
        *,
        naturals: Sequence[Natural] = (),
        indexes: Sequence[tuple[str, ...]] = (),
        beside: Beside = NOTHING_BESIDE,
    ) -> None:
        """`indexes` are paths in the document, such as `("kind", "state.student_id")`; `beside`: see Beside."""
        self.database = database
        self.collection = database["records"]
        self.written = asyncio.Event()
        self._naturals = {natural.name: natural for natural in naturals}
        self._indexes = indexes
        self._beside = beside
        self._round = Grouped(self._round_for, fitting=_fitting)
        self._look = Grouped(self._read_for)

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
        # The new keys hold by now: at no moment is a record held to none.
        there = await self.collection.index_information()
        for old in {natural.instead_of for natural in self._naturals.values()} & there.keys():
            await self.collection.drop_index(old)
        for paths in self._indexes:
            await self.collection.create_index([(path, 1) for path in paths])

    async def get(self, kind: str, id: str) -> Record | None:
        """One record, void or not."""
        return (await self.get_many(kind, [id])).get(id)

    async def get_many(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """Those of the records that exist, by id."""
        keys = [f"{kind}/{id}" for id in ids]
        found = await (self._look(keys) if len(keys) < SHARED_ROWS else self._read(keys))
        return {record.id: record for record in found.values() if not record.gone}

    async def find(
        self, kind: str, where: Mapping[str, Any], *, after: str | None = None, limit: int, include_void: bool = False
    ) -> list[Record]:
        """Records in the order of their ids, from the one behind `after`; `where` filters documents."""
        # "0" is the character that follows "/": the range is one kind.
        page: Document = {"_id": {"$gt": f"{kind}/{after or ''}", "$lt": f"{kind}0"}}
        page |= {"gone": {"$exists": False}} if include_void else {"void": False}
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

    async def change_many(self, drafts: Sequence[Draft]) -> list[Saved | Refused]:
        """As `change`, row by row: a refused row stops no other."""
        return await self._save(drafts, may_change)

    async def raise_versions(
        self, where: Mapping[str, Any], entry: Entry = REFERENCE_CHANGED, *, leaping: bool = False
    ) -> int:
        """Give every record that matches one more version: what its facts are made of has changed. Safe to repeat."""
        done = await self.collection.update_many(where, [{"$set": one_more(entry, leaping=leaping)}])
        self.written.set()
        return int(done.modified_count)

    async def mark_for_republish(self, where: Mapping[str, Any]) -> int:
        """Have every record that matches published again as it stands, behind all live writes."""
        unmarked = {"$and": [where, {"mark": {"$exists": False}}]}
        done = await self.collection.update_many(unmarked, [{"$set": {"mark": REPUBLISH}}])
        self.written.set()
        return int(done.modified_count)

    async def unpublished(self) -> tuple[int, float | None]:
        """Count the records that wait for the relay, to 100,000, and the seconds that the oldest live write has."""
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
        documents = await self.collection.find({"_id": {"$in": list(keys)}}).to_list(None)
        return {document["_id"]: Record.of(document) for document in documents}

    async def _read_for(self, callers: Sequence[Collection[str]]) -> list[dict[str, Record]]:
        found = await self._read({key for keys in callers for key in keys})
        return [{key: found[key] for key in keys if key in found} for keys in callers]

    async def _save(self, drafts: Sequence[Draft], decide: Decide) -> list[Saved | Refused]:
        outcomes: dict[int, Saved | Refused] = {}
        for start in range(0, len(drafts), CHUNK):
            outcomes |= await self._save_chunk(dict(enumerate(drafts[start : start + CHUNK], start)), decide)
        for outcome in outcomes.values():
            metrics.RECORDS_WRITTEN.labels(outcome.outcome if isinstance(outcome, Saved) else "refused").inc()
        return [outcomes[row] for row in range(len(drafts))]

    async def _save_chunk(self, rows: dict[int, Draft], decide: Decide) -> dict[int, Saved | Refused]:
        """Read once and write once for all rows, and again for those that another writer overtook.

        Raise Retryable when a record is overtaken again and again. What other rows have
        written by then stands, and is found unchanged by a repeat.
        """
        outcomes: dict[int, Saved | Refused] = {}
        overtaken: Counter[int] = Counter()
        # A create hardly ever meets a record of its id: it is written unseen, and read only when it has.
        unseen = decide is may_create
        while waiting := {row: draft for row, draft in rows.items() if row not in outcomes}:
            first_of_each = {draft.key: row for row, draft in reversed(waiting.items())}
            turn = sorted(first_of_each.values())
            wishes = [_Wish(waiting[row], decide, unseen) for row in turn]
            # What fills a write by itself goes by itself: others need not wait for so much.
            came = await (self._round(wishes) if len(wishes) < SHARED_ROWS else self._decide_and_write(wishes))
            outcomes |= {row: one for row, one in zip(turn, came, strict=True) if one is not None}
            unseen, was_unseen = False, unseen
            overtaken.update(set(turn) - outcomes.keys() if not was_unseen else ())
            if most := max(overtaken.values(), default=0):
                if most >= TRIES:
                    raise Retryable("others keep changing the same record; send this again")
                await asyncio.sleep(0.002 * 2**most)
        return outcomes

    async def _round_for(self, callers: Sequence[Sequence[_Wish]]) -> list[list[Saved | Refused | None]]:
        came = iter(await self._decide_and_write([wish for wishes in callers for wish in wishes]))
        return [list(islice(came, len(wishes))) for wishes in callers]

    async def _decide_and_write(self, wishes: Sequence[_Wish]) -> list[Saved | Refused | None]:
        """Decide every wish, no two of them about one record, and write; None where another writer was first."""
        seen = [wish.draft.key for wish in wishes if not wish.unseen]
        known = await self._read(seen) if seen else {}
        outcomes: dict[str, Saved | Refused] = {}
        wanted: list[Draft] = []
        for wish in wishes:
            try:
                ready = wish.draft.readied()
                settled = wish.decide(ready, known.get(ready.key))
            except Refused as refusal:
                outcomes[wish.draft.key] = refusal
                continue
            if settled:
                outcomes[ready.key] = settled
            else:
                wanted.append(ready)
        if wanted:
            outcomes |= await self._write(wanted, known)
        return [outcomes.get(wish.draft.key) for wish in wishes]

    async def _write(self, wanted: Sequence[Draft], known: Mapping[str, Record]) -> dict[str, Saved | Refused]:
        changed = {draft.key: known[draft.key] for draft in wanted if draft.key in known}
        at = await server_time(self.database) if len(changed) < len(wanted) else None
        made = {draft.key: first_of(draft, at, self._beside) for draft in wanted if at and draft.key not in changed}
        refused: dict[str, Conflict | None] = {}
        try:
            await self.collection.bulk_write(
                [
                    InsertOne(made[draft.key]) if draft.key in made else next_of(draft, known[draft.key], self._beside)
                    for draft in wanted
                ],
                ordered=False,
            )
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(one["code"] != DUPLICATE_KEY for one in failed):
                raise
            drafts = [(wanted[one["index"]], one) for one in failed]
            refused = {draft.key: await _conflict(self.collection, self._naturals, draft, one) for draft, one in drafts}
        finally:
            self.written.set()
        outcomes: dict[str, Saved | Refused] = {key: why for key, why in refused.items() if why}
        outcomes |= {key: Saved("created", Record.of(made[key])) for key in made.keys() - refused.keys()}
        written = [draft for draft in wanted if draft.key in changed.keys() - refused.keys()]
        for draft, after in await self._as_it_stands(written, changed) if written else ():
            if took_effect(draft, changed[draft.key], after):
                outcomes[draft.key] = Saved("created" if changed[draft.key].gone else "changed", after)
        return outcomes

    async def _as_it_stands(self, written: Sequence[Draft], known: Mapping[str, Record]) -> list[tuple[Draft, Record]]:
        """Read what was just written: what the database added to it, or all of a record that has moved on since."""
        cursor = self.collection.find({"_id": {"$in": [draft.key for draft in written]}}, ADDED)
        added = {document["_id"]: document for document in await cursor.to_list(None)}
        found = {
            draft.key: draft.written(added[draft.key], known[draft.key]) for draft in written if draft.key in added
        }
        more = [key for key, record in found.items() if record is None]
        found |= await self._read(more) if more else {}
        return [(draft, record) for draft in written if (record := found.get(draft.key))]


def _or_raise(outcomes: list[Saved | Refused]) -> Saved:
    outcome = outcomes[0]
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


async def _conflict(
    collection: Stored, naturals: Mapping[str, Natural], draft: Draft, failed: Mapping[str, Any]
) -> Conflict | None:
    """Name whose key refused a draft. None when nobody has it any more, or the draft's own record is there."""
    if failed["keyPattern"] == {"_id": 1}:
        return None
    natural = next((one for one in naturals.values() if f" index: {one.name} " in failed["errmsg"]), None)
    if natural is None:
        said = f"another {draft.kind} has the same {' and '.join(failed['keyPattern'])}"
        return Conflict(said, works="change or void that one", code="taken")
    # The index, entered at the key, names the holder even where a path goes through an array.
    cursor = collection.find(natural.holds_for() | failed["keyValue"], {"_id": 1})
    async for holder in cursor.hint(natural.name).min(list(failed["keyValue"].items())).limit(1):
        existing = holder["_id"].partition("/")[2]
        if existing != draft.id:
            return Conflict(
                f"{draft.kind} {existing} has the same {' and '.join(natural.fields)}",
                works="change or void that one",
                code="taken",
                existing=existing,
            )
    return None
