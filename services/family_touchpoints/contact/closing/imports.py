"""CSV files of rules, of steps of consents, and of what students of age share; the same file again changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from services.family_touchpoints.contact.closing.bodies import ConsentRow, RuleRow, SharingRow
from services.family_touchpoints.contact.closing.wishes import (
    ConsentAsked,
    RuleAsked,
    SharingAsked,
    consent_wishes,
    rule_wishes,
    sharing_wishes,
    worded,
)
from services.family_touchpoints.contact.keeping import Wish, keep, would_keep
from services.family_touchpoints.contact.reached import no_guardian, persons_reached, students_reached
from services.family_touchpoints.contact.record import CONSENT, RULE, SHARING
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Conflict, Refused, refused
from shared.producer.desk import Desk
from shared.producer.refusals import no_student
from shared.records.changes import entry_of
from shared.roster_copy.patience import Patience
from shared.roster_copy.students import Student
from shared.words.fields import Body

EVERYBODY = "everybody"
R = TypeVar("R", bound=Body)
# What some rows come to: of each its wish, or why there is none; and the students whom they concern.
Wished = tuple[Sequence[Wish | Refused], Sequence[Student]]


async def import_rules(desk: Desk, body: bytes, *, caller: Caller, dry_run: bool) -> ImportReport:
    """Keep every rule that may be kept, and say of every other what would work."""
    patience = Patience()

    async def wished(rows: Sequence[RuleRow]) -> Wished:
        students = await students_reached(desk, {row.student_id for row in rows}, caller, patience)
        known = [row for row in rows if row.student_id in students]
        asked = [RuleAsked(students[row.student_id], row.rule_id, row.said()) for row in known]
        wishes = iter(await rule_wishes(desk, asked, by=caller.sub))
        return [next(wishes) if row.student_id in students else _nobody(row.student_id) for row in rows], [
            *students.values()
        ]

    def read(row: Row) -> RuleRow:
        channels = [one.strip() for one in (row.cells.get("channels") or "").split(";") if one.strip()]
        said = {**_filled(row), "channels": channels}
        # A cell that was forgotten must not close the ways to everybody.
        whose = {"guardian_id": None} if said.get("guardian_id") == EVERYBODY else {}
        return RuleRow.model_validate({**said, **whose})

    columns = ("rule_id", "student_id", "guardian_id", "rule", "basis", "from")
    rows = await asyncio.to_thread(read_csv, body, columns, optional=("to", "channels", "seen_on", "told_to_staff"))
    return await _import(desk, RULE, rows, read=read, wished=wished, caller=caller, dry_run=dry_run)


async def import_consents(desk: Desk, body: bytes, *, caller: Caller, dry_run: bool) -> ImportReport:
    """Add every step that may be kept to what was said before, and say of every other what would work."""

    async def wished(rows: Sequence[ConsentRow]) -> Wished:
        persons = await persons_reached(desk, {row.guardian_id for row in rows}, caller)
        known = [row for row in rows if row.guardian_id in persons]
        asked = [ConsentAsked(row.guardian_id, row.channel, row.about, [row.said()]) for row in known]
        wishes = iter(await consent_wishes(desk, asked, adding=True))
        return [next(wishes) if row.guardian_id in persons else no_guardian(row.guardian_id) for row in rows], ()

    def read(row: Row) -> ConsentRow:
        return ConsentRow.model_validate(_filled(row))

    columns = ("guardian_id", "channel", "about", "status", "on", "how")
    rows = await asyncio.to_thread(read_csv, body, columns)
    return await _import(desk, CONSENT, rows, read=read, wished=wished, caller=caller, dry_run=dry_run)


async def import_sharing(desk: Desk, body: bytes, *, caller: Caller, dry_run: bool) -> ImportReport:
    """Add every day and step that may be kept to what was said before, and say of every other what would work."""
    patience = Patience()

    async def wished(rows: Sequence[SharingRow]) -> Wished:
        students = await students_reached(desk, {row.student_id for row in rows}, caller, patience)
        asked = [SharingAsked(students[row.student_id], row.said()) for row in rows if row.student_id in students]
        wishes = iter(await sharing_wishes(desk, asked, adding=True))
        return [next(wishes) if row.student_id in students else _nobody(row.student_id) for row in rows], [
            *students.values()
        ]

    def read(row: Row) -> SharingRow:
        said = _filled(row)
        step = {name: said.pop(name) for name in ("status", "on", "seen_on") if name in said}
        return SharingRow.model_validate({**said, "step": step or None})

    rows = await asyncio.to_thread(read_csv, body, ("student_id",), optional=("eighteen_on", "status", "on", "seen_on"))
    return await _import(desk, SHARING, rows, read=read, wished=wished, caller=caller, dry_run=dry_run)


async def _import(
    desk: Desk,
    kind: str,
    rows: Sequence[Row],
    *,
    read: Callable[[Row], R],
    wished: Callable[[Sequence[R]], Awaitable[Wished]],
    caller: Caller,
    dry_run: bool,
) -> ImportReport:
    report, entry = Report(dry_run=dry_run), entry_of(caller, "import", key="", digest="")

    async def kept(some: list[R]) -> list[RowKept | Refused]:
        wishes, students = await wished(some)
        asked = [one for one in wishes if isinstance(one, Wish)]
        if dry_run:
            came = iter([_told(one) for one in await would_keep(desk, kind, asked, entry)])
        else:
            saved = await keep(desk, kind, asked, entry)
            came = iter([_told(one if isinstance(one, Refused) else one.outcome) for one in saved])
            await desk.students_changed({id for student in students for id in student.ids})
        found = [next(came) if isinstance(one, Wish) else one for one in wishes]
        return [await worded(desk, one) if isinstance(one, Conflict) else one for one in found]

    await keep_in_parts(rows, report, read=read, keep=kept)
    return report.answer()


def _told(came: str | Refused) -> RowKept | Refused:
    return came if isinstance(came, Refused) else RowKept(came)


def _filled(row: Row) -> dict[str, Any]:
    return {name: cell for name, cell in row.cells.items() if cell is not None}


def _nobody(name: str) -> Refused:
    return refused(no_student(name))
