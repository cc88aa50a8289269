"""Facts go with the source id that they were sent under, to whichever person has it now."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import ReplaceOne

from services.roster.enrolments.starts import Begin, followed, touched
from services.roster.identity.people import is_source
from services.roster.kinds.table import subject_of
from services.roster.store import Store
from shared.errors import Refused, Retryable
from shared.records.store import Draft, Entry, Record

PENDING = "names/"
TRIES = 5
AT_ONCE = 500
UNDER = "state._under"
Counts = dict[str, int]


async def elsewhere(store: Store, names: Collection[str]) -> list[str]:
    """Those of these source ids under which something is kept with another record than the one that has the id."""
    asked = sorted(name for name in names if is_source(name))
    if not asked:
        return []
    where = {"void": False, UNDER: {"$in": asked}}
    return sorted({str(one["state"]["_under"]) async for one in store.raw.find(where, {UNDER: 1})})


async def pend(store: Store, names: Sequence[str], entry: Entry) -> None:
    """Note that the facts of these source ids are about to move, so that a crash before they do is made good."""
    notes = [
        ReplaceOne({"_id": f"{PENDING}{name}"}, {"by": entry.by, "action": entry.action, "why": entry.why}, upsert=True)
        for name in names
    ]
    if notes:
        await store.followed.bulk_write(notes)


async def follow_names(store: Store, names: Sequence[str], entry: Entry) -> Counts:
    """Move what was sent under these source ids to whoever has them now; how many records of each kind.

    Whoever was merged keeps what came under the own ids. An id that is nobody's moves nothing.
    """
    moved: Counts = {}
    for _ in range(TRIES):
        owners = {name: one.id for one in await store.people(names) for name in one.state["identifiers"]}
        found = await _of(store, names, owners)
        taken = await _groups_of(store, found, owners)
        drafts = [draft for record in found for draft in _moved(record, owners, taken, entry)]
        if not drafts:
            await store.followed.delete_many({"_id": {"$in": [f"{PENDING}{name}" for name in names]}})
            return moved
        for start in range(0, len(drafts), AT_ONCE):
            part = drafts[start : start + AT_ONCE]
            async with followed(store, _begins(part, {record.key: record for record in found})):
                written = await store.records.put_many(part)
            for draft, saved in zip(part, written, strict=True):
                if not isinstance(saved, Refused) and not draft.void:
                    moved[draft.kind] = moved.get(draft.kind, 0) + 1
    raise Retryable("others keep changing what is to be moved; send it again")


def _begins(drafts: Sequence[Draft], before: Mapping[str, Record]) -> set[Begin]:
    """The begins of enrolments that leave one person and come to another: completions take their start from them."""
    moved = [touched(before[one.key].state, one.state) for one in drafts if one.kind == "enrolment"]
    return set().union(*moved)


async def follow_pending(store: Store) -> None:
    """Finish, at start, what a crash left between an id's new owner and its facts."""
    async for note in store.followed.find({"_id": {"$gt": PENDING, "$lt": "names0"}}):
        entry = Entry(by=note["by"], action=note["action"], why=note["why"])
        await follow_names(store, [note["_id"].removeprefix(PENDING)], entry)


async def _of(store: Store, names: Sequence[str], owners: Mapping[str, str]) -> list[Record]:
    where: dict[str, Any] = {"void": False, UNDER: {"$in": sorted(name for name in names if name in owners)}}
    found = [Record.of(document) async for document in store.raw.find(where)]
    return [record for record in found if owners[record.state["_under"]] != record.state["student_id"]]


async def _groups_of(store: Store, records: Sequence[Record], owners: Mapping[str, str]) -> set[str]:
    """The groups of a year that the new owner has already, by record id: those hold."""
    ids = [_groups_id(one, owners) for one in records if one.kind == "demographics"]
    found = await store.records.get_many("demographics", ids) if ids else {}
    return {id for id, record in found.items() if not record.void}


def _groups_id(record: Record, owners: Mapping[str, str]) -> str:
    return f"{owners[record.state['_under']]}-{record.state['school_year']}"


def _moved(record: Record, owners: Mapping[str, str], taken: Collection[str], entry: Entry) -> list[Draft]:
    """The record as the new owner's; groups of a year are known by their person, and so become another record."""
    person = owners[record.state["_under"]]
    state, subjects = {**record.state, "student_id": person}, (f"student/{person}",)
    if record.kind != "demographics":
        return [Draft(record.kind, record.id, state, entry, subjects, expected=record.version)]
    id, left = _groups_id(record, owners), (subject_of(record.kind, record.id, record.state),)
    made = [] if id in taken else [Draft(record.kind, id, state, entry, subjects)]
    return [*made, Draft(record.kind, record.id, record.state, entry, left, void=True, expected=record.version)]
