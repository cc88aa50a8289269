"""What the list of families not reached is made of, read in bulk: enrolments, touches, tries, who may be called."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.family_touchpoints.access import LOG, is_liaison
from services.family_touchpoints.contact.reading import families, standing
from services.family_touchpoints.contact.rules import Contact, contacts
from services.family_touchpoints.contact_year.record import CONTACT_YEAR, year_of
from services.family_touchpoints.terms import Terms
from services.family_touchpoints.touchpoint.queries import THEIR_MATTER
from services.family_touchpoints.touchpoint.record import TOUCHPOINT, touchpoint_of
from services.family_touchpoints.touchpoint.rules import Touchpoint
from services.family_touchpoints.worklists.overdue import Overdue, overdue
from services.family_touchpoints.worklists.unreached import Touch, Tried, Try, Waiting, nearest_first, waiting
from services.family_touchpoints.workshop.attendance import ATTENDANCE, attendance_of
from services.family_touchpoints.workshop.record import WORKSHOP, workshop_of
from shared.doors.auth import Caller
from shared.doors.roles import Role
from shared.errors import Problem, refused
from shared.producer.desk import Desk
from shared.roster_copy.reach import within
from shared.roster_copy.students import Enrolment, Student
from shared.school_year import school_year_of

MOST = 3000  # enrolments on which one list is made
AT_ONCE = 500
BY_WORKSHOP = "workshop"


@dataclass(frozen=True, slots=True)
class Taught:
    """A person, and those of the enrolments in force that are asked for."""

    student: Student
    enrolments: tuple[Enrolment, ...]

    @property
    def id(self) -> str:
        """The id of who it is now."""
        return self.student.ids[0]


async def taught(desk: Desk, caller: Caller, *, program: str | None, campus: str | None) -> dict[str, Taught]:
    """Who is enrolled today within the caller's reach, there. Raise Refused when they are too many for one list."""
    today, found, number = await desk.today(), dict[str, Taught](), 0
    async for ids in _asked(desk, caller, program):
        for student in (await desk.roster.told(ids, ())).students.values():
            reads = within(caller.reach, student)
            one = Taught(
                student,
                tuple(
                    each
                    for each in student.enrolments
                    if each.covers(today)
                    and program in (None, each.program_id)
                    and campus in (None, each.organisation_id)
                    and reads(each.program_id, each.organisation_id)
                ),
            )
            number += len(one.enrolments) if one.id not in found else 0
            if one.enrolments:
                found[one.id] = one
        if number > MOST:
            said = f"more than {MOST:,} enrolments are too many for one list"
            raise refused(Problem("/program", said, "choose a program or a campus", "too_many"))
    return found


async def unreached(
    desk: Desk, caller: Caller, *, program: str | None, campus: str | None, language: str | None
) -> list[Waiting]:
    """The whole list within the caller's reach, in its order."""
    found = await taught(desk, caller, program=program, campus=campus)
    today, terms = await desk.today(), await _terms(desk)
    tried = await _tried(desk, caller, found, terms, today)
    places = {each.organisation_id for one in found.values() for each in one.enrolments}
    term = {place: terms.of(today, place) for place in places}
    rows = (row for id, one in found.items() for row in waiting(id, one.enrolments, tried[id], term=term, today=today))
    return nearest_first(row for row in rows if language is None or language in row.languages)


async def points_overdue(desk: Desk, caller: Caller, *, program: str | None, campus: str | None) -> list[Overdue]:
    """Points of plans that this school year asks of the enrolments in force, are due, and were not made."""
    found = await taught(desk, caller, program=program, campus=campus)
    today, terms = await desk.today(), await _terms(desk)
    tried, whose = await _tried(desk, caller, found, terms, today), _by_id(found)
    asked = {"state.student_id": {"$in": sorted(whose)}, "state.school_year": school_year_of(today, terms.starts)}
    rows: list[Overdue] = []
    for year in map(year_of, await standing(desk.records, CONTACT_YEAR, asked)):
        id = whose[year.student_id]
        places = {(one.program_id, one.organisation_id) for one in found[id].enrolments}
        if (year.program_id, year.organisation_id) in places:
            rows += [one for one in overdue(id, year, tried[id].touches, today) if _shown(one.purpose, caller)]
    return rows


async def _terms(desk: Desk) -> Terms:
    return Terms(await desk.roster.organisations(), (await desk.roster.calendar()).starts)


async def _asked(desk: Desk, caller: Caller, program: str | None) -> AsyncIterator[Sequence[str]]:
    """The ids of who may be on the list, in parts."""
    ids = None if program else await desk.roster.students_within(caller.reach)
    if ids is None:
        async for part in desk.roster.students_in_parts(AT_ONCE, program=program):
            yield part
        return
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


async def _tried(
    desk: Desk, caller: Caller, found: Mapping[str, Taught], terms: Terms, today: date
) -> dict[str, Tried]:
    known = await families(desk, found)
    everybody = {id: contacts(known[id], today, liaison=is_liaison(caller)) for id in found}
    calls, came = await _touchpoints(desk, found), await _attended(desk, found, terms)
    calling = not caller.roles.isdisjoint(LOG)
    return {
        id: Tried(
            touches=[*_touches(calls[id], terms, caller), *came[id]],
            tries=[
                Try(each.on, each.outcome or "", each.program_id)
                for each in calls[id]
                if _is_try(each) and _shown(each.purpose, caller)
            ],
            planned=[each.on for each in calls[id] if each.status == "planned" and _shown(each.purpose, caller)],
            contacts=everybody[id] if calling else None,
            of_age=calling and known[id].of_age(today),
            languages=_languages(everybody[id]),
        )
        for id in found
    }


async def _touchpoints(desk: Desk, found: Mapping[str, Taught]) -> Mapping[str, list[Touchpoint]]:
    """What was held or is planned with each family and others may know of; an occasion under two ids once."""
    whose = _by_id(found)
    where = {
        "kind": TOUCHPOINT,
        "void": False,
        "state.student_id": {"$in": sorted(whose)},
        "state.status": {"$in": ["held", "planned"]},
        "state.breach": None,
        "state.restricted": False,
    }
    theirs: dict[str, dict[str, Touchpoint]] = defaultdict(dict)
    async for document in desk.records.collection.find(where, {"state": 1}):
        one = touchpoint_of(document["state"])
        beside = theirs[whose[one.student_id]]
        if one.occasion_id not in beside or one.reached_on:
            beside[one.occasion_id] = one
    return defaultdict(list, {id: list(calls.values()) for id, calls in theirs.items()})


async def _attended(desk: Desk, found: Mapping[str, Taught], terms: Terms) -> Mapping[str, list[Touch]]:
    """The workshops that somebody of each family came to: they count as touches."""
    whose = _by_id(found)
    where = {
        "kind": ATTENDANCE,
        "void": False,
        "state.student_ids": {"$in": sorted(whose)},
        "state.status": "present",
        "state.restricted": False,
    }
    cursor = desk.records.collection.find(where, {"state": 1})
    came = [attendance_of(document["state"]) async for document in cursor]
    workshops = await desk.records.get_many(WORKSHOP, {one.workshop_id for one in came})
    theirs: dict[str, list[Touch]] = defaultdict(list)
    for one in came:
        record = workshops.get(one.workshop_id)
        if record is None or record.void or record.state["status"] != "held":
            continue
        at = workshop_of(record.state)
        term = terms.of(at.held_on, at.organisation_ids[0])
        for id in {whose[each] for each in one.student_ids if each in whose}:
            theirs[id].append(Touch(at.held_on, term, BY_WORKSHOP, one.language, at.program_ids))
    return theirs


def _by_id(found: Mapping[str, Taught]) -> dict[str, str]:
    return {id: whose for whose, one in found.items() for id in one.student.ids}


def _touches(calls: Sequence[Touchpoint], terms: Terms, caller: Caller) -> Iterator[Touch]:
    for one in calls:
        if one.status != "held" or one.reached_on is None or not one.counts or one.student_alone:
            continue
        term = terms.of(one.reached_on, one.term_at)
        about = (one.program_id,) if one.program_id else ()
        shown = _shown(one.purpose, caller)
        yield Touch(one.reached_on, term, one.method, one.language, about, shown, one.purpose, one.plan_point)


def _is_try(one: Touchpoint) -> bool:
    return one.status == "held" and one.direction == "to_family" and one.reached_on is None and one.counts


def _shown(purpose: str, caller: Caller) -> bool:
    """Whether the caller may see more of it than that the family was reached: a coordinator sees one matter alone."""
    return purpose == THEIR_MATTER or caller.roles != {Role.COORDINATOR}


def _languages(found: Sequence[Contact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.language for one in found if one.language))
