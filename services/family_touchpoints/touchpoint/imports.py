"""A dialer's or messenger's log is read from CSV: a row a student's part, `external_id` the key of its occasion."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.family_touchpoints.touchpoint.bodies import TouchpointBody, When, touchpoints_from
from services.family_touchpoints.touchpoint.commands import TOUCHPOINTS
from services.family_touchpoints.touchpoint.rules import Touchpoint
from shared.csv.cells import whole
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.producer.decisions import Asked
from shared.producer.desk import Desk
from shared.producer.rows import log_rows
from shared.records.record import Entry
from shared.roster_copy.patience import Patience
from shared.web.idempotency import derived_id
from shared.words.fields import Id, Name

COLUMNS = ("external_id", "student_id", "method", "held_on")
SAID = ("outcome", "reached_on", "purpose", "direction", "program_id", "language", "interpreter", "note", "breach")
OPTIONAL = ("guardian_id", "minutes", "staff", *SAID)
# Of no caller: the same call in another file, or sent by somebody else, is the same occasion.
EXTERNAL = "external_id"
AS_COLUMNS = {"students": "student_id", "guardian_ids": "guardian_id"}


class LogRow(TouchpointBody):
    """One row of a log; several ids of guardians stand with `;` between them."""

    held_on: When
    external_id: Name
    staff: Id | None = None


async def import_touchpoints(
    desk: Desk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, patience = Report(dry_run=dry_run), Patience()
    calendar = await desk.roster.calendar()

    def asked(row: Row) -> Asked[Touchpoint]:
        said = LogRow.model_validate(_fields(row.cells))
        occasion = derived_id(EXTERNAL, said.external_id)
        (one,) = touchpoints_from(said, calendar, occasion=occasion, staff=said.staff or caller.sub)
        return Asked(derived_id(caller.sub, key, row.number), one)

    async def keep(some: list[Asked[Touchpoint]]) -> list[RowKept | Refused]:
        logged = await log_rows(desk, TOUCHPOINTS, some, caller=caller, entry=entry, dry_run=dry_run, patience=patience)
        return [one.refusal or RowKept(one.outcome, one.warnings) for one in logged]

    await keep_in_parts(rows, report, read=asked, keep=keep, columns=AS_COLUMNS)
    return report.answer()


def _fields(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells as JSON would have them; one that cannot be so is left as text, and refused as such."""
    said: dict[str, Any] = {name: value for name in (*SAID, "held_on", "method") if (value := cells.get(name))}
    said |= {"external_id": cells["external_id"], "students": [cells["student_id"]] if cells["student_id"] else []}
    said["guardian_ids"] = [part.strip() for part in (cells.get("guardian_id") or "").split(";") if part.strip()]
    said.setdefault("purpose", "other")
    if minutes := cells.get("minutes"):
        said["minutes"] = whole(minutes)
    if staff := cells.get("staff"):
        said["staff"] = staff
    return said
