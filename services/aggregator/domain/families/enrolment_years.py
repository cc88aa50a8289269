"""An enrolment asks for touches year by year: where it lies long enough in one, and is not excused."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.families.touches import Touch, each_day
from services.aggregator.domain.students.enrolled import covering, taught_under_one_of, years_of
from shared.contracts.family_touchpoints import ContactYear
from shared.contracts.roster import Enrolment

LEAST_DAYS = 45


class EnrolmentYear(NamedTuple):
    """The part of an enrolment that lies in a school year, from its first day to its last."""

    key: str
    enrolment: Enrolment
    school_year: str
    first: date
    last: date
    ends: date

    @property
    def settled(self) -> date:
        """The day after the school year's last one."""
        return self.ends + timedelta(days=1)

    @property
    def ended(self) -> bool:
        """Whether the enrolment ended in this year."""
        return self.enrolment.end is not None and self.enrolment.end <= self.ends


def long_enough(first: date, last: date) -> bool:
    """Whether there was time to reach a family: both days count."""
    return (last - first).days + 1 >= LEAST_DAYS


def enrolment_years(subject: Subject) -> list[EnrolmentYear]:
    """Every enrolment in every school year that it lies in, excused or not, however short."""
    known: list[EnrolmentYear] | None = subject.worked_out.get("enrolment years")
    if known is None:
        known = [
            EnrolmentYear(
                key, one, year.name, max(one.begin, year.first), min(one.end or year.last, year.last), year.last
            )
            for key, one in subject.of(Enrolment)
            for year in years_of(one)
        ]
        subject.worked_out["enrolment years"] = known
    return known


def excused_by(subject: Subject, one: EnrolmentYear) -> tuple[str, ...]:
    """The records that excuse the year of an enrolment; none: it is not excused."""
    said: dict[tuple[str, str], tuple[str, ...]] | None = subject.worked_out.get("excused")
    if said is None:
        said = subject.worked_out["excused"] = {}
        for key, contact in subject.of(ContactYear):
            if contact.excused:
                at = contact.enrolment_id, contact.school_year
                said[at] = (*said.get(at, ()), key)
    return said.get((one.enrolment.enrolment_id, one.school_year), ())


def asked_for(subject: Subject) -> list[EnrolmentYear]:
    """Those that are long enough and not excused."""
    known: list[EnrolmentYear] | None = subject.worked_out.get("asked for")
    if known is None:
        years = enrolment_years(subject)
        known = [one for one in years if long_enough(one.first, one.last) and not excused_by(subject, one)]
        subject.worked_out["asked for"] = known
    return known


def year_of(subject: Subject, contact: ContactYear) -> EnrolmentYear | None:
    """The year of the enrolment that is spoken of; None while roster has not told of it."""
    return next(
        (
            one
            for one in enrolment_years(subject)
            if (one.enrolment.enrolment_id, one.school_year) == (contact.enrolment_id, contact.school_year)
        ),
        None,
    )


def about(found: Iterable[Touch], program: str, first: date, last: date, *, named: bool = False) -> list[Touch]:
    """The touches of some days that are about an enrolment in a program, one a day.

    What names programs is about those alone; what names none is about every enrolment of its day,
    unless only what is `named` is asked for.
    """
    return each_day(
        touch
        for touch in found
        if first <= touch.day <= last and (program in touch.programs if touch.programs else not named)
    )


def placed(subject: Subject, programs: tuple[str, ...], day: date) -> tuple[str | None, str | None]:
    """Program and campus of what happened on a day: of the enrolment in a program that it names, else of any."""
    enrolments = subject.of(Enrolment)
    held = taught_under_one_of(enrolments, programs, day) if programs else covering(enrolments, day)
    if held is not None:
        return held.program_id, held.organisation_id
    return (programs[0] if programs else None), None
