"""The rules of the roster: what may be kept of each kind of record. Pure; the day comes in as an argument."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.roster.identity.people import People, State, checked_name, is_source, next_state, with_alias
from services.roster.identity.weighing import Told
from services.roster.identity.whose import whose, without_ids_of_others
from services.roster.kinds.feeds import kept_organisation
from services.roster.values import (
    Completion,
    DemographicsOfYear,
    Enrolment,
    Organisation,
    Outcome,
    Program,
    Student,
)
from shared.errors import Conflict, Problem, Refused, refused
from shared.school_year import parse_start
from shared.words.fields import Body

B = TypeVar("B", bound=Body)
CTED = "cted"
DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Row:
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
class Decided:
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

    def take(self, kind: str, decided: Decided) -> None:
        """Later rows may name what this row decided."""
        if kind == "student":
            self.people.made |= {decided.id} - self.people.states.keys()
            self.people.know(decided.id, decided.state)
        elif kind in ("organisation", "program"):
            (self.organisations if kind == "organisation" else self.programs)[decided.id] = decided.state


def decide_organisation(row: Row, known: Known) -> Decided:
    """Only the cted sets the calendar, there is one of it, parents exist and form no circle; a feed changes its own."""
    body = _body(row, Organisation)
    state = kept_organisation(row.id, body, known.organisations.get(row.id))
    problems = list(_calendar_problems(body))
    if body.type == CTED and body.parent_id is not None:
        problems.append(Problem("/parent_id", "the cted is the top", "leave parent_id out", "does_not_go_with"))
    elif body.parent_id is not None:
        problems.extend(_parent_problems(row.id, body.parent_id, known))
    _refuse(problems)
    others = [key for key, state in known.organisations.items() if state["type"] == CTED and key != row.id]
    if body.type == CTED and others:
        works = f"give this organisation another type, or void {others[0]}"
        problem = Problem("/type", f"{others[0]} is the cted, and there is one", works, "taken")
        raise Conflict(problem.said, existing=others[0], problems=[problem])
    return Decided(row.id, state)


def _calendar_problems(body: Organisation) -> Iterator[Problem]:
    if body.type != CTED and (body.time_zone or body.school_year_starts):
        said = "only the organisation of type cted sets time_zone and school_year_starts"
        yield Problem("/type", said, "leave both out", "does_not_go_with")
    if body.time_zone is not None and not is_time_zone(body.time_zone):
        yield Problem(
            "/time_zone", f"{body.time_zone} is no time zone", "write one such as America/Phoenix", "not_known"
        )
    if body.school_year_starts is not None:
        try:
            parse_start(body.school_year_starts)
        except ValueError:
            yield Problem(
                "/school_year_starts",
                f"{body.school_year_starts} is no day of every year",
                "write one such as 07-01",
                "not_known",
            )


def is_time_zone(text: str) -> bool:
    """Whether the text names a time zone of the IANA database."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _parent_problems(organisation: str, parent: str, known: Known) -> Iterator[Problem]:
    if parent not in known.organisations:
        yield _no("/parent_id", "organisation", parent)
    elif organisation in (parent, *ancestors(parent, known.organisations)):
        yield Problem(
            "/parent_id", f"{parent} is {organisation} itself or lies under it", "name one above it", "in_a_circle"
        )


def ancestors(organisation: str, organisations: Mapping[str, State]) -> Iterator[str]:
    """Its parent, that one's parent, and so on. Two writes at once can close a circle: it is walked once."""
    seen = {organisation}
    above = organisations.get(organisation, {}).get("parent_id")
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = organisations.get(above, {}).get("parent_id")


def district_of(organisation: str | None, organisations: Mapping[str, State]) -> str | None:
    """The district that an organisation is or lies in."""
    if organisation is None:
        return None
    chain = (organisation, *ancestors(organisation, organisations))
    return next((each for each in chain if organisations.get(each, {}).get("type") == DISTRICT), None)


def decide_program(row: Row, known: Known) -> Decided:
    """A program is active up to a day that does not lie before its first."""
    body = _body(row, Program)
    del known  # a program names nothing
    if body.active_to is not None and body.active_to < body.active_from:
        _refuse([_before("active_to", body.active_to, "active_from", body.active_from)])
    return Decided(row.id, body.model_dump(mode="json"))


def decide_student(row: Row, known: Known) -> Decided:
    """One person per human, at home in organisations that exist, in one of them a year."""
    checked_name(row.id)
    body = with_alias(row.id, _body(row, Student))
    problems = [
        _no(f"/years/{at}/school_id", "organisation", year.school_id)
        for at, year in enumerate(body.years)
        if year.school_id is not None and year.school_id not in known.organisations
    ]
    years = [year.school_year for year in body.years]
    problems += [
        Problem(f"/years/{at}/school_year", f"{year} is there twice", "send one entry a year", "twice")
        for at, year in enumerate(years)
        if year in years[:at]
    ]
    _refuse(problems)
    meant = whose(row.id, body, known.people, row.told)
    body = without_ids_of_others(meant.person, meant.body, known.people)
    stored = known.people.states.get(meant.person)
    state = next_state(meant.person, row.id, body, stored, whole=row.whole, corrects=row.version is not None)
    return Decided(meant.person, state, meant.notes)


def decide_demographics(row: Row, known: Known) -> Decided:
    """A record per student and year."""
    body = _body(row, DemographicsOfYear)
    person = known.people.get(body.student_id)
    return Decided(f"{person}-{body.school_year}", _sent(body, person))


def decide_enrolment(row: Row, known: Known) -> Decided:
    """It ends no earlier than it begins; who became a concentrator did so in the past, and before it ended."""
    body = _body(row, Enrolment)
    person, problems = _named(body, known)
    if body.end is not None and body.end < body.begin:
        problems.append(_before("end", body.end, "begin", body.begin))
    if body.concentrator_on is not None and body.concentrator_on > known.today:
        problems.append(_in_future("concentrator_on", body.concentrator_on))
    if body.concentrator_on is not None and body.end is not None and body.concentrator_on > body.end:
        problems.append(_after_the_end(body.concentrator_on, body.end))
    _refuse(problems)
    return Decided(row.id, _sent(body, person))


def decide_completion(row: Row, known: Known) -> Decided:
    """In the past, and not before a start that is given.

    What enrolments say of the start refuses nothing: they may come later, and the order of rows changes no number.
    """
    body = _body(row, Completion)
    person, problems = _named(body, known)
    if body.completed_on > known.today:
        problems.append(_in_future("completed_on", body.completed_on))
    if body.started_on is not None and body.completed_on < body.started_on:
        problems.append(_before("completed_on", body.completed_on, "started_on", body.started_on))
    _refuse(problems)
    state = _sent(body, person)
    begun = begun_on(state, known.begun.get((person, body.program_id)))
    return Decided(row.id, state, () if begun else (start_unknown(state),))


def begun_on(completion: State, earliest: str | None) -> str | None:
    """The day on which a completed program was begun: as told, else the begin of the earliest enrolment in it.

    An enrolment that began after the completion says nothing of it.
    """
    told: str | None = completion["started_on"]
    return told or (earliest if earliest and earliest <= completion["completed_on"] else None)


def start_unknown(completion: State) -> Problem:
    """What is open about a completion whose start nothing tells, and what would settle it."""
    program, on = completion["program_id"], completion["completed_on"]
    return Problem(
        "/started_on",
        f"no enrolment of the student in {program} that began by {on} tells when the program was begun, so credentials "
        f"earned before {on} do not count",
        "send started_on, or the enrolment",
        "start_unknown",
    )


def decide_outcome(row: Row, known: Known) -> Decided:
    """Of somebody who exists, seen on a day that has been."""
    body = _body(row, Outcome)
    if body.observed_on > known.today:
        _refuse([_in_future("observed_on", body.observed_on)])
    return Decided(row.id, _sent(body, known.people.get(body.student_id)))


def _sent(body: DemographicsOfYear | Enrolment | Completion | Outcome, person: str) -> dict[str, Any]:
    """The body as the person's; with the source id that it was sent under, which it goes with (persons/moving.py)."""
    under = {"_under": body.student_id} if is_source(body.student_id) else {}
    return {**body.model_dump(mode="json"), "student_id": person, **under}


def _named(body: Enrolment | Completion, known: Known) -> tuple[str, list[Problem]]:
    """The student, and what of the row's references does not exist."""
    problems: list[Problem] = []
    person = ""
    try:
        person = known.people.get(body.student_id)
    except Refused as refused:
        problems.extend(refused.problems)
    if body.program_id not in known.programs:
        problems.append(_no("/program_id", "program", body.program_id))
    if body.organisation_id not in known.organisations:
        problems.append(_no("/organisation_id", "organisation", body.organisation_id))
    return person, problems


def may_void(kind: str, record_id: str, named_by: Mapping[str, int]) -> None:
    """Raise Conflict when records that are not void still name this one; `named_by` counts them by kind."""
    counts = ", ".join(f"{count} {name}" for name, count in named_by.items() if count)
    if counts:
        raise Conflict(
            f"{kind} {record_id} is still named by {counts}", works="void or change those first", code="still_named"
        )


def _body(row: Row, wanted: type[B]) -> B:
    if not isinstance(row.body, wanted):
        raise TypeError(f"{row.id}: a row of {type(row.body).__name__} where {wanted.__name__} belongs")
    return row.body


def _no(pointer: str, kind: str, record_id: str | None) -> Problem:
    works = f"PUT /v1/{kind}s/{record_id} first, or name one of GET /v1/{kind}s"
    return Problem(pointer, f"there is no {kind} {record_id}", works, f"unknown_{kind}")


def _before(name: str, day: date, other: str, since: date) -> Problem:
    return Problem(
        f"/{name}", f"{name} {day} lies before {other} {since}", "send that day or a later one", "wrong_order"
    )


def _after_the_end(concentrator_on: date, end: date) -> Problem:
    return Problem(
        "/concentrator_on",
        f"concentrator_on {concentrator_on} lies after the enrolment's end {end}, so that no day is both",
        f"send a day up to {end}, leave concentrator_on out, or put the end right",
        "wrong_order",
    )


def _in_future(name: str, day: date) -> Problem:
    return Problem(f"/{name}", f"{name} {day} is in the future", "send it on or after that day", "in_future")


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise refused(*problems)
