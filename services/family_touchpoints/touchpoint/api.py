"""HTTP of touchpoints: log or plan one, a class or a log; held, missed, replied; set right, take out, show."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.family_touchpoints.touchpoint import commands, imports, queries
from services.family_touchpoints.touchpoint.answers import (
    TouchpointListAnswer,
    TouchpointPage,
    TouchpointRecord,
    TouchpointsLogged,
    as_one,
    said,
    seen,
)
from services.family_touchpoints.touchpoint.bodies import (
    HeldBody,
    StepBody,
    TouchpointBatch,
    TouchpointBody,
    TouchpointChange,
    batch_touchpoints,
    changes_from,
    touchpoints_from,
)
from services.family_touchpoints.touchpoint.record import TOUCHPOINT
from services.family_touchpoints.touchpoint.rules import Touchpoint, replied, stepped
from shared.contracts.family_touchpoints import Outcome, Purpose, TouchpointStatus
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.errors import Problem
from shared.producer.answers import list_answer
from shared.producer.decisions import Asked
from shared.producer.desk import TheDesk
from shared.producer.routes import (
    KEPT,
    SHOWN,
    Asks,
    Change,
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
from shared.producer.rows import log_rows
from shared.producer.worklists import passing
from shared.records.changes import entry_of
from shared.records.record import Record, Saved
from shared.web.app import AskedPage, IdempotencyKey, derived_id, digest, page
from shared.web.idempotency import OwnKey
from shared.web.views import Json, answer, shown
from shared.words.fields import Day, Id, StudentName
from shared.words.forms import form

router = APIRouter(prefix="/v1/touchpoints", tags=["touchpoints"])
TERM = form(r"^[0-9]{4}-[0-9]{2}\.[0-9]{1,2}$", "a school year and the number of a term in it, such as 2025-26.1")


@router.post("", response_model=TouchpointsLogged, responses=logged_as(TouchpointsLogged))
async def record_touchpoint(body: TouchpointBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Log or plan one occasion, for all its students or none; the same key and body again answers as they stand."""
    occasion = derived_id(caller.sub, key)
    found = touchpoints_from(body, await desk.roster.calendar(), occasion=occasion, staff=caller.sub)
    asked = [Asked(derived_id(caller.sub, key, row), one) for row, one in enumerate(found, 1)]
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    logged = await log_rows(desk, commands.TOGETHER, asked, caller=caller, entry=entry)
    if refusal := as_one(logged):
        raise refusal
    records = [one.record or await desk.get(TOUCHPOINT, one.id, caller) for one in logged]
    views = [
        shown(seen(record, caller), warnings=said(one.warnings)) for record, one in zip(records, logged, strict=True)
    ]
    outcome = "created" if any(one.outcome == "created" for one in logged) else "unchanged"
    return Json(
        {"occasion_id": occasion, "touchpoints": views},
        status_code=201 if outcome == "created" else 200,
        headers={"Aurora-Outcome": outcome},
    )


@router.post("/batch", response_model=TouchpointListAnswer)
async def record_touchpoint_batch(
    body: TouchpointBatch, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Log a class after an evening. Good rows are kept, each refused row says why."""
    ids = [derived_id(caller.sub, key, row) for row in range(1, len(body.rows) + 1)]
    found = batch_touchpoints(body, await desk.roster.calendar(), ids=ids, staff=caller.sub)
    asked = [Asked(id, one) for id, one in zip(ids, found, strict=True)]
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    logged = await log_rows(desk, commands.TOUCHPOINTS, asked, caller=caller, entry=entry, dry_run=dry_run)
    return Json(list_answer(derived_id(caller.sub, key), logged, id_as="touchpoint_id", dry_run=dry_run))


@router.post("/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_touchpoints(
    body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """A dialer's or messenger's log: `external_id` is the key of a row's occasion, in whichever file it comes."""
    own, entry = file_entry(caller, "import", body, key)
    return await imports.import_touchpoints(desk, body, caller=caller, entry=entry, key=own, dry_run=dry_run)


@router.get("", response_model=TouchpointPage)
async def list_touchpoints(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    student: Annotated[StudentName | None, Query()] = None,
    program: Annotated[Id | None, Query()] = None,
    term: Annotated[str | None, Query(pattern=TERM)] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    status: Annotated[TouchpointStatus | None, Query()] = None,
    purpose: Annotated[Purpose | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to")] = None,
) -> Any:
    """Touchpoints that are not void and within reach, in the order of their ids, without notes."""
    where = narrowed(
        student_id=await desk.persons([student]) if student else None,
        program_id=program,
        outcome=outcome,
        status=status,
        purpose=purpose,
        day=days_between(since, until),
    )
    year = await queries.in_year_of(desk, term) if term else {}
    asked = {"$and": [where, year, await queries.seen_by(desk, caller)]}

    async def more(after: str | None, limit: int) -> list[Record]:
        return await desk.records.find(TOUCHPOINT, asked, after=after, limit=limit)

    async def keep(records: Any) -> list[Record]:
        return await queries.in_term(desk, records, term) if term else list(records)

    found = await passing(more, keep, paging, place=lambda record: record.id)
    return Json(page([shown(seen(one, caller, listed=True)) for one in found], paging.limit))


@router.get("/{id}", response_model=TouchpointRecord, responses=SHOWN)
async def get_touchpoint(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One touchpoint, also one that is void."""
    record = await queries.get(desk, id, caller)
    return answer(seen(record, caller), history=history, to=caller)


@router.patch("/{id}", response_model=TouchpointRecord, responses=KEPT)
async def correct_touchpoint(asked: Asks, body: TouchpointChange) -> Any:
    """Set right what was logged wrong, saying why. Another student's touchpoint: void it and log it again."""
    changes = changes_from(body, await asked.desk.roster.calendar())
    return _changed(asked, await commands.set_right(asked.desk, asked.id, changes, **asked.by("correct", body)))


@router.post("/{id}/void", response_model=TouchpointRecord, responses=KEPT)
async def void_touchpoint(asked: Asks, body: VoidAction) -> Any:
    """Take out a touchpoint that should never have been logged; what it was the key of can be logged again."""
    return _changed(asked, (await commands.void(asked.desk, asked.id, **asked.by("void", body)), ()))


@router.post("/{id}/plan", response_model=TouchpointRecord, responses=KEPT)
async def plan_touchpoint(asked: Asks, body: StepBody) -> Any:
    """Plan it for a day, also again after it was missed."""
    return await _step(asked, "planned", body)


@router.post("/{id}/held", response_model=TouchpointRecord, responses=KEPT)
async def hold_touchpoint(asked: Asks, body: HeldBody) -> Any:
    """It was held that day, and this came of it."""
    return await _step(asked, "held", body, staff=asked.caller.sub)


@router.post("/{id}/missed", response_model=TouchpointRecord, responses=KEPT)
async def miss_touchpoint(asked: Asks, body: StepBody) -> Any:
    """The family did not come."""
    return await _step(asked, "missed", body)


@router.post("/{id}/not-made", response_model=TouchpointRecord, responses=KEPT)
async def fail_touchpoint(asked: Asks, body: StepBody) -> Any:
    """We did not do it."""
    return await _step(asked, "not_made", body)


@router.post("/{id}/cancel", response_model=TouchpointRecord, responses=KEPT)
async def cancel_touchpoint(asked: Asks, body: StepBody) -> Any:
    """It is not to be any more."""
    return await _step(asked, "cancelled", body)


@router.post("/{id}/replied", response_model=TouchpointRecord, responses=KEPT)
async def reply_to_touchpoint(asked: Asks, body: StepBody) -> Any:
    """The family answered what was delivered: it has reached them, on that day."""
    on: date = changes_from(body, await asked.desk.roster.calendar())["on"]
    return await _taken(asked, "replied", body, lambda one: replied(one, on))


async def _step(asked: Change, status: TouchpointStatus, body: StepBody, **more: Any) -> Any:
    calendar = await asked.desk.roster.calendar()
    changes = {**changes_from(body, calendar), **more}
    on = changes.pop("on")
    if isinstance(body.on, datetime):
        changes["time"] = f"{body.on.astimezone(calendar.zone):%H:%M}"
    judged = status in ("planned", "held")
    return await _taken(asked, status, body, lambda one: stepped(one, status, on, **changes), judged=judged)


async def _taken(
    asked: Change, action: str, body: StepBody, taken: Callable[[Touchpoint], Touchpoint], *, judged: bool = False
) -> Any:
    done = await commands.step(asked.desk, asked.id, taken, judged=judged, **asked.by(action, body))
    return _changed(asked, done)


def _changed(asked: Change, done: tuple[Saved, Sequence[Problem]]) -> Json:
    saved, warnings = done
    return answer(seen(saved.record, asked.caller), outcome=saved.outcome, warnings=said(warnings))
