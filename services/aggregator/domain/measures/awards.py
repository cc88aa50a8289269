"""What stands around W1: how many completers, attempts and awards there are, and of what sort."""

from collections.abc import Callable, Iterator
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
from shared.contracts.roster import Completion, Enrolment
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


def completers(*, central_only: bool) -> Callable[[Subject], Iterator[Member]]:
    """Each student once per school year, at the last completion of the year, as W1 places them."""

    def members(subject: Subject) -> Iterator[Member]:
        last: dict[str, tuple[date, str, Completion]] = {}
        for key, completion in subject.of(Completion):
            if central_only and completion.organisation_type != "central_campus":
                continue
            found = (completion.completed_on, key, completion)
            last[completion.school_year] = max(last.get(completion.school_year, found), found, key=lambda c: c[:2])
        for school_year, (day, key, completion) in last.items():
            yield Member(
                school_year=school_year,
                unit=subject.id,
                where=where(subject, school_year, completion.program_id, completion.organisation_id),
                cohort_day=None,
                counted_day=day,
                matured_day=None,
                why=partial(_why_completed, key, completion),
            )

    return members


def _why_awarded(key: str, award: Award, _: date) -> Reason:
    return Reason("awarded", f"awarded {award.credential_code} on {award.awarded_on}", (key,))


def _why_attempted(key: str, award: Award, day: date, _: date) -> Reason:
    result = "passed" if award.result == "passed" else "not passed"
    return Reason(award.result, f"attempt at {award.credential_code} on {day} was {result}", (key,))


def _why_completed(key: str, completion: Completion, _: date) -> Reason:
    words = f"completed {completion.program_id} at {completion.organisation_id} on {completion.completed_on}"
    return Reason("completed", words, (key,))


_COMPLETER_READS = frozenset({Completion.kind}) | READ_FOR_DIMENSIONS
_AWARD_READS = frozenset({Award.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_COMPLETER_RULE = "a completion in the school year; a student with several is counted once, at the last one"

MEASURES = (
    Measure(
        key="completers.central",
        version=1,
        title="Completers at central campuses",
        unit="student",
        population="students with a completion at a central campus in the school year",
        rule=_COMPLETER_RULE,
        window="the school year",
        reads=_COMPLETER_READS,
        found_by=Completion.kind,
        dimensions=DIMENSIONS,
        shape="things",
        members=completers(central_only=True),
    ),
    Measure(
        key="completers.all",
        version=1,
        title="Completers at central campuses and satellites",
        unit="student",
        population="students with a completion in the school year",
        rule=_COMPLETER_RULE,
        window="the school year",
        reads=_COMPLETER_READS,
        found_by=Completion.kind,
        dimensions=DIMENSIONS,
        shape="things",
        members=completers(central_only=False),
    ),
    Measure(
        key="awards",
        version=3,
        title="Credentials awarded",
        unit="award",
        population="awards of the school year, by tier, type and level of verification",
        rule="an award, passed and not revoked, on the day it was awarded",
        window="the school year",
        reads=_AWARD_READS,
        found_by=Award.kind,
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
        found_by=Award.kind,
        dimensions=AWARD_DIMENSIONS,
        shape="things",
        members=attempts,
    ),
)
