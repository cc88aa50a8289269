"""The pages of whoever teaches: a class is logged, and who can still move the number is listed to be printed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.insights.api.asked import TheReader
from services.insights.api.open_cohort import Include, ProgramId
from services.insights.numbers.names import Names
from services.insights.numbers.reader import Asked
from services.insights.numbers.students.open_cohort import open_cohort, open_years
from services.insights.pages.board import Day, chosen_day
from shared.doors.auth import CurrentCaller, Reach, Rows
from shared.errors import NotFound
from shared.pages.page import Page, shown
from shared.pages.writing import link
from shared.words.said import said

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
        known = ", ".join(key for key, _ in programs)
        raise NotFound(
            said("there is no program %(program)s of yours; there is %(known)s", program=program, known=known)
        )
    return shown(
        request,
        "class.html",
        programs=programs,
        program=program or (programs[0][0] if len(programs) == 1 else ""),
        names=names,
        years=open_years(view),
        viewer=caller.sub,
    )


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


def programs_of(names: Names, reach: Reach) -> list[tuple[str, str]]:
    """The programs in which the viewer may have students, by title: an instructor's own, else all."""
    own = reach.who.programs
    every = bool(reach.rows - {Rows.OWN_PROGRAMS}) or "*" in own
    found = [(key, names.label("program", key)) for key in names.programs if every or key in own]
    return sorted(found, key=lambda one: one[1])
