"""The rules of an assessment: what may be recorded and corrected, and what share of the possible it reached."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from shared.contracts.credentials import AssessmentKind, Phase
from shared.errors import Problem, refused

PERCENT, TOP = "percent", re.compile(r".*-([1-9][0-9]{0,5})")
SAT = ("student_id", "program_id", "kind", "phase", "form", "taken_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One sitting. `passed` and `cut` only as they were told: otherwise the program's cuts decide.

    `score` and `cut` are exact numbers as text. `organisation_id` is where the student was
    taught when it was logged; `batch_id` names the class list that it came with. `attempt` tells
    apart sittings of one form on one day, in their order; `under` is the digest of the source id
    that the student was named by.
    """

    student_id: str
    program_id: str
    kind: AssessmentKind
    form: str
    scale: str
    taken_on: date
    phase: Phase | None = None
    operational_items: int | None = None
    correct: int | None = None
    score: str | None = None
    passed: bool | None = None
    cut: str | None = None
    organisation_id: str | None = None
    batch_id: str | None = None
    attempt: int = 1
    under: str | None = None

    @property
    def natural(self) -> tuple[Any, ...]:
        """What two sittings that stand have in common only when one was told not passed and the other passed."""
        return (*(getattr(self, name) for name in SAT), self.attempt)

    def share(self) -> Fraction | None:
        """The part of what could be reached that was reached; None when only the verdict was told."""
        if self.score is not None:
            top = top_of(self.scale)
            return None if top is None else Fraction(self.score) / top
        if self.correct is None or not self.operational_items:
            return None
        return Fraction(self.correct, self.operational_items)


def top_of(scale: str) -> int | None:
    """The highest score of a scale, as its name tells: 100 of `percent`, 80 of `points-80`."""
    if scale == PERCENT:
        return 100
    found = TOP.fullmatch(scale)
    return int(found[1]) if found else None


def record(wanted: Assessment, *, today: date) -> Assessment:
    """The assessment as it will be kept, or Refused with every reason at once."""
    problems = [*_phase(wanted), *_result(wanted), *_cut(wanted), *_day(wanted, today)]
    if problems:
        raise refused(*problems)
    return wanted


def correct(assessment: Assessment, changes: Mapping[str, Any], *, today: date) -> Assessment:
    """The assessment with some fields set right; what it says afterwards must hold as if it were new."""
    return record(replace(assessment, **changes), today=today)


def same_sitting(one: Assessment, other: Assessment) -> bool:
    """Whether both are one sitting. Told not passed and told passed on one day are two: it was sat again."""
    two = None not in (one.passed, other.passed) and one.passed != other.passed
    return one.natural == other.natural and not two


def repeats(one: Assessment, other: Assessment) -> bool:
    """Whether one says nothing that the other does not say already."""
    told = ("scale", "operational_items", "correct", "score", "passed", "cut")
    return same_sitting(one, other) and all(getattr(one, name) in (None, getattr(other, name)) for name in told)


def written(share: Fraction) -> str:
    """An exact fraction as it stands in a fact: `29/40`."""
    return f"{share.numerator}/{share.denominator}"


def _phase(one: Assessment) -> Iterator[Problem]:
    if one.kind == "program" and one.phase is None:
        yield Problem("/phase", "a program assessment needs phase", "send pre, interim or post", "missing")
    if one.kind == "technical_skills" and one.phase is not None:
        yield Problem(
            "/phase",
            f"phase {one.phase} goes with kind program",
            "leave it out of a technical skills assessment",
            "does_not_go_with",
        )


def _result(one: Assessment) -> Iterator[Problem]:
    if (one.operational_items is None) != (one.correct is None):
        missing = "correct" if one.correct is None else "operational_items"
        yield Problem(f"/{missing}", "operational_items and correct go together", "send both", "missing")
    elif one.correct is not None and one.score is not None:
        yield Problem(
            "/score", "operational_items with correct and score say the same", "send one of the two", "does_not_go_with"
        )
    elif one.correct is None and one.score is None and (one.kind == "program" or one.passed is None):
        needs = "its growth is measured by it" if one.kind == "program" else "or passed, when only the verdict is known"
        yield Problem(
            "/correct", "the result is missing", f"send operational_items and correct, or score ({needs})", "missing"
        )
    if one.correct is not None and one.operational_items is not None and one.correct > one.operational_items:
        said = f"correct {one.correct} is more than operational_items {one.operational_items}"
        works = "check both numbers"
        yield Problem("/correct", said, works, "out_of_range")
    yield from _score(one)


def _score(one: Assessment) -> Iterator[Problem]:
    if one.score is None:
        return
    top = top_of(one.scale)
    if top is None:
        said = f"scale {one.scale} does not tell its highest score"
        works = "write percent, or end the name in it, as points-80"
        yield Problem("/scale", said, works, "unknown_scale")
    elif Fraction(one.score) > top:
        said = f"score {one.score} is above {top}, the highest of scale {one.scale}"
        works = "check both"
        yield Problem("/score", said, works, "out_of_range")


def _cut(one: Assessment) -> Iterator[Problem]:
    if one.cut is None:
        return
    if not 0 <= Fraction(one.cut) <= 1:
        yield Problem("/cut", f"cut {one.cut} is a share of the whole", "write it from 0 to 1, as 0.6", "out_of_range")
        return
    share = one.share()
    if share is not None and one.passed is not None and one.passed != (share >= Fraction(one.cut)):
        said = f"passed {str(one.passed).lower()} contradicts {written(share)} against the cut {one.cut}"
        yield Problem("/passed", said, "leave passed out, or send the cut that was in force", "contradicts")


def _day(one: Assessment, today: date) -> Iterator[Problem]:
    if one.taken_on > today:
        yield Problem(
            "/taken_on", f"taken_on {one.taken_on} is in the future", "send it on or after that day", "in_future"
        )
