"""What touchpoints follow of roster's news: tables of terms, and, where those differ, where students are taught."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from services.family_touchpoints.terms import Terms
from services.family_touchpoints.touchpoint.record import TOUCHPOINT
from shared.producer.desk import Desk
from shared.roster_copy.following import follow_each, raise_for


async def follow_terms(desk: Desk) -> int:
    """Restate what lies at each organisation whose terms, or those above it, are others than when followed last."""

    def touched(changed: Collection[str]) -> Mapping[str, Any]:
        return {"kind": TOUCHPOINT, "state.organisation_id": {"$in": [*sorted(changed), None]}}

    tables = await _tables(desk)
    why = "terms begin on other days"
    return await follow_each(desk.records, "touchpoint_terms", tables, field="terms", touched=touched, why=why)


async def follow_students(desk: Desk, students: Collection[str]) -> int:
    """Restate what is filed nowhere of students who may be taught elsewhere now, if the term hangs on where."""
    tables = await _tables(desk)
    if all(table is None for table in tables.values()):
        return 0
    where = {"kind": TOUCHPOINT, "state.organisation_id": None, "state.student_id": {"$in": sorted(students)}}
    return await raise_for(desk.records, where, why="roster has told of where the student is taught")


async def _tables(desk: Desk) -> dict[str, str | None]:
    """By organisation, all that decides its terms; None where nobody says any."""
    terms = Terms(await desk.roster.organisations())
    found = {id: [one.terms for one in terms.upwards(id)] for id in terms.organisations}
    return {id: msgspec.json.encode(tables).decode() if any(tables) else None for id, tables in found.items()}
