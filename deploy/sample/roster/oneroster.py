"""The sample as OneRoster 1.2 zips, one a school year; always the same bytes, so that a file sent twice is known."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from deploy.sample import places
from deploy.sample.csv_text import as_csv
from deploy.sample.district import District, students_in
from deploy.sample.families.guardians import SOURCE, user_rows
from deploy.sample.people import Person

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
USERS = [
    "sourcedId",
    "status",
    "dateLastModified",
    "enabledUser",
    "username",
    "userIds",
    "givenName",
    "familyName",
    "middleName",
    "identifier",
    "email",
    "sms",
    "phone",
    "agentSourcedIds",
    "grades",
    "password",
    "userMasterIdentifier",
    "preferredGivenName",
    "preferredMiddleName",
    "preferredFamilyName",
    "primaryOrgSourcedId",
    "pronouns",
    "metadata.preferredLanguage",
]
ORGS = ["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"]
ROLES = [
    "sourcedId",
    "status",
    "dateLastModified",
    "userSourcedId",
    "roleType",
    "role",
    "beginDate",
    "endDate",
    "orgSourcedId",
    "userProfileSourcedId",
]
DEMOGRAPHICS = [
    "sourcedId",
    "status",
    "dateLastModified",
    "birthDate",
    "sex",
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
    "countryOfBirthCode",
    "stateOfBirthAbbreviation",
    "cityOfBirth",
    "publicSchoolResidenceStatus",
]
COLUMNS = {"orgs": ORGS, "users": USERS, "roles": ROLES, "demographics": DEMOGRAPHICS}
RACE_COLUMN = {
    "hispanic_latino": "hispanicOrLatinoEthnicity",
    "white": "white",
    "black_african_american": "blackOrAfricanAmerican",
    "asian": "asian",
    "two_or_more": "demographicRaceTwoOrMoreRaces",
    "american_indian_alaska_native": "americanIndianOrAlaskaNative",
    "native_hawaiian_pacific_islander": "nativeHawaiianOrOtherPacificIslander",
}


def zipped(made: District, year: str) -> bytes:
    """A bulk OneRoster 1.2 zip of the students of one school year."""
    students = students_in(year, made.enrolled)
    users = [row for student, last in students for row in _user_rows(student, last=last)]
    guardians = list(user_rows(made, year))
    tables = {
        "orgs": list(org_rows()),
        "users": [*users, *({name: one[name] for name in one if name != "role"} for one in guardians)],
        "roles": [*(role_row(user) for user in users), *(role_row(one, one["role"]) for one in guardians)],
        "demographics": [race_row(student) for student, _ in students],
    }
    return packed(tables, "bulk")


def packed(tables: Mapping[str, Sequence[Mapping[str, str]]], mode: Literal["bulk", "delta"]) -> bytes:
    """A OneRoster 1.2 zip of these files, its manifest first."""
    manifest = [
        {"propertyName": "manifest.version", "value": "1.0"},
        {"propertyName": "oneroster.version", "value": "1.2"},
    ]
    manifest += [
        {"propertyName": f"file.{name}", "value": mode if name in tables else "absent"} for name in ONEROSTER_FILES
    ]
    manifest += [
        {"propertyName": "source.systemName", "value": "Sample student information system"},
        {"propertyName": "source.systemCode", "value": SOURCE},
    ]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest.csv", as_csv(manifest, ["propertyName", "value"]))
        for name, rows in tables.items():
            _add(archive, f"{name}.csv", as_csv(rows, COLUMNS[name]))
    return zipped.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    # Without a time of its own an entry bears that of the packing, and the same rows would be other bytes each time.
    archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)


def org_rows() -> Iterable[dict[str, str]]:
    """The schools and districts of the sample, as its student system keeps them."""
    kinds = {"district": "district", "school": "school"}
    for row in places.organisation_rows():
        if row["type"] in kinds:
            parent = "" if row["type"] == "district" else row["parent_id"]
            yield {"sourcedId": row["id"], "name": row["name"], "type": kinds[row["type"]], "parentSourcedId": parent}


def _user_rows(student: Person, *, last: bool) -> Iterable[dict[str, str]]:
    """One row, or two for a student whom two offices keep under ids of their own."""
    for prefix in ("s", "c") if student.two_sources else ("s",):
        yield user_row(student, "12" if last else "11", prefix)


def user_row(student: Person, grade: str, prefix: str = "s") -> dict[str, str]:
    """A student as one office keeps them."""
    return {
        "sourcedId": f"{prefix}-{student.number:06d}",
        "enabledUser": "true",
        "username": f"{prefix}{student.number:06d}",
        "givenName": student.given_name,
        "familyName": student.family_name,
        "userIds": f"{{stateStudentId:{student.state_id}}}",
        "grades": grade,
        "primaryOrgSourcedId": student.school,
    }


def role_row(user: Mapping[str, str], role: str = "student") -> dict[str, str]:
    """What the user is at the home school."""
    return {
        "sourcedId": f"r-{user['sourcedId']}",
        "userSourcedId": user["sourcedId"],
        "roleType": "primary",
        "role": role,
        "orgSourcedId": user["primaryOrgSourcedId"],
    }


def race_row(student: Person) -> dict[str, str]:
    """The groups that the student system knows of."""
    row = dict.fromkeys(RACE_COLUMN.values(), "false") | {"sourcedId": f"s-{student.number:06d}", "sex": student.sex}
    return row | {RACE_COLUMN[student.race_ethnicity]: "true"}
