"""The write that makes a record's next version, as MongoDB is told it: state, history and mark in one update."""

from dataclasses import asdict
from typing import Any

from pymongo import UpdateOne

from shared.record import Draft, Entry, Record

LIVE = {"rank": 0, "since": "$$NOW"}
REPUBLISH = {"rank": 1, "since": "$$NOW"}
# The fields of a document that are not in the draft that was written.
ADDED = {"version": 1, "history": {"$slice": -1}, "subjects": 1, "updated_at": 1}

Document = dict[str, Any]


def update_of(draft: Draft, before: Record | None) -> UpdateOne:
    """The write of a draft, which finds nothing to write to unless `before` is what is stored."""
    guard = {"_id": draft.key, "version": before.version if before else {"$exists": False}}
    changed = {
        "kind": {"$literal": draft.kind},
        "state": {"$literal": draft.state},
        "void": draft.void,
        "subjects": {"$setUnion": [{"$ifNull": ["$subjects", []]}, {"$literal": list(draft.subjects)}]},
    }
    return UpdateOne(guard, [{"$set": changed | one_more(draft.entry)}], upsert=before is None)


def one_more(entry: Entry) -> Document:
    """One more version: its number, its line of history, and the mark that the relay looks for."""
    version = {"$add": [{"$ifNull": ["$version", 0]}, 1]}
    line = {"$mergeObjects": [{"version": version, "at": "$$NOW"}, {"$literal": asdict(entry)}]}
    return {
        "version": version,
        "history": {"$concatArrays": [{"$ifNull": ["$history", []]}, [line]]},
        "mark": LIVE,
        "updated_at": "$$NOW",
    }
