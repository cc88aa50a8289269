"""What follows from a workshop, a roll and roster's news: exactly what says something else since is published again.

| what changes | which facts say it | which get a new version |
|---|---|---|
| a workshop: held, cancelled, void, its day, kind, places | attendance | those on its roll |
| who is present, where heads were counted | workshop: unnamed | that one, once for all rows of a roll |
| the district or the terms of an organisation | both | workshops there, and their rolls |
| two ids of guardians are one, or two again | workshop: unnamed | those on whose rolls they stand |
| where a student is at home | attendance: districts | those that name the student |
"""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.homes import homes_of
from services.family_touchpoints.terms import Terms
from services.family_touchpoints.workshop.attendance import ATTENDANCE
from services.family_touchpoints.workshop.queries import counted, on_rolls
from services.family_touchpoints.workshop.record import WORKSHOP, said_of, workshop_of
from shared.contracts.roster import Organisation
from shared.producer.desk import Desk
from shared.records.record import Record
from shared.roster_copy.following import HOME, follow_each, followed, notes_of, raise_for

PLACE, JOINED = "place", "joined_on_rolls"


async def follow_change(desk: Desk, record: Record, before: Record | None = None) -> None:
    """Restate the roll of a workshop that says something else than before, or than when it was followed last.

    `before`: as it was when it was written. What is noted is for whoever finds a write that nothing followed.
    """
    said = said_of(record.state, void=record.void)
    last = await notes_of(desk.records).find_one({"_id": record.key})
    moved = before is not None and said_of(before.state, void=before.void) != said
    if moved or last is None or last.get("said") != said:
        where = {"kind": ATTENDANCE, "state.workshop_id": record.id}
        await raise_for(desk.records, where, why="the workshop says something else")
        await _note(desk, record.id, {"said": said})


async def follow_roll(desk: Desk, id: str, *, moved: bool = False, told: bool = False) -> Record:
    """Restate a workshop of whom more, or fewer, are named than before, or than when it was followed last.

    `moved`: somebody came to be, or not to be, marked present. `told`: the workshop was written after
    that, and so says it already. It is read anew: whoever counts heads after this writes it after this.
    """
    record = (await desk.records.get_many(WORKSHOP, [id]))[id]
    workshop, same = workshop_of(record.state), await same_persons(desk.records)
    named = counted((await on_rolls(desk, [id])).get(id, ()), same)
    unnamed = workshop.unnamed(named)
    last = await notes_of(desk.records).find_one({"_id": record.key}) or {}
    moves = moved and workshop.status == "held" and workshop.head_count_of == "everyone"
    if not told and (moves or last.get("unnamed", 0) != unnamed):
        await raise_for(desk.records, {"_id": record.key}, why="the roll names others")
        record = (await desk.records.get_many(WORKSHOP, [id]))[id]
    await _note(desk, id, {"unnamed": unnamed})
    return record


async def follow_workshops(desk: Desk) -> None:
    """Finish, at start, what a crash may have left between a write and what follows from it."""
    cursor = desk.records.collection.find({"kind": WORKSHOP, "gone": {"$exists": False}})
    for record in [Record.of(document) async for document in cursor]:
        await follow_change(desk, record)
        await follow_roll(desk, record.id)


async def follow_places(desk: Desk) -> None:
    """Restate what is held at organisations that lie in another district, or have other terms, than before."""
    terms = Terms(await desk.roster.organisations())
    now = {id: [_told(one) for one in terms.upwards(id)] for id in terms.organisations}
    last = await followed(desk.records, PLACE, "above")
    changed = sorted(id for id, above in now.items() if last.get(id) != above)
    if not changed:
        return
    there = {"kind": WORKSHOP, "state.organisation_ids": {"$in": changed}}
    found = await desk.records.collection.find(there, {"_id": 1}).to_list(None)
    rolls = {"kind": ATTENDANCE, "state.workshop_id": {"$in": [one["_id"].partition("/")[2] for one in found]}}

    def touched(_: Collection[str]) -> Mapping[str, Any]:
        return {"$or": [there, rolls]}

    why = "its place lies in another district, or has other terms"
    await follow_each(desk.records, PLACE, now, field="above", touched=touched, why=why)


async def follow_homes(desk: Desk, students: Collection[str]) -> None:
    """Restate the attendances of students who are at home in another district than when that was followed last."""
    ids = (await desk.roster.merges()).all_together(students)
    where = {"kind": ATTENDANCE, "state.student_ids": {"$in": ids}}
    named = set(await desk.records.collection.distinct("state.student_ids", where)).intersection(ids)
    if not named:
        return
    notes = notes_of(desk.records)
    known = {
        one["_id"]: one["years"]
        for one in await notes.find({"_id": {"$in": [_home(id) for id in named]}}).to_list(None)
    }
    for id, years in (await homes_of(desk, sorted(named))).items():
        if known.get(_home(id)) != years:
            of_student = {"kind": ATTENDANCE, "state.student_ids": id}
            await raise_for(desk.records, of_student, why="the student is at home elsewhere")
            await notes.replace_one({"_id": _home(id)}, {"years": years}, upsert=True)


async def follow_joined(desk: Desk, _: Collection[str]) -> None:
    """Restate the workshops on whose rolls stand guardians who are one person since, or two: news of their students.

    Only that others are joined than before is noted, and not who.
    """
    same, notes = await same_persons(desk.records), notes_of(desk.records)
    said = sha256(repr(sorted(same.into.items())).encode()).hexdigest()
    last = await notes.find_one({"_id": JOINED})
    if last and last["said"] == said:
        return
    counted_in = {"kind": WORKSHOP, "void": False, "state.status": "held", "state.head_count_of": "everyone"}
    for one in await desk.records.collection.find(counted_in, {"_id": 1}).to_list(None):
        await follow_roll(desk, one["_id"].partition("/")[2])
    await notes.replace_one({"_id": JOINED}, {"said": said}, upsert=True)


def _told(one: Organisation) -> list[Any]:
    """What of an organisation is said in facts of what is held there, or below it."""
    # As the notes give it back: a list.
    return [one.organisation_id, one.type, [msgspec.to_builtins(term) for term in one.terms]]


def _home(student_id: str) -> str:
    return f"{HOME}/{student_id}"


async def _note(desk: Desk, id: str, said: Mapping[str, Any]) -> None:
    await notes_of(desk.records).update_one({"_id": f"{WORKSHOP}/{id}"}, {"$set": said}, upsert=True)
