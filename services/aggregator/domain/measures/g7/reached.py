"""G7: of the enrolments of a school year, whose families were touched twice, in two of its terms."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.families.enrolment_years import (
    LEAST_DAYS,
    EnrolmentYear,
    about,
    asked_for,
    enrolment_years,
    excused_by,
    long_enough,
)
from services.aggregator.domain.families.home_language import FAMILY_LANGUAGE, READ_FOR_LANGUAGE, family_language
from services.aggregator.domain.families.touches import FAMILY, Taken, Touch, touches
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.family_touchpoints import Attendance, ContactYear, Touchpoint
from shared.contracts.roster import Enrolment

BY_LANGUAGE = (*DIMENSIONS, FAMILY_LANGUAGE)
TOLD = 3  # so many touches are told of one enrolment that was not reached twice


def reached(
    *, terms: int = 2, named: bool = False, taken: Taken = FAMILY, language: bool = False
) -> Callable[[Subject], Iterator[Member]]:
    """Each enrolment in each school year that asks for touches; counted from the first touch in one more term."""

    def members(subject: Subject) -> Iterator[Member]:
        more = (family_language(subject),) if language else ()
        for one in asked_for(subject):
            found = about(touches(subject, taken), one.enrolment.program_id, one.first, one.last, named=named)
            decided = until_terms(found, terms)
            counted = decided[-1].day if decided else None
            yield _member(subject, one, one.first, counted, (one.key,), decided or found, more=more)

    return members


def whole(subject: Subject) -> Iterator[Member]:
    """Each enrolment once, in the year it ended in, with all touches since it began."""
    for one in enrolment_years(subject):
        begin = one.enrolment.begin
        if one.ended and long_enough(begin, one.last) and not excused_by(subject, one):
            found = about(touches(subject), one.enrolment.program_id, begin, one.last)
            decided = until_terms(found, 2)
            yield _member(subject, one, one.last, one.last if decided else None, (one.key,), decided or found)


def by_student(subject: Subject) -> Iterator[Member]:
    """Each student once a year; counted from the day on which the last of the year's enrolments was reached."""
    years: dict[str, list[EnrolmentYear]] = {}
    for one in asked_for(subject):
        years.setdefault(one.school_year, []).append(one)
    for held in years.values():
        every = [about(touches(subject), one.enrolment.program_id, one.first, one.last) for one in held]
        decided = [until_terms(found, 2) for found in every]
        last = max(held, key=lambda one: (one.enrolment.begin, one.key))
        counted = max(found[-1].day for found in decided) if all(decided) else None
        told = sorted({touch for found in (decided if counted else every) for touch in found})
        first, keys = min(one.first for one in held), tuple(one.key for one in held)
        yield _member(subject, last, first, counted, keys, told, unit=subject.id)


def until_terms(found: list[Touch], terms: int) -> list[Touch]:
    """The first touch of each term, until there are so many terms; none when there are not."""
    firsts: dict[tuple[str, int], Touch] = {}
    for touch in found:
        firsts.setdefault((touch.school_year, touch.term), touch)
    return list(firsts.values())[:terms] if len(firsts) >= terms else []


def _member(
    subject: Subject,
    one: EnrolmentYear,
    first: date,
    counted: date | None,
    enrolments: tuple[str, ...],
    told: list[Touch],
    *,
    unit: str = "",
    more: tuple[str, ...] = (),
) -> Member:
    return Member(
        school_year=one.school_year,
        unit=unit or one.key,
        where=where(subject, one.school_year, one.enrolment.program_id, one.enrolment.organisation_id) + more,
        cohort_day=first,
        counted_day=counted,
        matured_day=one.settled,
        why=partial(_why, enrolments, told, counted),
    )


def _why(enrolments: tuple[str, ...], told: list[Touch], counted: date | None, as_of: date) -> Reason:
    records = (*enrolments, *(touch.key for touch in told))
    if counted is not None:
        words = f"reached {' and '.join(touch.words for touch in told)}"
        if counted <= as_of:
            return Reason("reached", words, records)
        return Reason("after_as_of", f"{words}: not yet by {as_of}", records)
    if not told:
        return Reason("not_reached", "nobody of the family has been reached about it in these days", records)
    words = ", ".join(touch.words for touch in told[:TOLD])
    more = f", and {len(told) - TOLD} times more" if len(told) > TOLD else ""
    return Reason("one_term", f"reached {words}{more}; not in another term", records)


READS = frozenset({Touchpoint.kind, Attendance.kind, ContactYear.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_LYING = (
    f"enrolments that lie in the school year for at least {LEAST_DAYS} days and whose families may be contacted; "
    "once in each year"
)
_TOUCH = (
    "reached by a two-way channel, or present at a workshop, on a day of the enrolment in the year; what names a "
    "program is about that one alone"
)
_TWICE = f"at least two touches, in at least two terms: {_TOUCH}"
_WINDOW = "the school year; settled when it ends"


def _measure(
    key: str,
    title: str,
    members: Callable[[Subject], Iterator[Member]],
    *,
    population: str = _LYING,
    rule: str = _TWICE,
    unit: str = "enrolment x school year",
    language: bool = False,
) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit=unit,
        population=population,
        rule=rule,
        window=_WINDOW,
        reads=READS | READ_FOR_LANGUAGE if language else READS,
        found_by=(Enrolment.kind,),
        dimensions=BY_LANGUAGE if language else DIMENSIONS,
        members=members,
    )


MEASURES = (
    _measure(
        "G7.two_in_two_terms",
        "Enrolments whose families were touched twice, in two terms",
        reached(language=True),
        language=True,
    ),
    _measure(
        "G7.two_in_two_terms.linked",
        "The same, only touches that name the program",
        reached(named=True),
        rule=f"{_TWICE}; what names no program counts for none",
    ),
    _measure(
        "G7.two_in_two_terms.with_workshops_out",
        "The same, without workshops",
        reached(taken=Taken(workshops=False)),
        rule=f"{_TWICE}; workshops are left out",
    ),
    _measure(
        "G7.two_in_two_terms.with_delivered",
        "The same, messages that were delivered included",
        reached(taken=Taken(delivered=True)),
        rule=f"{_TWICE}; a message that was delivered counts on its day, answered or not",
    ),
    _measure(
        "G7.two_in_two_terms.with_student",
        "The same, students who were reached alone included",
        reached(taken=Taken(student_alone=True)),
        rule=f"{_TWICE}; a student who was reached without a guardian counts too",
    ),
    _measure(
        "G7.two_in_two_terms.by_student",
        "Students whose families were touched twice, in two terms, about each of their enrolments",
        by_student,
        population=f"students with {_LYING.removesuffix('; once in each year')}; once in each year, placed by the "
        "enrolment that began last",
        rule=f"for every one of these enrolments, {_TWICE}",
        unit="student x school year",
    ),
    _measure(
        "G7.two_in_two_terms.whole",
        "Enrolments that ended, whose families were touched twice, in two terms, since they began",
        whole,
        population=f"enrolments of at least {LEAST_DAYS} days that ended in the school year and are not excused in it",
        rule=f"{_TWICE.replace(' in the year', '')}; of whatever year since the enrolment began",
    ),
    _measure(
        "G7.one",
        "Enrolments whose families were touched at all",
        reached(terms=1, language=True),
        rule=f"at least one touch: {_TOUCH}",
        language=True,
    ),
)
