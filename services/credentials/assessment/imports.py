"""A CSV file of assessments: a row a sitting, columns as the fields of POST /v1/assessments."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.credentials.assessment.bodies import AssessmentBody
from services.credentials.assessment.commands import AssessmentDesk
from services.credentials.assessment.decision import Asked
from services.credentials.assessment.drafting import assessment_from
from shared.csv.cells import decimal, whole
from shared.csv.imports import Kept, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.records.records import Entry
from shared.roster_copy.lookup import Request
from shared.web.conditions import derived_id

COLUMNS = ("student_id", "program_id", "kind", "form", "scale", "taken_on")
NUMBERS = ("operational_items", "correct", "attempt")
SHARES = ("score", "cut")
OPTIONAL = ("phase", *NUMBERS, *SHARES, "passed")
WORDS = {"true": True, "false": False}


async def import_assessments(
    desk: AssessmentDesk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, request = Report(dry_run=dry_run), Request()

    def asked(row: Row) -> Asked:
        one = assessment_from(AssessmentBody.model_validate(_fields(row.cells)))
        return Asked(derived_id(caller.sub, key, row.number), one)

    async def keep(some: list[Asked]) -> list[Kept | Refused]:
        logged = await desk.log(some, caller=caller, entry=entry, dry_run=dry_run, request=request)
        return [one.refusal or Kept(one.outcome, one.warnings) for one in logged]

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
