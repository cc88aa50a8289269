"""Celebrating an award: what the family has said in roster decides first."""

from services.credentials.award.celebrations import Celebration, opted_out
from services.credentials.award.commands import Desk
from services.credentials.award.placement import Student
from services.credentials.award.rules import Award, refuse
from services.credentials.award.rules import celebrate as celebrated
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.records.records import Entry, Saved
from shared.roster_copy.lookup import Request


async def celebrate(
    desk: Desk, id: str, one: Celebration, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Note where and when an award was announced.

    Raise Refused when the student has opted out of directory information, Retryable while
    roster has not told of the student: nobody is announced on a guess.
    """
    record = await desk.award(id, caller)
    student = await _student(desk, record.state["student_id"])
    today = await desk.today()

    def change(award: Award) -> Award:
        if student.directory_opt_out:
            refuse([opted_out()])
        return celebrated(award, one, today=today)

    return await desk.change(id, caller=caller, entry=entry, expected=expected, change=change)


async def _student(desk: Desk, id: str) -> Student:
    """The student as roster has told."""

    async def read() -> Student | None:
        return (await desk.learnt.told([id], ())).students.get(id)

    def lacking(found: Student | None) -> bool:
        return found is None

    found = await desk.learnt.settled(Request(), read, doubtful=lacking, lacking=lacking)
    if found is None:
        raise Refused(
            f"roster knows no student {id} any more",
            works="have the student put into roster first",
            code="unknown_student",
        )
    return found
