"""What is counted is written here, live or anew: cells and facts of one partition, in the transaction of its turn."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import BulkWriteError

from services.aggregator.domain.catalogue import Definitions, key_and_version
from services.aggregator.domain.counts import Cell, Days, Delta
from services.aggregator.domain.facts import Subject, subject_from
from services.aggregator.domain.shapes import Side
from shared import mongo

COUNTS_OF = ("p", "m", "v")  # by which the cells of one partition number are found
SIDES: tuple[Side, ...] = ("num", "den")


class Ledger:
    """One partition number's facts and cells within one transaction."""

    def __init__(self, database: mongo.Database, session: mongo.Session) -> None:
        self._db = database
        self._session = session

    async def how_many(self, partition: int) -> int:
        """How many subjects there are."""
        steps: list[dict[str, Any]] = [{"$match": {"p": partition}}, {"$count": "n"}]
        return sum([one["n"] async for one in mongo.aggregate(self._db["subjects"], steps, session=self._session)])

    async def subjects_behind(self, partition: int, after: str, limit: int) -> list[Subject]:
        """The next subjects in the order of their ids."""
        where = {"p": partition, "_id": {"$gt": after}}
        found = self._db["subjects"].find(where, session=self._session).sort("_id", 1).limit(limit)
        return [subject_from(document) async for document in found]

    async def clear(self, partition: int, definitions: Definitions, limit: int) -> int:
        """Delete at most so many cells of these definitions; how many it were."""
        return await self._delete({"p": partition, "$or": _filed(definitions)}, limit) if definitions else 0

    async def clear_all_but(self, partition: int, definitions: Definitions, limit: int) -> int:
        """Delete at most so many cells of any other definition; how many it were."""
        return await self._delete({"p": partition, "$nor": _filed(definitions)}, limit)

    async def cells(self, partition: int, definition: str) -> Delta:
        """Every cell of a definition."""
        found = self._db["counts"].find({"p": partition, **_filed([definition])[0]}, session=self._session)
        return {cell_of(share): dict(days_of(share)) async for share in found}

    async def add(self, partition: int, delta: Delta) -> None:
        """Add to the cells."""
        if not delta:
            return
        # As one plain command: made into objects one by one, the cells of a batch cost as much as folding it.
        updates = count_updates(partition, delta)
        update = {"update": "counts", "updates": updates, "ordered": False}
        reply = await self._db.command(update, session=self._session)
        if reply.get("writeErrors"):
            raise BulkWriteError(reply)

    async def put(self, partition: int, cells: Mapping[Cell, Days | None]) -> None:
        """Make these cells what they are here said to be; None: there is no such cell."""
        if not cells:
            return
        writes: list[DeleteOne | ReplaceOne[Any]] = []
        for cell, days in cells.items():
            at = {"_id": share_id(cell, partition)}
            writes.append(DeleteOne(at) if days is None else ReplaceOne(at, share_of(cell, partition, days), True))
        await self._db["counts"].bulk_write(writes, ordered=False, session=self._session)

    async def tell(self, id: str, report: Mapping[str, Any]) -> None:
        """Keep what came of a definition's recount, for whoever asked."""
        kept = {**report, "at": datetime.now(UTC)}
        await self._db["recounts"].replace_one({"_id": id}, kept, upsert=True, session=self._session)

    async def _delete(self, where: Mapping[str, Any], limit: int) -> int:
        found = self._db["counts"].find(where, {"_id": 1}, session=self._session).limit(limit)
        ids = [one["_id"] async for one in found]
        if ids:
            await self._db["counts"].delete_many({"_id": {"$in": ids}}, session=self._session)
        return len(ids)


def _filed(definitions: Iterable[str]) -> Sequence[dict[str, Any]]:
    return [dict(zip("mv", key_and_version(one), strict=True)) for one in sorted(definitions)]


def count_updates(partition: int, counts: Delta) -> list[dict[str, Any]]:
    """One `$inc` for each cell, on this partition's share of it: no other partition touches it."""
    updates = []
    for cell, days in counts.items():
        m, v, s, y, d, x = cell
        increments = {f"{side}.{day}": n for (side, day), n in days.items()}
        share = {"m": m, "v": v, "s": s, "y": y, "d": d, "x": x, "p": partition}
        updates.append(
            {
                "q": {"_id": f"{m}|{v}|{s}|{y}|{d}|{x}|{partition}"},
                "u": {"$inc": increments, "$setOnInsert": share},
                "upsert": True,
            }
        )
    return updates


def cell_of(share: Mapping[str, Any]) -> Cell:
    """Of which cell a stored document is a share."""
    return Cell(share["m"], share["v"], share["s"], share["y"], share["d"], share["x"])


def days_of(share: Mapping[str, Mapping[str, int]]) -> Iterable[tuple[tuple[Side, int], int]]:
    """Its dated entries."""
    for side in SIDES:
        for day, n in share.get(side, {}).items():
            yield (side, int(day)), n


def share_id(cell: Cell, partition: int) -> str:
    return "|".join((*map(str, cell), str(partition)))


def share_of(cell: Cell, partition: int, days: Days) -> dict[str, Any]:
    """One partition number's share of a cell as it is stored."""
    m, v, s, y, d, x = cell
    share: dict[str, Any] = {"m": m, "v": v, "s": s, "y": y, "d": d, "x": x, "p": partition}
    for (side, day), n in days.items():
        share.setdefault(side, {})[str(day)] = n
    return share
