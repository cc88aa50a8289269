"""A data manager checks a file, brings it in and follows it on this page, which the browser fills."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.doors.auth import CurrentCaller
from shared.pages.page import shown
from shared.pages.refusals import Page

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/imports")
async def imports_page(request: Request, caller: CurrentCaller) -> Response:
    return shown(request, "imports.html", sees_all=caller.reach.everything)
