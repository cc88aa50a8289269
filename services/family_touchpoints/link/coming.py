"""A family says by a link that it comes to a workshop, or that it does not after all."""

from datetime import date

from services.family_touchpoints.contact.rules import Family
from services.family_touchpoints.link.commands import gone
from services.family_touchpoints.workshop.attendance import (
    ATTENDANCE,
    Attendance,
    attendance_draft,
    attendance_id,
    attendance_of,
)
from services.family_touchpoints.workshop.decision import shut_out
from services.family_touchpoints.workshop.record import WORKSHOP, workshop_of
from services.family_touchpoints.workshop.rules import Workshop
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.producer.desk import Desk
from shared.records.changes import put
from shared.records.record import Draft, Entry, Record


async def workshop_to_come(desk: Desk, id: str) -> Workshop:
    """A workshop that families can still say they come to. Raise NotFound, as of a link that opens nothing."""
    record = await desk.records.get(WORKSHOP, id)
    workshop = workshop_of(record.state) if record and not record.void else None
    if workshop is None or not await _ahead(desk, workshop):
        raise gone()
    return workshop


async def invited_to(desk: Desk, id: str, caller: Caller) -> str:
    """The workshop as a link names it. Raise NotFound, or Refused for one to which nobody can come any more."""
    record = await desk.get(WORKSHOP, id, caller)
    if record.void or not await _ahead(desk, workshop_of(record.state)):
        works = "choose one that is planned for today or later"
        raise Refused("nobody can say any more that they come to this workshop", works=works, code="wrong_status")
    return record.id


async def _ahead(desk: Desk, workshop: Workshop) -> bool:
    return workshop.status == "planned" and workshop.held_on >= await desk.today()


async def registers(
    desk: Desk, workshop_id: str, guardian_id: str, family: Family, *, day: date, comes: bool, entry: Entry
) -> None:
    """Have the roll say that the guardian comes on that day, or nothing; what staff have marked on it stays."""
    wanted = Attendance(
        workshop_id=workshop_id,
        guardian_id=guardian_id,
        student_ids=(family.student_id,),
        status="registered",
        restricted=shut_out(family, guardian_id, day),
    )

    def decided(now: Record | None) -> Draft | None:
        before = attendance_of(now.state) if now and not now.void and not now.gone else None
        if before is None:
            return attendance_draft(wanted, entry) if comes else None
        return None if comes or before.status != "registered" else attendance_draft(before, entry, void=True)

    await put(desk.records, ATTENDANCE, attendance_id(workshop_id, guardian_id), decided)
