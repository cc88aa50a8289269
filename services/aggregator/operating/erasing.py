"""A person forgotten in the aggregator: facts go as their records are withdrawn; what was parked unread is blanked."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.mongo import Database
from shared.records.erasing import erase_parked


async def erase_unread(database: Database, names: Sequence[str]) -> int:
    """Blank the parked records that name the person; how many there were."""
    closed = {"how": "erased", "at": datetime.now(UTC), "reason": "what it said of a person was erased"}
    return await erase_parked(database["parked"], names, {"closed": closed})


async def standing(database: Database, ids: Sequence[str]) -> int:
    """How many facts of these students are not withdrawn yet."""
    found = database["subjects"].find({"_id": {"$in": [f"student/{id}" for id in ids]}})
    return sum([sum(fact["s"] is not None for fact in one.get("facts", {}).values()) async for one in found])
