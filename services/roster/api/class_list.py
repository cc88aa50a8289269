"""A program's teacher gets its class by name: who is in it now, and who completed it within the last year."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.roster.api.records import RecordId, TheDesk
from services.roster.desk.desk import Desk
from services.roster.identity.people import not_there
from services.roster.kinds.completion import COMPLETION
from services.roster.kinds.enrolment import ENROLMENT
from services.roster.kinds.student import STUDENT
from services.roster.reach.scope import Scope
from shared.csv.answers import harmless
from shared.doors.auth import Caller, CurrentCaller, Reach, Rows
from shared.records.store import Record

# So long a completer's credential still counts; a day more than any year has.
RECENT = timedelta(days=366)
# The columns that credentials reads again, the blank ones to be filled in; the rest is for the reader's eyes.
COLUMNS = (
    "family_name", "given_name", "campus", "completed_on", "student_id", "program_id",
    "credential_code", "result", "awarded_on", "taken_on", "license_number",
)  # fmt: skip


class Classmate(BaseModel):
    """One student of the class; `completed_on` is null for one who is still in it."""

    student_id: str
    given_name: str
    family_name: str
    preferred_name: str | None
    organisation_id: str
    organisation_name: str
    completed_on: date | None


class ClassList(BaseModel):
    """Who is enrolled in a program today and who completed it within the last year, by name."""

    program_id: str
    title: str
    as_of: date
    items: list[Classmate] = Field(description="within the caller's reach")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a student sits in the program, or sat last."""

    organisation_id: str
    completed_on: date | None


router = APIRouter(prefix="/v1/programs", tags=["programs"])
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/{id}/class", response_model=ClassList)
async def list_class(id: RecordId, caller: CurrentCaller, desk: TheDesk) -> Any:
    """The class of a program: those enrolled today, and those who completed it within the last year."""
    found = await class_list(desk, caller, id)
    return JSONResponse(found.model_dump(mode="json"))


@router.get("/{id}/class.csv", response_class=Response, responses=CSV)
async def export_class(id: RecordId, caller: CurrentCaller, desk: TheDesk) -> Response:
    """The same as a file whose blank columns, once filled in, POST /v1/awards/imports takes as it is."""
    found = await class_list(desk, caller, id)
    headers = {"Content-Disposition": f'attachment; filename="{id}-class-{found.as_of}.csv"'}
    return Response(_written(found), media_type="text/csv; charset=utf-8", headers=headers)


async def class_list(desk: Desk, caller: Caller, program_id: str) -> ClassList:
    """Raise NotFound for a program that does not exist, or in which the caller teaches nobody."""
    program = await desk.store.records.get("program", program_id)
    if program is None or program.void or not _may_ask(caller.reach, program_id):
        raise not_there("program", program_id)
    today = await desk.today()
    seats = await _seats(desk, caller.reach, program_id, today)
    students = await _students(desk, caller.reach, sorted(seats))
    places = await desk.store.records.get_many("organisation", {seat.organisation_id for seat in seats.values()})
    items = [_classmate(one, seats[one.id], places) for one in students]
    items.sort(key=lambda one: (one.family_name.casefold(), one.given_name.casefold(), one.student_id))
    return ClassList(program_id=program_id, title=str(program.state["title"]), as_of=today, items=items)


def _may_ask(reach: Reach, program_id: str) -> bool:
    """Whether the caller may have anybody in this program: an instructor only where it is the own one."""
    others = reach.rows - {Rows.OWN_PROGRAMS}
    return bool(others) or program_id in reach.who.programs or "*" in reach.who.programs


async def _seats(desk: Desk, reach: Reach, program_id: str, today: date) -> dict[str, Seat]:
    """Each student's place: the latest completion of the last year, else the enrolment of today."""
    found: dict[str, Seat] = {}
    merges = await desk.store.merges()
    now = today.isoformat()
    covers = {
        "state.program_id": program_id,
        "state.begin": {"$lte": now},
        "$or": [{"state.end": None}, {"state.end": {"$gte": now}}],
    }
    async for one in _every(desk, reach, ENROLMENT.name, covers):
        found[merges.survivor(one.state["student_id"])] = Seat(one.state["organisation_id"], None)
    since = (today - RECENT).isoformat()
    recent = {"state.program_id": program_id, "state.completed_on": {"$gte": since, "$lte": now}}
    async for one in _every(desk, reach, COMPLETION.name, recent):
        student, on = merges.survivor(one.state["student_id"]), date.fromisoformat(one.state["completed_on"])
        before = found.get(student)
        if before is None or before.completed_on is None or before.completed_on < on:
            found[student] = Seat(one.state["organisation_id"], on)
    return found


async def _every(desk: Desk, reach: Reach, kind: str, where: Mapping[str, Any]) -> AsyncIterator[Record]:
    within = await Scope(reach, desk.store).filter(kind)
    async for record in desk.store.every(kind, {"$and": [where, within]}):
        yield record


async def _students(desk: Desk, reach: Reach, ids: Sequence[str]) -> list[Record]:
    within = await Scope(reach, desk.store).filter(STUDENT.name, among=ids)
    where = {"$and": [{"_id": {"$in": [f"student/{each}" for each in ids]}}, within]}
    return [record async for record in desk.store.every(STUDENT.name, where)]


def _classmate(student: Record, seat: Seat, places: Mapping[str, Record]) -> Classmate:
    state, place = student.state, places.get(seat.organisation_id)
    return Classmate(
        student_id=student.id,
        given_name=state["given_name"],
        family_name=state["family_name"],
        preferred_name=state.get("preferred_name"),
        organisation_id=seat.organisation_id,
        organisation_name=str(place.state["name"]) if place else seat.organisation_id,
        completed_on=seat.completed_on,
    )


def _written(found: ClassList) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_line(found.program_id, one) for one in found.items)
    # Without the mark, spreadsheets take the names for another encoding and spoil what is not ASCII.
    return text.getvalue().encode("utf-8-sig")


def _line(program_id: str, one: Classmate) -> Iterable[str]:
    known = {
        "family_name": harmless(one.family_name),
        "given_name": harmless(one.given_name),
        "campus": harmless(one.organisation_name),
        "completed_on": one.completed_on.isoformat() if one.completed_on else "",
        "student_id": one.student_id,
        "program_id": program_id,
    }
    return [known.get(column, "") for column in COLUMNS]
