"""Which awards and assessments a caller reaches: by program and campus, by student, or by home district."""

from collections.abc import Sequence
from typing import Any

from services.credentials.award.placement import Student, Within
from shared.doors.auth import Reach, Rows
from shared.records.records import Record
from shared.roster_copy.lookup import Learnt

FIELDS = {"program": "state.program_id", "organisation": "state.organisation_id", "student": "state.student_id"}


def within(reach: Reach, student: Student) -> Within:
    """Where the caller may touch a student's awards."""
    if reach.everything:
        return lambda *_: True
    ways = [(district, id) for district in (student.homes or {None}) for id in student.ids]
    return lambda program, organisation: any(
        reach.allows(program=program, organisation=organisation, district=district, student=id) for district, id in ways
    )


def filing(reach: Reach, student: Student) -> Within:
    """Where the caller may file something about a student.

    Whoever does not reach the student as a person, as a district does, needs an enrolment of theirs there.
    """
    reads = within(reach, student)
    if reach.everything or any(reach.allows(student=id) for id in student.ids):
        return reads
    if any(reach.allows(district=district) for district in student.homes):
        return reads
    enrolled = {(one.program_id, one.organisation_id) for one in student.enrolments}
    return lambda program, organisation: (program, organisation) in enrolled and reads(program, organisation)


async def reachable(records: Sequence[Record], reach: Reach, learnt: Learnt) -> list[Record]:
    """Those of the records that lie within reach."""
    ids = {record.state["student_id"] for record in records}
    known = (await learnt.told(ids, ())).students if _by_person(reach) else {}
    students = {id: known.get(id, Student(id=id)) for id in ids}
    return [
        record
        for record in records
        if within(reach, students[record.state["student_id"]])(
            record.state["program_id"], record.state["organisation_id"]
        )
    ]


async def filter_of(reach: Reach, learnt: Learnt) -> dict[str, Any]:
    """A filter on the records within reach."""
    own: dict[str, Any] = reach.filter(**FIELDS)
    if not _by_person(reach):
        return own
    students = await learnt.students_of(reach.who.districts) if Rows.OWN_DISTRICTS in reach.rows else []
    if Rows.SELF in reach.rows and reach.who.student_id:
        students += (await learnt.merges()).together(reach.who.student_id)
    return {"$or": [own, {"state.student_id": {"$in": students}}]}


def _by_person(reach: Reach) -> bool:
    """Whether more than its own fields tells if a record is within reach."""
    return bool(reach.rows & {Rows.OWN_DISTRICTS, Rows.SELF}) and not reach.everything
