"""Made-up families by what happened to them: touches, workshops, surveys, and the enrolments that these are about."""

from collections.abc import Iterable

from services.aggregator.domain.counts import Count, cells_of, gather, read, spread
from services.aggregator.domain.facts import Subject, unknown
from services.aggregator.domain.measures import MEASURES
from shared.contracts.envelope import Event, Fact
from shared.contracts.family_touchpoints import (
    Asks,
    Attendance,
    ContactYear,
    Survey,
    SurveyResponse,
    SurveyTally,
    Touchpoint,
    TouchpointStep,
    Workshop,
)
from shared.contracts.roster import Enrolment, Guardian
from shared.school_year import school_year_of
from tests.unit.aggregator.students import LATE, day

YEAR = "2025-26"
NEEDS = Asks(child_needs=True, own_needs=True)


def term_of(on: str) -> int:
    """Of a year of two terms, from 1 July and from 1 January."""
    return 1 if on[5:] >= "07-01" else 2


def subject_of(subject_id: str, *facts: Fact) -> Subject:
    subject = unknown(subject_id)
    for number, fact in enumerate(facts):
        subject = subject.learn(fact.kind, Event(record_id=f"{fact.kind}/{number}", version=1, state=fact))
    return subject


def student(*facts: Fact) -> Subject:
    return subject_of("student/somebody", *facts)


def guardian(*facts: Fact, id="g1") -> Subject:
    return subject_of(f"guardian/{id}", *facts)


def counts_of(subjects: Iterable[Subject], year=YEAR, as_of=LATE) -> dict[str, tuple[int, int]]:
    """By measure the numerator and denominator of the dimension `all`; what is not counted is not in it."""
    gathered, sums = {}, {}
    for subject in subjects:
        gather(subject, MEASURES, gathered)
    spread(gathered, sums)
    found: dict[str, Count] = {}
    for cell, days in cells_of(sums).items():
        if (cell.school_year, cell.dimension, cell.series) == (year, "all", "all"):
            sides = [{str(at): n for (side, at), n in days.items() if side == one} for one in ("num", "den")]
            found[cell.measure] = found.get(cell.measure, Count(0, 0)) + read(year, *sides, as_of)
    return {key: tuple(one) for key, one in found.items() if any(one)}


def count_of(key: str, *subjects: Subject, year=YEAR, as_of=LATE) -> tuple[int, int]:
    return counts_of(subjects, year, as_of).get(key, (0, 0))


def lying(begin="2025-08-04", end="2026-05-22", *, program="welding", id=None, at="north") -> Enrolment:
    """An enrolment; by default one that begins in August and ends in May."""
    return Enrolment(
        enrolment_id=id or program, student_id="somebody", program_id=program, organisation_id=at,
        organisation_type="central_campus", begin=day(begin), end=day(end) if end else None,
    )  # fmt: skip


def tied(language=None, begin="2024-08-01", *, to="g1", end=None) -> Guardian:
    """Somebody who answers for the student, and the language that they prefer."""
    return Guardian(
        tie_id=f"tie-{to}", student_id="somebody", guardian_id=to, relation="parent", begin=day(begin),
        end=day(end) if end else None, preferred_language=language,
    )  # fmt: skip


def excused(enrolment="welding", *, excused=True, year=YEAR, points=()) -> ContactYear:
    return ContactYear(
        contact_year_id="cy", student_id="somebody", enrolment_id=enrolment, school_year=year, excused=excused,
        points=points,
    )  # fmt: skip


def touched(
    on="2025-10-09",
    outcome="reached",
    *,
    replied=None,
    steps=None,
    occasion=None,
    term=None,
    program=None,
    method="Phone",
    purpose="progress",
    direction="to_family",
    spoken="eng",
    prefers=None,
    interpreter="not_needed",
    guardians=("g1",),
    **more,
) -> Touchpoint:
    """A touchpoint that was held; of `steps` the last is its outcome's, `replied` the day of an answer."""
    taken = tuple(TouchpointStep(status=status, on=day(of)) for status, of in steps or [("held", on)])
    last = replied or str(taken[-1].on)
    return Touchpoint(
        touchpoint_id="tp", student_id="somebody", occasion_id=occasion or f"{on}-{method}-{outcome}-{program}",
        guardian_ids=guardians, program_id=program, method=method, direction=direction, language=spoken,
        preferred_language=prefers, interpreter=interpreter, purpose=purpose, steps=taken, outcome=outcome,
        reached_on=day(last) if outcome == "reached" else None, counts=more.pop("counts", True),
        school_year=school_year_of(day(last)), term=term or term_of(last), **more,
    )  # fmt: skip


def workshop(on="2025-11-12", *, status="held", level="high", districts=("lake",), at=("north",), **more) -> Workshop:
    return Workshop(
        workshop_id="w1", workshop_type="presentation", career_related=more.pop("careers", True), level=level,
        organisation_ids=at, status=status, held_on=day(on), delivery="in_person", districts=districts,
        school_year=school_year_of(day(on)), **more,
    )  # fmt: skip


def present(on="2025-11-12", *, of="w1", who="g1", status="present", careers=True, students=("somebody",), **more):
    """A guardian who was at a workshop."""
    return Attendance(
        attendance_id="at", workshop_id=of, guardian_id=who, student_ids=students, status=status,
        workshop_type="presentation", level="high", delivery="in_person", held=more.pop("held", True),
        held_on=day(on), career_related=careers, districts=more.pop("districts", ("lake",)),
        program_ids=more.pop("programs", ()), school_year=school_year_of(day(on)), term=term_of(on), **more,
    )  # fmt: skip


def survey(on="2025-09-15", *, version=1, asks=NEEDS, id="families") -> Survey:
    return Survey(
        survey_id=id, survey_version=version, published_on=day(on), asks=asks, school_year=school_year_of(day(on))
    )


def answered(on="2025-11-20", *, child=True, own=True, complete=None, version=1, asks=NEEDS, **more) -> SurveyResponse:
    return SurveyResponse(
        response_id="sr", survey_id="families", survey_version=version, guardian_id="g1", answered_on=day(on),
        language="spa", child_needs=child, own_needs=own, complete=child and own if complete is None else complete,
        asks=asks, districts=("lake",), school_year=school_year_of(day(on)), **more,
    )  # fmt: skip


def tallied(complete=9, partial=3, *, on="2025-11-20", asks=NEEDS) -> SurveyTally:
    return SurveyTally(
        tally_id="st", survey_id="families", survey_version=1, answered_on=day(on), language="spa",
        districts=("lake",), complete=complete, partial=partial, asks=asks, school_year=school_year_of(day(on)),
    )  # fmt: skip
