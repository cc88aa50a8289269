"""Made-up students by their facts, and what the measures say of them."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from services.aggregator.domain.counts import Count, Gathered, cells_of, gather, read, spread
from services.aggregator.domain.facts import Subject, unknown
from services.aggregator.domain.measures import BY_KEY, MEASURES, Measure, Member
from shared.contracts.credentials import Assessment, Award, Verification
from shared.contracts.envelope import Event, Fact
from shared.contracts.roster import Completion, Enrolment
from shared.school_year import day_zero, school_year_of

LATE = date(2030, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def someone(*facts: Fact) -> Subject:
    """A made-up student with these facts.

    Of a program that no enrolment is told of, each sitting was taught for where it says, on that day.
    """
    subject = unknown("student/somebody")
    for number, fact in enumerate((*facts, *_taught(facts))):
        subject = subject.learn(fact.kind, Event(record_id=f"{fact.kind}/{number}", version=1, state=fact))
    return subject


def _taught(facts: tuple[Fact, ...]) -> list[Fact]:
    told = {fact.program_id for fact in facts if isinstance(fact, Enrolment)}
    return [
        enrolled(str(fact.taken_on), str(fact.taken_on), program=fact.program_id, at=fact.organisation_id,
                 kind=fact.organisation_type, starts=fact.school_year_starts)
        for fact in facts
        if isinstance(fact, Assessment) and fact.organisation_id and fact.program_id not in told
    ]  # fmt: skip


def completed(
    on="2025-05-20", *, program="welding", at="north", kind="central_campus", started="2023-08-01", year=None
):
    return Completion(
        completion_id="c",
        student_id="somebody",
        program_id=program,
        organisation_id=at,
        organisation_type=kind,
        started_on=day(started),
        completed_on=day(on),
        school_year=year or school_year_of(day(on)),
    )


def awarded(
    on="2025-03-02", *, tiers=None, result="passed", revoked=None, expires=None, seen=(), program=None, at=None, **more
):
    return Award(
        award_id="a",
        student_id="somebody",
        credential_code="WELD-1",
        credential_type="certification",
        result=result,
        school_year=school_year_of(day(on)),
        program_id=program,
        organisation_id=at,
        taken_on=day(on),
        awarded_on=day(on) if result == "passed" else None,
        expires_on=day(expires) if expires else None,
        revoked_on=day(revoked) if revoked else None,
        tiers={"welding": "required"} if tiers is None else tiers,
        verifications=seen,
        **more,
    )


def enrolled(
    begin="2024-08-01",
    end=None,
    *,
    program="welding",
    at="north",
    kind="central_campus",
    concentrator=None,
    starts="07-01",
):
    return Enrolment(
        enrolment_id="e",
        student_id="somebody",
        program_id=program,
        organisation_id=at,
        organisation_type=kind,
        begin=day(begin),
        end=day(end) if end else None,
        concentrator_on=day(concentrator) if concentrator else None,
        school_year_starts=starts,
    )


def sat(on="2025-04-10", *, passed=True, program="welding", at="north", kind="central_campus", starts="07-01", **more):
    """A sitting of the Technical Skills Assessment; `phase` makes it the program's own."""
    month, first = starts.split("-")
    return Assessment(
        assessment_id="t",
        student_id="somebody",
        program_id=program,
        assessment_kind="program" if "phase" in more else "technical_skills",
        form="spring-a",
        scale=more.pop("scale", "percent"),
        taken_on=day(on),
        school_year=school_year_of(day(on), (int(month), int(first))),
        school_year_starts=starts,
        passed=passed,
        organisation_id=at,
        organisation_type=kind,
        **more,
    )


def seen(on="2025-04-01", level="issuer_lookup", outcome="confirmed") -> Verification:
    return Verification(level=level, verified_on=day(on), outcome=outcome)


def members(key: str, *facts: Fact) -> list[Member]:
    return list(BY_KEY[key].members(someone(*facts)))


class Line(NamedTuple):
    """One dated contribution, before it is spread over the dimensions."""

    measure: Measure
    series: str
    school_year: str
    where: tuple[str, ...]
    side: str
    day: date


def lines_of(gathered: Gathered) -> Iterator[tuple[Line, int]]:
    """What was gathered, line by line."""
    for (measures, series, year), places in gathered.items():
        for where, days in places.items():
            for (side, number), n in days.items():
                for measure in measures:
                    yield Line(measure, series, year, where, side, day_zero(year) + timedelta(days=number)), n


def lines(subject: Subject, measures) -> dict[Line, int]:
    """All that a subject contributes."""
    gathered: Gathered = {}
    gather(subject, measures, gathered)
    found: dict[Line, int] = {}
    for line, n in lines_of(gathered):
        found[line] = found.get(line, 0) + n
    return found


def count(key: str, *facts: Fact, year="2024-25", as_of=LATE, series="all") -> tuple[int, int]:
    """Numerator and denominator of the one dimension `all`, through lines and cells."""
    gathered, sums = {}, {}
    gather(someone(*facts), MEASURES, gathered)
    spread(gathered, sums)
    total = Count(0, 0)
    for cell, days in cells_of(sums).items():
        if (cell.measure, cell.school_year, cell.dimension, cell.series) == (key, year, "all", series):
            num = {str(at): n for (side, at), n in days.items() if side == "num"}
            den = {str(at): n for (side, at), n in days.items() if side == "den"}
            total += read(year, num, den, as_of)
    return tuple(total)
