"""HTTP of workshops: plan, hold, cancel, reopen, set right, take out, list, show; and of their rolls."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.workshop import commands, imports
from services.family_touchpoints.workshop.answers import (
    RestrictedPage,
    RollAnswer,
    RollShown,
    TakenOff,
    WorkshopPage,
    WorkshopRecord,
    roll_answer,
    roll_shown,
)
from services.family_touchpoints.workshop.attendance import ATTENDANCE
from services.family_touchpoints.workshop.bodies import (
    CancelAction,
    HeldAction,
    ReopenAction,
    RollBody,
    WorkshopBody,
    WorkshopChange,
    changes_from,
    heads_from,
    rows_from,
    workshop_from,
)
from services.family_touchpoints.workshop.queries import on_rolls
from services.family_touchpoints.workshop.record import WORKSHOP
from services.family_touchpoints.workshop.roll import Roll, mark, seen_of, take_off
from shared.contracts.family_touchpoints import Level, WorkshopStatus, WorkshopType
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.producer.desk import TheDesk
from shared.producer.routes import (
    KEPT,
    SHOWN,
    Asks,
    CsvBody,
    DryRun,
    History,
    RecordId,
    VoidAction,
    days_between,
    file_entry,
    logged_as,
    narrowed,
)
from shared.records.changes import entry_of
from shared.records.record import Saved
from shared.web.app import AskedPage, IdempotencyKey, IfMatchNeeded, derived_id, digest, page
from shared.web.idempotency import OwnKey, once
from shared.web.views import Json, answer, shown
from shared.words.fields import Day, Id

router = APIRouter(prefix="/v1", tags=["workshops"])


@router.post("/workshops", response_model=WorkshopRecord, responses=logged_as(WorkshopRecord))
async def plan_workshop(body: WorkshopBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Plan an occasion for families; the same key and body again answers with it as it stands."""
    entry = entry_of(caller, "plan", key=key, digest=digest(body))
    id = derived_id(caller.sub, key)
    return _kept(await commands.plan(desk, id, workshop_from(body), caller=caller, entry=entry))


@router.get("/workshops", response_model=WorkshopPage)
async def list_workshops(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    organisation: Annotated[Id | None, Query()] = None,
    program: Annotated[Id | None, Query()] = None,
    kind: Annotated[WorkshopType | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
    status: Annotated[WorkshopStatus | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from", description="held on or after")] = None,
    until: Annotated[Day | None, Query(alias="to", description="held on or before")] = None,
) -> Any:
    """Workshops that are not void and within reach, in the order of their ids."""
    where = narrowed(
        organisation_ids=organisation,
        program_ids=program,
        kind=kind,
        level=level,
        status=status,
        held_on=days_between(since, until),
    )
    records = await desk.find(WORKSHOP, where, caller=caller, paging=paging)
    return Json(page([shown(record) for record in records], paging.limit))


@router.get("/workshops/{id}", response_model=WorkshopRecord, responses=SHOWN)
async def get_workshop(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One workshop, also one that is void."""
    return answer(await desk.get(WORKSHOP, id, caller), history=history)


@router.patch("/workshops/{id}", response_model=WorkshopRecord, responses=KEPT)
async def correct_workshop(asked: Asks, body: WorkshopChange) -> Any:
    """Set right what was written wrong; its roll says so too."""
    return _kept(await commands.set_right(asked.desk, asked.id, changes_from(body), **asked.by("correct", body)))


@router.post("/workshops/{id}/held", response_model=WorkshopRecord, responses=KEPT)
async def hold_workshop(asked: Asks, body: HeldAction) -> Any:
    """It was held; a roll on or after its day says so too."""
    return _kept(await commands.act(asked.desk, asked.id, "hold", **asked.by("hold", body), on=body.on))


@router.post("/workshops/{id}/cancel", response_model=WorkshopRecord, responses=KEPT)
async def cancel_workshop(asked: Asks, body: CancelAction) -> Any:
    """It does not take place, or did not: whoever stands on its roll was not there."""
    return _kept(await commands.act(asked.desk, asked.id, "cancel", **asked.by("cancel", body)))


@router.post("/workshops/{id}/reopen", response_model=WorkshopRecord, responses=KEPT)
async def reopen_workshop(asked: Asks, body: ReopenAction) -> Any:
    """It takes place after all, on the day that is named, or was held."""
    said = asked.by("reopen", body)
    return _kept(await commands.act(asked.desk, asked.id, "reopen", on=body.on, as_held=body.status == "held", **said))


@router.post("/workshops/{id}/void", response_model=WorkshopRecord, responses=KEPT)
async def void_workshop(asked: Asks, body: VoidAction) -> Any:
    """Take out a workshop that should never have been planned; nothing is told of its roll any more."""
    return _kept(await commands.void(asked.desk, asked.id, **asked.by("void", body)))


@router.post("/workshops/{id}/roll", response_model=RollAnswer)
async def take_roll(
    id: RecordId, body: RollBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Mark who was there, or comes, and how many heads were counted. Good rows are kept, each other says why.

    On or after its day the roll holds a planned workshop. Who marked first is right until somebody sends
    the version that they have seen.
    """
    entry = entry_of(caller, "roll", key=key, digest=digest([id, body.model_dump(mode="json")]))
    wanted = Roll(on=body.on, heads=heads_from(body), rows=list(rows_from(body.rows, sub=caller.sub, key=key)))
    done = await mark(desk, id, wanted, caller=caller, entry=entry, dry_run=dry_run)
    return Json(roll_answer(done, dry_run=dry_run))


@router.get("/workshops/{id}/roll", response_model=RollShown)
async def get_roll(id: RecordId, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Who is on the roll, as far as you see their students, and how many were there."""
    record = await desk.get(WORKSHOP, id, caller)
    roll = (await on_rolls(desk, [id])).get(id, [])
    seen = await seen_of(desk, roll, caller)
    return Json(roll_shown(record, roll, seen, same=await same_persons(desk.records), to=caller))


@router.post("/workshops/{id}/roll/{attendance}/void", response_model=TakenOff, responses=KEPT)
async def take_off_roll(
    id: RecordId,
    attendance: RecordId,
    body: VoidAction,
    caller: CurrentCaller,
    version: IfMatchNeeded,
    key: OwnKey,
    desk: TheDesk,
) -> Any:
    """Take somebody off the roll who never stood on it; If-Match may be the `seen_version` of the roll."""
    entry = entry_of(caller, "void", **once("void", attendance, version, key, body), why=body.reason)
    saved = await take_off(desk, id, attendance, caller=caller, entry=entry, expected=version)
    return TakenOff(attendance_id=saved.record.id, workshop_id=id, void=saved.record.void)


@router.get("/attendance/restricted", response_model=RestrictedPage)
async def list_restricted_attendance(caller: CurrentCaller, paging: AskedPage, desk: TheDesk) -> Any:
    """Who was at a workshop on a day on which a rule closed contact with them: for whoever handles that."""
    where = {"state.restricted": True, "state.status": "present"}
    records = await desk.find(ATTENDANCE, where, caller=caller, paging=paging)
    seen = await seen_of(desk, records, caller)
    return Json(page([shown(one.record, student_ids=one.student_ids) for one in seen], paging.limit))


@router.post("/attendance/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_attendance(
    body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """A row a guardian; columns workshop_id, guardian_id or name, student_ids. The same file again changes nothing."""
    own, entry = file_entry(caller, "roll", body, key)
    return await imports.import_attendance(desk, body, caller=caller, entry=entry, key=own, dry_run=dry_run)


def _kept(saved: Saved) -> Json:
    return answer(saved.record, outcome=saved.outcome)
