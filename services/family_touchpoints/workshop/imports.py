"""A CSV file of who was at workshops: a row a guardian; the rows of a workshop are its roll of today."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.family_touchpoints.workshop.bodies import RollRow, rows_from
from services.family_touchpoints.workshop.decision import Marked, RowDecision
from services.family_touchpoints.workshop.roll import Roll, mark
from shared.csv.cells import whole
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.producer.desk import Desk
from shared.records.keys import derived_id
from shared.records.record import Entry
from shared.roster_copy.patience import Patience

COLUMNS = ("workshop_id",)
OPTIONAL = ("guardian_id", "name", "phone", "student_ids", "status", "language", "seen_version")


async def import_attendance(
    desk: Desk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier workshops have kept is unchanged when the file comes again.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, patience = Report(dry_run=dry_run), Patience()
    today = await desk.today()

    def marked(row: Row) -> tuple[str, Marked]:
        (one,) = rows_from((RollRow.model_validate(_fields(row.cells)),), sub=caller.sub, key=key)
        new_id = f"w{derived_id(caller.sub, key, row.number)}"
        return row.cells["workshop_id"] or "", replace(one, new_id=new_id)

    async def keep(some: list[tuple[str, Marked]]) -> list[RowKept | Refused]:
        came: dict[int, RowKept | Refused] = {}
        for workshop in dict.fromkeys(id for id, _ in some):
            at = [place for place, (id, _) in enumerate(some) if id == workshop]
            wanted = Roll(on=today, rows=[some[place][1] for place in at])
            try:
                done = await mark(
                    desk, workshop, wanted, caller=caller, entry=entry, dry_run=dry_run, patience=patience
                )
            except Refused as refusal:
                came |= dict.fromkeys(at, refusal)
                continue
            came |= dict(zip(at, map(_came_to, done.decisions), strict=True))
        return [came[place] for place in range(len(some))]

    await keep_in_parts(rows, report, read=marked, keep=keep)
    return report.answer()


def _came_to(one: RowDecision) -> RowKept | Refused:
    """What a row came to; one that this file had written before changes nothing."""
    return one.refusal or RowKept(one.outcome if one.keep is not None else "unchanged")


def _fields(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells as JSON would have them."""
    fields = {name: value for name, value in cells.items() if value is not None}
    fields.pop("workshop_id", None)
    walk_in = {name: fields.pop(name) for name in ("name", "phone") if name in fields}
    students: Sequence[str] = fields.pop("student_ids", "").replace(";", " ").split()
    version = fields.pop("seen_version", None)
    more: dict[str, Any] = {"walk_in": walk_in} if walk_in else {}
    if version is not None:
        more["seen_version"] = whole(version)
    return {**fields, **more, "student_ids": students}
