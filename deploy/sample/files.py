"""The sample as files: OneRoster 1.2 zips, one a school year, and CSV files that the HTTP APIs take."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from deploy.sample import places, programs
from deploy.sample.district import Course, District, SampleAward
from deploy.sample.people import Person
from shared.school_year import school_year_of

SOURCE = "sample-sis"
ONEROSTER_FILES = (
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
)
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
    "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
).split(",")
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId".split(",")
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
).split(",")
DEMOGRAPHICS = (
    "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,"
    "blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,"
    "publicSchoolResidenceStatus"
).split(",")
RACE_COLUMN = {
    "hispanic_latino": "hispanicOrLatinoEthnicity",
    "white": "white",
    "black_african_american": "blackOrAfricanAmerican",
    "asian": "asian",
    "two_or_more": "demographicRaceTwoOrMoreRaces",
    "american_indian_alaska_native": "americanIndianOrAlaskaNative",
    "native_hawaiian_pacific_islander": "nativeHawaiianOrOtherPacificIslander",
}


def write(made: District, folder: Path) -> dict[str, int]:
    """Write every file into the folder; the answer gives rows per file."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Sequence[Mapping[str, str]]] = {
        "organisations.csv": places.organisation_rows(),
        "programs.csv": _program_rows(),
        "catalogue.csv": programs.catalogue_rows(),
        "demographics.csv": list(_demographic_rows(made)),
        "enrolments.csv": list(_enrolment_rows(made.courses)),
        "completions.csv": list(_completion_rows(made.courses)),
        "awards.csv": [_award_row(award) for award in made.awards],
    }
    for name, rows in tables.items():
        (folder / name).write_text(as_csv(rows, list(rows[0])), encoding="utf-8")
    for year in years(made):
        (folder / f"oneroster-{year}.zip").write_bytes(oneroster_zip(made, year))
    return {name: len(rows) for name, rows in tables.items()}


def as_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """RFC 4180 text with a header row; a column that a row does not have is left empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def years(made: District) -> list[str]:
    """Every school year in which somebody was enrolled, oldest first."""
    return sorted({year for course in made.courses for year in _years_of(course)})


def _years_of(course: Course) -> list[str]:
    first, last = int(school_year_of(course.begin)[:4]), int(school_year_of(course.left_on)[:4])
    return [f"{year}-{(year + 1) % 100:02d}" for year in range(first, last + 1)]


def oneroster_zip(made: District, year: str) -> bytes:
    """A bulk OneRoster 1.2 zip of the students of one school year."""
    students = _students_in(made, year)
    users = [row for student, last in students for row in _user_rows(student, last=last)]
    tables = {
        "orgs": (ORGS, list(_org_rows())),
        "users": (USERS, users),
        "roles": (ROLES, [_role_row(user) for user in users]),
        "demographics": (DEMOGRAPHICS, [_race_row(student) for student, _ in students]),
    }
    manifest = [
        {"propertyName": "manifest.version", "value": "1.0"},
        {"propertyName": "oneroster.version", "value": "1.2"},
    ]
    manifest += [
        {"propertyName": f"file.{name}", "value": "bulk" if name in tables else "absent"} for name in ONEROSTER_FILES
    ]
    manifest += [
        {"propertyName": "source.systemName", "value": "Sample student information system"},
        {"propertyName": "source.systemCode", "value": SOURCE},
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", as_csv(manifest, ["propertyName", "value"]))
        for name, (columns, rows) in tables.items():
            archive.writestr(f"{name}.csv", as_csv(rows, columns))
    return packed.getvalue()


def _students_in(made: District, year: str) -> list[tuple[Person, bool]]:
    """Each student enrolled in the year, and whether it was the student's last."""
    found: dict[int, tuple[Person, bool]] = {}
    for course in made.courses:
        if year in _years_of(course):
            found.setdefault(course.student.number, (course.student, _years_of(course)[-1] == year))
    return list(found.values())


def _org_rows() -> Iterable[dict[str, str]]:
    kinds = {"district": "district", "school": "school"}
    for row in places.organisation_rows():
        if row["type"] in kinds:
            parent = "" if row["type"] == "district" else row["parent_id"]
            yield {"sourcedId": row["id"], "name": row["name"], "type": kinds[row["type"]], "parentSourcedId": parent}


def _user_rows(student: Person, *, last: bool) -> Iterable[dict[str, str]]:
    """One row, or two for a student whom two offices keep under ids of their own."""
    for prefix in ("s", "c") if student.two_sources else ("s",):
        yield {
            "sourcedId": f"{prefix}-{student.number:06d}",
            "enabledUser": "true",
            "username": f"{prefix}{student.number:06d}",
            "givenName": student.given_name,
            "familyName": student.family_name,
            "identifier": student.state_id,
            "grades": "12" if last else "11",
            "primaryOrgSourcedId": student.school,
        }


def _role_row(user: Mapping[str, str]) -> dict[str, str]:
    return {
        "sourcedId": f"r-{user['sourcedId']}",
        "userSourcedId": user["sourcedId"],
        "roleType": "primary",
        "role": "student",
        "orgSourcedId": user["primaryOrgSourcedId"],
    }


def _race_row(student: Person) -> dict[str, str]:
    row = dict.fromkeys(RACE_COLUMN.values(), "false") | {"sourcedId": f"s-{student.number:06d}", "sex": student.sex}
    return row | {RACE_COLUMN[student.race_ethnicity]: "true"}


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
    for year in years(made):
        for student, _ in _students_in(made, year):
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


def _enrolment_rows(courses: Iterable[Course]) -> Iterable[dict[str, str]]:
    for course in courses:
        yield {
            "id": f"e{_course_id(course)}",
            "student_id": course.student.alias,
            "program_id": course.program,
            "organisation_id": course.organisation,
            "begin": course.begin.isoformat(),
            "end": course.left_on.isoformat(),
            "concentrator_on": "",
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
