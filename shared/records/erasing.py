"""A person's records are erased: of each only the id stays, and that it is withdrawn from everybody."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from shared.mongo import Collection as MongoCollection
from shared.records.record import Entry
from shared.records.store import Records
from shared.records.updates import one_more

ERASED = Entry(by="aurora", action="erased")
BLANK: dict[str, Any] = {"key": None, "value": None, "headers": [], "reason": "what it said of a person was erased"}


async def erase(records: Records, where: Mapping[str, Any], *, aliases: Collection[str] = ()) -> int:
    """Replace each record that matches by a tombstone: id, kind, version, subjects. Return how many; safe to repeat.

    State, history, keys and digests go in the same write, and the relay withdraws it from everybody.
    `aliases` are digests of the outside ids, by which a row that brings the person again is known.
    """
    tombstone: dict[str, Any] = {
        "_id": "$_id",
        "kind": "$kind",
        "state": {"$literal": {}},
        "void": True,
        "gone": "erased",
        "subjects": "$subjects",
        **one_more(ERASED, afresh=True),
    }
    if aliases:
        tombstone["aliases"] = sorted(aliases)
    standing = {"$and": [where, {"gone": {"$ne": "erased"}}]}
    done = await records.collection.update_many(standing, [{"$replaceWith": tombstone}])
    records.written.set()
    return int(done.modified_count)


async def erase_parked(parked: MongoCollection, names: Iterable[str], closed: Mapping[str, Any]) -> int:
    """Blank each parked event that has one of these names in its key, headers or bytes; it stays known that it came."""
    wanted = [name.encode() for name in names]
    ids = [one["_id"] async for one in parked.find() if any(name in _said(one) for name in wanted)]
    if ids:
        await parked.update_many({"_id": {"$in": ids}}, {"$set": {**BLANK, **closed}})
    return len(ids)


def _said(parked: Mapping[str, Any]) -> bytes:
    headers = [part for header in parked["headers"] for part in header]
    parts = (parked["key"], parked["value"], *headers)
    return b"\n".join(part if isinstance(part, bytes) else str(part or "").encode() for part in parts)
