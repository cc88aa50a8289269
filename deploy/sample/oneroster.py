"""The sample as OneRoster 1.2 zips, one a school year."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from deploy.sample import places
from deploy.sample.csv_text import as_csv
from deploy.sample.district import District
from deploy.sample.people import Person

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
    students = made.students_in(year)
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
