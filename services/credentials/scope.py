"""Which awards a caller reaches: by program and campus, by the student, or by the student's home district."""

from collections.abc import Sequence
from typing import Any

from services.credentials.learnt import Learnt
from services.credentials.placement import Student, Within
from services.credentials.store import award_of
from shared.auth import Reach, Rows
from shared.records import Record

FIELDS = {"program": "state.program_id", "organisation": "state.organisation_id", "student": "state.student_id"}


def within(reach: Reach, student: Student) -> Within:
    """Where the caller may touch a student's awards."""
    if reach.everything:
        return lambda *_: True
    return lambda program, organisation: reach.allows(
        program=program, organisation=organisation, district=student.district_id, student=student.id
    )


async def reachable(records: Sequence[Record], reach: Reach, learnt: Learnt) -> list[Record]:
    """Those of the awards that lie within reach."""
    awards = {record.key: award_of(record.state) for record in records}
    ids = {award.student_id for award in awards.values()}
    known = (await learnt.told(ids, ())).students if _by_district(reach) else {}
    students = {id: known.get(id, Student(id=id)) for id in ids}
    return [
        record
        for record, award in zip(records, awards.values(), strict=True)
        if within(reach, students[award.student_id])(award.program_id, award.organisation_id)
    ]


async def filter_of(reach: Reach, learnt: Learnt) -> dict[str, Any]:
    """A filter on records of the awards within reach."""
    own: dict[str, Any] = reach.filter(**FIELDS)
    if not _by_district(reach):
        return own
    students = await learnt.students_of(reach.who.districts)
    return {"$or": [own, {"state.student_id": {"$in": students}}]}


def _by_district(reach: Reach) -> bool:
    return Rows.OWN_DISTRICTS in reach.rows and not reach.everything
