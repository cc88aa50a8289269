"""The sample as files: OneRoster 1.2 zips, one a school year, and CSV files that the HTTP APIs take."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from deploy.sample import places, programs
from deploy.sample.credentials import assessments
from deploy.sample.csv_text import as_csv
from deploy.sample.district import Course, District, SampleAward
from deploy.sample.roster import oneroster


def write(made: District, folder: Path) -> dict[str, int]:
    """Write every file into the folder; the answer gives rows per file."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Sequence[Mapping[str, str]]] = {
        "organisations.csv": places.organisation_rows(),
        "programs.csv": _program_rows(),
        "catalogue.csv": programs.catalogue_rows(),
        "raised-tier.csv": programs.raised_rows(),
        "program-lists.csv": programs.list_rows(),
        "demographics.csv": list(_demographic_rows(made)),
        "enrolments.csv": list(_enrolment_rows(made)),
        "completions.csv": list(_completion_rows(made.courses)),
        "assessments.csv": list(assessments.rows(made.sittings)),
        "awards.csv": [_award_row(award) for award in made.awards if not award.fate],
    }
    for name, rows in tables.items():
        (folder / name).write_text(as_csv(rows, list(rows[0])), encoding="utf-8")
    for year in made.years():
        (folder / f"oneroster-{year}.zip").write_bytes(oneroster.zipped(made, year))
    return {name: len(rows) for name, rows in tables.items()}


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
        for student, _ in made.students_in(year):
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
    for course in made.courses:
        yield {
            "id": f"e{_course_id(course)}",
            "student_id": course.student.alias,
            "program_id": course.program,
            "organisation_id": course.organisation,
            "begin": course.begin.isoformat(),
            "end": course.left_on.isoformat(),
            "concentrator_on": made.concentrators[course].isoformat(),
        }


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


def _award_row(award: SampleAward) -> dict[str, str]:
    logged = (award.wrong_day or award.day).isoformat()
    return {
        "student_id": award.student.alias,
        "credential_code": award.code,
        "program_id": award.program_id,
        "result": award.result,
        "taken_on": logged,
        "awarded_on": logged if award.result == "passed" else "",
        "expires_on": "",
        "license_number": "",
        "verification_level": award.level,
        "verified_on": (award.verified_on or (award.wrong_day or award.day)).isoformat() if award.level else "",
        "verification_outcome": "confirmed" if award.level else "",
    }


def award_body(award: SampleAward) -> dict[str, object]:
    """The same award as the body of `POST /v1/awards`."""
    row = _award_row(award)
    plain: dict[str, object] = {name: value for name, value in row.items() if value and not name.startswith("verif")}
    if award.level:
        plain["verification"] = {
            "level": award.level,
            "verified_on": row["verified_on"],
            "outcome": row["verification_outcome"],
        }
    return plain
