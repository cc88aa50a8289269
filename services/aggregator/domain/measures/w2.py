"""W2: students who pass the Technical Skills Assessment, of those who attempted it in the school year."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.students.concentrating import Concentrating, began_on, concentrating
from services.aggregator.domain.students.sittings import Sitting, sittings
from shared.contracts.credentials import Assessment
from shared.contracts.roster import Enrolment


def takers(*, central_only: bool, first_only: bool = False) -> Callable[[Subject], Iterator[Member]]:
    """Each program in which the student sat it, once per school year; `first_only`: the first sitting ever alone."""

    def members(subject: Subject) -> Iterator[Member]:
        for program, taken in sittings(subject, "technical_skills").items():
            by_year: dict[str, list[Sitting]] = {}
            for one in taken[:1] if first_only else taken:
                if one.central or not central_only:
                    by_year.setdefault(one.fact.school_year, []).append(one)
            for school_year, those in by_year.items():
                yield _taker(subject, school_year, program, those)

    return members


def _taker(subject: Subject, school_year: str, program: str, taken: Sequence[Sitting]) -> Member:
    """The best sitting of the year decides and gives the place: the first passed, without any the last."""
    best = next((one for one in taken if one.fact.passed), taken[-1])
    return Member(
        school_year=school_year,
        unit=f"{subject.id}/{program}",
        where=where(subject, school_year, program, best.campus),
        cohort_day=taken[0].day,
        counted_day=best.day if best.fact.passed else None,
        matured_day=best.matured_day,
        why=partial(_why_taker, best, len(taken)),
    )


def _why_taker(best: Sitting, sat: int, as_of: date) -> Reason:
    times = "once" if sat == 1 else f"{sat} times"
    if not best.fact.passed:
        return Reason("not_passed", f"sat {times} in the year, last {best.words()}: not passed", (best.key,))
    words = f"passed {best.words()}; sat {times} in the year"
    return Reason("passed", words, (best.key,)) if best.day <= as_of else _not_yet(words, as_of, (best.key,))


def concentrators(*, must_pass: bool) -> Callable[[Subject], Iterator[Member]]:
    """Each program in which the student concentrates at a central campus, in every year until it is passed."""

    def members(subject: Subject) -> Iterator[Member]:
        sat = sittings(subject, "technical_skills")
        for (school_year, program), held in concentrating(subject).items():
            taken = sat.get(program, [])
            if not any(one.fact.passed and one.fact.school_year < school_year for one in taken):
                of_year = [one for one in taken if one.fact.school_year == school_year]
                yield _concentrator(subject, school_year, program, held, of_year, must_pass=must_pass)

    return members


def _concentrator(
    subject: Subject,
    school_year: str,
    program: str,
    held: list[Concentrating],
    taken: list[Sitting],
    *,
    must_pass: bool,
) -> Member:
    """From the first day on which the student was enrolled in the year and a concentrator."""
    began = began_on(held)
    key, last, year = max(held, key=lambda found: (found[1].begin, found[0]))
    decided = next((one for one in taken if one.fact.passed or not must_pass), None)
    return Member(
        school_year=school_year,
        unit=f"{subject.id}/{program}",
        where=where(subject, school_year, program, last.organisation_id),
        cohort_day=began,
        counted_day=max(began, decided.day) if decided else None,
        matured_day=year.last + timedelta(days=1),
        why=partial(_why_concentrator, key, last, began, decided, taken),
    )


def _why_concentrator(
    key: str, held: Enrolment, began: date, decided: Sitting | None, taken: list[Sitting], as_of: date
) -> Reason:
    since = f"a concentrator of {held.program_id} since {held.concentrator_on}"
    if decided is not None:
        code = "passed" if decided.fact.passed else "attempted"
        words = f"{since}, {code} {decided.words()}"
        records = (decided.key, key)
        return Reason(code, words, records) if max(began, decided.day) <= as_of else _not_yet(words, as_of, records)
    if taken:
        return Reason("not_passed", f"{since}, last sat {taken[-1].words()}: not passed", (taken[-1].key, key))
    return Reason("not_attempted", f"{since}, has not sat it in the year", (key,))


def _not_yet(words: str, as_of: date, records: tuple[str, ...]) -> Reason:
    return Reason("after_as_of", f"{words}: not yet by {as_of}", records)


_READS = frozenset({Assessment.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_WINDOW = "the school year; the number can still rise until the year's last day"
_PLACED = "placed by the enrolment that covers the day, else the latest before; else at none"
_PASSED = "the best sitting of the year was passed, by the verdict as told or by the cut in force on its day"
_CONCENTRATORS = (
    "students enrolled in a program at a central campus in the year, concentrators by its end, who had not passed "
    "in an earlier year; once for each student and program"
)


def _measure(
    key: str, title: str, population: str, rule: str, found_by: str, members: Callable[[Subject], Iterator[Member]]
) -> Measure:
    return Measure(
        key=key,
        version=2,
        title=title,
        unit="student x program",
        population=population,
        rule=rule,
        window=_WINDOW,
        reads=_READS,
        found_by=(found_by,),
        dimensions=DIMENSIONS,
        members=members,
    )


MEASURES = (
    _measure(
        "W2.headline",
        "Technical Skills Assessment passed, of central students who attempted it",
        f"each student and program with an attempt at a central campus in the year, once; {_PLACED}",
        _PASSED,
        Assessment.kind,
        takers(central_only=True),
    ),
    _measure(
        "W2.with_satellites",
        "The same, attempts at satellite campuses included",
        f"each student and program with an attempt in the year, wherever taught, once; {_PLACED}",
        _PASSED,
        Assessment.kind,
        takers(central_only=False),
    ),
    _measure(
        "W2.first_attempt",
        "The same, first attempts only",
        f"each student and program whose first attempt ever was in the year, at a central campus; {_PLACED}",
        "that first attempt was passed",
        Assessment.kind,
        takers(central_only=True, first_only=True),
    ),
    _measure(
        "W2.attempt_rate",
        "Central concentrators who attempted the Technical Skills Assessment",
        _CONCENTRATORS,
        "an attempt for that program in the year, passed or not",
        Enrolment.kind,
        concentrators(must_pass=False),
    ),
    _measure(
        "W2.strict",
        "Central concentrators who passed the Technical Skills Assessment",
        _CONCENTRATORS,
        "a passed attempt for that program in the year",
        Enrolment.kind,
        concentrators(must_pass=True),
    ),
)
