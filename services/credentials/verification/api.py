"""HTTP of many looks at once: a list that somebody looked up, and an issuer's own file."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ValidationError

from services.credentials.api import LOG, MANAGE, DryRun, OwnKey, TheDesk
from services.credentials.catalogue_api import CsvBody
from services.credentials.desk import entry_of
from services.credentials.verification.bodies import (
    LookRow,
    Said,
    VerificationBatch,
    VerificationBatchAnswer,
    asked_from,
    batch_answer,
)
from services.credentials.verification.desk import Asked, verify_many
from shared import auth
from shared.auth import CurrentCaller
from shared.contracts.credentials import Level
from shared.csv_rows import CSV_BODY, ImportReport, Report, Row, read_csv
from shared.fields import Day
from shared.http import IdempotencyKey, digest

# Whoever logs awards looks them up; an issuer's file speaks for everybody's.
ACCESS: auth.Access = {"verify_batch": LOG, "import_verifications": MANAGE}
COLUMNS = (*LookRow.model_fields,)
AT_ONCE = 500

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
    known = hashlib.sha256(body).hexdigest()[:40]
    entry = entry_of(caller, "verify", key=key or known, digest=known)
    report = Report(dry_run=dry_run)
    for start in range(0, len(rows), AT_ONCE):
        read = _asked(rows[start : start + AT_ONCE], said, report, caller.sub)
        asked = [one for _, one in read]
        looked = await verify_many(desk, asked, caller=caller, key=key or known, entry=entry, dry_run=dry_run)
        for (row, _), one in zip(read, looked, strict=True):
            if one.refusal:
                report.refuse_as(row, one.refusal)
            else:
                report.add(one.outcome)
    return report.answer()


def _asked(rows: Sequence[Row], said: Said, report: Report, by: str) -> list[tuple[Row, Asked]]:
    read = []
    for row in rows:
        try:
            cells = {name: value for name, value in row.cells.items() if value is not None}
            one = LookRow.model_validate(cells)
            read.append((row, asked_from(one, said, row=row.number, code=None, by=by)))
        except ValidationError as error:
            report.refuse_invalid(row, error)
    return read
