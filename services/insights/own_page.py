"""A student's own page: what they have, what of it counts and why, and what is open until when."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.insights.api import TheReader
from services.insights.own_credentials import own_credentials
from services.insights.own_words import LEVELS, RESULTS, most_urgent_first, of_year, verdict
from services.insights.page import Page, shown
from shared.doors.auth import CurrentCaller
from shared.merged_awards import level_of

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/me")
async def own_page(request: Request, caller: CurrentCaller, reader: TheReader) -> Response:
    found = await own_credentials(reader, caller)
    as_of = found.view.as_of
    return shown(
        request,
        "own_page.html",
        view=found.view,
        names=found.names,
        student=found.student,
        years=[(member, of_year(member, as_of)) for member in found.headline],
        programs=[(one, verdict(one, as_of)) for one in most_urgent_first(found.programs, as_of)],
        awards=[(own, RESULTS[own.award.result], LEVELS[level_of(own.award)]) for own in reversed(found.awards)],
    )
