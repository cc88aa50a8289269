"""What a caller can have done with touchpoints: log one or many, take a step, set right, take out; within reach."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.touchpoint.decision import (
    Kept,
    TouchpointGround,
    allowed,
    decide,
    in_its_term,
    placed,
    preferred,
    together,
)
from services.family_touchpoints.touchpoint.queries import beside, get, reach_about, reads_note
from services.family_touchpoints.touchpoint.record import FILED, TOUCHPOINT, touchpoint_draft, touchpoint_of
from services.family_touchpoints.touchpoint.rules import Touchpoint, checked, corrected
from shared.contracts.family_touchpoints import Purpose
from shared.doors.auth import Caller, Reach
from shared.errors import Forbidden, Problem, refused
from shared.producer.decisions import Asked, Decision, Stored
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void, unknown_program
from shared.producer.rows import RowsOf
from shared.producer.suggesting import Named
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.reach import filing, reaches
from shared.roster_copy.students import Student, Within

# A change of one of these is judged as if it were new; any other leaves what was held as it is, also when a
# consent was withdrawn, or a rule made, since.
JUDGED = frozenset(
    ("guardian_ids", "with_student", "method", "direction", "purpose", "held_on", "planned_for", "breach")
)
PLACED = frozenset(("program_id", "purpose", "held_on", "planned_for"))
PREFERRED = frozenset(("guardian_ids", "with_student"))


async def _ground(
    desk: Desk,
    reach: Reach,
    students: Mapping[str, Student],
    programs: frozenset[str],
    stored: Mapping[str, Stored[Touchpoint]],
    today: date,
) -> TouchpointGround:
    def within(student: Student, purpose: Purpose) -> Within | None:
        about = reach_about(reach, purpose)
        return filing(about, student, FILED) if about is not None else None

    return TouchpointGround(
        students=students,
        programs=programs,
        families=await families(desk, {student.id for student in students.values()}),
        stored=stored,
        within=within,
        reads=lambda student: reaches(reach, student),
        liaison=is_liaison(reach.who),
        today=today,
    )


async def _decided(
    desk: Desk, asked: Sequence[Asked[Touchpoint]], reach: Reach, digest: str
) -> list[Decision[Touchpoint]]:
    programs = {program for row in asked if (program := row.wanted.program_id)}
    told = await desk.roster.told({row.wanted.student_id for row in asked}, programs)
    persons = {id for student in told.students.values() for id in student.ids}
    stored = await beside(desk, asked, persons, digest)
    today = told.calendar.day(desk.now())
    return decide(asked, await _ground(desk, reach, told.students, told.programs, stored, today))


async def _decided_together(
    desk: Desk, asked: Sequence[Asked[Touchpoint]], reach: Reach, digest: str
) -> list[Decision[Touchpoint]]:
    return together(asked, await _decided(desk, asked, reach, digest))


def _named(one: Touchpoint) -> Named:
    return Named(one.student_id, one.program_id)


TOUCHPOINTS = RowsOf(decide=_decided, named=_named, draft=touchpoint_draft)
# The students of one occasion: all of them or none.
TOGETHER = RowsOf(decide=_decided_together, named=_named, draft=touchpoint_draft)


async def step(
    desk: Desk,
    id: str,
    taken: Callable[[Touchpoint], Touchpoint],
    *,
    caller: Caller,
    entry: Entry,
    expected: int | None,
    judged: bool,
) -> tuple[Saved, tuple[Problem, ...]]:
    """Take a touchpoint one step on; `judged`: what stands against it is asked. Raise NotFound, Stale or Refused."""
    kept: list[Kept] = []

    async def decided(record: Record) -> Draft:
        one = taken(await _to_change(desk, record, caller))
        ground, student = await _of_one(desk, caller, one)
        if judged:
            one = replace(one, preferred_language=preferred(one, ground.families[student.id]))
        one = checked(one, today=ground.today, at="/on")
        one = in_its_term(one, student)
        kept.append(allowed(one, ground) if judged else Kept(one))
        return touchpoint_draft(id, kept[-1].value, entry)

    saved = await _changed(desk, id, caller, entry, expected, decided)
    return saved, kept[-1].warnings if kept else ()


async def set_right(
    desk: Desk, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
) -> tuple[Saved, tuple[Problem, ...]]:
    """Set some fields right; who it was with, how and when is judged as if it were new."""
    kept: list[Kept] = []

    async def decided(record: Record) -> Draft:
        before = await _to_change(desk, record, caller)
        if "note" in changes and not reads_note(record.state, caller):
            raise Forbidden("its note is another program's", works="ask who wrote it", code="beyond_reach")
        if (program := changes.get("program_id")) and program not in await desk.programs([program]):
            raise refused(unknown_program(program))
        one = corrected(before, changes)
        ground, student = await _of_one(desk, caller, one)
        if PREFERRED & changes.keys():
            one = replace(one, preferred_language=preferred(one, ground.families[student.id]))
        one = checked(one, today=ground.today)
        one = replace(placed(one, student, ground), student_id=before.student_id) if PLACED & changes.keys() else one
        one = in_its_term(one, student)
        kept.append(allowed(one, ground) if JUDGED & changes.keys() else Kept(one))
        return touchpoint_draft(id, kept[-1].value, entry)

    saved = await _changed(desk, id, caller, entry, expected, decided)
    return saved, kept[-1].warnings if kept else ()


async def void(desk: Desk, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Take out a touchpoint that should never have been logged; its key is free again."""

    async def decided(record: Record) -> Draft:
        one = touchpoint_of(record.state)
        await _own(desk, one, caller)
        if not one.told and not is_liaison(caller):
            # Else whoever is on the list of breaches could take themselves off it.
            raise Forbidden("this one is taken out by a counselor", works="ask the counselor", code="beyond_reach")
        return touchpoint_draft(id, one, entry, void=True)

    return await _changed(desk, id, caller, entry, expected, decided)


async def _changed(
    desk: Desk, id: str, caller: Caller, entry: Entry, expected: int | None, decided: Callable[[Record], Any]
) -> Saved:
    await get(desk, id, caller)
    return await desk.change(TOUCHPOINT, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def _to_change(desk: Desk, record: Record, caller: Caller) -> Touchpoint:
    refuse_void(record)
    one = touchpoint_of(record.state)
    await _own(desk, one, caller)
    return one


async def _own(desk: Desk, one: Touchpoint, caller: Caller) -> None:
    """Raise Forbidden for a touchpoint of a program that the caller reads and does not speak for."""
    told = await desk.roster.told([one.student_id], ())
    student = told.students.get(one.student_id, Student(id=one.student_id))
    about = reach_about(caller.reach, one.purpose)
    if about is None or not filing(about, student, FILED)(one.program_id, one.organisation_id):
        raise Forbidden(f"it is a touchpoint of {one.program_id}", works="ask who logged it", code="beyond_reach")


async def _of_one(desk: Desk, caller: Caller, one: Touchpoint) -> tuple[TouchpointGround, Student]:
    """The ground on which one record is changed, and whose it is."""
    told = await desk.roster.told([one.student_id], ())
    student = told.students.get(one.student_id, Student(id=one.student_id))
    today = told.calendar.day(desk.now())
    return await _ground(desk, caller.reach, {student.id: student}, frozenset(), {}, today), student
