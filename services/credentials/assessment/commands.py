"""What a caller can have done with assessments: log one or a class, set right, take out, each within reach."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.credentials.assessment.decision import AssessmentGround, decide, placed, taken_by
from services.credentials.assessment.queries import beside
from services.credentials.assessment.record import ASSESSMENT, assessment_draft, assessment_of
from services.credentials.assessment.rules import Assessment, correct, same_sitting
from shared.doors.auth import Caller, Reach
from shared.errors import refused
from shared.producer.decisions import Asked, Decision
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void, unknown_program
from shared.producer.rows import RowsOf, void_all
from shared.producer.suggesting import Named
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.reach import filing, within
from shared.roster_copy.students import Student


async def _decided(
    desk: Desk, asked: Sequence[Asked[Assessment]], reach: Reach, digest: str
) -> list[Decision[Assessment]]:
    told = await desk.roster.told({row.wanted.student_id for row in asked}, {row.wanted.program_id for row in asked})
    persons = {id for student in told.students.values() for id in student.ids}
    ground = AssessmentGround(
        students=told.students,
        programs=told.programs,
        stored=await beside(desk, asked, persons, digest),
        within=lambda student: filing(reach, student),
        reads=lambda student: within(reach, student),
        today=told.calendar.day(desk.now()),
    )
    return decide(asked, ground)


ASSESSMENTS = RowsOf(decide=_decided, named=lambda one: Named(one.student_id, one.program_id), draft=assessment_draft)


async def set_right(
    desk: Desk, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Set some fields right; it is placed anew by what roster tells. Raise NotFound, Stale or Refused."""

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        one = await _corrected(desk, id, assessment_of(record.state), changes, caller.reach)
        return assessment_draft(id, one, entry)

    return await desk.change(ASSESSMENT, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def _corrected(desk: Desk, id: str, before: Assessment, changes: Mapping[str, Any], reach: Reach) -> Assessment:
    if (program := changes.get("program_id")) and program not in await desk.programs([program]):
        raise refused(unknown_program(program))
    told = await desk.roster.told([before.student_id], ())
    one = correct(before, changes, today=told.calendar.day(desk.now()))
    student = told.students.get(before.student_id, Student(id=before.student_id))
    if not same_sitting(one, before):
        await _refuse_twin(desk, id, one, student)
    if not {"program_id", "taken_on"} & changes.keys():
        return one
    return placed(one, student, within=filing(reach, student))


async def _refuse_twin(desk: Desk, id: str, one: Assessment, student: Student) -> None:
    """Raise Conflict when another record of the person, under whichever id, is of the same sitting."""
    for key, stored in (await beside(desk, (), student.ids, "")).items():
        if key != id and same_sitting(replace(stored.value, student_id=one.student_id), one):
            raise taken_by(key, one)


async def void_batch(desk: Desk, batch_id: str, *, caller: Caller, entry: Entry) -> tuple[int, int]:
    """Take out every assessment that came with a class list: how many were, and how many had been."""

    def draft(record: Record) -> Draft:
        return assessment_draft(record.id, assessment_of(record.state), entry, expected=record.version, void=True)

    return await void_all(desk, ASSESSMENT, batch_id, caller=caller, draft=draft)


async def places(desk: Desk, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Of what type the organisation is now where each was sat, for whoever is shown them."""
    at = {str(id) for record in records if (id := record.state["organisation_id"])}
    types = await desk.roster.organisation_types(at) if at else {}
    return [{"organisation_type": types.get(record.state["organisation_id"] or "")} for record in records]
