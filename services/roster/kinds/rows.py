"""A row is wanted by somebody, and decided by what the rules may look at. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from services.roster.identity.people import People, State, is_source
from services.roster.identity.weighing import Told
from services.roster.values import Completion, DemographicsOfYear, Enrolment, Outcome
from shared.errors import Conflict, Problem, Refused, refused
from shared.words.fields import Body

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record as somebody wants it: a PUT, a line of a CSV file, an entry of a OneRoster file.

    `whole`: nothing else is to be kept of the record; a student's row from a feed is one
    source's view instead (see people.next_state). `version`: the version it was decided on.
    """

    id: str
    body: Body
    whole: bool = True
    version: int | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class ToKeep:
    """What is to be kept, under which id; `notes` say what of the row was left out, or is to be looked at again."""

    id: str
    state: State
    notes: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Known:
    """All that the rules may look at: what is stored (and not void), and what earlier rows of the batch decided."""

    today: date
    people: People
    organisations: dict[str, State] = field(default_factory=dict)
    programs: dict[str, State] = field(default_factory=dict)
    begun: dict[tuple[str, str], str] = field(default_factory=dict)  # (student, program): earliest enrolment's begin

    def take(self, kind: str, decided: ToKeep) -> None:
        """Let later rows name what this row decided."""
        if kind == "student":
            self.people.made |= {decided.id} - self.people.states.keys()
            self.people.know(decided.id, decided.state)
        elif kind in ("organisation", "program"):
            (self.organisations if kind == "organisation" else self.programs)[decided.id] = decided.state


def sent_by(body: DemographicsOfYear | Enrolment | Completion | Outcome, person: str) -> dict[str, Any]:
    """The body as this person's, with the source id that it was sent under (persons/moving.py)."""
    under = {"_under": body.student_id} if is_source(body.student_id) else {}
    return {**body.model_dump(mode="json"), "student_id": person, **under}


def named_in(body: Enrolment | Completion, known: Known) -> tuple[str, list[Problem]]:
    """The student, and what of the row's references does not exist."""
    problems: list[Problem] = []
    person = ""
    try:
        person = known.people.get(body.student_id)
    except Refused as refused:
        problems.extend(refused.problems)
    if body.program_id not in known.programs:
        problems.append(does_not_exist("/program_id", "program", body.program_id))
    if body.organisation_id not in known.organisations:
        problems.append(does_not_exist("/organisation_id", "organisation", body.organisation_id))
    return person, problems


def may_void(kind: str, record_id: str, named_by: Mapping[str, int]) -> None:
    """Raise Conflict when records that are not void still name this one; `named_by` counts them by kind."""
    counts = ", ".join(f"{count} {name}" for name, count in named_by.items() if count)
    if counts:
        raise Conflict(
            f"{kind} {record_id} is still named by {counts}", works="void or change those first", code="still_named"
        )


def body_of(row: Wanted, wanted: type[B]) -> B:
    if not isinstance(row.body, wanted):
        raise TypeError(f"{row.id}: a row of {type(row.body).__name__} where {wanted.__name__} belongs")
    return row.body


def does_not_exist(pointer: str, kind: str, record_id: str | None) -> Problem:
    works = f"PUT /v1/{kind}s/{record_id} first, or name one of GET /v1/{kind}s"
    return Problem(pointer, f"there is no {kind} {record_id}", works, f"unknown_{kind}")


def lies_before(name: str, day: date, other: str, since: date) -> Problem:
    return Problem(
        f"/{name}", f"{name} {day} lies before {other} {since}", "send that day or a later one", "wrong_order"
    )


def lies_ahead(name: str, day: date) -> Problem:
    return Problem(f"/{name}", f"{name} {day} is in the future", "send it on or after that day", "in_future")


def refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise refused(*problems)
