"""The class page lists an instructor's class, and its scripts log, correct and take back what the class earned."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shared.doors.auth import CurrentCaller
from shared.errors import NotFound
from shared.pages.page import Pages, shown
from shared.pages.programs import chosen_of, programs_of, titles
from shared.pages.refusals import Page
from shared.producer.desk import TheDesk
from shared.school_year import school_year_of
from shared.words.said import said

PAGES = Pages(folder=Path(__file__).parent, prefix="/credentials")
LEAP_YEAR = timedelta(days=366)

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/class")
async def class_page(
    request: Request, caller: CurrentCaller, desk: TheDesk, program: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    programs = programs_of(await titles(desk.roster.known), caller.reach)
    if program and program not in programs:
        raise NotFound(
            said(
                "there is no program %(program)s of yours; there is %(known)s",
                program=program,
                known=", ".join(programs),
            )
        )
    chosen = chosen_of(programs, program)
    calendar = await desk.roster.calendar()
    return shown(
        request,
        "class.html",
        programs=programs,
        program=chosen,
        program_title=programs.get(chosen, ""),
        years=open_years(await desk.today(), calendar.starts),
        viewer=caller.sub,
    )


def open_years(today: date, starts: tuple[int, int]) -> list[str]:
    """The school years whose completers may still earn what counts: a completion is open for a year."""
    return sorted({school_year_of(today - LEAP_YEAR, starts), school_year_of(today, starts)})
