"""HTTP of many looks at once: a list that somebody looked up, and an issuer's own file."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.credentials.verification.bodies import (
    LookRow,
    Said,
    VerificationBatch,
    VerificationBatchAnswer,
    asked_from,
    batch_answer,
)
from services.credentials.verification.commands import AskedLook, verify_many
from shared.contracts.credentials import Level
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import CSV_BODY, ImportReport, Report, Row, read_csv
from shared.doors.auth import CurrentCaller
from shared.errors import Refused
from shared.producer.desk import TheDesk
from shared.producer.routes import CsvBody, DryRun, file_entry
from shared.records.changes import entry_of
from shared.web.app import IdempotencyKey, digest
from shared.web.idempotency import OwnKey
from shared.words.fields import Day

COLUMNS = (*LookRow.model_fields,)

router = APIRouter(prefix="/v1/awards/verification", tags=["awards"])


@router.post("/batch", response_model=VerificationBatchAnswer)
async def verify_batch(
    body: VerificationBatch, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Note many looks: each row names its award. Good rows are kept, each refused row says why."""
    asked = [body.asked(row, caller.sub) for row in range(len(body.rows))]
    entry = entry_of(caller, "verify", key=key, digest=digest(body))
    looked = await verify_many(desk, asked, caller=caller, key=key, entry=entry, dry_run=dry_run)
    return batch_answer(looked, dry_run=dry_run)


@router.post("/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_verifications(
    body: CsvBody,
    caller: CurrentCaller,
    key: OwnKey,
    desk: TheDesk,
    level: Annotated[Level, Query(description="of rows that do not say it")] = "issuer_feed",
    verified_on: Annotated[Day | None, Query(description="of rows that do not say it; default today")] = None,
    dry_run: DryRun = False,
) -> Any:
    """An issuer's file. Columns as the fields of a row of POST .../batch; a row that means no award says why."""
    rows = await asyncio.to_thread(read_csv, body, (), optional=COLUMNS)
    said = Said(level=level, verified_on=verified_on or await desk.today())
    own, entry = file_entry(caller, "verify", body, key)
    report = Report(dry_run=dry_run)

    def asked(row: Row) -> AskedLook:
        cells = {name: value for name, value in row.cells.items() if value is not None}
        return asked_from(LookRow.model_validate(cells), said, row=row.number, code=None, by=caller.sub)

    async def keep(some: list[AskedLook]) -> list[RowKept | Refused]:
        looked = await verify_many(desk, some, caller=caller, key=own, entry=entry, dry_run=dry_run)
        return [one.refusal or RowKept(one.outcome) for one in looked]

    await keep_in_parts(rows, report, read=asked, keep=keep)
    return report.answer()
