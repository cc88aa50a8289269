"""Many looks at awards at once: each row finds its award, and the good rows are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.credentials.award.looks import Look
from services.credentials.award.record import AWARD, award_draft, award_of
from services.credentials.award.rules import verify
from services.credentials.verification.matching import Named, match
from shared.doors.auth import Caller
from shared.errors import Refused, Retryable, Stale
from shared.producer.desk import Desk
from shared.records.keys import derived_id
from shared.records.record import Draft, Entry, Record, Saved, was_done
from shared.roster_copy.merges import Merges

TRIES = 5


@dataclass(frozen=True, slots=True)
class AskedLook:
    """One row: its number, how it names the award, its student still as the caller named it, and the look."""

    number: int
    named: Named
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What became of one row; `id` is the award that it means."""

    outcome: Literal["changed", "unchanged", "refused"]
    id: str | None = None
    refusal: Refused | None = None


async def verify_many(
    desk: Desk, asked: Sequence[AskedLook], *, caller: Caller, key: str, entry: Entry, dry_run: bool
) -> list[Looked]:
    """Keep every look whose award is found, row by row; the same again changes nothing.

    Several rows may look at one award: they are written one after the other. Raise Retryable
    when others keep changing the same awards: what is kept by then is unchanged by a repeat.
    """
    entries = {one.number: replace(entry, key=derived_id(caller.sub, key, one.number)) for one in asked}
    looked: dict[int, Looked] = {}
    idle = 0
    while waiting := [one for one in asked if one.number not in looked]:
        before = len(looked)
        decided = await _decided(desk, waiting, entries, caller)
        drafts: dict[str, tuple[int, Draft]] = {}
        for number, one in decided.items():
            if isinstance(one, Looked):
                looked[number] = one
            elif dry_run:
                looked[number] = Looked(outcome="changed", id=one.id)
            elif one.id not in drafts:
                drafts[one.id] = (number, one)
        saved = await desk.records.change_many([draft for _, draft in drafts.values()])
        for (number, draft), came in zip(drafts.values(), saved, strict=True):
            if not isinstance(came, Stale):
                looked[number] = _came_to(draft.id, came)
        idle = 0 if len(looked) > before else idle + 1
        if idle == TRIES:
            raise Retryable("others keep changing these awards; send this again")
    return [looked[one.number] for one in asked]


async def _decided(
    desk: Desk, rows: Sequence[AskedLook], entries: Mapping[int, Entry], caller: Caller
) -> dict[int, Looked | Draft]:
    """Per row what is to be written, or what became of it; a row sees the looks of the rows before it."""
    merges = await desk.roster.merges()
    named = dict(zip((one.number for one in rows), await _named(desk, rows, merges), strict=True))
    records = await _meant(desk, list(named.values()), merges, caller)
    awards = {id: award_of(record.state) for id, record in records.items()}
    persons = {id: replace(award, student_id=merges.survivor(award.student_id)) for id, award in awards.items()}
    today = await desk.today()
    decided: dict[int, Looked | Draft] = {}
    for one in rows:
        entry = entries[one.number]
        try:
            id = match(named[one.number], persons)
            if was_done(entry, records[id]):
                decided[one.number] = Looked(outcome="unchanged", id=id)
                continue
            after = verify(awards[id], one.look, today=today)
        except Refused as refusal:
            decided[one.number] = Looked(outcome="refused", refusal=refusal)
            continue
        if after == awards[id]:
            decided[one.number] = Looked(outcome="unchanged", id=id)
            continue
        awards[id] = after
        decided[one.number] = award_draft(id, after, entry, expected=records[id].version)
    return decided


async def _named(desk: Desk, rows: Sequence[AskedLook], merges: Merges) -> list[Named]:
    """How each row names its award, by the person instead of the caller's name for the student."""
    names = {one.named.student_id for one in rows if one.named.student_id}
    students = (await desk.roster.told(names, ())).students if names else {}
    return [
        replace(one.named, student_id=merges.survivor(students[name].id))
        if (name := one.named.student_id) in students and name is not None
        else one.named
        for one in rows
    ]


async def _meant(desk: Desk, named: Sequence[Named], merges: Merges, caller: Caller) -> dict[str, Record]:
    """The standing awards within reach that rows may mean, under whichever id of the person they were logged."""
    persons = merges.all_together({one.student_id for one in named if one.student_id})
    ways: list[dict[str, Any]] = [
        {"_id": {"$in": [f"{AWARD}/{one.award_id}" for one in named if one.award_id]}},
        {"state.license_number": {"$in": sorted({one.license_number for one in named if one.license_number})}},
        {
            "state.student_id": {"$in": persons},
            "state.credential_code": {"$in": sorted({one.credential_code for one in named if one.credential_code})},
        },
    ]
    reach = await desk.within(AWARD, caller.reach)
    cursor = desk.records.collection.find({"$and": [{"kind": AWARD, "void": False}, {"$or": ways}, reach]})
    found = [Record.of(document) async for document in cursor]
    return {record.id: record for record in found}


def _came_to(id: str, came: Saved | Refused) -> Looked:
    if isinstance(came, Refused):
        return Looked(outcome="refused", id=id, refusal=came)
    return Looked(outcome="changed" if came.outcome == "changed" else "unchanged", id=id)
