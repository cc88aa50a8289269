"""What happened in the sample district: who went through which programs, awards and their later fate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.sample.people import Person, person
from deploy.sample.places import CENTRAL, satellite_of
from deploy.sample.programs import NEWEST, OTHER, PROGRAMS
from shared.school_year import school_year_of

PROGRAM_OF = {program.id: program for program in PROGRAMS}


@dataclass(frozen=True, slots=True)
class Cohort:
    """How many complete in a school year, and the share whose best award is of each sort.

    `takers` sat the state's assessment at a satellite campus and go on: they complete nothing that is told here.
    """

    school_year: str
    central: int
    satellite: int
    leavers: int
    strict: float
    relevant: float
    other: float
    verified: float
    takers: int = 0


COHORTS = (
    Cohort("2023-24", 1380, 420, 90, strict=0.75, relevant=0.10, other=0.10, verified=0.55),
    Cohort("2024-25", 1405, 430, 95, strict=0.78, relevant=0.09, other=0.09, verified=0.60, takers=4600),
    Cohort("2025-26", 1420, 440, 100, strict=0.72, relevant=0.08, other=0.12, verified=0.57),
)
# Who is enrolled now, numbered behind everybody else: nothing that is told of a year that is over hangs on them.
CURRENT_YEAR, CURRENT = "2026-27", {"central": 690, "satellite": 210}
SATELLITE_DISCOUNT = 0.7  # satellite programs award fewer high-value credentials
THIRD = 3  # each third student is in the district that is loaded by default
CORRECTED, FAILED_FIRST, SECOND_PROGRAM = 0.01, 0.07, 0.015


@dataclass(frozen=True, slots=True)
class SampleAward:
    """An attempt; `fate` is what happens to it after it was logged."""

    student: Person
    code: str
    program_id: str
    result: str
    day: date
    verified_on: date | None = None
    level: str = ""
    fate: str = ""
    wrong_day: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One student's way through one program; of one that is not over, `left_on` is when the year's class ends."""

    student: Person
    program: str
    school_year: str
    organisation: str
    begin: date
    completed_on: date | None
    left_on: date
    goes_on: bool = False

    def years(self) -> list[str]:
        """The school years in which the student was enrolled here."""
        first, last = int(school_year_of(self.begin)[:4]), int(school_year_of(self.left_on)[:4])
        return [f"{year}-{(year + 1) % 100:02d}" for year in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class District:
    """The district, as large as it was asked for: `everybody` went through it, `courses` and `awards` are of some.

    Each `every`-th student is in it. `newest` are everybody's courses that are not over on `until`.
    What is drawn of students is drawn of everybody, or from their own number: so each is the same
    person in the whole district and in a part of it.
    """

    seed: int
    every: int
    everybody: tuple[Course, ...]
    courses: tuple[Course, ...]
    awards: tuple[SampleAward, ...]
    until: date
    newest: tuple[Course, ...] = ()

    @property
    def enrolled(self) -> tuple[Course, ...]:
        """Every course of the students that are loaded, those that are not over among them."""
        return (*self.courses, *(course for course in self.newest if self.has(course.student)))

    def has(self, student: Person) -> bool:
        """Whether the student is one of those that are loaded."""
        return is_in(student, self.every)

    def years(self) -> list[str]:
        """Every school year in which somebody was enrolled, oldest first."""
        return sorted({year for course in self.enrolled for year in course.years()})


def is_in(student: Person, every: int) -> bool:
    """Whether a district of each so many-th student has this one."""
    return student.number % every == 0


def students_in(year: str, courses: Iterable[Course]) -> list[tuple[Person, bool]]:
    """Each student enrolled in the year, and whether it was the student's last."""
    found: dict[int, tuple[Person, bool]] = {}
    for course in courses:
        if year in course.years():
            found.setdefault(course.student.number, (course.student, course.years()[-1] == year))
    return list(found.values())


def district(seed: int, until: date, *, every: int = 1) -> District:
    """The district as it stands on `until`: nothing later is in it, so every row can be loaded that day."""
    everybody, awards = _everybody(seed)
    courses = [c for c in everybody if max(c.left_on, c.completed_on or c.left_on) <= until]
    known = {c.student.number for c in courses}
    awards = [a for a in awards if a.student.number in known and _last_day(a) <= until]
    return District(
        seed=seed,
        every=every,
        everybody=tuple(courses),
        courses=tuple(c for c in courses if is_in(c.student, every)),
        awards=tuple(a for a in awards if is_in(a.student, every)),
        until=until,
        newest=tuple(course for course in _newest(seed) if course.begin <= until),
    )


def _everybody(seed: int) -> tuple[list[Course], list[SampleAward]]:
    """Every course and award of the whole district, whenever they were."""
    random, number = Random(seed), 0
    courses: list[Course] = []
    awards: list[SampleAward] = []
    for cohort in COHORTS:
        for kind, count in (("central", cohort.central), ("satellite", cohort.satellite), ("left", cohort.leavers)):
            for _ in range(count):
                number += 1
                student = person(number, random)
                course = _course(student, cohort, kind, random)
                courses.append(course)
                if kind != "left":
                    awards.extend(_awards(course, cohort, kind, random))
                if kind == "central" and random.random() < SECOND_PROGRAM:
                    courses.append(_second(course, random))
    # Behind all others, so that these are who they were.
    return [*courses, *_takers(number, seed)], awards


def _last_day(award: SampleAward) -> date:
    return max(award.day, award.wrong_day or award.day, award.verified_on or award.day)


def _course(student: Person, cohort: Cohort, kind: str, random: Random) -> Course:
    end = int(cohort.school_year[:4]) + 1
    begin = date(end - random.choice((1, 2, 2)), 8, random.randint(4, 9))
    done = date(end, 5, random.randint(12, 28)) if random.random() < 0.93 else date(end - 1, 12, random.randint(10, 18))
    organisation = satellite_of(student.district) if kind == "satellite" else random.choice(tuple(CENTRAL))
    if kind == "left":
        return Course(
            student, student.program, cohort.school_year, organisation, begin, None, date(end, 1, random.randint(8, 28))
        )
    return Course(student, student.program, cohort.school_year, organisation, begin, done, done)


def _takers(number: int, seed: int) -> Iterator[Course]:
    """Students of satellite campuses, numbered from the next on, of whom one year is told."""
    random = Random(f"{seed} takers")
    for cohort in COHORTS:
        end = int(cohort.school_year[:4]) + 1
        for _ in range(cohort.takers):
            number += 1
            student = person(number, random)
            days = date(end - 1, 8, random.randint(4, 9)), date(end, 5, random.randint(12, 28))
            place = cohort.school_year, satellite_of(student.district)
            yield Course(student, student.program, *place, days[0], None, days[1], goes_on=True)


def _newest(seed: int) -> Iterator[Course]:
    """Who is in a program now."""
    random, number = Random(f"{seed} newest"), sum(c.central + c.satellite + c.leavers + c.takers for c in COHORTS)
    first = int(CURRENT_YEAR[:4])
    for kind, count in CURRENT.items():
        for _ in range(count):
            number += 1
            student = person(number, random)
            place = random.choice(tuple(CENTRAL)) if kind == "central" else satellite_of(student.district)
            begin, end = date(first, 8, random.randint(3, 7)), date(first + 1, 5, random.randint(12, 28))
            yield Course(student, student.program, CURRENT_YEAR, place, begin, None, end)


def _second(course: Course, random: Random) -> Course:
    """A second program, completed in the winter of the same year: still one person."""
    begin = date(int(course.school_year[:4]), 8, 5)
    done = date(begin.year, 12, random.randint(10, 18))
    other = random.choice([id for id in PROGRAM_OF if id not in (course.program, NEWEST)])
    return Course(course.student, other, course.school_year, course.organisation, begin, done, done)


def _awards(course: Course, cohort: Cohort, kind: str, random: Random) -> Iterator[SampleAward]:
    scale = SATELLITE_DISCOUNT if kind == "satellite" else 1.0
    program, draw = PROGRAM_OF[course.student.program], random.random()
    strict, relevant = cohort.strict * scale, cohort.relevant * scale
    if draw < strict:
        code = program.required if random.random() < 0.6 else program.preferred
    elif draw < strict + relevant:
        code = program.relevant
    elif draw < strict + relevant + cohort.other:
        yield from _no_high_value(course, random)
        return
    else:
        return
    day = _day_inside(course, random)
    if random.random() < FAILED_FIRST:
        yield SampleAward(course.student, code, program.id, "failed", day - timedelta(days=random.randint(35, 60)))
    yield _earned(course, code, day, cohort, random)


def _earned(course: Course, code: str, day: date, cohort: Cohort, random: Random) -> SampleAward:
    """An award that counts, some of them put right after they were logged."""
    verified = random.random() < cohort.verified
    wrong = day - timedelta(days=random.randint(1, 9)) if random.random() < CORRECTED else None
    return SampleAward(
        course.student,
        code,
        course.student.program,
        "passed",
        day,
        verified_on=day + timedelta(days=random.randint(5, 90)) if verified else None,
        level=random.choice(("issuer_lookup", "issuer_feed", "cryptographic"))
        if verified
        else random.choice(("", "self_reported", "document_seen")),
        fate="corrected" if wrong else "celebrated" if course.student.number % 40 == 0 else "",
        wrong_day=wrong,
    )


def _no_high_value(course: Course, random: Random) -> Iterator[SampleAward]:
    """Another credential inside the year, and for some a high-value one that does not count."""
    yield SampleAward(
        course.student, random.choice(OTHER), course.student.program, "passed", _day_inside(course, random)
    )
    program, draw = PROGRAM_OF[course.student.program], random.random()
    if draw < 0.25:
        late = course.left_on + timedelta(days=random.randint(370, 420))
        yield SampleAward(course.student, program.required, program.id, "passed", late)
    elif draw < 0.35:
        yield SampleAward(
            course.student, program.required, program.id, "passed", _day_inside(course, random), fate="revoked"
        )
    elif draw < 0.45:
        yield SampleAward(
            course.student, program.preferred, program.id, "passed", _day_inside(course, random), fate="voided"
        )


def _day_inside(course: Course, random: Random) -> date:
    """A day between three months before completion and the end of the year after it, most of them early."""
    if random.random() < 0.8:
        return course.left_on - timedelta(days=random.randint(0, 90))
    return course.left_on + timedelta(days=random.randint(1, 150))
