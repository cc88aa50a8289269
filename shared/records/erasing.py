"""A person's records are erased: of each only the id stays, and that it is withdrawn from everybody."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from shared.mongo import Collection as MongoCollection
from shared.records.record import Entry
from shared.records.store import Records
from shared.records.updates import one_more

ERASED = Entry(by="aurora", action="erased")
TOMBSTONE: dict[str, Any] = {
    "_id": "$_id",
    "kind": "$kind",
    "state": {"$literal": {}},
    "void": True,
    "gone": "erased",
    "subjects": "$subjects",
    **one_more(ERASED, afresh=True),
}
BLANK: dict[str, Any] = {"key": None, "value": None, "headers": [], "reason": "what it said of a person was erased"}


async def erase(records: Records, where: Mapping[str, Any], *, aliases: Collection[str] = ()) -> int:
    """Replace each record that matches by a tombstone: id, kind, version, subjects. Return how many; safe to repeat.

    State, history, keys and digests go in the same write, and the relay withdraws it from everybody.
    `aliases` are digests of the outside ids, by which a row that brings the person again is known.
    """
    known = {"aliases": sorted(aliases)} if aliases else {}
    return await _replace(records, where, TOMBSTONE | known)


async def erase_of(records: Records, kind: str, field: str, ids: Collection[str]) -> int:
    """Erase what a kind's records say of the person with these ids, whom `field` of their state names; how many.

    Where it is a list that names others too, the record stays theirs: the ids leave the list, the
    history begins anew, since a line of it may quote them, and the relay withdraws the record from
    the person. The write itself decides which it is, so that nobody comes between.
    """
    path, theirs = f"$state.{field}", [f"student/{id}" for id in ids]
    others = {"$filter": {"input": path, "cond": {"$not": [{"$in": ["$$this", list(ids)]}]}}}
    left: dict[str, Any] = {"$cond": [{"$isArray": [path]}, others, []]}
    # One that is told to nobody is not told to be withdrawn either: that would say that there was one.
    subjects = {"$cond": [{"$eq": ["$subjects", []]}, [], {"$setUnion": ["$subjects", theirs]}]}
    state = {"$mergeObjects": ["$state", {field: left}]}
    without = {"$mergeObjects": ["$$ROOT", {"state": state, "subjects": subjects, **one_more(ERASED, afresh=True)}]}
    named = {"kind": kind, f"state.{field}": {"$in": list(ids)}}
    return await _replace(records, named, {"$cond": [{"$eq": [left, []]}, TOMBSTONE, without]})


async def _replace(records: Records, where: Mapping[str, Any], by: Mapping[str, Any]) -> int:
    standing = {"$and": [where, {"gone": {"$ne": "erased"}}]}
    done = await records.collection.update_many(standing, [{"$replaceWith": by}])
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
