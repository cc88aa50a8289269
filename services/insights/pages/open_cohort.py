"""The page of the open cohort lists who of a program can still move the number, and is fit to be printed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.insights.api.asked import TheReader
from services.insights.api.open_cohort import Include, ProgramId
from services.insights.numbers.reader import Asked
from services.insights.numbers.students.open_cohort import open_cohort
from services.insights.pages.board import Day, chosen_day
from shared.doors.auth import CurrentCaller
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.writing import link
from shared.words.said import said

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/class")
async def class_page(program: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Lead on to the class page, which was here before it moved to the service that it writes to."""
    return RedirectResponse(link("/credentials/class", program=program), 308)


@router.get("/programs/{id}/open-cohort")
async def open_cohort_page(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    id: ProgramId,
    include: Include = None,
    as_of: Day = None,
) -> Response:
    asked = Asked(as_of=chosen_day(as_of))
    found = await open_cohort(reader, caller.reach, asked, id, enrolled=include is not None)
    _, names = await reader.view(asked, None)
    here = f"/programs/{id}/open-cohort"
    ways = ((said("Completers"), None), (said("With those in class"), "enrolled"))
    return shown(
        request,
        "open_cohort.html",
        view=found.view,
        plan=found.view.plan,
        found=found,
        names=names,
        sees_all=caller.reach.everything,
        ways=[(word, link(here, include=way, as_of=asked.as_of), way == include) for word, way in ways],
        csv=link(f"/v1{here}.csv", include=include, as_of=asked.as_of),
    )
