"""What a changed cut touches: exactly the assessments whose facts are made of it are published again.

| what changes | which facts say it | which get a new version |
|---|---|---|
| a program's cut | assessment: cut, passed | those on the days that differ, without cut or verdict of their own |
| its minimum gain | assessment, phase post: the gain | those posts on the days that differ |
| an organisation's type | assessment: the type | those that were sat there |
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from services.credentials.assessment.cuts import Cuts, Restated, restated
from services.credentials.assessment.record import ASSESSMENT, CUTS, cuts_draft, cuts_of
from shared.errors import Retryable, Stale
from shared.producer.answers import Put, would
from shared.producer.desk import Desk
from shared.records.record import Entry, Record
from shared.roster_copy.following import follow_each, notes_of, raise_for

TRIES = 5


async def put_cuts(desk: Desk, cuts: Cuts, entry: Entry, *, expected: int | None = None, dry_run: bool = False) -> Put:
    """Keep a program's cuts and restate the assessments that they touch; the answer says how many.

    1. Write the cuts.
    2. Raise the versions of what differs from the cuts that were followed last.
    3. Note what has been followed.

    A crash before 3 repeats 2, at the next start or the next PUT, also one that changes nothing.
    Raise Stale when the caller expected another version. A dry run writes nothing.
    """
    if dry_run:
        now = await desk.records.get(CUTS, cuts.program_id)
        return Put(would(cuts_draft(cuts, entry, expected=expected), now), None, await _would_restate(desk, cuts))
    for _ in range(TRIES):
        try:
            saved = await desk.records.put(cuts_draft(cuts, entry, expected=expected))
        except Stale:
            if expected is not None:
                raise
            continue
        return Put(saved.outcome, saved.record, await follow(desk, saved.record))
    raise Retryable("others keep changing these cuts; send them again")


async def follow_cuts(desk: Desk) -> None:
    """Finish, at start, what a crash may have left between writing cuts and restating assessments."""
    cursor = desk.records.collection.find({"kind": CUTS, "void": False})
    for record in [Record.of(document) async for document in cursor]:
        await follow(desk, record)


async def follow_types(desk: Desk) -> int:
    """Restate what was sat at each organisation that is of another type than when that was followed last."""

    def touched(changed: Collection[str]) -> Mapping[str, Any]:
        return {"kind": ASSESSMENT, "state.organisation_id": {"$in": sorted(changed)}}

    types = await desk.roster.organisation_types()
    why = "where it was sat is of another type"
    return await follow_each(desk.records, "organisation", types, field="type", touched=touched, why=why)


async def _would_restate(desk: Desk, cuts: Cuts) -> int:
    touched = await _touched(desk, cuts)
    return int(await desk.records.collection.count_documents(touched)) if touched else 0


async def follow(desk: Desk, record: Record) -> int:
    """Restate the assessments of the days on which these cuts differ from those followed last."""
    cuts = cuts_of(record)
    touched = await _touched(desk, cuts)
    raised = 0
    if touched:
        raised = await raise_for(desk.records, touched, why=f"the cuts of {cuts.program_id} changed")
    note = {"entry": msgspec.to_builtins(cuts)}
    await notes_of(desk.records).replace_one({"_id": record.key}, note, upsert=True)
    return raised


async def _touched(desk: Desk, cuts: Cuts) -> dict[str, Any] | None:
    """A filter on the assessments that say something else than before, by the cuts that were followed last."""
    last = await notes_of(desk.records).find_one({"_id": f"{CUTS}/{cuts.program_id}"})
    before = msgspec.convert(last["entry"], Cuts) if last else Cuts(program_id=cuts.program_id)
    ways = _ways(restated(before, cuts))
    return {"kind": ASSESSMENT, "void": False, "state.program_id": cuts.program_id, "$or": ways} if ways else None


def _ways(found: Restated) -> list[dict[str, Any]]:
    undecided = {"state.cut": None, "state.passed": None}
    return [
        *({**undecided, "state.taken_on": span.as_filter()} for span in found.cut),
        *({"state.phase": "post", "state.taken_on": span.as_filter()} for span in found.gain),
    ]
