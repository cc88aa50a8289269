"""A CSV file of assessments: a row a sitting, columns as the fields of POST /v1/assessments."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.credentials.assessment.bodies import AssessmentBody, assessment_from
from services.credentials.assessment.commands import ASSESSMENTS
from services.credentials.assessment.rules import Assessment
from shared.csv.cells import decimal, whole
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

COLUMNS = ("student_id", "program_id", "kind", "form", "scale", "taken_on")
NUMBERS = ("operational_items", "correct", "attempt")
SHARES = ("score", "cut")
OPTIONAL = ("phase", *NUMBERS, *SHARES, "passed")
WORDS = {"true": True, "false": False}


async def import_assessments(
    desk: Desk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, patience = Report(dry_run=dry_run), Patience()

    def asked(row: Row) -> Asked[Assessment]:
        one = assessment_from(AssessmentBody.model_validate(_fields(row.cells)))
        return Asked(derived_id(caller.sub, key, row.number), one)

    async def keep(some: list[Asked[Assessment]]) -> list[RowKept | Refused]:
        logged = await log_rows(desk, ASSESSMENTS, some, caller=caller, entry=entry, dry_run=dry_run, patience=patience)
        return [one.refusal or RowKept(one.outcome, one.warnings) for one in logged]

    await keep_in_parts(rows, report, read=asked, keep=keep)
    return report.answer()


def _fields(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells as JSON would have them; one that cannot be so is left as text, and refused as such."""
    fields: dict[str, Any] = {name: value for name, value in cells.items() if value is not None}
    for name in NUMBERS:
        if text := cells.get(name):
            fields[name] = whole(text)
    for name in SHARES:
        if text := cells.get(name):
            fields[name] = decimal(text)
    if (said := (cells.get("passed") or "").lower()) in WORDS:
        fields["passed"] = WORDS[said]
    return fields
