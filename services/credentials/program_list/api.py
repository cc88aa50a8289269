"""HTTP of programs' lists of credentials: proposed, approved, revised, retired, and how each stands on a day."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.credentials.program_list import commands
from services.credentials.program_list.bodies import (
    CatalogueBody,
    ProgramCataloguePage,
    ProgramCatalogueRecord,
    approval_from,
)
from services.credentials.program_list.record import approval_of
from shared.contracts.credentials import CatalogueStatus
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.producer.desk import TheDesk
from shared.producer.routes import SHOWN, CsvBody, DryRun, History, ProgramId, logged_as
from shared.records.changes import entry_of
from shared.records.record import Record
from shared.web.app import AskedPage, page
from shared.web.conditions import IfMatch
from shared.web.views import Json, answer, shown
from shared.words.fields import Day

On = Annotated[Day | None, Query(description="How it stands on this day; default today.")]

router = APIRouter(prefix="/v1/programs", tags=["program catalogues"])


@router.put("/{id}/catalogue", response_model=ProgramCatalogueRecord, responses=logged_as(ProgramCatalogueRecord))
async def put_program_catalogue(
    id: ProgramId, body: CatalogueBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> Any:
    """Keep what has become of a program's list of credentials: all its steps, by day."""
    caller.require_everything("a program's list of credentials")
    entry = entry_of(caller, "put", key="", digest="")
    saved = await commands.put(desk, approval_from(id, body.steps), entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome, **_standing(saved.record, await desk.today()))


@router.get("/{id}/catalogue", response_model=ProgramCatalogueRecord, responses=SHOWN)
async def get_program_catalogue(
    id: ProgramId, _: CurrentCaller, desk: TheDesk, on: On = None, history: History = False
) -> Any:
    """What has become of a program's list, and how it stands."""
    record = await commands.get(desk, id)
    return answer(record, history=history, **_standing(record, on or await desk.today()))


@router.get("/catalogues", response_model=ProgramCataloguePage)
async def list_program_catalogues(
    _: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    status: Annotated[CatalogueStatus | None, Query()] = None,
    approved: Annotated[bool | None, Query(description="Approved on that day, also while revised.")] = None,
    on: On = None,
) -> Any:
    """Programs' lists that stand so, in the order of the programs' ids."""
    day = on or await desk.today()
    records = await commands.find(desk, status=status, approved=approved, on=day, paging=paging)
    return Json(page([shown(record, **_standing(record, day)) for record in records], paging.limit))


@router.post("/catalogues/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_program_catalogues(
    body: CsvBody, caller: CurrentCaller, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Columns program_id, status, on, body; a row a step, and a program's rows replace its list."""
    caller.require_everything("a program's list of credentials")
    return await commands.import_steps(desk, body, entry=entry_of(caller, "import", key="", digest=""), dry_run=dry_run)


def _standing(record: Record, day: date) -> dict[str, Any]:
    found = approval_of(record)
    return {"on": day.isoformat(), "status": found.status_on(day), "approved": found.approved_on(day)}
