"""HTTP of the lists that somebody has to act on: to follow up, about to expire, to be announced, to decide."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.credentials.award.answers import AwardRecord
from services.credentials.award.looks import THIRD_PARTY
from services.credentials.worklists import awards
from services.credentials.worklists.conflicts import conflicts
from shared.contracts.credentials import Level
from shared.csv.answers import CSV_ANSWER
from shared.producer.desk import TheDesk
from shared.producer.worklists import TheList, answer
from shared.words.fields import Day

RECENT_DAYS = 90
AWARD_COLUMNS = ("id", "student_id", "credential_code", "program_id", "organisation_id", "awarded_on")

Days = Annotated[int, Query(ge=0, le=3660)]
MaybeDays = Annotated[
    int | None, Query(ge=0, le=3660, description="else what the district has set, 30 where it has set nothing")
]

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
    asked: TheList,
    desk: TheDesk,
    after_days: MaybeDays = None,
    level: Annotated[Level, Query(description="confirmed on this level or a stronger one is enough")] = THIRD_PARTY,
) -> Any:
    """Passed awards that nobody has confirmed so many days after they were earned, oldest first, with why."""
    today = await desk.today()
    days = desk.settings.follow_up_after_days if after_days is None else after_days
    wanted = awards.follow_up(
        desk,
        asked.places(),
        today=today,
        after_days=days,
        level=level,
    )
    return await answer(desk, wanted, asked, "follow-up", (*AWARD_COLUMNS, "license_number", "why"))


@router.get("/awards/expiring", response_model=ListedPage, responses=CSV_ANSWER)
async def list_expiring(
    asked: TheList,
    desk: TheDesk,
    within_days: Days = 90,
) -> Any:
    """Awards that expire soon and are not renewed yet, soonest first."""
    today = await desk.today()
    wanted = awards.expiring(desk, asked.places(), today=today, within_days=within_days)
    return await answer(desk, wanted, asked, "expiring", (*AWARD_COLUMNS, "expires_on", "license_number", "why"))


@router.get("/awards/conflicts", response_model=ListedPage, responses=CSV_ANSWER)
async def list_award_conflicts(asked: TheList, desk: TheDesk) -> Any:
    """What a merge of persons has left to decide: awards that stand twice, two of one credential in force.

    Also renewals of what they cannot renew, once persons are two again. `why` says what settles it.
    """
    wanted = await conflicts(desk, asked.places(), today=await desk.today())
    return await answer(desk, wanted, asked, "award-conflicts", (*AWARD_COLUMNS, "result", "renews", "why"))


@router.get("/celebrations/upcoming", response_model=ListedPage, responses=CSV_ANSWER)
async def list_upcoming_celebrations(
    asked: TheList,
    desk: TheDesk,
    since: Annotated[Day | None, Query(description="earned on or after; default the last 90 days")] = None,
) -> Any:
    """New credentials that a school may announce, oldest first; whoever opted out of it is left out."""
    today = await desk.today()
    first = since or today - timedelta(days=RECENT_DAYS)
    wanted = awards.upcoming(desk, asked.places(), today=today, since=first)
    return await answer(desk, wanted, asked, "upcoming-celebrations", (*AWARD_COLUMNS, "why"))
