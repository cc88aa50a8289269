"""In which programs a student concentrates at a central campus, school year by school year."""

from collections.abc import Iterable
from datetime import date

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.students.enrolled import Year, years_of
from services.aggregator.domain.students.sittings import CENTRAL
from shared.contracts.roster import Enrolment

Concentrating = tuple[str, Enrolment, Year]


def concentrating(subject: Subject) -> dict[tuple[str, str], list[Concentrating]]:
    """The central enrolments of each school year and program in which some day of the year saw both.

    Concentration that began after the enrolment's end, as older records say, never was.
    """
    known: dict[tuple[str, str], list[Concentrating]] | None = subject.worked_out.get("concentrating")
    if known is not None:
        return known
    found: dict[tuple[str, str], list[Concentrating]] = {}
    for key, one in subject.of(Enrolment):
        if one.organisation_type == CENTRAL and one.concentrator_on is not None:
            for year in years_of(one):
                if one.concentrator_on <= min(year.last, one.end or year.last):
                    found.setdefault((year.name, one.program_id), []).append((key, one, year))
    subject.worked_out["concentrating"] = found
    return found


def began_on(held: Iterable[Concentrating]) -> date:
    """The first day on which the student was enrolled in the year and a concentrator."""
    return min(max(one.begin, one.concentrator_on or one.begin, year.first) for _, one, year in held)
