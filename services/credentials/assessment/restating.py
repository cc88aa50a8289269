"""What a changed cut touches: exactly the assessments whose facts are made of it are published again.

| what changes | which facts say it | which get a new version |
|---|---|---|
| a program's cut | assessment: cut, passed | those on the days that differ, without cut or verdict of their own |
| its minimum gain | assessment, phase post: the gain | those posts on the days that differ |
| an organisation's type | assessment: the type | those that were sat there |
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from pymongo import ReplaceOne

from services.credentials.assessment.cuts import Cuts, Restated, restated
from services.credentials.assessment.record import ASSESSMENT, CUTS, cuts_draft, cuts_of
from services.credentials.award.record import Store
from shared.contracts.roster import OrganisationType
from shared.errors import Retryable, Stale
from shared.producer.puts import Put, would
from shared.records.records import Entry, Record

TRIES = 5
ORGANISATION = "organisation/"
# "0" is the character that follows "/": the range is one kind.
ORGANISATIONS = {"$gt": ORGANISATION, "$lt": "organisation0"}


async def put_cuts(
    store: Store, cuts: Cuts, entry: Entry, *, expected: int | None = None, dry_run: bool = False
) -> Put:
    """Keep a program's cuts and restate the assessments that they touch; the answer says how many.

    1. Write the cuts.
    2. Raise the versions of what differs from the cuts that were followed last.
    3. Note what has been followed.

    A crash before 3 repeats 2, at the next start or the next PUT, also one that changes nothing.
    Raise Stale when the caller expected another version. A dry run writes nothing.
    """
    if dry_run:
        now = await store.records.get(CUTS, cuts.program_id)
        return Put(would(cuts_draft(cuts, entry, expected=expected), now), None, await _would_restate(store, cuts))
    for _ in range(TRIES):
        try:
            saved = await store.records.put(cuts_draft(cuts, entry, expected=expected))
        except Stale:
            if expected is not None:
                raise
            continue
        return Put(saved.outcome, saved.record, await follow(store, saved.record))
    raise Retryable("others keep changing these cuts; send them again")


async def follow_all(store: Store) -> None:
    """Finish, at start, what a crash may have left between writing cuts and restating assessments."""
    cursor = store.raw.find({"kind": CUTS, "void": False})
    for record in [Record.of(document) async for document in cursor]:
        await follow(store, record)


async def follow_types(store: Store, types: Mapping[str, OrganisationType | None]) -> int:
    """Restate what was sat at each organisation that is of another type than when that was followed last.

    A crash before the notes repeats it: roster's news comes again, and every start looks too.
    """
    last = {one["_id"]: one["type"] async for one in store.database["followed"].find({"_id": ORGANISATIONS})}
    changed = {id: type for id, type in types.items() if last.get(f"{ORGANISATION}{id}") != type}
    if not changed:
        return 0
    where = {"kind": ASSESSMENT, "void": False, "state.organisation_id": {"$in": sorted(changed)}}
    why = Entry(by="aurora", action="reference_changed", why="where it was sat is of another type")
    raised = await store.records.raise_versions(where, why)
    notes = [ReplaceOne({"_id": f"{ORGANISATION}{id}"}, {"type": type}, upsert=True) for id, type in changed.items()]
    await store.database["followed"].bulk_write(notes, ordered=False)
    return raised


async def _would_restate(store: Store, cuts: Cuts) -> int:
    touched = await _touched(store, cuts)
    return int(await store.raw.count_documents(touched)) if touched else 0


async def follow(store: Store, record: Record) -> int:
    """Restate the assessments of the days on which these cuts differ from those followed last."""
    cuts = cuts_of(record)
    touched = await _touched(store, cuts)
    raised = 0
    if touched:
        why = Entry(by="aurora", action="reference_changed", why=f"the cuts of {cuts.program_id} changed")
        raised = await store.records.raise_versions(touched, why)
    note = {"entry": msgspec.to_builtins(cuts)}
    await store.database["followed"].replace_one({"_id": record.key}, note, upsert=True)
    return raised


async def _touched(store: Store, cuts: Cuts) -> dict[str, Any] | None:
    """A filter on the assessments that say something else than before, by the cuts that were followed last."""
    last = await store.database["followed"].find_one({"_id": f"{CUTS}/{cuts.program_id}"})
    before = msgspec.convert(last["entry"], Cuts) if last else Cuts(program_id=cuts.program_id)
    ways = _ways(restated(before, cuts))
    return {"kind": ASSESSMENT, "void": False, "state.program_id": cuts.program_id, "$or": ways} if ways else None


def _ways(found: Restated) -> list[dict[str, Any]]:
    undecided = {"state.cut": None, "state.passed": None}
    return [
        *({**undecided, "state.taken_on": span.as_filter()} for span in found.cut),
        *({"state.phase": "post", "state.taken_on": span.as_filter()} for span in found.gain),
    ]
