"""The page on which an instructor logs a class: names from roster, awards to credentials, the number from here."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.insights.api import TheReader
from services.insights.names import Names
from services.insights.open_cohort import open_years
from services.insights.page import Page, shown
from services.insights.reader import Asked
from shared.auth import CurrentCaller, Reach, Rows
from shared.errors import NotFound

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/class")
async def class_page(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    program: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    view, names = await reader.view(Asked(), None)
    programs = programs_of(names, caller.reach)
    if program and program not in dict(programs):
        raise NotFound(f"there is no program {program} of yours; there is {', '.join(key for key, _ in programs)}")
    return shown(
        request,
        "class.html",
        programs=programs,
        program=program or (programs[0][0] if len(programs) == 1 else ""),
        names=names,
        years=open_years(view),
        viewer=caller.sub,
    )


def programs_of(names: Names, reach: Reach) -> list[tuple[str, str]]:
    """The programs in which the viewer may have students, by title: an instructor's own, else all."""
    own = reach.who.programs
    every = bool(reach.rows - {Rows.OWN_PROGRAMS}) or "*" in own
    found = [(key, names.label("program", key)) for key in names.programs if every or key in own]
    return sorted(found, key=lambda one: one[1])
