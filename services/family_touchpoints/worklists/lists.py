"""HTTP of the other lists that somebody has to act on: touchpoints to be made or looked into, guardians to sort."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.family_touchpoints.contact import lists
from services.family_touchpoints.touchpoint import waiting
from services.family_touchpoints.touchpoint.answers import TouchpointRecord
from services.family_touchpoints.worklists.paged import Row, listed
from services.family_touchpoints.worklists.reading import points_overdue, taught
from shared.contracts.family_touchpoints import Method, Purpose
from shared.csv.answers import CSV_ANSWER, csv_answer
from shared.producer.desk import Desk, TheDesk
from shared.producer.worklists import AskedList, TheList, Worklist, answer, every
from shared.web.views import shown

COLUMNS = ("id", "student_id", "program_id", "organisation_id", "status", "day", "method", "purpose", "outcome")
WITH_GUARDIANS = (*COLUMNS, "language", "guardians", "why")

router = APIRouter(prefix="/v1/worklists", tags=["worklists"])


class ListedTouchpoint(TouchpointRecord):
    """A touchpoint on a list, and why it stands there."""

    why: str = Field(description="in words")


class ListedTouchpoints(BaseModel):
    """Some touchpoints of a list; `next` is the cursor of the page behind."""

    items: list[ListedTouchpoint]
    next: str | None


class ListedWalkIn(BaseModel):
    """Somebody who walked in, and is not known to be a guardian of roster's."""

    guardian_id: str
    name: str | None
    relation: str
    since: date | None
    student_ids: list[str]


class ListedWalkIns(BaseModel):
    """Some of those who walked in."""

    items: list[ListedWalkIn]
    next: str | None


class MaybeOne(BaseModel):
    """Two guardians of one student who may be one person: compare them in roster, and join them here."""

    student_id: str
    one: str
    other: str


class MaybeOnes(BaseModel):
    """Some of the pairs."""

    items: list[MaybeOne]
    next: str | None


class Coming(BaseModel):
    """A student whose rights are their own from a day on, and of whom it is not known what they share then."""

    student_id: str
    eighteen_on: date


class ComingOnes(BaseModel):
    """Some of these students."""

    items: list[Coming]
    next: str | None


class OverduePoint(BaseModel):
    """A point of a program's plan that is due for an enrolment, and was not made."""

    student_id: str
    program_id: str
    organisation_id: str
    code: str
    purpose: Purpose
    method: Method | None
    since: date
    due: date


class OverduePoints(BaseModel):
    """Some of the points, due first before the others."""

    items: list[OverduePoint]
    next: str | None


class Alone(BaseModel):
    """A student for whom roster names nobody."""

    student_id: str


class AloneOnes(BaseModel):
    """Some of these students."""

    items: list[Alone]
    next: str | None


@router.get("/planned_today", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_planned_today(asked: TheList, desk: TheDesk) -> Any:
    """What is planned for today, and what was planned before and has become nothing yet."""
    return await _touchpoints(desk, asked, await waiting.planned(desk, asked.caller), "planned-today")


@router.get("/missed", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_missed(asked: TheList, desk: TheDesk) -> Any:
    """What was missed or not made, and is to be made again."""
    return await _touchpoints(desk, asked, await waiting.missed(desk, asked.caller), "missed")


@router.get("/three_tries", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_three_tries(asked: TheList, desk: TheDesk) -> Any:
    """Who did not answer three tries by one way: another is due."""
    return await _touchpoints(desk, asked, await waiting.unanswered(desk, asked.caller), "three-tries")


@router.get("/wrong_number", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_wrong_number(asked: TheList, desk: TheDesk) -> Any:
    """Numbers and addresses that were wrong: roster is to be asked."""
    return await _touchpoints(desk, asked, await waiting.wrong(desk, asked.caller), "wrong-number")


@router.get("/interpreter_next_week", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_interpreter_next_week(asked: TheList, desk: TheDesk) -> Any:
    """What is planned for the next week and needs an interpreter."""
    return await _touchpoints(desk, asked, await waiting.interpreted(desk, asked.caller), "interpreter-next-week")


@router.get("/planned_against_a_rule", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_planned_against_a_rule(asked: TheList, desk: TheDesk) -> Any:
    """What was planned before something stood against it."""
    return await _touchpoints(desk, asked, await waiting.against(desk, asked.caller), "planned-against-a-rule")


@router.get("/breaches", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_breaches(asked: TheList, desk: TheDesk) -> Any:
    """What has happened although something stood against it."""
    return await _touchpoints(desk, asked, await waiting.breaches(desk, asked.caller), "breaches")


@router.get("/contacted_after_withdrawal", response_model=ListedTouchpoints, responses=CSV_ANSWER)
async def list_contacted_after_withdrawal(asked: TheList, desk: TheDesk) -> Any:
    """What went a way that the guardian had closed by then, as was learned since."""
    found = await waiting.after_withdrawal(desk, asked.caller)
    return await _touchpoints(desk, asked, found, "contacted-after-withdrawal")


@router.get("/turning_18", response_model=ComingOnes, responses=CSV_ANSWER)
async def list_turning_18(asked: TheList, desk: TheDesk) -> Any:
    """Students who are 18 within 60 days and share nothing from then on."""
    found = await lists.coming_of_age(desk, asked.caller, await desk.today())
    there = await _enrolled_there(desk, asked)
    rows = [asdict(one) for one in found if there is None or one.student_id in there]
    return _in_order(rows, asked, "turning-18", Coming, by=("eighteen_on", "student_id"))


@router.get("/walk_ins_without_guardian", response_model=ListedWalkIns, responses=CSV_ANSWER)
async def list_walk_ins_without_guardian(asked: TheList, desk: TheDesk) -> Any:
    """Those who walked in and are not joined to a guardian of roster's."""
    found = await lists.walked_in(desk, asked.caller)
    there, reached = await _enrolled_there(desk, asked), await desk.roster.students_within(asked.caller.reach)
    rows = [
        {
            **{name: getattr(one, name) for name in ListedWalkIn.model_fields},
            "student_ids": [id for id in one.student_ids if reached is None or id in reached],
        }
        for one in found
        if there is None or not there.isdisjoint(one.student_ids)
    ]
    return _in_order(rows, asked, "walk-ins", ListedWalkIn, by=("since", "guardian_id"))


@router.get("/same_guardian_twice", response_model=MaybeOnes, responses=CSV_ANSWER)
async def list_same_guardian_twice(asked: TheList, desk: TheDesk) -> Any:
    """Guardians of one student who are tied alike, of students enrolled today."""
    found = await taught(desk, asked.caller, program=asked.program, campus=asked.campus)
    pairs = await lists.twice(desk, found, await desk.today())
    return _in_order(
        [asdict(one) for one in pairs], asked, "same-guardian-twice", MaybeOne, by=("student_id", "one", "other")
    )


@router.get("/without_guardian", response_model=AloneOnes, responses=CSV_ANSWER)
async def list_without_guardian(asked: TheList, desk: TheDesk) -> Any:
    """Students enrolled today for whom roster names nobody; their families are to be reached all the same."""
    found = await taught(desk, asked.caller, program=asked.program, campus=asked.campus)
    alone = await lists.without_guardian(desk, found, await desk.today())
    return _in_order([{"student_id": id} for id in alone], asked, "without-guardian", Alone, by=("student_id",))


@router.get("/plan_points_overdue", response_model=OverduePoints, responses=CSV_ANSWER)
async def list_plan_points_overdue(asked: TheList, desk: TheDesk) -> Any:
    """Points of plans that are due, and for which nobody has been reached to this day; of enrolments in force."""
    found = await points_overdue(desk, asked.caller, program=asked.program, campus=asked.campus)
    by = ("due", "student_id", "program_id", "organisation_id", "code")
    return _in_order([asdict(one) for one in found], asked, "plan-points-overdue", OverduePoint, by=by)


async def _touchpoints(desk: Desk, asked: AskedList, wanted: Worklist, name: str) -> Any:
    wanted = replace(wanted, where={"$and": [dict(wanted.where), asked.places()]})
    if not asked.csv:
        return await answer(desk, wanted, asked, name, WITH_GUARDIANS)
    rows = (
        shown(due.record, why=due.why, guardians=" ".join(due.record.state["guardian_ids"]))
        async for due in every(desk, wanted, caller=asked.caller)
    )
    return csv_answer(f"{name}.csv", WITH_GUARDIANS, rows)


async def _enrolled_there(desk: Desk, asked: AskedList) -> set[str] | None:
    """Every id of the students enrolled where the list is asked for; None: everywhere is."""
    if not asked.places():
        return None
    found = await taught(desk, asked.caller, program=asked.program, campus=asked.campus)
    return {id for one in found.values() for id in one.student.ids}


def _in_order(rows: Iterable[Row], asked: AskedList, name: str, model: type[BaseModel], *, by: Sequence[str]) -> Any:
    """The rows in the order of these fields, which together tell two apart."""
    placed = [("|".join(str(row[each] or "") for each in by), row) for row in rows]
    return listed(sorted(placed, key=lambda each: each[0]), asked, name, tuple(model.model_fields), _flat)


def _flat(row: Row) -> Row:
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}
