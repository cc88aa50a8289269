"""Records go with the source id that they were logged under, when roster tells that it is another student's now."""

from collections.abc import Collection, Mapping
from typing import Any

import structlog

from shared.errors import Conflict, Refused, Retryable, Stale
from shared.mongo import Database
from shared.records.record import Draft, Entry, Record
from shared.records.store import Records
from shared.roster_copy.following import followed, notes_of
from shared.roster_copy.students import UNDER

UNMOVED = "unmoved"
TRIES = 5

log = structlog.get_logger(__name__)


async def follow_names(
    records: Records, student_of: Mapping[str, str], view: Database, students: Collection[str]
) -> int:
    """Move what was logged under ids that are another student's now, of these students or to them; how many.

    `view` is what roster has told, as it was just written; `student_of` gives, by kind, the field
    of its state that names a student.

    An id that several records have for a moment moves nothing: the news of the one that lost it is
    on its way. What the other student has already, of the same day, stays and is listed. A record of
    several students stays too: it is kept by the ids of persons, and went under no id of one of them.
    """
    if not students or not student_of:
        return 0
    found = await _candidates(records, student_of, view, students)
    owners = await _owners(view, {str(record.state[UNDER]) for record in found})
    moved = 0
    for record in found:
        owner = owners.get(record.state[UNDER])
        if owner is not None and isinstance(record.state[student_of[record.kind]], str):
            moved += await _moved(records, record, student_of[record.kind], owner)
    return moved


async def unmoved(records: Records) -> dict[str, str]:
    """Why a record did not go with its id, by the record's key."""
    return await followed(records, UNMOVED, "why")


async def _candidates(
    records: Records, student_of: Mapping[str, str], view: Database, students: Collection[str]
) -> list[Record]:
    ids = [f"student/{each}" for each in students]
    told = view["known"].find({"_id": {"$in": ids}}, {"own.s.alias_digests": 1})
    digests = [one async for each in told for one in ((each.get("own") or {}).get("s") or {}).get("alias_digests", ())]
    under = f"state.{UNDER}"
    ways: list[dict[str, Any]] = [{under: {"$in": digests}}]
    ways += [
        {"kind": kind, f"state.{field}": {"$in": sorted(students)}, under: {"$gt": ""}}
        for kind, field in student_of.items()
    ]
    # What stood in their way may not stand any more.
    ways.append({"_id": {"$in": sorted(await unmoved(records))}, under: {"$gt": ""}})
    where = {"kind": {"$in": sorted(student_of)}, "void": False, "$or": ways}
    return [Record.of(document) async for document in records.collection.find(where)]


async def _owners(view: Database, digests: Collection[str]) -> Mapping[str, str]:
    """The one student who has an id, by its digest."""
    if not digests:
        return {}
    owners: dict[str, set[str]] = {}
    told = view["known"].find({"own.s.alias_digests": {"$in": sorted(digests)}}, {"own.s.alias_digests": 1})
    async for each in told:
        for digest in each["own"]["s"]["alias_digests"]:
            owners.setdefault(digest, set()).add(each["_id"].partition("/")[2])
    return {digest: next(iter(ids)) for digest, ids in owners.items() if len(ids) == 1}


async def _moved(records: Records, record: Record, field: str, owner: str) -> bool:
    entry = Entry(by="aurora", action="moved", why=f"the id that it was logged under is {owner}'s")
    note = {"_id": f"{UNMOVED}/{record.key}"}
    for _ in range(TRIES):
        if record.void or record.state[field] == owner:
            return False
        state = {**record.state, field: owner}
        draft = Draft(record.kind, record.id, state, entry, (f"student/{owner}",), expected=record.version)
        (saved,) = await records.put_many([draft])
        if not isinstance(saved, Refused):
            await notes_of(records).delete_one(note)
            return True
        if isinstance(saved, Conflict):
            said = f"the id that it was logged under is {owner}'s now, who has the same already: {saved.detail}"
            await notes_of(records).replace_one(note, {"why": said}, upsert=True)
            log.warning("a record did not go with the id that it was logged under", record=record.key, to=owner)
            return False
        if not isinstance(saved, Stale):
            raise saved
        record = await records.get(record.kind, record.id) or record
    raise Retryable("others keep changing what is to be moved")
