"""The number of a service's heartbeats, kept among its records, so that a copy of them tells how old it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from shared.mongo import Collection, Session

KIND = "heartbeat"
ID = f"{KIND}/relay"
# Milliseconds since 1970: no record and no relay has had as many versions as that, whichever copy of it we see.
NOW_IN_MILLISECONDS = {"$toLong": "$$NOW"}


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat to be: its number, higher than every one before, and the moment by MongoDB's clock."""

    number: int
    at: datetime


async def next_beat(records: Collection, session: Session | None = None) -> Beat:
    """Raise the number by one, in one majority write with the moment.

    It stands among the records, in the shape of a void one that concerns nobody: whoever puts an
    older copy of them back, puts an older number back.
    """
    return await _raised(records, {"$add": [{"$ifNull": ["$version", 0]}, 1]}, session)


async def leap(records: Collection) -> Beat:
    """Raise the number above every one that was ever sent, whichever copy of the records this is."""
    return await _raised(records, {"$max": [{"$add": [{"$ifNull": ["$version", 0]}, 1]}, NOW_IN_MILLISECONDS]}, None)


async def _raised(records: Collection, number: object, session: Session | None) -> Beat:
    shape: dict[str, Any] = {"kind": KIND, "state": {"$literal": {}}, "void": True, "subjects": [], "history": []}
    found = await records.find_one_and_update(
        {"_id": ID},
        [{"$set": {**shape, "version": number, "updated_at": "$$NOW"}}],
        upsert=True,
        session=session,
        return_document=ReturnDocument.AFTER,
    )
    return Beat(int(found["version"]), found["updated_at"])
