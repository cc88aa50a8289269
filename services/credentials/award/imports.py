"""CSV files of awards and of the catalogue: a row an award; a row a credential and dated tier, gathered by code."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.credentials.award.answers import CatalogueReport
from services.credentials.award.bodies import CredentialBody, ImportedAward, TierBody
from services.credentials.award.commands import Desk
from services.credentials.award.decision import Asked
from services.credentials.award.drafting import award_from, credential_from
from services.credentials.catalogue_entry import commands as cataloguing
from services.credentials.catalogue_entry.rules import Credential
from shared.csv.cells import whole
from shared.csv.imports import Kept, all_right, by_key, keep_in_parts
from shared.csv.rows import ImportReport, Report, Row, read_csv
from shared.doors.auth import Caller
from shared.errors import Refused
from shared.records.records import Entry
from shared.roster_copy.lookup import Request
from shared.web.conditions import derived_id

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
HEAD = ("title", "issuer", "type", "ctdl_id")
TIER = ("program_id", "tier", "valid_from")
CATALOGUE_COLUMNS = ("code", "title", "issuer", "type")
CATALOGUE_OPTIONAL = ("ctdl_id", *TIER)


async def import_awards(
    desk: Desk, body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    A row of a class list in which no result was filled in says nothing, and is counted as blank.
    """
    read = await asyncio.to_thread(read_csv, body, AWARD_COLUMNS, optional=AWARD_OPTIONAL, ignored=NOT_READ)
    report, request = Report(dry_run=dry_run), Request()
    rows = [row for row in read if not _blank(row)]
    report.blank = len(read) - len(rows)

    def asked(row: Row) -> Asked:
        award = award_from(ImportedAward.model_validate(_award_fields(row.cells)), caller.sub)
        return Asked(derived_id(caller.sub, key, row.number), award)

    async def keep(some: list[Asked]) -> list[Kept | Refused]:
        logged = await desk.log(some, caller=caller, entry=entry, dry_run=dry_run, request=request)
        return [one.refusal or Kept(one.outcome, one.warnings) for one in logged]

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


async def import_catalogue(desk: Desk, body: bytes, *, entry: Entry, dry_run: bool) -> CatalogueReport:
    """Keep every credential all of whose rows are right; the rows of one code are all there is to say of it.

    Raise Refused, having kept nothing, when the file as a whole cannot be read.
    """
    rows = await asyncio.to_thread(read_csv, body, CATALOGUE_COLUMNS, optional=CATALOGUE_OPTIONAL)
    report, restated = Report(dry_run=dry_run), 0
    by_code = by_key(rows, "code")
    whole = {code: one for code, of_code in by_code.items() if (one := _credential(code, of_code, report))}
    outcomes = await cataloguing.put_many(desk, list(whole.values()), entry=entry, dry_run=dry_run)
    for code, outcome in zip(whole, outcomes, strict=True):
        if isinstance(outcome, Refused):
            for row in by_code[code]:
                report.refuse_as(row, outcome)
        else:
            report.add(outcome.outcome, rows=len(by_code[code]))
            restated += outcome.restated
    return CatalogueReport(**dict(report.answer()), restated=restated)


def _credential(code: str, rows: Sequence[Row], report: Report) -> Credential | None:
    """The credential that its rows tell of; None, with the reasons in the report, if one of them is wrong."""
    tiers: list[TierBody] = []
    body, first = None, rows[0]
    for row in rows:
        try:
            body = CredentialBody.model_validate({name: row.cells[name] for name in HEAD if row.cells.get(name)})
            if any(row.cells.get(name) for name in TIER):
                tiers.append(TierBody.model_validate({"tier": None} | _present(row, TIER)))
        except ValidationError as error:
            report.refuse_invalid(row, error)
        for name in HEAD:
            if row.cells.get(name) != first.cells.get(name):
                said, works = (
                    f"row {first.number} says otherwise of {code}",
                    f"give the same {name} in every row of a code",
                )
                report.refuse(
                    row.number, said, column=name, value=row.cells.get(name), works=works, code="says_otherwise"
                )
    if all_right(rows, report, kind="code") and body is not None:
        return credential_from(code, body.model_copy(update={"tiers": tuple(tiers)}))
    return None


def _present(row: Row, names: Sequence[str]) -> dict[str, str | None]:
    return {name: row.cells[name] for name in names if row.cells.get(name)}
