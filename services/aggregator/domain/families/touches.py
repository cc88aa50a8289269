"""A touch is a family that was reached by a two-way channel, or that came to a workshop."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.aggregator.domain.dimensions import NOT_REPORTED
from services.aggregator.domain.facts import Subject
from shared.contracts.family_touchpoints import Attendance, Touchpoint

WORKSHOP = "workshop"
WAYS = {
    "Phone": "by phone",
    "InPerson": "in person",
    "HomeVisit": "at home",
    "VideoCall": "by video call",
    "Text": "by text",
    "App": "in the app",
    "Email": "by email",
    WORKSHOP: "at a workshop",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken for a touch: workshops, messages that were delivered, a student who was reached alone."""

    workshops: bool = True
    delivered: bool = False
    student_alone: bool = False


FAMILY = Taken()


class Touch(NamedTuple):
    """Somebody was reached on a day; without `programs` it is about every enrolment of that day.

    Sorted, the touches of a day begin with one that names a program.
    """

    day: date
    general: bool
    key: str
    programs: tuple[str, ...]
    school_year: str
    term: int
    method: str
    language: str
    direction: str
    purpose: str

    @property
    def words(self) -> str:
        """`by phone on 2025-10-09 (term 1)`."""
        return f"{WAYS.get(self.method, self.method)} on {self.day} (term {self.term})"


def held_on(fact: Touchpoint) -> date | None:
    """The day on which it was held; None while that is not what became of it last."""
    if not fact.steps or fact.steps[-1].status != "held":
        return None
    return next(step.on for step in fact.steps if step.status == "held")


def occasions(subject: Subject) -> list[tuple[str, Touchpoint]]:
    """A student's part in each occasion, once.

    Of one that was logged under both ids of a person who was merged since, that goes first which
    reached somebody, then what was delivered, then what was held.
    """
    known: list[tuple[str, Touchpoint]] | None = subject.worked_out.get("occasions")
    if known is not None:
        return known
    found: dict[str, tuple[str, Touchpoint]] = {}
    for key, fact in sorted(subject.of(Touchpoint), key=_reached_first):
        found.setdefault(fact.occasion_id, (key, fact))
    subject.worked_out["occasions"] = known = sorted(found.values(), key=lambda pair: pair[0])
    return known


def _reached_first(pair: tuple[str, Touchpoint]) -> tuple[date, bool, bool, str]:
    key, fact = pair
    return reached_on(fact, FAMILY) or date.max, fact.outcome != "delivered", held_on(fact) is None, key


def reached_on(fact: Touchpoint, taken: Taken) -> date | None:
    """The day on which it touched the family; None: it did not, or what it is does not count."""
    held, alone = held_on(fact), fact.with_student and not fact.guardian_ids
    if held is None or not fact.counts or (alone and not taken.student_alone):
        return None
    if fact.outcome == "reached":
        return fact.reached_on
    return held if taken.delivered and fact.outcome == "delivered" else None


def touches(subject: Subject, taken: Taken = FAMILY) -> list[Touch]:
    """All touches of a student's family, by day."""
    known: list[Touch] | None = subject.worked_out.get(("touches", taken))
    if known is None:
        found = [_touch(key, fact, on) for key, fact in occasions(subject) if (on := reached_on(fact, taken))]
        known = sorted([*found, *(_attended(subject) if taken.workshops else ())])
        subject.worked_out["touches", taken] = known
    return known


def _touch(key: str, fact: Touchpoint, on: date) -> Touch:
    programs = (fact.program_id,) if fact.program_id else ()
    sort = (fact.method, fact.language, fact.direction, fact.purpose)
    return Touch(on, not programs, key, programs, fact.school_year, fact.term, *sort)


def _attended(subject: Subject) -> Iterator[Touch]:
    """What somebody of a student's family came to: each of them tells of it, on the one day of the workshop."""
    for key, fact in subject.of(Attendance) if subject.id.startswith("student/") else ():
        if fact.held and fact.status == "present":
            sort = (WORKSHOP, fact.language or NOT_REPORTED, WORKSHOP, WORKSHOP)
            programs = fact.program_ids
            yield Touch(fact.held_on, not programs, key, programs, fact.school_year, fact.term, *sort)


def each_day(found: Iterable[Touch]) -> list[Touch]:
    """Of several touches of one day the first: an evening with two talks is one occasion to the family."""
    days: dict[date, Touch] = {}
    for touch in found:
        days.setdefault(touch.day, touch)
    return list(days.values())
