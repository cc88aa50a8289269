"""What was tried with the sample's families: a year that a liaison would recognise, and this autumn so far.

Of a year's enrolments about 58 in 100 have touches in both of its terms, Spanish-speaking families fewer; 3 in 100 are
excused. What is drawn for an enrolment is drawn from its own number: it is the same in a part of the district.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.sample.district import CURRENT_YEAR, Course, District
from deploy.sample.families.guardians import FIRST_YEAR, Guardian, guardians_of

YEAR = FIRST_YEAR
SPRING = date(2026, 1, 5)
FRIDAY = 4
EXCUSED = 0.03
BOTH_TERMS, SPANISH_BOTH_TERMS, ONE_TERM = 0.70, 0.50, 0.20
REACHED_THIS_AUTUMN = 0.45
METHODS = {"Phone": 52, "InPerson": 16, "Text": 16, "Email": 8, "VideoCall": 5, "HomeVisit": 3}
PURPOSES = {
    "progress": 40,
    "introduction": 14,
    "attendance": 12,
    "praise": 10,
    "concern": 10,
    "credential": 8,
    "plan_consultation": 6,
}
TRIED = {"delivered": "Text"}  # and whatever else reached nobody was a call
ANSWERED = ("Text", "Email")  # delivered first, reached by their answer


@dataclass(frozen=True, slots=True)
class Family:
    """One enrolment in one year: what becomes of it, and when it can be tried."""

    course: Course
    guardians: tuple[Guardian, ...]
    first: date
    last: date
    fate: str  # excused, both, one or none

    @property
    def spanish(self) -> bool:
        return self.guardians[0].language == "spa"


def families(made: District, year: str) -> Iterator[Family]:
    """The enrolments of a school year, each with its family."""
    for course in made.enrolled:
        if year in course.years():
            first = max(course.begin, date(int(year[:4]), 8, 10))
            last = min(course.left_on, date(int(year[:4]) + 1, 5, 20))
            people = tuple(guardians_of(course.student, made.seed))
            yield Family(course, people, first, last, _fate(course, people[0].language == "spa", made.seed, year))


def _fate(course: Course, spanish: bool, seed: int, year: str) -> str:
    # Of the person, not of the enrolment: whose family may not be contacted has none in a second program either.
    if year == YEAR and Random(f"{seed} excused {course.student.number}").random() < EXCUSED:
        return "excused"
    random = _random(seed, course, year)
    draw, both = random.random(), SPANISH_BOTH_TERMS if spanish else BOTH_TERMS
    if year == CURRENT_YEAR:
        return "one" if draw < REACHED_THIS_AUTUMN else "none"
    if course.left_on < SPRING + timedelta(days=1):
        return "one" if draw < both + ONE_TERM else "none"
    return "both" if draw < both else "one" if draw < both + ONE_TERM else "none"


def rows(made: District, until: date) -> list[dict[str, str]]:
    """Everything that was tried, as rows of a dialer's log."""
    found: list[dict[str, str]] = []
    for year, end in ((YEAR, date(2026, 5, 20)), (CURRENT_YEAR, until)):
        for family in families(made, year):
            found += _of_family(family, made.seed, year, min(family.last, end))
    return found


def _of_family(family: Family, seed: int, year: str, end: date) -> Iterator[dict[str, str]]:
    if family.fate == "excused" or end <= family.first:
        return
    random = _random(seed, family.course, f"{year} calls")
    for number, day in enumerate(_touched_on(family, random, end)):
        for tried in range(random.choice((0, 0, 1, 1, 2))):
            before = max(family.first, day - timedelta(days=2 + tried))
            outcome = random.choice(("left_message", "no_answer", "delivered"))
            yield _row(family, random, year, f"{number}-{tried}", before, outcome)
        yield _row(family, random, year, str(number), day, "reached")
    for tried in range(random.choice((1, 2, 3)) if family.fate == "none" else 0):
        day = _between(random, family.first, end)
        outcome = random.choice(("left_message", "no_answer", "wrong_number", "delivered"))
        yield _row(family, random, year, f"x-{tried}", day, outcome)


def _touched_on(family: Family, random: Random, end: date) -> list[date]:
    """The days on which somebody was reached."""
    autumn = _between(random, family.first, min(end, SPRING - timedelta(days=20), family.last))
    if family.fate == "both":
        return [autumn, _between(random, SPRING, end)]
    if family.fate == "one":
        again = [min(end, autumn + timedelta(days=9))] if random.random() < 0.3 else []
        return [autumn, *again]
    return []


def _between(random: Random, first: date, last: date) -> date:
    day = first + timedelta(days=random.randint(0, max(0, (last - first).days)))
    return (
        day - timedelta(days=max(0, day.weekday() - 4))
        if day.weekday() > 4 and day - timedelta(days=2) >= first
        else day
    )


def _row(family: Family, random: Random, year: str, number: str, day: date, outcome: str) -> dict[str, str]:
    method = (
        random.choices(list(METHODS), list(METHODS.values()))[0]
        if outcome == "reached"
        else TRIED.get(outcome, "Phone")
    )
    guardian = family.guardians[random.randrange(len(family.guardians))]
    spoken, interpreter = _spoken(guardian, random)
    course = family.course
    return {
        "external_id": f"{year}-{course.student.number:06d}-{course.program}-{number}",
        "student_id": course.student.alias,
        "guardian_id": guardian.id,
        "method": method,
        "purpose": random.choices(list(PURPOSES), list(PURPOSES.values()))[0],
        "program_id": course.program if random.random() < 0.8 else "",
        "held_on": day.isoformat(),
        "outcome": outcome,
        "reached_on": day.isoformat() if outcome == "reached" else "",
        "language": spoken,
        "interpreter": interpreter,
        "minutes": str(random.randint(2, 15)) if outcome == "reached" and method not in ANSWERED else "",
        "staff": f"staff-{course.program}",
    }


def _spoken(guardian: Guardian, random: Random) -> tuple[str, str]:
    if guardian.language == "eng":
        return "eng", "not_needed"
    draw = random.random()
    if draw < 0.55:
        return "spa", "bilingual_caller"
    return ("eng", "phone_line") if draw < 0.75 else ("eng", "none")


def _random(seed: int, course: Course, what: str) -> Random:
    return Random(f"{seed} {what} {course.student.number} {course.program}")
