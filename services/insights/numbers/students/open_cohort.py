"""The open cohort lists the completers who may still earn a credential that counts, soonest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.aggregator.domain.facts import Known, Subject
from services.aggregator.domain.measures import BY_KEY, Member, Reason
from services.insights.numbers.board import View
from services.insights.numbers.reader import CAMPUS, DISTRICT, PROGRAM, Asked, Reader
from shared.contracts.roster import Completion, Enrolment
from shared.doors.auth import Reach
from shared.errors import NotFound
from shared.school_year import school_year_of
from shared.words.said import said

# Each program answers for its own completers here; the headline counts a student once.
LISTED = BY_KEY["W1.by_program"]
HEADLINE = BY_KEY["W1.headline"]
# No record of roster's has such an id: the completion that an enrolled student may come to.
SUPPOSED = "completion/ supposed"


@dataclass(frozen=True, slots=True)
class Open:
    """One student who may still move the number; `completed_on` and what hangs on it is None while in class.

    `headline` says that a credential would move the goal's headline too, not only the program's own number.
    """

    student: str
    campus: str
    school_year: str | None
    completed_on: date | None
    last_day: date | None
    days_left: int | None
    headline: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Supposed:
    """A subject as if its `seat` in a program had led to a completion in `school_year`."""

    seat: Enrolment
    school_year: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class OpenCohort:
    """A program's open cohort as of a day, as far as the viewer reaches."""

    view: View
    program: str
    title: str
    enrolled: bool
    found: tuple[Open, ...]


async def open_cohort(reader: Reader, reach: Reach, asked: Asked, program: str, *, enrolled: bool) -> OpenCohort:
    """Raise NotFound for a program that nobody has told of."""
    view, names = await reader.view(asked, None)
    if program not in names.programs:
        known = ", ".join(sorted(names.programs))
        raise NotFound(said("there is no program %(program)s; there is %(known)s", program=program, known=known))
    years = open_years(view)
    kinds = (Completion.kind, Enrolment.kind) if enrolled else (Completion.kind,)
    found: list[Open] = []
    async for subject in reader.store.subjects_with_any([f"{kind}|{year}" for kind in kinds for year in years]):
        found += _completed(subject, program, years, reach, view.as_of)
        if enrolled:
            found += _in_class(subject, program, reach, view)
    found.sort(key=lambda one: (one.days_left is None, one.days_left or 0, one.campus, one.student))
    return OpenCohort(view, program, names.label(PROGRAM, program), enrolled, tuple(found))


def open_years(view: View) -> tuple[str, str]:
    """The school years in which a completion may lie whose year has not ended."""
    starts = view.calendar.starts
    return school_year_of(view.as_of - timedelta(days=366), starts), school_year_of(view.as_of, starts)


def _completed(subject: Subject, program: str, years: Sequence[str], reach: Reach, as_of: date) -> Iterator[Open]:
    """The subject's members of the measure that are neither counted nor past their last day."""
    for member in LISTED.members(subject):
        if member.school_year in years and _listed(member, program, reach, as_of) and not member.is_matured(as_of):
            last = member.matured_day - timedelta(days=1) if member.matured_day else None
            yield Open(
                student=subject.id.partition("/")[2],
                campus=LISTED.places(member)[CAMPUS],
                school_year=member.school_year,
                completed_on=member.cohort_day,
                last_day=last,
                days_left=(last - as_of).days if last else None,
                headline=_moves_headline(subject, member.school_year, as_of),
                reason=member.why(as_of),
            )


def _listed(member: Member, program: str, reach: Reach, as_of: date) -> bool:
    places = LISTED.places(member)
    return (
        places[PROGRAM] == program
        and member.is_member(as_of)
        and not member.is_counted(as_of)
        and reach.allows(program=places[PROGRAM], organisation=places[CAMPUS], district=places[DISTRICT])
    )


def _moves_headline(subject: Subject, school_year: str, as_of: date) -> bool:
    """Whether the student is in the headline's denominator and, by whatever program, not in its numerator."""
    members = HEADLINE.members_of(subject, school_year)
    return any(one.is_member(as_of) and not one.is_counted(as_of) for one in members)


def _in_class(subject: Subject, program: str, reach: Reach, view: View) -> Iterator[Open]:
    """Who is enrolled and would be on the list, were the program completed today."""
    found = supposed(subject, program, view)
    if found is None:
        return
    for member in LISTED.members_of(found.subject, found.school_year):
        if _listed(member, program, reach, view.as_of):
            yield Open(
                student=subject.id.partition("/")[2],
                campus=found.seat.organisation_id,
                school_year=None,
                completed_on=None,
                last_day=None,
                days_left=None,
                headline=_moves_headline(found.subject, found.school_year, view.as_of),
                reason=supposing(member.why(view.as_of)),
            )


def supposed(subject: Subject, program: str, view: View) -> Supposed | None:
    """The subject as if the program were completed on the view's day; None for who is not in class there."""
    as_of = view.as_of
    ours = [one for _, one in subject.of(Enrolment) if one.program_id == program and one.begin <= as_of]
    now = [one for one in ours if one.end is None or as_of <= one.end]
    if not now:
        return None
    seat = max(now, key=lambda one: one.begin)
    done = [one.completed_on for _, one in subject.of(Completion) if one.program_id == program]
    if any(seat.begin <= on <= as_of for on in done):
        return None
    completion = Completion(
        completion_id="supposed",
        student_id=subject.id.partition("/")[2],
        program_id=program,
        organisation_id=seat.organisation_id,
        organisation_type=seat.organisation_type,
        started_on=min(one.begin for one in ours),
        completed_on=as_of,
        school_year=school_year_of(as_of, view.calendar.starts),
    )
    then = Subject(subject.id, {**_until(subject, as_of), SUPPOSED: Known(1, Completion.kind, completion)})
    return Supposed(seat, completion.school_year, then)


def _until(subject: Subject, as_of: date) -> dict[str, Known]:
    """The subject's facts without the completions that came after that day."""
    return {
        key: known
        for key, known in subject.facts.items()
        if not (isinstance(known.state, Completion) and known.state.completed_on > as_of)
    }


def supposing(why: Reason) -> Reason:
    """The measure's reason, said to be about a completion that there is not yet."""
    words = f"still in class; were the program completed today: {why.words}"
    return replace(why, words=words, records=tuple(record for record in why.records if record != SUPPOSED))
