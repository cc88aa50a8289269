"""A guardian on the roll of a workshop: how that is kept, who counts once, and what is told to whom. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from services.family_touchpoints.terms import Terms
from services.family_touchpoints.workshop.rules import Workshop
from shared.contracts import family_touchpoints as contract
from shared.contracts.envelope import Outgoing
from shared.contracts.family_touchpoints import AttendanceStatus
from shared.records.keys import derived_id
from shared.records.record import Draft, Entry
from shared.roster_copy.merges import Merges

ATTENDANCE = "attendance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A guardian of these students at a workshop, under the id that was named.

    `restricted`: on that day a rule closed all contact with them about one of the students. They were
    there, which is recorded; nobody but those who handle restrictions sees that, and nothing is told of it.
    """

    workshop_id: str
    guardian_id: str
    student_ids: tuple[str, ...] = ()
    status: AttendanceStatus = "present"
    language: str | None = None
    restricted: bool = False


def attendance_id(workshop_id: str, guardian_id: str) -> str:
    """The id of a guardian's attendance: a guardian stands on a roll once."""
    return derived_id(workshop_id, guardian_id)


def attendance_draft(one: Attendance, entry: Entry, *, expected: int | None = None, void: bool = False) -> Draft:
    """An attendance's wanted next state."""
    subjects = () if one.restricted else tuple(f"student/{id}" for id in one.student_ids)
    id = attendance_id(one.workshop_id, one.guardian_id)
    state = msgspec.to_builtins(one)
    return Draft(ATTENDANCE, id, state, entry, subjects, void=void, expected=expected, of_others=True)


def attendance_of(state: Mapping[str, Any]) -> Attendance:
    """The attendance that a state holds."""
    return msgspec.convert(state, Attendance)


def present(attendances: Iterable[Attendance], same: Merges) -> int:
    """How many guardians were there; one with two ids is one."""
    return len({same.survivor(one.guardian_id) for one in attendances if one.status == "present"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What facts of attendance say beside the record itself.

    `homes`: by student, the district where the student was at home that day; `districts` of the workshop.
    """

    terms: Terms
    same: Merges
    homes: Mapping[str, str]
    districts: tuple[str, ...]


def attendance_facts(id: str, one: Attendance, workshop: Workshop, around: Around) -> Iterator[Outgoing]:
    """The facts of one attendance: to the guardian's subject and to each student's, which names that student alone."""
    if one.restricted:
        return
    survivor = around.same.survivor(one.guardian_id)
    term = around.terms.of(workshop.held_on, workshop.organisation_ids[0])

    def fact(students: tuple[str, ...]) -> contract.Attendance:
        homes = tuple(sorted({around.homes[each] for each in students if each in around.homes}))
        return contract.Attendance(
            attendance_id=id,
            workshop_id=one.workshop_id,
            guardian_id=survivor,
            logged_as=one.guardian_id if one.guardian_id != survivor else None,
            student_ids=students,
            status=one.status,
            language=one.language,
            workshop_type=workshop.kind,
            level=workshop.level,
            delivery=workshop.delivery,
            held=workshop.status == "held",
            held_on=workshop.held_on,
            career_related=workshop.career_related,
            districts=homes or around.districts,
            organisation_ids=workshop.organisation_ids,
            program_ids=workshop.program_ids,
            school_year=term.school_year,
            term=term.number,
        )

    students = tuple(dict.fromkeys(one.student_ids))
    yield f"guardian/{survivor}", fact(students)
    for student in students:
        yield f"student/{student}", fact((student,))
