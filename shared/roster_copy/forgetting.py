"""A person forgotten in a service: its records of the student, and what roster had told of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.mongo import Database
from shared.records.erasing import erase_of, erase_parked
from shared.records.store import Records
from shared.roster_copy.following import HOME, MERGED

NOTHING: dict[str, Any] = {"v": "$$this.v.v", "s": None}
FORGOTTEN = {
    "own": {"$cond": [{"$eq": [{"$type": "$own"}, "missing"]}, "$$REMOVE", {"v": "$own.v", "s": None}]},
    "facts": {
        "$arrayToObject": {
            "$map": {
                "input": {"$objectToArray": {"$ifNull": ["$facts", {}]}},
                "in": {"k": "$$this.k", "v": NOTHING},
            }
        }
    },
    "taught": [],
    "tied": "$$REMOVE",
}


async def erase_person(
    records: Records, student_of: Mapping[str, str], ids: Sequence[str], names: Sequence[str]
) -> dict[str, int]:
    """Everything that the service keeps of the person with these ids; how many records there were.

    `student_of` gives, by kind, the field of its state that names a student, or several: what is of
    others too stays theirs, without this person. What roster told keeps its versions, so that
    nothing older is taken in again. `names` are by what a record that was parked unread would name
    the person.
    """
    done = {"records": 0}
    for kind, field in sorted(student_of.items()):
        done["records"] += await erase_of(records, kind, field, ids)
    database: Database = records.database
    await database["known"].update_many({"_id": {"$in": [f"student/{id}" for id in ids]}}, [{"$set": FORGOTTEN}])
    await database["followed"].delete_many({"_id": {"$in": [f"{what}/{id}" for what in (MERGED, HOME) for id in ids]}})
    done["parked"] = await erase_parked(database["parked"], names, {})
    return done


async def forgotten(database: Database, ids: Sequence[str]) -> bool:
    """Whether nothing stands any more of what roster told of these."""
    async for document in database["known"].find({"_id": {"$in": [f"student/{id}" for id in ids]}}):
        told = [document.get("own", {}), *document.get("facts", {}).values()]
        if document.get("taught") or document.get("tied") or any(one.get("s") is not None for one in told):
            return False
    return True
