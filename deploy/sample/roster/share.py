"""What the sample sends to roster: places, programs, the student system's packages, who went through what."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random

from deploy.sample import places, programs
from deploy.sample.district import Course, District, students_in
from deploy.sample.families.guardians import SOURCE
from deploy.sample.roster import oneroster
from deploy.sample.roster.packages import package_of, send_package
from deploy.sample.sending import Rows, Sending, Share, Step, ask, csv_step

EARLY = 0.14  # concentrate in the first of two years already


def files(made: District) -> Mapping[str, Rows]:
    """The CSV files by name."""
    return {
        "organisations.csv": places.organisation_rows(),
        "programs.csv": _program_rows(),
        "demographics.csv": list(_demographic_rows(made)),
        "enrolments.csv": list(_enrolment_rows(made)),
        "completions.csv": list(_completion_rows(made.courses)),
    }


async def _mapped(to: Sending) -> None:
    """Say once that the organisations are those of the student system: its feed keeps them from here on."""
    for row in oneroster.org_rows():
        id, pair = row["sourcedId"], {"source": SOURCE, "sourced_id": row["sourcedId"]}
        await ask(to.services["roster"], "PUT", f"/v1/organisations/{id}/sources", json={"sources": [pair]})


async def _years(to: Sending) -> None:
    for year in to.made.years():
        await send_package(to, package_of(to.folder, year), year)


SHARE = Share(
    "roster",
    files,
    (
        csv_step("roster", "organisations", "/v1/organisations/imports"),
        csv_step("roster", "programs", "/v1/programs/imports", after=("organisations",)),
        Step("mapped", _mapped, after=("organisations",)),
        Step("students", _years, after=("mapped", "programs")),
        csv_step("roster", "enrolments", "/v1/enrolments/imports", after=("students",)),
        # Not beside the enrolments: those are what other services wait for.
        csv_step("roster", "completions", "/v1/completions/imports", after=("enrolments",)),
        csv_step("roster", "demographics", "/v1/demographics/imports", after=("enrolments",)),
    ),
)


def _program_rows() -> list[dict[str, str]]:
    return [
        {
            "id": p.id,
            "title": p.title,
            "cip_code": p.cip,
            "cluster": p.cluster,
            "active_from": programs.active_from(p),
            "active_to": "",
        }
        for p in programs.PROGRAMS
    ]


def _demographic_rows(made: District) -> Iterable[dict[str, str]]:
    for year in made.years():
        for student, _ in students_in(year, made.enrolled):
            groups = {
                "low_income": student.low_income,
                "rural": student.rural,
                "disability": student.disability,
                "english_learner": student.english_learner,
            }
            yield {
                "student_id": student.alias,
                "school_year": year,
                "sex": student.sex,
                "race_ethnicity": student.race_ethnicity,
                **{k: str(v).lower() for k, v in groups.items()},
            }


def _course_id(course: Course) -> str:
    return f"{course.student.number:06d}-{course.program}"


def _enrolment_rows(made: District) -> Iterable[dict[str, str]]:
    for course, since in (*concentrators(made.everybody, made.seed), *((one, None) for one in made.newest)):
        if made.has(course.student):
            yield {
                "id": f"e{_course_id(course)}",
                "student_id": course.student.alias,
                "program_id": course.program,
                "organisation_id": course.organisation,
                "begin": course.begin.isoformat(),
                "end": course.left_on.isoformat(),
                "concentrator_on": since.isoformat() if since else "",
            }


def concentrators(courses: Iterable[Course], seed: int) -> Iterable[tuple[Course, date]]:
    """From which day on each student concentrated: in the last year, a few in the first."""
    random = Random(f"{seed} concentrators")
    for course in courses:
        early = len(course.years()) > 1 and random.random() < EARLY
        start = course.begin if early else max(course.begin, date(int(course.years()[-1][:4]), 8, 10))
        wanted = start + timedelta(days=random.randint(180, 250) if early else random.randint(30, 90))
        yield course, min(wanted, course.left_on - timedelta(days=50))


def _completion_rows(courses: Iterable[Course]) -> Iterable[dict[str, str]]:
    for course in courses:
        if course.completed_on:
            yield {
                "id": f"c{_course_id(course)}",
                "student_id": course.student.alias,
                "program_id": course.program,
                "organisation_id": course.organisation,
                "completed_on": course.completed_on.isoformat(),
                "started_on": course.begin.isoformat(),
            }
