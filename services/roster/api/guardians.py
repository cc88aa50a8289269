"""The routes of guardians tell who speaks with families whom to call, for a class at once or by name."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.roster.api.person_views import GuardianContact
from services.roster.api.records import IDS_MAX, TheDesk
from services.roster.oneroster.derive.families import Families
from services.roster.reach.search import FOUND_AT_MOST
from shared.doors.auth import Caller, CurrentCaller
from shared.words.fields import Body, Id, example

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/guardians", tags=["persons"])


class StudentsAsked(Body):
    """Whose guardians are asked for."""

    model_config = example(students=["p1"])

    students: Annotated[tuple[Id, ...], Field(max_length=IDS_MAX, description="person ids")]


class NamedStudent(BaseModel):
    """A student, by name."""

    person_id: str
    given_name: str
    family_name: str


class StudentGuardians(NamedStudent):
    """A student, and who answers for them today."""

    guardians: list[GuardianContact]


class GuardiansOf(BaseModel):
    """The students within the caller's reach, by name; of the others nothing is said."""

    items: list[StudentGuardians]


class FoundGuardian(BaseModel):
    """A guardian, and the students within the caller's reach for whom they answer today."""

    guardian_id: str
    given_name: str
    family_name: str
    students: list[NamedStudent]


class FoundGuardians(BaseModel):
    """The guardians who were found, those by their own name first."""

    items: list[FoundGuardian]


@router.post("/lookup", response_model=GuardiansOf)
async def lookup_guardians(body: StudentsAsked, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Who answers for each of these students today, and how they are reached. It reads, and changes nothing.

    A merged student is answered by the id of who it is now.
    """
    found = await Families(desk.store, caller.reach).of(body.students)
    disclosed(caller, "lookup_guardians", students=len(found), guardians=sum(len(one["guardians"]) for one in found))
    return JSONResponse(GuardiansOf.model_validate({"items": found}).model_dump(mode="json"))


@router.get("", response_model=FoundGuardians)
async def find_guardians(
    search: Annotated[
        str,
        Query(
            max_length=100,
            description="Beginnings of a guardian's or a student's name, in any order and without accents. At most "
            f"{FOUND_AT_MOST} guardians; there is no next page.",
            examples=["sam"],
        ),
    ],
    caller: CurrentCaller,
    desk: TheDesk,
) -> Any:
    """Guardians by their own name, or by that of a student within reach."""
    found = await Families(desk.store, caller.reach).called(search)
    students = {student["person_id"] for one in found for student in one["students"]}
    disclosed(caller, "find_guardians", students=len(students), guardians=len(found))
    return JSONResponse({"items": found})


def disclosed(caller: Caller, route: str, *, students: int, guardians: int) -> None:
    """Log who was shown guardians, by which route and of how many students; never whose they are."""
    log.info("guardians were shown", by=caller.sub, route=route, students=students, guardians=guardians)
