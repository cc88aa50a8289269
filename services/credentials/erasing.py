"""A person forgotten in credentials: awards and assessments, and what roster had told of the student."""

from collections.abc import Sequence
from typing import Any

from services.credentials.assessments.keeping import ASSESSMENT
from services.credentials.store import AWARD
from shared.mongo import Database
from shared.records.erasing import erase, erase_parked
from shared.records.records import Records

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
}


async def erase_person(database: Database, ids: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Everything that credentials keeps of the person with these ids; how many records there were.

    What roster told keeps its versions, so that nothing older is taken in again. `names` are by
    what a record that was parked unread would name the person.
    """
    where = {"kind": {"$in": [AWARD, ASSESSMENT]}, "state.student_id": {"$in": list(ids)}}
    done = {"records": await erase(Records(database), where)}
    subjects = [f"student/{id}" for id in ids]
    await database["known"].update_many({"_id": {"$in": subjects}}, [{"$set": FORGOTTEN}])
    await database["followed"].delete_many({"_id": {"$in": [f"merge/{id}" for id in ids]}})
    done["parked"] = await erase_parked(database["parked"], names, {})
    return done


async def forgotten(database: Database, ids: Sequence[str]) -> bool:
    """Whether nothing stands any more of what roster told of these."""
    async for document in database["known"].find({"_id": {"$in": [f"student/{id}" for id in ids]}}):
        told = [document.get("own", {}), *document.get("facts", {}).values()]
        if any(one.get("s") is not None for one in told):
            return False
    return True
