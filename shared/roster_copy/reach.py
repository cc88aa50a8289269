"""Which records a caller reaches: by program and campus, by student, or by home district."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.contracts.roster import Organisation
from shared.doors.auth import Reach, Rows
from shared.doors.roles import ALL_OF_THEM
from shared.records.record import Record
from shared.roster_copy.lookup import RosterCopy
from shared.roster_copy.students import OF_A_STUDENT, Filed, Student, Within


def within(reach: Reach, student: Student) -> Within:
    """Where the caller may touch a student's records."""
    if reach.everything:
        return lambda *_: True
    ways = [(district, id) for district in (student.homes or {None}) for id in student.ids]
    return lambda program, organisation: any(
        reach.allows(program=program, organisation=organisation, district=district, student=id) for district, id in ways
    )


def reaches(reach: Reach, student: Student) -> bool:
    """Whether the caller reaches the student: as a person, or by any enrolment, also one that has ended."""
    reads = within(reach, student)
    return reads(None, None) or any(reads(one.program_id, one.organisation_id) for one in student.enrolments)


def reading(reach: Reach, student: Student, filed: Filed) -> Within:
    """Where the caller reads records of a kind that are this student's."""
    if not filed.by_enrolment:
        return within(reach, student)
    may = reaches(reach, student)
    return lambda *_: may


def filing(reach: Reach, student: Student, filed: Filed = OF_A_STUDENT) -> Within:
    """Where the caller may file something about a student.

    Whoever does not reach the student as a person, as a district does, needs an enrolment of theirs
    there; of a kind that goes by enrolments any of them, for a record that names no program.
    """
    reads = within(reach, student)
    if reach.everything or any(reach.allows(student=id) for id in student.ids):
        return reads
    if any(reach.allows(district=district) for district in student.homes):
        return reads

    def enrolled(program: str | None, organisation: str | None) -> bool:
        """Whether there is an enrolment there, as far as the kind says where that is."""
        if filed.by_enrolment and program is None:
            return reaches(reach, student)
        return any(
            (filed.program is None or one.program_id == program)
            and (filed.organisation is None or one.organisation_id == organisation)
            and reads(one.program_id, one.organisation_id)
            for one in student.enrolments
        )

    return enrolled


async def reachable(
    records: Sequence[Record], reach: Reach, roster: RosterCopy, filed: Filed = OF_A_STUDENT
) -> list[Record]:
    """Those of the records, all filed alike, that lie within reach."""
    if filed.at_several:
        organisations = await roster.organisations() if Rows.OWN_DISTRICTS in reach.rows else {}
        return [one for one in records if at_any(reach, organisations, *filed.several(one.state))]
    if filed.student is None:
        return [record for record in records if reach.allows(**filed.of(record.state))]
    ids = {id for record in records for id in filed.students(record.state)}
    known = (await roster.told(ids, ())).students if _by_person(reach, filed) else {}
    students = {id: known.get(id, Student(id=id)) for id in ids}
    return [record for record in records if _reaches(reach, students, record, filed)]


async def filter_of(reach: Reach, roster: RosterCopy, filed: Filed = OF_A_STUDENT) -> dict[str, Any]:
    """A filter on the records within reach."""
    own: dict[str, Any] = reach.filter(**filed.paths())
    if filed.at_several:
        return {"$or": [own, *await _at_several(reach, roster, filed)]}
    if filed.student is None or not _by_person(reach, filed):
        return own
    path = f"state.{filed.student}"
    if filed.by_enrolment:
        theirs = {path: {"$in": await roster.students_within(reach)}}
        return {"$or": [theirs, {"$and": [{path: {"$in": [[], None]}}, own]}]}
    students = await roster.students_of(reach.who.districts) if Rows.OWN_DISTRICTS in reach.rows else []
    if Rows.SELF in reach.rows and reach.who.student_id:
        students += (await roster.merges()).together(reach.who.student_id)
    return {"$or": [own, {path: {"$in": students}}]}


def district_above(organisations: Mapping[str, Organisation], id: str) -> str | None:
    """The district that an organisation is, or lies in; None of what is the cted's own."""
    walked: list[str] = []
    at: str | None = id
    while at is not None and at in organisations and at not in walked:
        if organisations[at].type == "district":
            return at
        walked.append(at)
        at = organisations[at].parent_id
    return None


def at_any(
    reach: Reach, organisations: Mapping[str, Organisation], places: Collection[str], programs: Collection[str]
) -> bool:
    """Whether what is of these programs, or of none and so of any, at these places is within reach at one of them."""
    taught: Collection[str | None] = programs or (None, *reach.who.programs)
    return any(
        reach.allows(program=program, organisation=place, district=district_above(organisations, place))
        for place in places
        for program in taught
    )


async def _at_several(reach: Reach, roster: RosterCopy, filed: Filed) -> list[dict[str, Any]]:
    """Filters on what else is within reach where a record names several places: see `at_any`."""
    place, ways = f"state.{filed.organisation}", []
    if Rows.OWN_PROGRAMS in reach.rows:
        any_program = replace(reach, who=replace(reach.who, programs=frozenset({ALL_OF_THEM})))
        ways.append({f"state.{filed.program}": [], **any_program.filter(organisation=place)})
    if Rows.OWN_DISTRICTS in reach.rows:
        told = await roster.organisations()
        ways.append({place: {"$in": [id for id in sorted(told) if district_above(told, id) in reach.who.districts]}})
    return ways


def _reaches(reach: Reach, students: Mapping[str, Student], record: Record, filed: Filed) -> bool:
    place, whose = filed.of(record.state), filed.students(record.state)
    if reach.allows(**place) and not (whose and filed.by_enrolment):
        return True
    return any(reading(reach, students[id], filed)(place["program"], place["organisation"]) for id in whose)


def _by_person(reach: Reach, filed: Filed) -> bool:
    """Whether more than its own fields tells if a record is within reach."""
    by_student = filed.by_enrolment or bool(reach.rows & {Rows.OWN_DISTRICTS, Rows.SELF})
    return by_student and not reach.everything
