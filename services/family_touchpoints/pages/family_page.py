"""The page of a student's family: who may be contacted how, what was tried by term, what is due, and its forms.

Names and numbers the browser asks of roster; why somebody may not be contacted it asks when a liaison wants to know.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.closing.api import StudentPath
from services.family_touchpoints.contact.reached import student_reached
from services.family_touchpoints.contact_year.record import CONTACT_YEAR, year_of
from services.family_touchpoints.pages import contact_words as words
from services.family_touchpoints.pages.family_forms import KIND
from services.family_touchpoints.terms import Terms
from services.family_touchpoints.touchpoint.record import TOUCHPOINT, touchpoint_of
from services.family_touchpoints.touchpoint.rules import Touchpoint
from services.family_touchpoints.workshop.attendance import ATTENDANCE
from services.family_touchpoints.workshop.record import WORKSHOP
from shared.contracts.family_touchpoints import DuePoint
from shared.contracts.roster import Program
from shared.doors.auth import CurrentCaller
from shared.pages.languages import texts_for
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.texts import Texts
from shared.producer.desk import Desk, TheDesk
from shared.records.record import Record
from shared.roster_copy.students import Student, best_on
from shared.school_year import school_year_of

AT_MOST = 500

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/family/{student}")
async def family_page(request: Request, student: StudentPath, caller: CurrentCaller, desk: TheDesk) -> Response:
    """The page of a student within reach. Raise NotFound."""
    found = await student_reached(desk, student, caller)
    today, liaison = await desk.today(), is_liaison(caller)
    given = {
        "words": _words(texts_for(request), liaison=liaison),
        "today": today.isoformat(),
        "terms": await _terms(desk, found, today),
        "due": await _due(desk, found),
        "workshops": await _workshops(desk, found, liaison=liaison),
    }
    return shown(
        request,
        "family.html",
        student=found.ids[0],
        liaison=liaison,
        today=today.isoformat(),
        given=json.dumps(given, ensure_ascii=False),
        programs=await _programs(desk, found, today),
        words=words,
    )


def made_on(point: DuePoint, program_id: str, touches: Iterable[Touchpoint]) -> date | None:
    """The first day on which somebody was reached for what the plan asks for, perhaps late."""
    days = [
        one.reached_on
        for one in touches
        if one.reached_on is not None
        and one.reached_on >= point.since
        and one.counts
        and one.told
        and one.program_id in (None, program_id)
        and (one.purpose == point.purpose or one.plan_point == point.code)
    ]
    return min(days, default=None)


def _words(texts: Texts, *, liaison: bool) -> Mapping[str, Mapping[str, str]]:
    """The words for what the viewer is shown: why there may be a restriction is not among them for everybody."""
    named = ("METHOD", "PURPOSE", "OUTCOME", "STEP", "RELATION", *(("RULE", "BASIS") if liaison else ()))
    found = {name.lower(): words.spoken(texts, getattr(words, name)) for name in named}
    return found | {"kind": words.spoken(texts, KIND)}


async def _all(desk: Desk, kind: str, field: str, student: Student) -> list[Record]:
    return await desk.records.find(kind, {field: {"$in": list(student.ids)}}, limit=AT_MOST)


async def _terms(desk: Desk, student: Student, today: date) -> list[dict[str, Any]]:
    """The terms of every school year since the student was enrolled first, the latest first."""
    starts = (await desk.roster.calendar()).starts
    terms, taught = Terms(await desk.roster.organisations(), starts), best_on(student.enrolments, today)
    place = taught[0].organisation_id if taught else None
    began = min((one.begin for one in student.enrolments), default=today)
    years = {school_year_of(day, starts) for day in _a_day_of_each_year(min(began, today), today)}
    found = [one for year in years for one in terms.of_year(year, place)]
    return [msgspec.to_builtins(one) for one in sorted(found, key=lambda one: one.begins, reverse=True)]


def _a_day_of_each_year(first: date, last: date) -> list[date]:
    return [first, *(date(year, 12, 31) for year in range(first.year, last.year)), last]


async def _due(desk: Desk, student: Student) -> list[dict[str, Any]]:
    """What the plans of the student's programs ask for, and when a touch made it."""
    years = [year_of(one.state) for one in await _all(desk, CONTACT_YEAR, "state.student_id", student)]
    touches = [touchpoint_of(one.state) for one in await _all(desk, TOUCHPOINT, "state.student_id", student)]
    found = {
        (year.program_id, point.code, point.since): {
            **msgspec.to_builtins(point),
            "made_on": msgspec.to_builtins(made_on(point, year.program_id, touches)),
        }
        for year in years
        for point in year.points
    }
    return sorted(found.values(), key=lambda one: str(one["due"]))


async def _workshops(desk: Desk, student: Student, *, liaison: bool) -> list[dict[str, Any]]:
    """Where somebody of the family was; who came against a restriction is for those who handle it."""
    found = await _all(desk, ATTENDANCE, "state.student_ids", student)
    there = [
        one.state for one in found if one.state["status"] == "present" and (liaison or not one.state["restricted"])
    ]
    known = await desk.records.get_many(WORKSHOP, {one["workshop_id"] for one in there})
    held = {id: one.state for id, one in known.items() if not one.void and one.state["status"] == "held"}
    return [
        {"guardian_id": one["guardian_id"], "on": at["held_on"], "kind": at["kind"]}
        for one in there
        if (at := held.get(one["workshop_id"]))
    ]


async def _programs(desk: Desk, student: Student, today: date) -> dict[str, str]:
    """What the programs are called in which the student is now, by code."""
    ids = {one.program_id for one in student.enrolments if one.covers(today)}
    told = await desk.roster.facts({f"program/{id}" for id in ids}, Program)
    return {id: told[f"program/{id}"][0].title for id in sorted(ids) if told.get(f"program/{id}")}
