"""Which planned touchpoints stand against what is known of contact by now, whoever said it when."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.contact.rules import Family, closed
from shared.producer.desk import Desk
from shared.roster_copy.students import Student

TOUCHPOINT = "touchpoint"


async def planned_against(desk: Desk, students: Collection[Student]) -> list[str]:
    """The planned touchpoints of these students that may not be made any more, in the order of their ids."""
    ids = sorted({id for student in students for id in student.ids})
    theirs = {"kind": TOUCHPOINT, "void": False, "state.student_id": {"$in": ids}}
    cursor = desk.records.collection.find(theirs, {"state": 1}).sort("_id", 1)
    found = {each["_id"].partition("/")[2]: each["state"] async for each in cursor}
    planned = {id: state for id, state in found.items() if state["steps"][-1]["status"] == "planned"}
    known = await families(desk, {state["student_id"] for state in planned.values()}) if planned else {}
    return [id for id, state in planned.items() if _is_against(known[state["student_id"]], state)]


def _is_against(family: Family, state: Mapping[str, Any]) -> bool:
    """Whether a way that it takes is closed on its day; what the family begins, or is the student's alone, is not."""
    if state["direction"] == "from_family" or (state["with_student"] and not state["guardian_ids"]):
        return False
    day = date.fromisoformat(state["steps"][-1]["on"])
    return any(
        closed(family, guardian, state["method"], purpose=state["purpose"], day=day, liaison=False)
        for guardian in (state["guardian_ids"] or [None])
    )
