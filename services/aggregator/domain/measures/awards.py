"""How many attempts at credentials and awards there are, and of what sort."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import (
    DIMENSIONS,
    NOT_REPORTED,
    READ_FOR_DIMENSIONS,
    where,
)
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.students.earned import each_once
from services.aggregator.domain.students.where_taught import taught_at
from shared.contracts.credentials import Award
from shared.contracts.roster import Enrolment
from shared.merged_awards import level_of

NOT_ALIGNED = "not_aligned"
BEST_TIER_FIRST = ("required", "preferred", "relevant", "other")
AWARD_DIMENSIONS = (*DIMENSIONS, "tier", "credential_type", "verification_level")


def tier_of(award: Award, program: str | None) -> str:
    """The tier for the program where it was taught; when that is not known, the best that it has."""
    if program is not None:
        return award.tiers.get(program, NOT_ALIGNED)
    held = set(award.tiers.values())
    return next((tier for tier in BEST_TIER_FIRST if tier in held), NOT_ALIGNED)


def _award_where(subject: Subject, award: Award, day: date) -> tuple[str, ...]:
    program, campus = taught_at(subject, award, day)
    sort = (tier_of(award, program), award.credential_type or NOT_REPORTED, level_of(award))
    return where(subject, award.school_year, program, campus) + sort


def awards(subject: Subject) -> Iterator[Member]:
    """Every award that is passed and not revoked, on the day it was awarded."""
    for key, award in each_once(subject):
        if award.result != "passed" or award.awarded_on is None or award.revoked_on is not None:
            continue
        yield Member(
            school_year=award.school_year,
            unit=key,
            where=_award_where(subject, award, award.awarded_on),
            cohort_day=None,
            counted_day=award.awarded_on,
            matured_day=None,
            why=partial(_why_awarded, key, award),
        )


def attempts(subject: Subject) -> Iterator[Member]:
    """Every attempt with a result; those that were passed are its numerator, revoked later or not.

    Nobody is examined for a renewal: it is no attempt.
    """
    for key, award in each_once(subject):
        day = award.awarded_on or award.taken_on
        if award.result == "in_progress" or day is None or award.renews is not None:
            continue
        yield Member(
            school_year=award.school_year,
            unit=key,
            where=_award_where(subject, award, day),
            cohort_day=day,
            counted_day=day if award.result == "passed" else None,
            matured_day=None,
            why=partial(_why_attempted, key, award, day),
        )


def _why_awarded(key: str, award: Award, _: date) -> Reason:
    return Reason("awarded", f"awarded {award.credential_code} on {award.awarded_on}", (key,))


def _why_attempted(key: str, award: Award, day: date, _: date) -> Reason:
    result = "passed" if award.result == "passed" else "not passed"
    return Reason(award.result, f"attempt at {award.credential_code} on {day} was {result}", (key,))


_AWARD_READS = frozenset({Award.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS

MEASURES = (
    Measure(
        key="awards",
        version=3,
        title="Credentials awarded",
        unit="award",
        population="awards of the school year, by tier, type and level of verification",
        rule="an award, passed and not revoked, on the day it was awarded",
        window="the school year",
        reads=_AWARD_READS,
        found_by=(Award.kind,),
        dimensions=AWARD_DIMENSIONS,
        shape="things",
        members=awards,
    ),
    Measure(
        key="attempts",
        version=3,
        title="Attempts at credentials, and those that were passed",
        unit="attempt",
        population="attempts of the school year with a result, passed or failed; a renewal is none",
        rule="a passed attempt, whether or not the award was revoked later",
        window="the school year",
        reads=_AWARD_READS,
        found_by=(Award.kind,),
        dimensions=AWARD_DIMENSIONS,
        shape="ratio",
        members=attempts,
    ),
)
