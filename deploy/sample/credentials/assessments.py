"""What the sample's students sat: the state's assessment and their program's own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.sample.district import Course, District
from deploy.sample.places import CENTRAL

OPERATIONAL_ITEMS, CUT = 80, 48


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely a student who stayed to the end sits and passes; `both`, `proficient` and `grown` of the measured."""

    sits: float
    passes_first: float
    tries_again: float
    passes_then: float
    measured: float
    both: float
    proficient: float
    grown: float


AT_CENTRAL = Odds(0.78, 0.885, 0.5, 0.7, measured=0.84, both=0.77, proficient=0.09, grown=0.09)
AT_SATELLITE = Odds(0.92, 0.43, 0.3, 0.4, measured=0.5, both=0.62, proficient=0.14, grown=0.14)
# Some 5,000 in one year, as in the district that the plan is of: with them the rate comes to 81 %.
GOING_ON = Odds(1.0, 0.75, 0.5, 0.46, measured=0.0, both=0.0, proficient=0.0, grown=0.0)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One student's sitting; `phase` is empty for the state's assessment."""

    course: Course
    phase: str
    day: date
    form: str
    correct: int


def sittings(made: District) -> list[Sitting]:
    """All that was sat by those who are loaded, course by course."""
    return [one for one in _of_everybody(made.everybody, made.seed) if made.has(one.course.student)]


def _of_everybody(courses: Iterable[Course], seed: int) -> list[Sitting]:
    """All that was sat; who left early sat a first assessment at most."""
    random = Random(f"{seed} sittings")
    found: list[Sitting] = []
    for course in courses:
        if course.goes_on:
            found.extend(_state(course, GOING_ON, random))
            continue
        odds = AT_CENTRAL if course.organisation in CENTRAL else AT_SATELLITE
        if course.completed_on:
            found.extend(_state(course, odds, random))
        found.extend(_program(course, odds, random))
    return found


def _state(course: Course, odds: Odds, random: Random) -> Iterator[Sitting]:
    if random.random() >= odds.sits:
        return
    first = course.left_on - timedelta(days=random.randint(30, 45))
    passed = random.random() < odds.passes_first
    yield Sitting(course, "", first, "state-a", _correct(passed, random))
    if not passed and random.random() < odds.tries_again:
        again = course.left_on - timedelta(days=random.randint(3, 20))
        yield Sitting(course, "", again, "state-b", _correct(random.random() < odds.passes_then, random))


def _program(course: Course, odds: Odds, random: Random) -> Iterator[Sitting]:
    measured, draw = random.random() < odds.measured, random.random()
    proficient = draw < odds.both + odds.proficient
    grown = draw < odds.both or odds.both + odds.proficient <= draw < odds.both + odds.proficient + odds.grown
    last = _correct(proficient, random)
    before = random.randint(5, last - 5) if grown else random.randint(last, OPERATIONAL_ITEMS)
    if measured or random.random() < 0.5:
        yield Sitting(course, "pre", course.begin + timedelta(days=random.randint(5, 25)), "first", before)
    if measured and course.completed_on:
        yield Sitting(course, "post", course.left_on - timedelta(days=random.randint(2, 12)), "last", last)


def _correct(passed: bool, random: Random) -> int:
    return random.randint(CUT, OPERATIONAL_ITEMS) if passed else random.randint(25, CUT - 1)


def rows(all_sat: Iterable[Sitting]) -> Iterator[dict[str, str]]:
    """The rows of `assessments.csv`."""
    for one in all_sat:
        yield {
            "student_id": one.course.student.alias,
            "program_id": one.course.program,
            "kind": "program" if one.phase else "technical_skills",
            "phase": one.phase,
            "form": one.form,
            "scale": "items-80",
            "taken_on": one.day.isoformat(),
            "operational_items": str(OPERATIONAL_ITEMS),
            "correct": str(one.correct),
        }
