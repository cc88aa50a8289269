"""A student found by name, and the student's page: shells whose parts the viewer's browser asks of each service."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.insights.api.measures import TheReader, logs_classes
from services.insights.numbers.reader import Asked
from services.insights.pages.page import Page, shown
from shared.doors.auth import CurrentCaller
from shared.words.fields import ID_PATTERN

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/students")
async def students_page(request: Request, caller: CurrentCaller) -> Response:
    return shown(request, "students.html", logs=logs_classes(caller))


@router.get("/students/{id}")
async def student_page(
    request: Request, caller: CurrentCaller, reader: TheReader, id: Annotated[str, Path(pattern=ID_PATTERN)]
) -> Response:
    """The page of any id is the same: whether there is such a student, each service tells whoever may know."""
    del id
    _, names = await reader.view(Asked(), None)
    labels = {
        "program": {key: names.label("program", key) for key in names.programs},
        "campus": {key: names.label("campus", key) for key in names.organisations},
    }
    return shown(request, "student.html", logs=logs_classes(caller), labels=json.dumps(labels, ensure_ascii=False))
