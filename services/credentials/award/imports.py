"""A CSV file of awards: a row an award, columns as the fields of POST /v1/awards."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.credentials.award.bodies import ImportedAward, award_from
from services.credentials.award.commands import AWARDS
from services.credentials.award.rules import Award
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

# Where a field of an award's verification stands in the file.
LOOK = {
    "level": "verification_level",
    "verified_on": "verified_on",
    "outcome": "verification_outcome",
    "method": "verification_method",
}
AWARD_COLUMNS = ("student_id", "credential_code", "result")
AWARD_OPTIONAL = (
    "program_id",
    "taken_on",
    "awarded_on",
    "expires_on",
    "revoked_on",
    "license_number",
    "evidence_url",
    "renews",
    "attempt",
    *LOOK.values(),
)
# What roster's class.csv says for the reader's eyes only: passed over, and never kept.
NOT_READ = ("family_name", "given_name", "campus", "completed_on")


async def import_awards(
    desk: Desk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    A row of a class list in which no result was filled in says nothing, and is counted as blank.
    """
    read = await asyncio.to_thread(read_csv, body, AWARD_COLUMNS, optional=AWARD_OPTIONAL, ignored=NOT_READ)
    report, patience = Report(dry_run=dry_run), Patience()
    rows = [row for row in read if not _blank(row)]
    report.blank = len(read) - len(rows)

    def asked(row: Row) -> Asked[Award]:
        award = award_from(ImportedAward.model_validate(_award_fields(row.cells)), caller.sub)
        return Asked(derived_id(caller.sub, key, row.number), award)

    async def keep(some: list[Asked[Award]]) -> list[RowKept | Refused]:
        logged = await log_rows(desk, AWARDS, some, caller=caller, entry=entry, dry_run=dry_run, patience=patience)
        return [one.refusal or RowKept(one.outcome, one.warnings) for one in logged]

    await keep_in_parts(rows, report, read=asked, keep=keep, columns=LOOK)
    return report.answer()


def _blank(row: Row) -> bool:
    """Whether a row names a student, and perhaps the program, and nothing else."""
    said = {name for name, value in row.cells.items() if value is not None}
    return "student_id" in said and said <= {"student_id", "program_id"}


def _award_fields(cells: Mapping[str, str | None]) -> dict[str, Any]:
    look = {name: cells[column] for name, column in LOOK.items() if cells.get(column)}
    plain: dict[str, Any] = {name: cell for name, cell in cells.items() if cell and name not in LOOK.values()}
    if attempt := plain.get("attempt"):
        plain["attempt"] = whole(attempt)
    return {**plain, "verification": look} if look else plain
