"""W3: students who are proficient in their program's own assessment at its end and have grown since its beginning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.students.enrolled import years_of
from services.aggregator.domain.students.sittings import CENTRAL, Sitting, sittings
from shared.contracts.credentials import Assessment
from shared.contracts.roster import Enrolment


@dataclass(frozen=True, slots=True)
class Pair:
    """A student's last `post` in a program and the first comparable `pre`, with what lies between them."""

    pre: Sitting
    post: Sitting
    gain: Fraction

    @property
    def proficient(self) -> bool:
        return self.post.fact.passed

    @property
    def grew(self) -> bool:
        """At least the program's minimum; where it sets none, anything more than nothing."""
        least = self.post.fact.minimum_gain
        return self.gain >= Fraction(least) if least is not None else self.gain > 0


def pairs(subject: Subject) -> dict[str, Pair]:
    """By program, what can be measured: the last `post`, if a `pre` on its scale was sat since the program began."""
    known: dict[str, Pair] | None = subject.worked_out.get("pairs")
    if known is not None:
        return known
    found: dict[str, Pair] = {}
    for program, taken in sittings(subject, "program").items():
        post = next((one for one in reversed(taken) if one.fact.phase == "post"), None)
        if post is None or post.fact.share is None:
            continue
        pre = next((one for one in taken if _comparable(one, post, _program_start(subject, program, post.day))), None)
        if pre is not None and pre.fact.share is not None:
            found[program] = Pair(pre, post, Fraction(post.fact.share) - Fraction(pre.fact.share))
    subject.worked_out["pairs"] = found
    return found


def _program_start(subject: Subject, program: str, day: date) -> date | None:
    """The day on which the student first entered the program, when that is known."""
    begun = [one.begin for _, one in subject.of(Enrolment) if one.program_id == program and one.begin <= day]
    return min(begun, default=None)


def _comparable(pre: Sitting, post: Sitting, start: date | None) -> bool:
    fact = pre.fact
    in_time = pre.day <= post.day and (start is None or start <= pre.day)
    return fact.phase == "pre" and fact.scale == post.fact.scale and fact.share is not None and in_time


def measured(
    *, central_only: bool, proficiency: bool = True, growth: bool = True
) -> Callable[[Subject], Iterator[Member]]:
    """Each program with a pair, once, in the year of its `post`; counted by the parts that are asked for."""

    def members(subject: Subject) -> Iterator[Member]:
        for program, pair in pairs(subject).items():
            post = pair.post
            if central_only and not post.central:
                continue
            good = (pair.proficient or not proficiency) and (pair.grew or not growth)
            yield Member(
                school_year=post.fact.school_year,
                unit=f"{subject.id}/{program}",
                where=where(subject, post.fact.school_year, program, post.campus),
                cohort_day=post.day,
                counted_day=post.day if good else None,
                matured_day=post.matured_day,
                why=partial(_why_measured, pair, good, proficiency),
            )

    return members


def _why_measured(pair: Pair, good: bool, proficiency: bool, _: date) -> Reason:
    reached = "proficient" if pair.proficient else "not proficient"
    least = pair.post.fact.minimum_gain or "more than 0"
    grew = f"gained {pair.gain} on the first, {pair.pre.words()}, where {least} is asked"
    code = "reached" if good else "not_proficient" if proficiency and not pair.proficient else "not_grown"
    return Reason(code, f"last assessment {pair.post.words()}: {reached}; {grew}", (pair.post.key, pair.pre.key))


def not_measurable(*, central_only: bool) -> Callable[[Subject], Iterator[Member]]:
    """Each program that the student has left without a pair, in the year of the last enrolment's end."""

    def members(subject: Subject) -> Iterator[Member]:
        for program, (key, last, end) in _left(subject).items():
            if program in pairs(subject) or (central_only and last.organisation_type != CENTRAL):
                continue
            school_year = years_of(last)[-1].name
            yield Member(
                school_year=school_year,
                unit=f"{subject.id}/{program}",
                where=where(subject, school_year, program, last.organisation_id),
                cohort_day=None,
                counted_day=end,
                matured_day=None,
                why=partial(_why_not_measurable, key, program, end, sittings(subject, "program").get(program, [])),
            )

    return members


def _left(subject: Subject) -> dict[str, tuple[str, Enrolment, date]]:
    """By program that the student is in no more, the last enrolment and its end."""
    held: dict[str, list[tuple[date | None, date, str, Enrolment]]] = {}
    for key, one in subject.of(Enrolment):
        if years_of(one):
            held.setdefault(one.program_id, []).append((one.end, one.begin, key, one))
    found: dict[str, tuple[str, Enrolment, date]] = {}
    for program, of_program in held.items():
        ended = [(end, begin, key, one) for end, begin, key, one in of_program if end is not None]
        if len(ended) == len(of_program):
            end, _, key, last = max(ended, key=lambda each: each[:3])
            found[program] = (key, last, end)
    return found


def _why_not_measurable(key: str, program: str, end: date, taken: list[Sitting], _: date) -> Reason:
    has = ", ".join(f"a {one.fact.phase} on scale {one.fact.scale} on {one.day}" for one in taken) or "no assessment"
    words = f"left {program} on {end} without a pre and a post on one scale; there is {has}"
    return Reason("not_measurable", words, (key, *(one.key for one in taken)))


_PAIR = "a first pre-assessment since the program began and a last post-assessment on the same scale"
_READS = frozenset({Assessment.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_CENTRAL = f"each student and program with {_PAIR}, taught at a central campus, once, in the year of the post"
_ANYWHERE = f"each student and program with {_PAIR}, wherever taught, once, in the year of the post"
_BOTH = "at or above the cut in the post, and a gain of at least the program's minimum"
_WINDOW = "from the start of the program to the last post; settled when the school year ends"
_LEFT = "students and programs whose last enrolment ended in the year without both assessments"


def _measure(
    key: str, title: str, population: str, rule: str, members: Callable[[Subject], Iterator[Member]], found_by: str
) -> Measure:
    return Measure(
        key=key,
        version=2,
        title=title,
        unit="student x program",
        population=population,
        rule=rule,
        window=_WINDOW if found_by == Assessment.kind else "the school year",
        reads=_READS,
        found_by=(found_by,),
        dimensions=DIMENSIONS,
        members=members,
        shape="cohort" if found_by == Assessment.kind else "things",
    )


MEASURES = (
    _measure(
        "W3.headline",
        "Central students proficient and grown in their program's assessments",
        _CENTRAL,
        _BOTH,
        measured(central_only=True),
        Assessment.kind,
    ),
    _measure(
        "W3.with_satellites",
        "The same, students at satellite campuses included",
        _ANYWHERE,
        _BOTH,
        measured(central_only=False),
        Assessment.kind,
    ),
    _measure(
        "W3.proficient",
        "The first part alone: central students who are proficient",
        _CENTRAL,
        "at or above the cut in the post",
        measured(central_only=True, growth=False),
        Assessment.kind,
    ),
    _measure(
        "W3.growth",
        "The second part alone: central students who have grown",
        _CENTRAL,
        "a gain of at least the program's minimum from pre to post",
        measured(central_only=True, proficiency=False),
        Assessment.kind,
    ),
    _measure(
        "W3.not_measurable",
        "Central students who left without both assessments",
        f"{_LEFT}, at a central campus",
        "no pre and post on one scale",
        not_measurable(central_only=True),
        Enrolment.kind,
    ),
    _measure(
        "W3.not_measurable_with_satellites",
        "The same, students at satellite campuses included",
        f"{_LEFT}, wherever taught",
        "no pre and post on one scale",
        not_measurable(central_only=False),
        Enrolment.kind,
    ),
)
