"""One district asks for a student of another one, and the home district lets them in or does not."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.roster.api.records import TheDesk
from services.roster.desk.desk import Desk
from services.roster.identity.people import checked_name, not_there
from services.roster.reach.scope import Scope
from shared.doors.auth import Caller, CurrentCaller
from shared.errors import Conflict, NotFound, Problem, refused
from shared.records.store import Draft, Entry, Record, Saved
from shared.web.conditions import etag
from shared.web.idempotency import IdempotencyKey, derived_id, digest
from shared.web.paging import AskedPage, page
from shared.words.fields import ID_PATTERN, Body, Id, Reason, StudentName, example

TRANSFER = "transfer"
Status = Literal["asked", "accepted", "declined"]
TransferId = Annotated[str, Path(pattern=ID_PATTERN)]

router = APIRouter(prefix="/v1/transfers", tags=["transfers"])


class TransferAsked(Body):
    """Who is asked for, for which of the caller's places, and why."""

    model_config = example(student="stateStudentId:900001", organisation_id="northwest", reason="moved here")

    student: StudentName
    organisation_id: Id
    reason: Reason


class TransferDecision(Body):
    """What the home district says."""

    model_config = example(decision="accepted", reason="the family agreed")

    decision: Literal["accepted", "declined"]
    reason: Reason


class Transfer(BaseModel):
    """One transfer; `student` stands as the district that asks wrote it, known to roster or not."""

    id: str
    version: int
    student: str
    organisation_id: str
    status: Status
    asked_at: str
    asked_because: str
    decided_because: str | None


class TransferPage(BaseModel):
    """Transfers that the caller asked for or may decide; `next` is the cursor of the page behind."""

    items: list[Transfer]
    next: str | None


@router.post("", response_model=Transfer, status_code=201, responses={200: {"model": Transfer}})
async def ask_transfer(body: TransferAsked, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Ask for a student of another district, for a place of one's own; the answer is the same whether they exist."""
    checked_name(body.student)
    own = await Scope(caller.reach, desk.store).own_organisations()
    places = await desk.store.records.get_many("organisation", [body.organisation_id])
    if body.organisation_id not in places or not (caller.reach.everything or body.organisation_id in own):
        detail, works = f"{body.organisation_id} lies in no district of this token", "ask for one of your own places"
        raise refused(Problem("/organisation_id", detail, works, "beyond_reach"))
    state = {
        "student": body.student,
        "student_id": await desk.person(body.student, missing="") or None,
        "organisation_id": body.organisation_id,
        "status": "asked",
    }
    entry = Entry(by=caller.sub, action="ask", why=body.reason, key=derived_id(caller.sub, key), digest=digest(body))
    draft = Draft(TRANSFER, derived_id(caller.sub, f"transfer {key}"), state, entry)
    return _answer(await desk.store.records.create(draft))


@router.get("", response_model=TransferPage)
async def list_transfers(
    caller: CurrentCaller,
    desk: TheDesk,
    paging: AskedPage,
    status: Annotated[Status, Query(description="asked: those that wait")] = "asked",
) -> Any:
    """Transfers of students at home with the caller, and those that the caller's districts asked for."""
    where = {"$and": [{"state.status": status}, {"$or": await _ways(desk, caller)}]}
    found = await desk.store.records.find(TRANSFER, where, after=paging.after, limit=paging.limit + 1)
    return JSONResponse(page([_view(each) for each in found], paging.limit))


@router.post("/{id}/decision", response_model=Transfer)
async def decide_transfer(id: TransferId, body: TransferDecision, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Let a student of one's own into the place that asks, or not.

    Once accepted, the district that asked may put the student's year, enrolments and completions there.
    """
    found = await desk.store.records.get(TRANSFER, id)
    if found is None or not await _may_see(desk, caller, found):
        raise not_there(TRANSFER, id)
    if not await _at_home(desk, caller, found):
        raise NotFound(
            f"transfer {id} is not yours to decide",
            works="the student's home district decides it, or a data manager of all districts",
            code="beyond_reach",
        )
    if found.state["status"] not in ("asked", body.decision):
        raise Conflict(
            f"transfer {id} was {found.state['status']} already",
            works="ask for it anew to decide anew",
            code="already_so",
        )
    entry = Entry(by=caller.sub, action=body.decision, why=body.reason, key=f"{body.decision} of {id}")
    state = {**found.state, "status": body.decision}
    return _answer(await desk.store.records.change(Draft(TRANSFER, id, state, entry, expected=found.version)))


async def _ways(desk: Desk, caller: Caller) -> list[Mapping[str, Any]]:
    """The filters of transfers that a caller sees: those of own places, and of students at home in them."""
    scope = Scope(caller.reach, desk.store)
    if scope.everything:
        return [{}]
    own = await scope.own_organisations()
    at_home = await desk.store.students_at({"state.years.school_id": {"$in": own}})
    mine = (await desk.store.merges()).all_together(at_home)
    return [{"state.organisation_id": {"$in": own}}, {"state.student_id": {"$in": sorted(mine)}}]


async def _may_see(desk: Desk, caller: Caller, transfer: Record) -> bool:
    own = await Scope(caller.reach, desk.store).own_organisations()
    return transfer.state["organisation_id"] in own or await _at_home(desk, caller, transfer)


async def _at_home(desk: Desk, caller: Caller, transfer: Record) -> bool:
    """Whether the student is at home with the caller; whoever reaches everybody decides for all."""
    if caller.reach.everything:
        return True
    student = transfer.state["student_id"]
    if student is None:
        return False
    own = await Scope(caller.reach, desk.store).own_organisations()
    ids = [f"student/{each}" for each in (await desk.store.merges()).together(student)]
    return bool(await desk.store.students_at({"_id": {"$in": ids}, "state.years.school_id": {"$in": own}}))


def _answer(saved: Saved) -> JSONResponse:
    status = 201 if saved.outcome == "created" else 200
    return JSONResponse(_view(saved.record), status_code=status, headers={"ETag": etag(saved.record.version)})


def _view(transfer: Record) -> dict[str, Any]:
    """The transfer as it is shown: without the person that the name means, whom the asking district may not learn."""
    asked, *later = transfer.history
    shown = {name: transfer.state[name] for name in ("student", "organisation_id", "status")}
    return {
        **shown,
        "id": transfer.id,
        "version": transfer.version,
        "asked_at": asked.at.isoformat(),
        "asked_because": asked.why,
        "decided_because": later[-1].why if later else None,
    }
