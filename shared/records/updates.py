"""One write makes a record's first or next version in MongoDB: state, history and mark."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from shared.records.beats import NOW_IN_MILLISECONDS
from shared.records.record import Draft, Entry, Record

LIVE = {"rank": 0, "since": "$$NOW"}
REPUBLISH = {"rank": 1, "since": "$$NOW"}
# The fields of a document that are not in the draft that was written.
ADDED = {"version": 1, "history": {"$slice": -1}, "subjects": 1, "updated_at": 1}

Document = dict[str, Any]
# For a kind, what is worked out of a state and kept beside it, in the same write, to be looked up by: it is in no
# answer, no history and no fact, so that working it out otherwise is no new version.
Beside = Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]
NOTHING_BESIDE: Beside = {}


def first_of(draft: Draft, at: datetime, beside: Beside = NOTHING_BESIDE) -> Document:
    """The document that a draft begins, `at` by the database's clock.

    Inserted as it is: made by the database itself, by a pipeline, it cost nine times as much there.
    """
    entry = draft.entry
    line = {"version": 1, "at": at, "by": entry.by, "action": entry.action, "why": entry.why}
    return {
        "_id": draft.key,
        "kind": draft.kind,
        "state": draft.state,
        "void": draft.void,
        "subjects": sorted(set(draft.subjects)),
        "version": 1,
        "history": [{**line, "key": entry.key, "digest": entry.digest}],
        "mark": {"rank": 0, "since": at},
        "updated_at": at,
        **_worked_out(draft, beside),
    }


def next_of(draft: Draft, before: Record, beside: Beside = NOTHING_BESIDE) -> UpdateOne:
    """Give the write that takes a record from `before` to a draft; it finds nothing where `before` is not stored."""
    changed = {
        "state": {"$literal": draft.state},
        "void": draft.void,
        "subjects": {"$setUnion": ["$subjects", {"$literal": list(draft.subjects)}]},
        "gone": "$$REMOVE",
        **{name: {"$literal": value} for name, value in _worked_out(draft, beside).items()},
    }
    more = one_more(draft.entry, afresh=bool(before.gone))
    return UpdateOne({"_id": draft.key, "version": before.version}, [{"$set": changed | more}])


def one_more(entry: Entry, *, leaping: bool = False, afresh: bool = False) -> Document:
    """One more version: its number, its line of history, and the mark that the relay looks for.

    `leaping`: a number above every one that any copy of the record ever had. `afresh`: the
    history begins with it.
    """
    version: Document = {"$add": [{"$ifNull": ["$version", 0]}, 1]}
    version = {"$max": [version, NOW_IN_MILLISECONDS]} if leaping else version
    line = {"$mergeObjects": [{"version": version, "at": "$$NOW"}, {"$literal": asdict(entry)}]}
    return {
        "version": version,
        "history": [line] if afresh else {"$concatArrays": [{"$ifNull": ["$history", []]}, [line]]},
        "mark": LIVE,
        "updated_at": "$$NOW",
    }


def _worked_out(draft: Draft, beside: Beside) -> Mapping[str, Any]:
    work_out = beside.get(draft.kind)
    return work_out(draft.state) if work_out else {}
