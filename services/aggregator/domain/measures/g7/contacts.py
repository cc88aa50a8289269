"""G7: how often families were touched, tried and missed, how, in which language, and about what."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.families.enrolment_years import placed
from services.aggregator.domain.families.touches import (
    WAYS,
    Touch,
    each_day,
    held_on,
    occasions,
    touches,
)
from services.aggregator.domain.shapes import Measure, Member, Reason, Shape
from shared.contracts.family_touchpoints import Attendance, Touchpoint
from shared.contracts.roster import Enrolment
from shared.school_year import parse_start, school_year_of

ENGLISH = "eng"
INTERPRETED = frozenset({"qualified_staff", "contracted", "phone_line"})
TOUCH_DIMENSIONS = (*DIMENSIONS, "method", "language", "direction", "purpose")
TRANSITIONS = frozenset({"enrolment", "transition"})


def made(purposes: frozenset[str] | None = None) -> Callable[[Subject], Iterator[Member]]:
    """Every touch of a student's family, of several on one day the one that names a program."""

    def members(subject: Subject) -> Iterator[Member]:
        found = touches(subject)
        for touch in each_day(one for one in found if purposes is None or one.purpose in purposes):
            sort = (touch.method, touch.language, touch.direction, touch.purpose)
            yield _thing(
                touch.key, _where(subject, touch.programs, touch.day, touch.school_year) + sort, touch.school_year,
                touch.day, Reason("reached", f"reached {touch.words}", (touch.key,)),
            )  # fmt: skip

    return members


def attempts(subject: Subject) -> Iterator[Member]:
    """Everything that was tried with a family, by whatever method; counted when somebody was reached."""
    for key, fact in occasions(subject):
        held = held_on(fact)
        if held is None or fact.direction != "to_family":
            continue
        year = school_year_of(held, parse_start(fact.school_year_starts))
        reached = max(held, fact.reached_on) if fact.outcome == "reached" and fact.reached_on else None
        yield Member(
            school_year=year,
            unit=key,
            where=(*_where(subject, _programs(fact), held, year), fact.method, fact.language),
            cohort_day=held,
            counted_day=reached,
            matured_day=None,
            why=partial(_why_tried, key, fact, held, reached),
        )


def steps(status: str, words: str) -> Callable[[Subject], Iterator[Member]]:
    """Every time that something planned became this, on the day of that step."""

    def members(subject: Subject) -> Iterator[Member]:
        for key, fact in occasions(subject):
            for on in (step.on for step in fact.steps if step.status == status):
                year = school_year_of(on, parse_start(fact.school_year_starts))
                place = _where(subject, _programs(fact), on, year)
                yield _thing(key, place, year, on, Reason(status, f"planned for {on}: {words}", (key,)))

    return members


def in_their_language(subject: Subject) -> Iterator[Member]:
    """Every touch of a family that prefers another language than English, once a day; counted if that was met."""
    known = dict(occasions(subject))
    asked = [(not _met(known[one.key]), one) for one in touches(subject) if _prefers_another(known.get(one.key))]
    # Of several touches of one day that goes first which met it.
    for touch in each_day(one for _, one in sorted(asked, key=lambda pair: (pair[1].day, pair))):
        fact = known[touch.key]
        met = _met(fact)
        yield Member(
            school_year=touch.school_year,
            unit=touch.key,
            where=(*_where(subject, touch.programs, touch.day, touch.school_year), touch.language),
            cohort_day=touch.day,
            counted_day=touch.day if met else None,
            matured_day=None,
            why=partial(_why_language, touch, fact, met),
        )


def _prefers_another(fact: Touchpoint | None) -> bool:
    return fact is not None and fact.preferred_language not in (None, ENGLISH)


def _met(fact: Touchpoint) -> bool:
    spoken = fact.language == fact.preferred_language and fact.interpreter == "bilingual_caller"
    return spoken or fact.interpreter in INTERPRETED


def _programs(fact: Touchpoint) -> tuple[str, ...]:
    return (fact.program_id,) if fact.program_id else ()


def _where(subject: Subject, programs: tuple[str, ...], day: date, school_year: str) -> tuple[str, ...]:
    return where(subject, school_year, *placed(subject, programs, day))


def _thing(key: str, place: tuple[str, ...], school_year: str, on: date, reason: Reason) -> Member:
    return Member(
        school_year=school_year,
        unit=key,
        where=place,
        cohort_day=None,
        counted_day=on,
        matured_day=None,
        why=lambda _: reason,
    )


def _why_tried(key: str, fact: Touchpoint, held: date, reached: date | None, as_of: date) -> Reason:
    words = f"tried {WAYS.get(fact.method, f'by {fact.method.lower()}')} on {held}"
    if reached is None:
        outcome = (fact.outcome or "not known").replace("_", " ")
        return Reason("not_reached", f"{words}: {outcome}", (key,))
    words += f", reached on {reached}" if reached > held else ", reached"
    if reached > as_of:
        return Reason("after_as_of", f"{words}: not yet by {as_of}", (key,))
    return Reason("reached", words, (key,))


def _why_language(touch: Touch, fact: Touchpoint, met: bool, _: date) -> Reason:
    spoken = f"spoken was {fact.language}, interpreter: {fact.interpreter.replace('_', ' ')}"
    words = f"reached {touch.words}; preferred is {fact.preferred_language}, {spoken}"
    return Reason("language_met" if met else "language_not_met", words, (touch.key,))


_READS = frozenset({Touchpoint.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_WITH_WORKSHOPS = _READS | {Attendance.kind}
_PLACED = "placed by the enrolment in the program that it names, else by the one in force on the day"
_TOUCHES = "somebody of the family was reached by a two-way channel, or came to a workshop; one a day for one student"


def _measure(
    key: str,
    title: str,
    unit: str,
    population: str,
    rule: str,
    dimensions: tuple[str, ...],
    members: Callable[[Subject], Iterator[Member]],
    *,
    workshops: bool = False,
    shape: Shape = "things",
) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit=unit,
        population=f"{population}; {_PLACED}",
        rule=rule,
        window="the school year",
        reads=_WITH_WORKSHOPS if workshops else _READS,
        found_by=(Touchpoint.kind, Attendance.kind) if workshops else (Touchpoint.kind,),
        dimensions=dimensions,
        members=members,
        shape=shape,
    )


MEASURES = (
    _measure(
        "G7.touches",
        "Touches of families",
        "touch",
        "touches of the school year",
        _TOUCHES,
        TOUCH_DIMENSIONS,
        made(),
        workshops=True,
    ),
    _measure(
        "G7.reach",
        "Attempts to reach a family that reached somebody",
        "attempt",
        "all that was tried with a family in the school year, by whatever method, on the day it was tried",
        "somebody was reached, on that day or by an answer later",
        (*DIMENSIONS, "method", "language"),
        attempts,
        shape="ratio",
    ),
    _measure(
        "G7.missed",
        "Planned touches to which the family did not come",
        "planned touch",
        "planned touches of the school year",
        "the family did not come, on the day on which it was missed; whether it was made up for later or not",
        DIMENSIONS,
        steps("missed", "the family did not come"),
    ),
    _measure(
        "G7.not_made",
        "Planned touches that we did not make",
        "planned touch",
        "planned touches of the school year",
        "we did not make it, on the day on which that was said; whether it was made up for later or not",
        DIMENSIONS,
        steps("not_made", "we did not make it"),
    ),
    _measure(
        "G7.language_met",
        "Touches in the language that the family prefers",
        "touch",
        "touches of families that prefer another language than English; workshops are not among them",
        "in that language by a bilingual caller, or with an interpreter: qualified staff, contracted or by phone",
        (*DIMENSIONS, "language"),
        in_their_language,
        shape="ratio",
    ),
    _measure(
        "G10.touches",
        "Touches about enrolment and transition",
        "touch",
        "touches of the school year about enrolment or transition",
        _TOUCHES,
        TOUCH_DIMENSIONS,
        made(TRANSITIONS),
        workshops=True,
    ),
)
