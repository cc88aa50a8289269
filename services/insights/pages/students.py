"""A student is found by name, and has a page; the viewer's browser fills both from the services that know."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.insights.api.asked import TheReader
from services.insights.numbers.reader import Asked
from shared.doors.auth import CurrentCaller
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.words.fields import ID_PATTERN

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/students")
async def students_page(request: Request, _: CurrentCaller) -> Response:
    return shown(request, "students.html")


@router.get("/students/{id}")
async def student_page(request: Request, reader: TheReader, id: Annotated[str, Path(pattern=ID_PATTERN)]) -> Response:
    """The page of any id is the same: whether there is such a student, each service tells whoever may know."""
    _, names = await reader.view(Asked(), None)
    labels = {
        "program": {key: names.label("program", key) for key in names.programs},
        "campus": {key: names.label("campus", key) for key in names.organisations},
    }
    return shown(request, "student.html", student=id, labels=json.dumps(labels, ensure_ascii=False))
