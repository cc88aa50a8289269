"""The page of calls lists the families not yet reached in a program; its scripts bring names, and log each call."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shared.doors.auth import CurrentCaller
from shared.errors import NotFound
from shared.pages.page import shown
from shared.pages.programs import chosen_of, programs_of, titles
from shared.pages.refusals import Page
from shared.producer.desk import TheDesk
from shared.words.said import said

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/calls")
async def calls_page(
    request: Request, caller: CurrentCaller, desk: TheDesk, program: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """The frame of the page, without any name or number of anybody."""
    programs = programs_of(await titles(desk.roster.known), caller.reach)
    if program and program not in programs:
        known = ", ".join(programs)
        raise NotFound(
            said("there is no program %(program)s of yours; there is %(known)s", program=program, known=known)
        )
    chosen = chosen_of(programs, program)
    return shown(
        request,
        "calls.html",
        programs=programs,
        program=chosen,
        program_title=programs.get(chosen, ""),
        viewer=caller.sub,
    )
