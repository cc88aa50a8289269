"""A student is told which of their credentials counts for which program, in the measure's own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.aggregator.domain.facts import Subject, unknown
from services.aggregator.domain.measures import Member, Reason
from services.aggregator.domain.students.earned import each_once
from services.insights.numbers.board import View
from services.insights.numbers.names import Names
from services.insights.numbers.reader import CAMPUS, PROGRAM, Asked, Reader
from services.insights.numbers.students.open_cohort import HEADLINE, LISTED, supposed, supposing
from shared.contracts.credentials import Award
from shared.contracts.roster import Completion, Enrolment, Student
from shared.doors.auth import Caller
from shared.errors import Forbidden
from shared.words.said import said

CENTRAL = "central_campus"
NOT_CENTRAL = "the number counts programs completed at central campuses, and this one is at a satellite"


@dataclass(frozen=True, slots=True)
class Judged:
    """One program of the student, completed or (`completed_on` None) still attended, and whether it counts there.

    `last_day` is the last one on which an award still counts.
    """

    program: str
    campus: str
    school_year: str | None
    completed_on: date | None
    last_day: date | None
    counts: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class OwnAward:
    """One attempt or award, with what it alone does for each program."""

    award: Award
    title: str | None
    programs: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class OwnCredentials:
    """All that a student has, as of today; `headline` holds the student's own part in the goal's number, by year.

    `districts` are those in which the student was ever at home.
    """

    view: View
    names: Names
    student: str
    headline: tuple[Member, ...]
    programs: tuple[Judged, ...]
    awards: tuple[OwnAward, ...]
    districts: frozenset[str]


async def own_credentials(reader: Reader, caller: Caller) -> OwnCredentials:
    """Raise Forbidden for a caller whose token names no student."""
    student = caller.student_id
    if not student or not caller.reach.allows(student=student):
        raise Forbidden(said("your sign-in does not say which student you are; ask your school for one that does"))
    return await credentials_of(reader, student)


async def credentials_of(reader: Reader, student: str) -> OwnCredentials:
    """Everything of a student, whoever asks."""
    view, names = await reader.view(Asked(), None)
    subject = await _person(reader, f"student/{student}")
    held = sorted(each_once(subject), key=lambda one: (one[1].awarded_on or one[1].taken_on or date.max, one[0]))
    titles = await reader.store.credential_titles({award.credential_code for _, award in held})
    return OwnCredentials(
        view=view,
        names=names,
        student=student,
        headline=tuple(one for one in HEADLINE.members(subject) if one.is_member(view.as_of)),
        programs=tuple(judged(subject, view)),
        awards=tuple(
            OwnAward(award, titles.get(award.credential_code), tuple(judged(_with_one(subject, key), view)))
            for key, award in held
        ),
        districts=frozenset(
            year.district_id for _, one in subject.of(Student) for year in one.years if year.district_id
        ),
    )


async def _person(reader: Reader, asked: str) -> Subject:
    """The subject of this id, or of the person that it was merged into: a token may be older than the merge."""
    found, seen = asked, {asked}
    while True:
        subject = (await reader.store.subjects_named([found])).get(found, unknown(found))
        into = next((one.merged_into for key, one in subject.of(Student) if key == found and one.merged_into), None)
        if into is None or f"student/{into}" in seen:
            return subject
        found = f"student/{into}"
        seen.add(found)


def _with_one(subject: Subject, award: str) -> Subject:
    """The subject without its other awards, so that what the measure says of it is about this one."""
    facts = {key: known for key, known in subject.facts.items() if known.kind != Award.kind or key == award}
    return Subject(subject.id, facts)


def judged(subject: Subject, view: View) -> Iterator[Judged]:
    """Each program completed so far, then each still attended."""
    for member in LISTED.members(subject):
        if member.is_member(view.as_of):
            yield _completed(member, view.as_of)
    for _, one in subject.of(Completion):
        if one.organisation_type != CENTRAL and one.completed_on <= view.as_of:
            why = Reason("not_central", NOT_CENTRAL)
            yield Judged(one.program_id, one.organisation_id, one.school_year, one.completed_on, None, False, why)
    for program in sorted({one.program_id for _, one in subject.of(Enrolment)}):
        yield from _in_class(subject, program, view)


def _completed(member: Member, as_of: date) -> Judged:
    places = LISTED.places(member)
    return Judged(
        program=places[PROGRAM],
        campus=places[CAMPUS],
        school_year=member.school_year,
        completed_on=member.cohort_day,
        last_day=last_day_of(member),
        counts=member.is_counted(as_of),
        reason=member.why(as_of),
    )


def _in_class(subject: Subject, program: str, view: View) -> Iterator[Judged]:
    found = supposed(subject, program, view)
    if found is None:
        return
    campus = found.seat.organisation_id
    if found.seat.organisation_type != CENTRAL:
        yield Judged(program, campus, None, None, None, False, supposing(Reason("not_central", NOT_CENTRAL)))
        return
    for member in LISTED.members_of(found.subject, found.school_year):
        if LISTED.places(member)[PROGRAM] == program:
            why = supposing(member.why(view.as_of))
            yield Judged(program, campus, None, None, None, member.is_counted(view.as_of), why)


def last_day_of(member: Member) -> date | None:
    """The last day on which an award still counts for this member."""
    return member.matured_day - timedelta(days=1) if member.matured_day else None
