"""A CSV file of the catalogue: a row a credential and dated tier, gathered by code."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from services.credentials.catalogue_entry import commands
from services.credentials.catalogue_entry.bodies import CatalogueReport, CredentialBody, TierBody, credential_from
from services.credentials.catalogue_entry.rules import Credential
from shared.csv.imports import all_right, by_key
from shared.csv.rows import Report, Row, read_csv
from shared.errors import Refused
from shared.producer.desk import Desk
from shared.records.record import Entry

HEAD = ("title", "issuer", "type", "ctdl_id")
TIER = ("program_id", "tier", "valid_from")
COLUMNS = ("code", "title", "issuer", "type")
OPTIONAL = ("ctdl_id", *TIER)


async def import_catalogue(desk: Desk, body: bytes, *, entry: Entry, dry_run: bool) -> CatalogueReport:
    """Keep every credential all of whose rows are right; the rows of one code are all there is to say of it.

    Raise Refused, having kept nothing, when the file as a whole cannot be read.
    """
    rows = await asyncio.to_thread(read_csv, body, COLUMNS, optional=OPTIONAL)
    report, restated = Report(dry_run=dry_run), 0
    by_code = by_key(rows, "code")
    whole = {code: one for code, of_code in by_code.items() if (one := _credential(code, of_code, report))}
    outcomes = await commands.put_many(desk, list(whole.values()), entry=entry, dry_run=dry_run)
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
