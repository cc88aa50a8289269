"""What touchpoints follow of roster's news: tables of terms, and where students are taught."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import msgspec

from services.family_touchpoints.terms import Terms
from services.family_touchpoints.touchpoint.decision import in_its_term
from services.family_touchpoints.touchpoint.record import TOUCHPOINT, touchpoint_draft, touchpoint_of
from shared.producer.desk import Desk
from shared.records.changes import put_all
from shared.records.record import Draft, Entry, Record
from shared.roster_copy.following import follow_each

TAUGHT = Entry(by="aurora", action="reference_changed", why="the student is taught elsewhere that day")


async def follow_terms(desk: Desk) -> int:
    """Restate what lies in the terms of each organisation whose table, or one above it, is another than before."""

    def touched(changed: Collection[str]) -> Mapping[str, Any]:
        nowhere = [None] if any(one.organisation_id in changed for one in terms.upwards(None)) else []
        return {"kind": TOUCHPOINT, "state._term_at": {"$in": [*sorted(changed), *nowhere]}}

    terms = Terms(await desk.roster.organisations())
    found = {id: [one.terms for one in terms.upwards(id)] for id in terms.organisations}
    tables = {id: msgspec.json.encode(told).decode() if any(told) else None for id, told in found.items()}
    why = "terms begin on other days"
    return await follow_each(desk.records, "touchpoint_terms", tables, field="terms", touched=touched, why=why)


async def follow_students(desk: Desk, students: Collection[str]) -> None:
    """Restate what is filed nowhere of students who turn out to be taught elsewhere on its day, and nothing else."""
    await put_all(desk.records, partial(_placed_anew, desk, students))


async def _placed_anew(desk: Desk, students: Collection[str]) -> list[Draft]:
    ids = (await desk.roster.merges()).all_together(students)
    told = (await desk.roster.told(ids, ())).students
    where = {
        "kind": TOUCHPOINT,
        "void": False,
        "state.organisation_id": None,
        "state.student_id": {"$in": sorted(told)},
    }
    drafts: list[Draft] = []
    async for document in desk.records.collection.find(where):
        record = Record.of(document)
        before = touchpoint_of(record.state)
        after = in_its_term(before, told[before.student_id])
        if after != before:
            drafts.append(touchpoint_draft(record.id, after, TAUGHT, expected=record.version))
    return drafts
