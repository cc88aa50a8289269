"""The files and columns of OneRoster 1.2 CSV, as data; both 1.2.0 and 1.2.1 are read by these."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "id", "date", "moment", "boolean", "choice", "year", "typed"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells may hold, and which file's sourcedId they name.

    `unread` columns may stand in a file, but their cells are never looked at: a password or a
    telephone number that is not read cannot be kept, logged or shown. `open` choices also take
    the standard's own extension, `ext:` and a word.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    open: bool = False
    refers: str = ""
    many: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One file: its columns, the pairs of dates that must stand in order, the files it cannot do without."""

    name: str
    columns: tuple[Column, ...]
    needs: tuple[str, ...] = ()
    periods: tuple[tuple[str, str], ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


HEAD = (
    Column("sourcedId", "id", required=True),
    Column("status", "choice", choices=("active", "tobedeleted")),
    Column("dateLastModified", "moment"),
)
SUBJECTS = (Column("subjects", many=True), Column("subjectCodes", many=True))

ORGS = Layout(
    "orgs",
    (
        *HEAD,
        Column("name", required=True),
        Column(
            "type",
            "choice",
            required=True,
            open=True,
            choices=("department", "school", "district", "local", "state", "national"),
        ),
        Column("identifier"),
        Column("parentSourcedId", "id", refers="orgs"),
    ),
)

USERS = Layout(
    "users",
    (
        *HEAD,
        Column("enabledUser", "boolean", required=True),
        Column("username", required=True, unread=True),
        Column("userIds", "typed", many=True),
        Column("givenName", required=True),
        Column("familyName", required=True),
        Column("middleName", unread=True),
        Column("identifier"),
        Column("email", unread=True),
        Column("sms", unread=True),
        Column("phone", unread=True),
        Column("agentSourcedIds", many=True),
        Column("grades", many=True),
        Column("password", unread=True),
        Column("userMasterIdentifier", unread=True),
        Column("resourceSourcedIds", unread=True),  # 1.2.0 only
        Column("preferredGivenName"),
        Column("preferredMiddleName", unread=True),
        Column("preferredFamilyName", unread=True),
        Column("primaryOrgSourcedId", "id", refers="orgs"),
        Column("pronouns", unread=True),
    ),
    needs=("orgs",),
)

ROLES = Layout(
    "roles",
    (
        *HEAD,
        Column("userSourcedId", "id", required=True, refers="users"),
        Column("roleType", "choice", required=True, choices=("primary", "secondary")),
        Column(
            "role",
            "choice",
            required=True,
            open=True,
            choices=(
                "aide",
                "counselor",
                "districtAdministrator",
                "guardian",
                "parent",
                "principal",
                "proctor",
                "relative",
                "siteAdministrator",
                "student",
                "systemAdministrator",
                "teacher",
            ),
        ),
        Column("beginDate", "date"),
        Column("endDate", "date"),
        Column("orgSourcedId", "id", required=True, refers="orgs"),
        Column("userProfileSourcedId", unread=True),
    ),
    needs=("users", "orgs"),
    periods=(("beginDate", "endDate"),),
)

DEMOGRAPHICS = Layout(
    "demographics",
    (
        Column("sourcedId", "id", required=True, refers="users"),
        *HEAD[1:],
        Column("birthDate", "date"),
        Column("sex", "choice", choices=("male", "female", "unspecified", "other"), open=True),
        Column("americanIndianOrAlaskaNative", "boolean"),
        Column("asian", "boolean"),
        Column("blackOrAfricanAmerican", "boolean"),
        Column("nativeHawaiianOrOtherPacificIslander", "boolean"),
        Column("white", "boolean"),
        Column("demographicRaceTwoOrMoreRaces", "boolean"),
        Column("hispanicOrLatinoEthnicity", "boolean"),
        Column("countryOfBirthCode", unread=True),
        Column("stateOfBirthAbbreviation", unread=True),
        Column("cityOfBirth", unread=True),
        Column("publicSchoolResidenceStatus", unread=True),
    ),
    needs=("users",),
)

ACADEMIC_SESSIONS = Layout(
    "academicSessions",
    (
        *HEAD,
        Column("title", required=True),
        Column("type", "choice", required=True, open=True, choices=("gradingPeriod", "semester", "schoolYear", "term")),
        Column("startDate", "date", required=True),
        Column("endDate", "date", required=True),
        Column("parentSourcedId", "id", refers="academicSessions"),
        Column("schoolYear", "year", required=True),
    ),
    periods=(("startDate", "endDate"),),
)

COURSES = Layout(
    "courses",
    (
        *HEAD,
        Column("schoolYearSourcedId", "id", refers="academicSessions"),
        Column("title", required=True),
        Column("courseCode"),
        Column("grades", many=True),
        Column("orgSourcedId", "id", required=True, refers="orgs"),
        *SUBJECTS,
    ),
    needs=("orgs",),
)

CLASSES = Layout(
    "classes",
    (
        *HEAD,
        Column("title", required=True),
        Column("grades", many=True),
        Column("courseSourcedId", "id", required=True, refers="courses"),
        Column("classCode"),
        Column("classType", "choice", required=True, open=True, choices=("homeroom", "scheduled")),
        Column("location"),
        Column("schoolSourcedId", "id", required=True, refers="orgs"),
        Column("termSourcedIds", "id", required=True, refers="academicSessions", many=True),
        *SUBJECTS,
        Column("periods", many=True),
    ),
    needs=("orgs", "courses", "academicSessions"),
)

ENROLLMENTS = Layout(
    "enrollments",
    (
        *HEAD,
        Column("classSourcedId", "id", required=True, refers="classes"),
        Column("schoolSourcedId", "id", required=True, refers="orgs"),
        Column("userSourcedId", "id", required=True, refers="users"),
        Column(
            "role",
            "choice",
            required=True,
            open=True,
            choices=("administrator", "proctor", "student", "teacher"),
        ),
        Column("primary", "boolean"),
        Column("beginDate", "date"),
        Column("endDate", "date"),
    ),
    needs=("classes", "users", "orgs"),
    periods=(("beginDate", "endDate"),),
)

# In the order of reading: whatever a file refers to stands before it.
FILES = (ORGS, USERS, ROLES, DEMOGRAPHICS, ACADEMIC_SESSIONS, COURSES, CLASSES, ENROLLMENTS)
BY_NAME = {layout.name: layout for layout in FILES}

# Files of the standard that hold nothing roster keeps; userProfiles hold passwords.
NEVER_READ = (
    "categories",
    "classResources",
    "courseResources",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)
