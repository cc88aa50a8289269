"""OneRoster packages for tests: a small sound one, and ways to damage it; nobody in it is real."""

import io
import zipfile
from collections.abc import Mapping, Sequence

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
    "sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.preferredLanguage,metadata.homeLanguage"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
)
DEMOGRAPHICS = (
    "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
    "countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus"
)
SESSIONS = "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear"
COURSES = (
    "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"
)
HEADERS = {
    "orgs": ORGS,
    "users": USERS,
    "roles": ROLES,
    "demographics": DEMOGRAPHICS,
    "academicSessions": SESSIONS,
    "courses": COURSES,
    "classes": CLASSES,
    "enrollments": ENROLLMENTS,
}


def row(file: str, **cells: str) -> str:
    """One line of a file, by column name."""
    names = HEADERS[file].split(",")
    unknown = cells.keys() - set(names)
    assert not unknown, unknown
    return ",".join(_quoted(cells.get(name, "")) for name in names)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n\r') else cell


def user(sourced_id: str, state_id: str = "", **cells: str) -> str:
    """One line of users.csv: a made-up person, at home in the sample school unless told otherwise."""
    told = {
        "enabledUser": "true",
        "username": sourced_id,
        "givenName": "Sample",
        "familyName": f"Made-Up {sourced_id}",
        "userIds": f"{{stateStudentId:{state_id}}}" if state_id else "",
        "grades": "11",
        "primaryOrgSourcedId": "hs-1",
        "email": f"{sourced_id}@example.org",
        "password": "hunter2-made-up",
    }
    return row("users", sourcedId=sourced_id, **(told | cells))


def role(user_id: str, org: str = "hs-1", kind: str = "student", **cells: str) -> str:
    """One line of roles.csv."""
    told = {"roleType": "primary", "role": kind, "orgSourcedId": org, "sourcedId": f"r-{user_id}-{org}"}
    return row("roles", userSourcedId=user_id, **(told | cells))


def demographics(user_id: str, **cells: str) -> str:
    """One line of demographics.csv."""
    return row("demographics", sourcedId=user_id, **cells)


def org(sourced_id: str, kind: str = "school", parent: str = "d-1", **cells: str) -> str:
    """One line of orgs.csv."""
    return row(
        "orgs",
        **({"sourcedId": sourced_id, "name": f"Sample {sourced_id}", "type": kind, "parentSourcedId": parent} | cells),
    )


def small(number: int) -> dict[str, list[str]]:
    """A few students with a role each."""
    names = [f"m-{each}" for each in range(number)]
    users = [user(name, f"08{at:05d}") for at, name in enumerate(names)]
    return {"orgs": sound()["orgs"], "users": users, "roles": [role(name) for name in names]}


def sound() -> dict[str, list[str]]:
    """The rows of a small package in which nothing is wrong: two students, a teacher, one class."""
    return {
        "orgs": [org("d-1", "district", ""), org("hs-1")],
        "users": [user("s-1", "0900001"), user("s-2", "0900002", grades="12"), user("t-1", "77", grades="")],
        "roles": [role("s-1"), role("s-2"), role("t-1", kind="teacher")],
        "demographics": [
            demographics("s-1", sex="female", white="true", asian="true"),
            demographics("s-2", sex="male", white="true", hispanicOrLatinoEthnicity="true"),
        ],
        "academicSessions": [
            row(
                "academicSessions",
                sourcedId="y-25",
                title="2024-25",
                type="schoolYear",
                startDate="2024-08-01",
                endDate="2025-05-30",
                schoolYear="2025",
            ),
            row(
                "academicSessions",
                sourcedId="t-fall",
                title="Fall",
                type="term",
                startDate="2024-08-01",
                endDate="2024-12-20",
                parentSourcedId="y-25",
                schoolYear="2025",
            ),
        ],
        "courses": [
            row("courses", sourcedId="c-1", title="Welding 1", orgSourcedId="hs-1", schoolYearSourcedId="y-25")
        ],
        "classes": [
            row(
                "classes",
                sourcedId="k-1",
                title="Welding 1 A",
                courseSourcedId="c-1",
                classType="scheduled",
                schoolSourcedId="hs-1",
                termSourcedIds="t-fall",
            )
        ],
        "enrollments": [enrollment("e-1", "s-1"), enrollment("e-2", "s-2")],
    }


def enrollment(sourced_id: str, user_id: str, **cells: str) -> str:
    """One line of enrollments.csv."""
    told = {"classSourcedId": "k-1", "schoolSourcedId": "hs-1", "userSourcedId": user_id, "role": "student"}
    return row("enrollments", sourcedId=sourced_id, **(told | cells))


def manifest(files: Mapping[str, object], **changes: str) -> str:
    """The manifest of a bulk package that holds these files; a change to nothing leaves the property out."""
    properties = {"manifest.version": "1.0", "oneroster.version": "1.2", "source.systemCode": "sample-sis"}
    properties |= {f"file.{name}": "bulk" if name in files else "absent" for name in HEADERS}
    properties |= {name.replace("__", "."): value for name, value in changes.items()}
    return text("propertyName,value", [f"{name},{value}" for name, value in properties.items() if value])


def text(header: str, rows: Sequence[str], *, ending: str = "\r\n") -> str:
    """A file's text."""
    return ending.join([header, *rows, ""])


def as_files(rows: Mapping[str, Sequence[str]], **changes: str) -> dict[str, bytes]:
    """The files of a package by name, manifest first."""
    files = {"manifest.csv": manifest(rows, **changes)}
    files |= {f"{name}.csv": text(HEADERS[name], lines) for name, lines in rows.items()}
    return {name: content.encode() for name, content in files.items()}


def delta(rows: Mapping[str, Sequence[str]], **changes: str) -> bytes:
    """A package that holds only what has changed."""
    return zipped(as_files(rows, **{f"file__{name}": "delta" for name in rows}, **changes))


ACTIVE = {"status": "active", "dateLastModified": "2025-06-14T22:00:00.000Z"}
DELETED = {**ACTIVE, "status": "tobedeleted"}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
