"""The page of a data manager: a file is checked, brought in and followed, by the viewer's browser alone."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.doors.auth import CurrentCaller
from shared.pages.page import Page, shown

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/imports")
async def imports_page(request: Request, caller: CurrentCaller) -> Response:
    return shown(request, "imports.html", sees_all=caller.reach.everything)
