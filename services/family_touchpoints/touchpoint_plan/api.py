"""HTTP of programs' plans: which touch points a program designs for its families, and whether that is approved."""

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from services.family_touchpoints.points import plan_of
from services.family_touchpoints.touchpoint_plan import commands
from services.family_touchpoints.touchpoint_plan.bodies import (
    PlanBody,
    PlanKept,
    PlanPage,
    PlanRecord,
    PlanWould,
    plan_from,
)
from shared.doors.auth import CurrentCaller
from shared.producer.answers import HEADERS, put_answer
from shared.producer.desk import TheDesk
from shared.producer.routes import SHOWN, DryRun, History, ProgramId
from shared.records.changes import entry_of
from shared.records.record import Record
from shared.web.app import AskedPage, page
from shared.web.conditions import IfMatch
from shared.web.views import Json, answer, shown
from shared.words.fields import Day

PUT: dict[int | str, dict[str, Any]] = {200: {"headers": HEADERS}, 201: {"model": PlanKept, "headers": HEADERS}}
On = Annotated[Day | None, Query(description="How it stands on this day; default today.")]

router = APIRouter(prefix="/v1/programs", tags=["plans of touch points"])


@router.put("/{id}/touchpoint-plan", response_model=PlanKept | PlanWould, responses=PUT)
async def put_touchpoint_plan(
    id: ProgramId, body: PlanBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Keep a program's plan; exactly the years of enrolments of which something else is asked since are restated.

    The plan in force when a term begins counts for that term. The answer says how many years are
    restated; a dry run says it beforehand.
    """
    caller.require_everything("a program's plan of touch points")
    entry = entry_of(caller, "put", key="", digest="")
    done = await commands.put(desk, plan_from(id, body), entry=entry, expected=version, dry_run=dry_run)
    standing = _standing(done.record, await desk.today()) if done.record else {}
    return put_answer(done, program_id=id, **standing)


@router.get("/{id}/touchpoint-plan", response_model=PlanRecord, responses=SHOWN)
async def get_touchpoint_plan(
    id: ProgramId, _: CurrentCaller, desk: TheDesk, on: On = None, history: History = False
) -> Any:
    """What has become of a program's plan, and how it stands."""
    record = await commands.get(desk, id)
    return answer(record, history=history, **_standing(record, on or await desk.today()))


@router.get("/touchpoint-plans", response_model=PlanPage)
async def list_touchpoint_plans(_: CurrentCaller, paging: AskedPage, desk: TheDesk, on: On = None) -> Any:
    """Programs' plans in the order of the programs' ids, and how each stands."""
    day = on or await desk.today()
    records = await commands.find(desk, paging=paging)
    return Json(page([shown(record, **_standing(record, day)) for record in records], paging.limit))


def _standing(record: Record, day: date) -> dict[str, Any]:
    plan = plan_of(record.state)
    in_force = msgspec.to_builtins(plan.points_on(day))
    return {"on": day.isoformat(), "status": plan.status_on(day), "in_force": in_force}
