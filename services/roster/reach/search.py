"""A student is found by the beginnings of a name, within the caller's reach."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from services.roster.identity.names import folded, name_words, words
from services.roster.kinds.student import STUDENT
from services.roster.reach.scope import Scope
from services.roster.store import AT_ONCE, Store
from shared.doors.auth import Reach
from shared.errors import Problem, refused
from shared.records.store import Record

FOUND_AT_MOST = 20
RECORDS_AT_MOST = 100  # of one human there may be several
LETTERS_AT_LEAST = 2
BY_NAME = [("state.family_name", 1), ("state.given_name", 1), ("_id", 1)]


def asked_words(text: str, *, parameter: str = "q", whom: str = "a student") -> list[str]:
    """The words to look for. Raise Refused for less than two letters, which would name half a district."""
    found = list(dict.fromkeys(words(text)))
    if not any(len(word) >= LETTERS_AT_LEAST for word in found):
        detail, works = f"that is too little to find {whom} by", "write at least two letters of a name"
        raise refused(Problem(f"/query/{parameter}", detail, works, "too_short"))
    return found


async def search(store: Store, reach: Reach, text: str, where: Mapping[str, Any]) -> list[Record]:
    """At most 20 students within reach, each human once: whole words before beginnings, then by name.

    The name of a merged person finds who it is now.
    """
    asked = asked_words(text)
    within = await Scope(reach, store).filter(STUDENT.name)
    merges = await store.merges()
    found: dict[str, int] = {}
    for rank, matching in enumerate((whole(asked), beginning(asked))):
        standing = {"kind": STUDENT.name, "void": False}
        cursor = store.raw.find({"$and": [standing, matching, where, within]}, {"_id": 1}).sort(BY_NAME)
        async for each in cursor.limit(RECORDS_AT_MOST):
            found.setdefault(merges.survivor(str(each["_id"]).partition("/")[2]), rank)
    people = (await store.records.get_many(STUDENT.name, list(found)[:FOUND_AT_MOST])).values()
    return sorted((one for one in people if not one.void), key=lambda one: (found[one.id], *_as_listed(one)))


def _as_listed(student: Record) -> tuple[str, str, str]:
    return folded(student.state["family_name"]), folded(student.state["given_name"]), student.id


def whole(asked: Sequence[str]) -> Mapping[str, Any]:
    """Those who have each of these words in their name."""
    return {"words": {"$all": list(asked)}}


def beginning(asked: Sequence[str]) -> Mapping[str, Any]:
    """Those of whose names each of these is the beginning of a word."""
    # Nothing but letters and digits is left in a word: none of it means anything to a pattern.
    return {"$and": [{"words": {"$regex": f"^{word}"}} for word in asked]}


async def bring_up(store: Store) -> int:
    """Give students the words to be found by who were kept before there were any; how many there were."""
    lacking = {"kind": STUDENT.name, "words": {"$exists": False}, "gone": {"$exists": False}}
    done = 0
    while found := await store.raw.find(lacking, {"state": 1, "version": 1}).limit(AT_ONCE).to_list(None):
        # Of two writers the other one's name stands, and its words with it.
        await store.raw.bulk_write(
            [
                UpdateOne(
                    {"_id": each["_id"], "version": each["version"]}, {"$set": {"words": name_words(each["state"])}}
                )
                for each in found
            ],
            ordered=False,
        )
        done += len(found)
    return done
