"""The operators' page shows how counting goes, without a number that is about students."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.insights.api.asked import TheReader
from services.insights.numbers.operations import operations
from shared.doors.auth import CurrentCaller
from shared.pages.page import shown
from shared.pages.refusals import Page

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/operations")
async def operations_page(request: Request, _: CurrentCaller, reader: TheReader) -> Response:
    found = await operations(reader.store)

    def seconds_since(moment: datetime) -> float:
        return (found.now - moment).total_seconds()

    return shown(request, "operations.html", found=found, troubles=list(found.troubles()), since=seconds_since)
