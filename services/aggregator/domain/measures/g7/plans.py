"""G7: which programs have designed their touch points, which of those were made, and who is excused from all."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.families.enrolment_years import (
    EnrolmentYear,
    about,
    enrolment_years,
    excused_by,
    long_enough,
    year_of,
)
from services.aggregator.domain.families.home_language import FAMILY_LANGUAGE, READ_FOR_LANGUAGE, family_language
from services.aggregator.domain.families.touches import Touch, occasions, touches
from services.aggregator.domain.measures.g7.reached import READS
from services.aggregator.domain.on_offer import of_programs, programs_by
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.family_touchpoints import ContactYear, DuePoint, PlanStep, TouchpointPlan
from shared.contracts.roster import Enrolment

EXCUSED_DIMENSIONS = (*DIMENSIONS[:5], FAMILY_LANGUAGE)


def planned(subject: Subject, program: str) -> Sequence[tuple[str, Sequence[PlanStep]]]:
    """The plans of a program, with what became of each."""
    return [(record, one.steps) for record, one in subject.of(TouchpointPlan) if one.program_id == program]


def excused(subject: Subject) -> Iterator[Member]:
    """Each enrolment in each school year in which nobody of the family may be contacted for most of the time."""
    for one in enrolment_years(subject):
        records = excused_by(subject, one)
        if records and long_enough(one.first, one.last):
            place = where(subject, one.school_year, one.enrolment.program_id, one.enrolment.organisation_id)
            yield Member(
                school_year=one.school_year,
                unit=one.key,
                where=(*place[:5], family_language(subject)),
                cohort_day=None,
                counted_day=one.first,
                matured_day=None,
                why=partial(_why_excused, (one.key, *records)),
            )


def points(subject: Subject) -> Iterator[Member]:
    """Each point of a program's plan for each enrolment, on the day it is due; counted if it was made in time."""
    for key, contact in subject.of(ContactYear):
        one = year_of(subject, contact)
        if contact.excused or one is None:
            continue
        for point in contact.points:
            touch = _made(subject, one, point)
            yield Member(
                school_year=contact.school_year,
                unit=f"{one.key}/{point.code}",
                where=where(subject, contact.school_year, one.enrolment.program_id, one.enrolment.organisation_id),
                cohort_day=point.due,
                counted_day=point.due if touch else None,
                matured_day=None,
                why=partial(_why_point, (key, one.key), point, touch),
            )


def _made(subject: Subject, one: EnrolmentYear, point: DuePoint) -> Touch | None:
    """The first touch about the enrolment that is of the point's purpose, or names it."""
    names = {key for key, fact in occasions(subject) if fact.plan_point == point.code}
    fitting = [touch for touch in touches(subject) if touch.purpose == point.purpose or touch.key in names]
    return next(iter(about(fitting, one.enrolment.program_id, point.since, point.due)), None)


def _why_excused(records: tuple[str, ...], _: date) -> Reason:
    return Reason("excused", "excused in this school year", records)


def _why_point(records: tuple[str, ...], point: DuePoint, touch: Touch | None, _: date) -> Reason:
    asked = f"{point.purpose.replace('_', ' ')}, due from {point.since} to {point.due}"
    if touch is None:
        return Reason("nobody_reached", f"{asked}: nobody was reached about it in that time", records)
    return Reason("reached", f"{asked}: reached {touch.words}", (*records, touch.key))


MEASURES = (
    Measure(
        key="G7.excused",
        version=1,
        title="Enrolments that are excused, since no guardian may be contacted",
        unit="enrolment x school year",
        population="enrolments that lie in the school year for at least 45 days",
        rule="no guardian may be contacted on more than half of its days in the year; the reason is told to nobody",
        window="the school year",
        reads=READS | READ_FOR_LANGUAGE,
        found_by=(Enrolment.kind,),
        dimensions=EXCUSED_DIMENSIONS,
        members=excused,
        shape="things",
    ),
    of_programs(
        "G7.plans",
        "Programs on offer with an approved plan of touch points",
        "its plan of touch points was approved last, not proposed anew nor retired",
        TouchpointPlan,
        programs_by(planned, frozenset({"approved"}), "plan of touch points"),
    ),
    Measure(
        key="G7.plan_points",
        version=1,
        title="Planned touch points that were made in time",
        unit="point x enrolment",
        population="each point of the program's plan for each enrolment that is not excused, on the day it is due",
        rule="a touch for its purpose, or one that names it, from the first day on which it may be made to the day "
        "it is due",
        window="from the start of the term, or of the enrolment when that is later, to the day it is due",
        reads=READS,
        found_by=(ContactYear.kind,),
        dimensions=DIMENSIONS,
        members=points,
        shape="ratio",
    ),
)
