"""Who answers for a student, kept beside what roster has told, so that whom a guardian answers for is one look-up."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from shared.mongo import Collection as Stored

Expression = dict[str, Any]
KIND = "guardian/"

_STANDS: Expression = {"$and": [{"$eq": [{"$indexOfBytes": ["$$this.k", KIND]}, 0]}, {"$gt": ["$$this.v.s", None]}]}
_IDS: Expression = {
    "$reduce": {
        "input": {"$objectToArray": {"$ifNull": ["$facts", {}]}},
        "initialValue": [],
        "in": {"$cond": [_STANDS, {"$setUnion": ["$$value", ["$$this.v.s.guardian_id"]]}, "$$value"]},
    }
}
# Of a document of `known`, as it is now: the guardians whose tie stands, also one that has ended; nothing without any.
TIED: Expression = {"$cond": [{"$eq": [_IDS, []]}, "$$REMOVE", _IDS]}


async def students_tied(known: Stored, guardian_ids: Collection[str]) -> dict[str, set[str]]:
    """By guardian, the students whom roster has ever tied to them, each by the id that it was told of."""
    found: dict[str, set[str]] = defaultdict(set)
    asked = set(guardian_ids)
    async for document in known.find({"tied": {"$in": sorted(asked)}}, {"tied": 1}):
        for guardian in asked.intersection(document["tied"]):
            found[guardian].add(document["_id"].partition("/")[2])
    return found
