"""HTTP of the catalogue: put an entry, list and show entries, and read them from a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.credentials.catalogue_entry import commands, imports
from services.credentials.catalogue_entry.bodies import (
    CatalogueReport,
    CredentialBody,
    CredentialKept,
    CredentialPage,
    CredentialRecord,
    EntryWould,
    credential_from,
)
from shared.csv.rows import CSV_BODY
from shared.doors.auth import CurrentCaller
from shared.producer.answers import HEADERS, put_answer
from shared.producer.desk import TheDesk
from shared.producer.routes import SHOWN, CsvBody, DryRun, History
from shared.records.changes import entry_of
from shared.records.record import Record
from shared.web.app import AskedPage, page
from shared.web.conditions import IfMatch
from shared.web.views import Json, answer, shown
from shared.words.fields import ID_PATTERN, Id

PUT: dict[int | str, dict[str, Any]] = {
    200: {"headers": HEADERS},
    201: {"model": CredentialKept, "headers": HEADERS},
}
Code = Annotated[str, Path(pattern=ID_PATTERN, examples=["security-plus"])]

router = APIRouter(prefix="/v1", tags=["catalogue"])


@router.put("/catalogue/{code}", response_model=CredentialKept | EntryWould, responses=PUT)
async def put_credential(
    code: Code, body: CredentialBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Keep a credential and its dated tiers; exactly the awards whose tier in force changed are restated.

    The answer says how many; a dry run says it beforehand.
    """
    caller.require_everything("the catalogue")
    entry = entry_of(caller, "put", key="", digest="")
    done = await commands.put(desk, credential_from(code, body), entry=entry, expected=version, dry_run=dry_run)
    return put_answer(done, code=code)


@router.get("/catalogue", response_model=CredentialPage)
async def list_catalogue(
    _: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    program: Annotated[Id | None, Query(description="aligned with this program, now or ever")] = None,
    type: Annotated[str | None, Query(max_length=60)] = None,
) -> Any:
    """The catalogue in the order of its codes."""
    records = await commands.find(desk, program=program, type=type, paging=paging)
    return Json(page([_shown(record) for record in records], paging.limit))


@router.get("/catalogue/{code}", response_model=CredentialRecord, responses=SHOWN)
async def get_credential(code: Code, _: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One credential with its dated tiers."""
    return answer(await commands.get(desk, code), history=history, code=code)


@router.post("/catalogue/imports", response_model=CatalogueReport, openapi_extra=CSV_BODY)
async def import_catalogue(body: CsvBody, caller: CurrentCaller, desk: TheDesk, dry_run: DryRun = False) -> Any:
    """Columns code, title, issuer, type, ctdl_id, program_id, tier, valid_from; the rows of a code replace it."""
    caller.require_everything("the catalogue")
    return await imports.import_catalogue(
        desk, body, entry=entry_of(caller, "import", key="", digest=""), dry_run=dry_run
    )


def _shown(record: Record) -> dict[str, Any]:
    return shown(record, code=record.id)
