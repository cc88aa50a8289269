"""A CSV file of assessments: a row a sitting, columns as the fields of POST /v1/assessments."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.credentials.assessments.bodies import AssessmentBody
from services.credentials.assessments.deciding import Asked
from services.credentials.assessments.desk import AssessmentDesk
from services.credentials.assessments.domain import Assessment
from services.credentials.assessments.drafting import assessment_from
from services.credentials.learnt import Request
from shared.auth import Caller
from shared.conditions import derived_id
from shared.csv_rows import ImportReport, Report, Row, read_csv
from shared.records import Entry

AT_ONCE = 500
COLUMNS = ("student_id", "program_id", "kind", "form", "scale", "taken_on")
NUMBERS = ("operational_items", "correct")
OPTIONAL = ("phase", *NUMBERS, "score", "passed", "cut")
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
    for start in range(0, len(rows), AT_ONCE):
        read = _assessments(rows[start : start + AT_ONCE], report)
        asked = [Asked(derived_id(caller.sub, key, row.number), one) for row, one in read]
        logged = await desk.log(asked, caller=caller, entry=entry, dry_run=dry_run, request=request)
        for (row, _), done in zip(read, logged, strict=True):
            if done.refusal:
                report.refuse_as(row, done.refusal)
            else:
                report.add(done.outcome)
    return report.answer()


def _assessments(rows: Sequence[Row], report: Report) -> list[tuple[Row, Assessment]]:
    read = []
    for row in rows:
        try:
            read.append((row, assessment_from(AssessmentBody.model_validate(_fields(row.cells)))))
        except ValidationError as error:
            report.refuse_invalid(row, error)
    return read


def _fields(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells as JSON would have them; one that cannot be so is left as text, and refused as such."""
    fields: dict[str, Any] = {name: value for name, value in cells.items() if value is not None}
    for name in NUMBERS:
        if (text := cells.get(name)) and text.isascii() and text.isdigit() and len(text) < 10:
            fields[name] = int(text)
    if (said := (cells.get("passed") or "").lower()) in WORDS:
        fields["passed"] = WORDS[said]
    return fields
