"""Which years an enrolment lies in, whether each is excused, and which points of the program's plan fall due in it.

All of it is known before it happens: a rule that ends or a student who comes of age in March was reckoned with when
that was entered, so that on the day itself nothing changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.family_touchpoints.contact.rules import Family, excused
from services.family_touchpoints.points import Plan
from services.family_touchpoints.terms import TermOf, Terms
from shared.contracts.family_touchpoints import DuePoint
from shared.contracts.roster import Enrolment
from shared.school_year import last_day, school_year_of

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactYear:
    """What a school year of an enrolment asks of us."""

    student_id: str
    enrolment_id: str
    program_id: str
    organisation_id: str
    school_year: str
    excused: bool
    points: tuple[DuePoint, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether it is other than what anybody would take for granted of an enrolment."""
        return self.excused or bool(self.points)


def years_of(
    enrolment: Enrolment, *, student_id: str, family: Family, plan: Plan | None, terms: Terms, today: date
) -> Iterator[ContactYear]:
    """Each year of an enrolment of this student; in one that is excused nothing is due."""
    for school_year, first, last in lies_in(enrolment, terms.starts, today):
        free = excused(family, first, last)
        its_terms = terms.of_year(school_year, enrolment.organisation_id)
        yield ContactYear(
            student_id=student_id,
            enrolment_id=enrolment.enrolment_id,
            program_id=enrolment.program_id,
            organisation_id=enrolment.organisation_id,
            school_year=school_year,
            excused=free,
            points=() if free or plan is None else tuple(due_points(plan, its_terms, first, last)),
        )


def lies_in(enrolment: Enrolment, starts: tuple[int, int], today: date) -> Iterator[tuple[str, date, date]]:
    """Each school year of an enrolment, with its first and last day there; without an end it lasts through this one."""
    this_year = school_year_of(max(today, enrolment.begin), starts)
    until = enrolment.end or last_day(this_year, starts)
    first = enrolment.begin
    while first <= until:
        school_year = school_year_of(first, starts)
        last = min(until, last_day(school_year, starts))
        yield school_year, first, last
        first = last + A_DAY


def due_points(plan: Plan, terms: Sequence[TermOf], first: date, last: date) -> Iterator[DuePoint]:
    """The points of a plan that fall due, in a year with these terms, for who was enrolled from `first` through `last`.

    What was in force when a term began counts for all of it. A term that was over before, or begins after, has none.
    """
    ends = [*(term.begins - A_DAY for term in terms[1:]), date.max]
    for term, end in zip(terms, ends, strict=True):
        since = max(term.begins, first)
        if since > min(end, last):
            continue
        for point in plan.points_on(term.begins):
            if point.term == term.number:
                yield DuePoint(
                    code=point.code,
                    term=point.term,
                    purpose=point.purpose,
                    method=point.method,
                    since=since,
                    due=since + timedelta(days=point.within_days),
                )
