"""HTTP of the list of families whom nobody has reached this term: who may be called, when, and what was tried."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.family_touchpoints.contact.guardian.bodies import LANGUAGE
from services.family_touchpoints.contact.rules import Contact
from services.family_touchpoints.worklists.paged import Row, listed
from services.family_touchpoints.worklists.reading import unreached
from services.family_touchpoints.worklists.unreached import Waiting, why
from shared.contracts.family_touchpoints import Method
from shared.csv.answers import CSV_ANSWER
from shared.producer.desk import TheDesk
from shared.producer.worklists import TheList

COLUMNS = (
    "student_id",
    "program_id",
    "organisation_id",
    "term",
    "terms",
    "why",
    "guardians",
    "languages",
    "interpreter",
    "best_time",
    "reached_on",
    "reached_by",
    "reached_in",
    "tries",
    "last_try_on",
    "last_try",
    "next_planned",
)

router = APIRouter(prefix="/v1/families", tags=["worklists"])


class GuardianToCall(BaseModel):
    """Somebody who answers for the student, and by which ways they may be contacted; names are in roster."""

    guardian_id: str
    relation: str
    may: list[Method] = Field(description="none: do not contact; ask the counselor")
    records: bool = Field(description="false: tell them nothing of the student's records")
    language: str | None
    interpreter: bool
    best_time: str
    walk_in: bool = Field(description="name and phone are here, and not in roster")
    told_to_staff: list[str]


class LastReached(BaseModel):
    """The last time that somebody of the family answered, or came to a workshop."""

    on: date
    method: str
    language: str | None


class TryMade(BaseModel):
    """An attempt of this term that reached nobody."""

    on: date
    outcome: str


class UnreachedFamily(BaseModel):
    """An enrolment whose family nobody has reached this term."""

    student_id: str
    program_id: str
    organisation_id: str
    term: str = Field(examples=["2025-26.1"])
    terms: int = Field(description="of this year, in which the family was reached")
    why: str = Field(description="in words")
    guardians: list[GuardianToCall] = Field(description="to whoever calls families; else none")
    of_age: bool = Field(description="the rights are the student's, who shares nothing: speak with the student")
    languages: list[str] = Field(description="that the guardians prefer, as far as that is known")
    last_reached: LastReached | None
    tries: list[TryMade]
    next_planned: date | None


class UnreachedPage(BaseModel):
    """Some families of the list; `next` is the cursor of the page behind."""

    items: list[UnreachedFamily]
    next: str | None


@router.get("/unreached", response_model=UnreachedPage, responses=CSV_ANSWER)
async def list_unreached(
    asked: TheList,
    desk: TheDesk,
    language: Annotated[str | None, Query(pattern=LANGUAGE, description="that some guardian prefers")] = None,
) -> Any:
    """Families whom nobody has reached this term, by enrolment: whom one touch brings to two terms first.

    Touches of no program count for every enrolment; a workshop that a guardian came to is a touch.
    Whom nobody may call stands at the end.
    """
    found = await unreached(desk, asked.caller, program=asked.program, campus=asked.campus, language=language)
    return listed([(one.place, _row(one)) for one in found], asked, "families-not-reached", COLUMNS, _flat)


def _row(one: Waiting) -> dict[str, Any]:
    worked, enrolment = one.worked, one.enrolment
    return {
        "student_id": one.student_id,
        "program_id": enrolment.program_id,
        "organisation_id": enrolment.organisation_id,
        "term": f"{one.term.school_year}.{one.term.number}",
        "terms": one.terms,
        "why": why(one),
        "guardians": [_guardian(each) for each in one.contacts or ()],
        "of_age": one.of_age,
        "languages": list(one.languages),
        "last_reached": worked and {"on": worked.on, "method": worked.method, "language": worked.language},
        "tries": [{"on": each.on, "outcome": each.outcome} for each in one.tries],
        "next_planned": one.next_planned,
    }


def _guardian(one: Contact) -> dict[str, Any]:
    return {name: getattr(one, name) for name in GuardianToCall.model_fields}


def _flat(row: Row) -> Row:
    """A row without lists in it: of the guardians only those who may be called, each with the ways that are open."""
    open_to = [one for one in row["guardians"] if one["may"]]
    last, tries = row["last_reached"] or {}, row["tries"]
    return {
        **row,
        "guardians": "; ".join(f"{one['guardian_id']}: {', '.join(one['may'])}" for one in open_to),
        "languages": " ".join(row["languages"]),
        "interpreter": "needed" if any(one["interpreter"] for one in open_to) else "",
        "best_time": "; ".join(dict.fromkeys(one["best_time"] for one in open_to if one["best_time"])),
        **{f"reached_{word}": last.get(name) for word, name in (("on", "on"), ("by", "method"), ("in", "language"))},
        "tries": len(tries),
        "last_try_on": tries[-1]["on"] if tries else None,
        "last_try": tries[-1]["outcome"] if tries else None,
    }
