"""Records are marked to be published again, a piece at a time, for a consumer that is new or restored."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from shared.records import beats
from shared.records.store import Records

PIECE = 5_000


async def republish(records: Records, *, kind: str = "", since: datetime | None = None) -> AsyncIterator[int]:
    """Mark what matches, in the order of ids; yields how many records each piece has marked.

    One that waits for the relay already is not marked again: it is published in any case.
    """
    # The relay's own number stands among the records and concerns nobody.
    where: dict[str, Any] = {"kind": kind or {"$ne": beats.KIND}}
    if since:
        where["updated_at"] = {"$gte": since}
    async for piece in pieces(records):
        yield await records.mark_for_republish({"$and": [piece, where]})


async def pieces(records: Records) -> AsyncIterator[dict[str, Any]]:
    """Yield filters that each hold for some thousand records, and together for all there are.

    One command over all of a large service would outlast every time limit on the way.
    """
    after = ""
    while True:
        found = records.collection.find({"_id": {"$gt": after}}, {"_id": 1}).sort("_id", 1).skip(PIECE - 1).limit(1)
        last = [document["_id"] async for document in found]
        yield {"_id": {"$gt": after, **({"$lte": last[0]} if last else {})}}
        if not last:
            return
        after = last[0]
