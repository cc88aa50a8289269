"""Beside W1, what reports mix up with it: the same students by attempts, and by who concentrates."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.students.concentrating import Concentrating, began_on, concentrating
from services.aggregator.domain.students.earned import each_once
from services.aggregator.domain.students.sittings import CENTRAL
from services.aggregator.domain.students.where_taught import named_program, taught_for
from shared.contracts.credentials import Award
from shared.contracts.roster import Enrolment

PLACES = DIMENSIONS[:5]
Attempt = tuple[date, str, Award]


def attempts(subject: Subject) -> list[Attempt]:
    """Every attempt with a result, earliest first; nobody is examined for a renewal."""
    dated = [(award.awarded_on or award.taken_on, key, award) for key, award in each_once(subject)]
    return sorted(
        (day, key, award)
        for day, key, award in dated
        if day is not None and award.result != "in_progress" and award.renews is None
    )


def passed_of_attempts(subject: Subject) -> Iterator[Member]:
    """Each attempt of a student who was then taught at a central campus; passed, whether or not revoked later."""
    for day, key, award in attempts(subject):
        held = taught_for(subject, award, day)
        if held is not None and held.organisation_type == CENTRAL:
            yield Member(
                school_year=award.school_year,
                unit=key,
                where=where(subject, award.school_year, held.program_id, held.organisation_id)[: len(PLACES)],
                cohort_day=day,
                counted_day=day if award.result == "passed" else None,
                matured_day=None,
                why=partial(_why_attempted, key, award, day),
            )


def attempted_of_concentrators(subject: Subject) -> Iterator[Member]:
    """Each program in which the student concentrates in the year; counted from the year's first attempt for it."""
    made = attempts(subject)
    for (school_year, program), held in concentrating(subject).items():
        first = next((one for one in made if one[2].school_year == school_year and _is_for(one[2], program)), None)
        began = began_on(held)
        _, last, year = max(held, key=lambda found: (found[1].begin, found[0]))
        yield Member(
            school_year=school_year,
            unit=f"{subject.id}/{program}",
            where=where(subject, school_year, program, last.organisation_id),
            cohort_day=began,
            counted_day=max(began, first[0]) if first else None,
            matured_day=year.last + timedelta(days=1),
            why=partial(_why_concentrator, held, began, first),
        )


def _is_for(award: Award, program: str) -> bool:
    return named_program(award) == program or program in award.tiers


def _why_attempted(key: str, award: Award, day: date, _: date) -> Reason:
    result = "passed" if award.result == "passed" else "not passed"
    return Reason(award.result, f"attempt at {award.credential_code} on {day} was {result}", (key,))


def _why_concentrator(held: list[Concentrating], began: date, first: Attempt | None, as_of: date) -> Reason:
    key, last, _ = max(held, key=lambda found: (found[1].begin, found[0]))
    since = f"a concentrator of {last.program_id} since {last.concentrator_on}"
    if first is None:
        return Reason("not_attempted", f"{since}, has not attempted a credential for it in the year", (key,))
    day, record, award = first
    words = f"{since}, attempted {award.credential_code} on {day}"
    if max(began, day) > as_of:
        return Reason("after_as_of", f"{words}: not yet by {as_of}", (record, key))
    return Reason("attempted", words, (record, key))


_READS = frozenset({Award.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS

MEASURES = (
    Measure(
        key="W1.pass_rate",
        version=3,
        title="Attempts at credentials by central students that were passed",
        unit="attempt",
        population="attempts of the school year with a result, by students then taught at a central campus; "
        "a renewal is none",
        rule="the attempt was passed, whether or not the award was revoked later",
        window="the school year",
        reads=_READS,
        found_by=(Award.kind,),
        dimensions=PLACES,
        members=passed_of_attempts,
        shape="ratio",
    ),
    Measure(
        key="W1.attempt_rate",
        version=2,
        title="Central concentrators who attempted a credential",
        unit="student x program",
        population="students enrolled in a program at a central campus in the year, concentrators by its end; "
        "once for each student and program",
        rule="an attempt in the year at a credential that is aligned to the program or was taught in it",
        window="the school year; the number can still rise until the year's last day",
        reads=_READS,
        found_by=(Enrolment.kind,),
        dimensions=DIMENSIONS,
        members=attempted_of_concentrators,
    ),
)
