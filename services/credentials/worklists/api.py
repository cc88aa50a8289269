"""HTTP of the lists that somebody has to act on: to follow up, about to expire, to be announced, to decide."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.credentials.award.answers import AwardRecord
from services.credentials.award.api import LOG, READ, TheDesk
from services.credentials.award.commands import Desk
from services.credentials.award.looks import THIRD_PARTY
from services.credentials.worklists import awards as worklists
from services.credentials.worklists.awards import Worklist
from services.credentials.worklists.conflicts import conflicts
from shared.contracts.credentials import Level
from shared.csv.answers import CSV_ANSWER, FORMAT_PATTERN, csv_answer, wants_csv
from shared.doors import auth
from shared.doors.auth import Caller, CurrentCaller
from shared.web.app import AskedPage, Paging, page
from shared.web.views import shown
from shared.words.fields import Day, Id

STAFF = {role: rows for role, rows in READ.items() if role is not auth.STUDENT}
# A student sees what expires; what is to be checked or announced is the staff's.
ACCESS: auth.Access = {
    "list_follow_up": LOG | {auth.LEADER: auth.OWN_DISTRICTS},
    "list_expiring": READ,
    "list_award_conflicts": LOG,
    "list_upcoming_celebrations": STAFF,
}
RECENT_DAYS = 90
AWARD_COLUMNS = ("id", "student_id", "credential_code", "program_id", "organisation_id", "awarded_on")

Days = Annotated[int, Query(ge=0, le=3660)]
MaybeDays = Annotated[
    int | None, Query(ge=0, le=3660, description="else what the district has set, 30 where it has set nothing")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller may ask of any of these lists."""

    caller: Caller
    paging: Paging
    program: str | None
    campus: str | None
    csv: bool


def asked_of(
    caller: CurrentCaller,
    paging: AskedPage,
    program: Annotated[Id | None, Query()] = None,
    campus: Annotated[Id | None, Query(description="the organisation that taught the student")] = None,
    form: Annotated[
        str | None, Query(alias="format", pattern=FORMAT_PATTERN, description="csv: the whole list")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Asked:
    """The part of a list that is asked for, and in which form."""
    return Asked(caller, paging, program, campus, wants_csv(form, accept))


TheAsked = Annotated[Asked, Depends(asked_of)]

router = APIRouter(prefix="/v1", tags=["worklists"])


class ListedAward(AwardRecord):
    """An award on a list, and why it stands there."""

    why: str = Field(description="in words")


class ListedPage(BaseModel):
    """Some awards of a list; `next` is the cursor of the page behind."""

    items: list[ListedAward]
    next: str | None


@router.get("/awards/follow-up", response_model=ListedPage, responses=CSV_ANSWER)
async def list_follow_up(
    asked: TheAsked,
    desk: TheDesk,
    after_days: MaybeDays = None,
    level: Annotated[Level, Query(description="confirmed on this level or a stronger one is enough")] = THIRD_PARTY,
) -> Any:
    """Passed awards that nobody has confirmed so many days after they were earned, oldest first, with why."""
    today = await desk.today()
    days = desk.follow_up_after_days if after_days is None else after_days
    wanted = worklists.follow_up(
        desk, today=today, after_days=days, level=level, program=asked.program, campus=asked.campus
    )
    return await _answer(desk, wanted, asked, "follow-up", (*AWARD_COLUMNS, "license_number", "why"))


@router.get("/awards/expiring", response_model=ListedPage, responses=CSV_ANSWER)
async def list_expiring(
    asked: TheAsked,
    desk: TheDesk,
    within_days: Days = 90,
) -> Any:
    """Awards that expire soon and are not renewed yet, soonest first."""
    today = await desk.today()
    wanted = worklists.expiring(desk, today=today, within_days=within_days, program=asked.program, campus=asked.campus)
    return await _answer(desk, wanted, asked, "expiring", (*AWARD_COLUMNS, "expires_on", "license_number", "why"))


@router.get("/awards/conflicts", response_model=ListedPage, responses=CSV_ANSWER)
async def list_award_conflicts(asked: TheAsked, desk: TheDesk) -> Any:
    """What a merge of persons has left to decide: awards that stand twice, two of one credential in force.

    Also renewals of what they cannot renew, once persons are two again. `why` says what settles it.
    """
    wanted = await conflicts(desk, today=await desk.today(), program=asked.program, campus=asked.campus)
    return await _answer(desk, wanted, asked, "award-conflicts", (*AWARD_COLUMNS, "result", "renews", "why"))


@router.get("/celebrations/upcoming", response_model=ListedPage, responses=CSV_ANSWER)
async def list_upcoming_celebrations(
    asked: TheAsked,
    desk: TheDesk,
    since: Annotated[Day | None, Query(description="earned on or after; default the last 90 days")] = None,
) -> Any:
    """New credentials that a school may announce, oldest first; whoever opted out of it is left out."""
    today = await desk.today()
    first = since or today - timedelta(days=RECENT_DAYS)
    wanted = worklists.upcoming(desk, today=today, since=first, program=asked.program, campus=asked.campus)
    return await _answer(desk, wanted, asked, "upcoming-celebrations", (*AWARD_COLUMNS, "why"))


async def _answer(desk: Desk, wanted: Worklist, asked: Asked, name: str, columns: tuple[str, ...]) -> Any:
    if asked.csv:
        rows = (shown(due.record, why=due.why) async for due in worklists.every(desk, wanted, caller=asked.caller))
        return csv_answer(f"{name}.csv", columns, rows)
    found = await worklists.find(desk, wanted, caller=asked.caller, paging=asked.paging)
    items = [shown(due.record, to=asked.caller, why=due.why) for due in found]
    return JSONResponse(page(items, asked.paging.limit, position=lambda one: f"{one[wanted.by]}|{one['id']}"))
