"""What a caller can have done with rules, consents and sharing: keep one, take a rule out, show them, within reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.closing.rules import nothing_shared
from services.family_touchpoints.contact.closing.wishes import (
    ConsentAsked,
    RuleAsked,
    SharingAsked,
    consent_wishes,
    record_of_rule,
    record_of_sharing,
    rule_wishes,
    sharing_wishes,
    worded,
)
from services.family_touchpoints.contact.keeping import State, Wish, keep_one
from services.family_touchpoints.contact.reached import person_reached, student_reached
from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.contact.record import CONSENT, RULE, SHARING
from services.family_touchpoints.contact.rules import Family, closed
from shared.doors.auth import Caller
from shared.errors import Conflict, NotFound
from shared.producer.desk import Desk
from shared.records.record import Entry, Record, Saved
from shared.roster_copy.students import Student

TOUCHPOINT = "touchpoint"


@dataclass(frozen=True, slots=True)
class Entered:
    """What is kept, and which planned touchpoints stand against it now."""

    saved: Saved
    against: Sequence[str]


async def put_rule(
    desk: Desk, name: str, rule_id: str, said: State, *, caller: Caller, entry: Entry, expected: int | None
) -> Entered:
    """Keep a rule about a student. Raise NotFound, Refused, Conflict or Stale."""
    student = await student_reached(desk, name, caller)
    (wish,) = await rule_wishes(desk, [RuleAsked(student, rule_id, said)], by=caller.sub)
    return await _kept(desk, RULE, wish, [student], entry, expected, said["guardian_id"])


async def void_rule(
    desk: Desk, name: str, rule_id: str, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Take out a rule that should never have been entered. Raise NotFound or Stale."""
    student = await student_reached(desk, name, caller)
    found = await record_of_rule(desk, student, rule_id)
    if found is None:
        raise NotFound(f"there is no rule {rule_id} of this student")
    saved = await desk.void(RULE, found.id, caller=caller, entry=entry, expected=expected)
    await desk.students_changed(student.ids)
    return saved


async def rules_of(desk: Desk, name: str, caller: Caller) -> list[Record]:
    """The rules about a student that are not void, also those that are over, in the order of their first days."""
    student = await student_reached(desk, name, caller)
    theirs = {"kind": RULE, "void": False, "state.student_id": {"$in": list(student.ids)}}
    found = [Record.of(each) async for each in desk.records.collection.find(theirs)]
    return sorted(found, key=lambda record: (record.state["from"], record.state["rule_id"]))


async def put_consent(
    desk: Desk, asked: ConsentAsked, *, caller: Caller, entry: Entry, expected: int | None
) -> Entered:
    """Keep all that a guardian has said of a channel for a matter. Raise NotFound, Refused or Stale."""
    person = await person_reached(desk, asked.guardian_id, caller)
    (wish,) = await consent_wishes(desk, [asked])
    return await _kept(desk, CONSENT, wish, person.students, entry, expected, asked.guardian_id)


async def consents_of(desk: Desk, guardian_id: str, caller: Caller) -> list[Record]:
    """What a guardian has said, under every id of theirs."""
    person = await person_reached(desk, guardian_id, caller)
    theirs = {"kind": CONSENT, "void": False, "state.guardian_id": {"$in": list(person.ids)}}
    return [Record.of(each) async for each in desk.records.collection.find(theirs).sort("_id", 1)]


async def put_sharing(
    desk: Desk, name: str, said: State, *, caller: Caller, entry: Entry, expected: int | None
) -> Entered:
    """Keep what a student shares; students of age say so themselves. Raise NotFound, Refused or Stale."""
    student = await student_reached(desk, name, caller)
    (wish,) = await sharing_wishes(desk, [SharingAsked(student, said)], own=_is_own(caller))
    return await _kept(desk, SHARING, wish, [student], entry, expected)


async def get_sharing(desk: Desk, name: str, caller: Caller) -> Record:
    """What a student shares. Raise NotFound, also for students who are not of age and ask themselves."""
    record = await record_of_sharing(desk, await student_reached(desk, name, caller))
    if record is None or (_is_own(caller) and record.state["eighteen_on"] > (await desk.today()).isoformat()):
        raise nothing_shared()
    return record


def _is_own(caller: Caller) -> bool:
    """Whether the caller reaches students only as being one."""
    return not is_liaison(caller)


async def _kept(
    desk: Desk,
    kind: str,
    wish: Wish,
    students: Sequence[Student],
    entry: Entry,
    expected: int | None,
    guardian: str | None = None,
) -> Entered:
    try:
        saved = await keep_one(desk, kind, wish, entry=entry, expected=expected)
    except Conflict as refusal:
        raise await worded(desk, refusal) from refusal
    await desk.students_changed({id for student in students for id in student.ids})
    return Entered(saved, await _planned_against(desk, students, guardian))


async def _planned_against(desk: Desk, students: Sequence[Student], guardian: str | None) -> list[str]:
    """The planned touchpoints of these students, with this guardian or with anybody, that may not be made any more."""
    ids = sorted({id for student in students for id in student.ids})
    theirs = {"kind": TOUCHPOINT, "void": False, "state.student_id": {"$in": ids}, "state.status": "planned"}
    cursor = desk.records.collection.find(theirs, {"state": 1}).sort("_id", 1)
    planned = {each["_id"].partition("/")[2]: each["state"] async for each in cursor}
    known = await families(desk, {state["student_id"] for state in planned.values()}) if planned else {}
    return [id for id, state in planned.items() if _is_against(known[state["student_id"]], state, guardian)]


def _is_against(family: Family, state: Mapping[str, Any], guardian: str | None) -> bool:
    """Whether it may not be planned so any more: a way that it takes is closed, or it has to name with whom it is."""
    day, liaison = date.fromisoformat(state["steps"][-1]["on"]), bool(state.get("_by_liaison"))
    if not state["guardian_ids"]:
        if state["with_student"]:
            return False
        if any(rule.in_force(day) for rule in family.rules):
            return True
    return any(
        closed(family, each, state["method"], purpose=state["purpose"], day=day, liaison=liaison)
        for each in (state["guardian_ids"] or [None])
        if guardian is None or each is None or family.person(each) == family.person(guardian)
    )
