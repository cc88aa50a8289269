"""Awards and assessments go with the source id that they were logged under, when roster tells that it is another's."""

from collections.abc import Collection, Mapping
from typing import Any

import structlog

from services.credentials.assessment.record import ASSESSMENT
from services.credentials.award.record import AWARD, Store
from shared.errors import Conflict, Refused, Retryable, Stale
from shared.mongo import Database
from shared.records.records import Draft, Entry, Record

UNDER = "state._under"
UNMOVED = "unmoved/"
TRIES = 5

log = structlog.get_logger(__name__)


async def follow_names(store: Store, view: Database, students: Collection[str]) -> int:
    """Move what was logged under ids that are another student's now, of these students or to them; how many.

    `view` is what roster has told, as it was just written.

    An id that several records have for a moment moves nothing: the news of the one that lost it is
    on its way. What the other student has already, of the same day, stays and is listed.
    """
    if not students:
        return 0
    found = await _candidates(store, view, students)
    owners = await _owners(view, {str(record.state["_under"]) for record in found})
    moved = 0
    for record in found:
        owner = owners.get(record.state["_under"])
        if owner is not None:
            moved += await _moved(store, record, owner)
    return moved


async def unmoved(store: Store) -> dict[str, str]:
    """Why a record did not go with its id, by the record's key."""
    found = store.database["followed"].find({"_id": {"$gt": UNMOVED, "$lt": "unmoved0"}})
    return {each["_id"].removeprefix(UNMOVED): each["why"] async for each in found}


async def _candidates(store: Store, view: Database, students: Collection[str]) -> list[Record]:
    ids = [f"student/{each}" for each in students]
    told = view["known"].find({"_id": {"$in": ids}}, {"own.s.alias_digests": 1})
    digests = [one async for each in told for one in ((each.get("own") or {}).get("s") or {}).get("alias_digests", ())]
    ways: list[dict[str, Any]] = [{UNDER: {"$in": digests}}]
    ways.append({"state.student_id": {"$in": sorted(students)}, UNDER: {"$gt": ""}})
    ways.append({"_id": {"$in": sorted(await unmoved(store))}})  # what stood in their way may not stand any more
    where = {"kind": {"$in": [AWARD, ASSESSMENT]}, "void": False, "$or": ways}
    return [Record.of(document) async for document in store.raw.find(where)]


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


async def _moved(store: Store, record: Record, owner: str) -> bool:
    entry = Entry(by="aurora", action="moved", why=f"the id that it was logged under is {owner}'s")
    note = {"_id": f"{UNMOVED}{record.key}"}
    for _ in range(TRIES):
        if record.void or record.state["student_id"] == owner:
            return False
        state = {**record.state, "student_id": owner}
        draft = Draft(record.kind, record.id, state, entry, (f"student/{owner}",), expected=record.version)
        (saved,) = await store.records.put_many([draft])
        if not isinstance(saved, Refused):
            await store.database["followed"].delete_one(note)
            return True
        if isinstance(saved, Conflict):
            said = f"the id that it was logged under is {owner}'s now, who has the same already: {saved.detail}"
            await store.database["followed"].replace_one(note, {"why": said}, upsert=True)
            log.warning("a record did not go with the id that it was logged under", record=record.key, to=owner)
            return False
        if not isinstance(saved, Stale):
            raise saved
        record = await store.records.get(record.kind, record.id) or record
    raise Retryable("others keep changing what is to be moved")
