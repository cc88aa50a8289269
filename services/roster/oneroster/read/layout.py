"""OneRoster CSV has these files and columns, in 1.2.0 and 1.2.1, and those that 1.1 has otherwise."""

from dataclasses import dataclass
from typing import Literal

CellKind = Literal["text", "id", "date", "boolean", "choice", "year", "typed", "language"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells may hold, and which file's sourcedId they name.

    `unread` columns may stand in a file, but their cells are never looked at: a password that is
    not read cannot be kept, logged or shown. A `quiet` cell is read and never quoted. A `side` cell that makes no
    sense is left out with a note; only the others, which say what a row is and where it belongs,
    can refuse it. `open` choices also take the standard's own extension, `ext:` and a word.
    `also`: what exports call the column, too.
    """

    name: str
    kind: CellKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    open: bool = False
    refers: str = ""
    many: bool = False
    unread: bool = False
    quiet: bool = False
    side: bool = False
    also: tuple[str, ...] = ()
    short: tuple[tuple[str, str], ...] = ()  # of a choice: how exports shorten it


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
    Column("status", "choice", choices=("active", "tobedeleted"), side=True),
    Column("dateLastModified", unread=True),
)
SUBJECTS = (Column("subjects", many=True, side=True), Column("subjectCodes", many=True, side=True))

# The standard has no column for a language: exports add these, as it lets them.
LANGUAGES = ("metadata.preferredLanguage", "metadata.homeLanguage")
# How somebody is reached. It is kept of guardians, and of nobody else.
REACHED = ("email", "sms", "phone")

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
            side=True,
        ),
        Column("identifier", side=True),
        Column("parentSourcedId", "id", refers="orgs", side=True),
    ),
)

USERS = Layout(
    "users",
    (
        *HEAD,
        Column("enabledUser", unread=True),
        Column("orgSourcedIds", unread=True),  # 1.1 only, as the next: see older.py
        Column("role", unread=True),
        Column("username", unread=True),
        Column("userIds", "typed", many=True, side=True, also=("userId",)),
        Column("givenName", required=True),
        Column("familyName", required=True),
        Column("middleName", unread=True),
        Column("identifier", side=True),
        *(Column(name, side=True, quiet=True) for name in REACHED),
        Column("agentSourcedIds", many=True, side=True, also=("agents",)),
        Column("grades", many=True, side=True, also=("grade",)),
        Column("password", unread=True),
        Column("userMasterIdentifier", unread=True),
        Column("resourceSourcedIds", unread=True),  # 1.2.0 only
        Column("preferredGivenName", side=True),
        Column("preferredMiddleName", unread=True),
        Column("preferredFamilyName", unread=True),
        Column("primaryOrgSourcedId", "id", refers="orgs", side=True),
        Column("pronouns", unread=True),
        Column(LANGUAGES[0], "language", side=True, also=("metadata.preferred_language",)),
        Column(LANGUAGES[1], "language", side=True, also=("metadata.home_language",)),
    ),
    needs=("orgs",),
)

ROLES = Layout(
    "roles",
    (
        *HEAD,
        Column("userSourcedId", "id", required=True, refers="users"),
        Column("roleType", "choice", choices=("primary", "secondary"), side=True),
        Column(
            "role",
            "choice",
            required=True,
            open=True,
            choices=(
                "administrator",  # 1.1 only
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
        Column("beginDate", "date", side=True),
        Column("endDate", "date", side=True),
        Column("orgSourcedId", "id", required=True, refers="orgs"),
        Column("userProfileSourcedId", unread=True),
    ),
    needs=("users", "orgs"),
    periods=(("beginDate", "endDate"),),
)

DEMOGRAPHICS = Layout(
    "demographics",
    (
        Column("sourcedId", "id", required=True, refers="users", also=("userSourcedId",)),
        *HEAD[1:],
        Column("birthDate", "date", side=True),
        Column(
            "sex",
            "choice",
            choices=("male", "female", "unspecified", "other"),
            open=True,
            side=True,
            short=(("f", "female"), ("m", "male")),
        ),
        Column("americanIndianOrAlaskaNative", "boolean", side=True),
        Column("asian", "boolean", side=True),
        Column("blackOrAfricanAmerican", "boolean", side=True),
        Column("nativeHawaiianOrOtherPacificIslander", "boolean", side=True),
        Column("white", "boolean", side=True),
        Column("demographicRaceTwoOrMoreRaces", "boolean", side=True),
        Column("hispanicOrLatinoEthnicity", "boolean", side=True),
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
        Column("title", side=True),
        Column("type", "choice", open=True, choices=("gradingPeriod", "semester", "schoolYear", "term"), side=True),
        Column("startDate", "date", required=True),
        Column("endDate", "date", required=True),
        Column("parentSourcedId", "id", refers="academicSessions", side=True),
        Column("schoolYear", "year", side=True),
    ),
    periods=(("startDate", "endDate"),),
)

COURSES = Layout(
    "courses",
    (
        *HEAD,
        Column("schoolYearSourcedId", "id", refers="academicSessions", side=True),
        Column("title", side=True),
        Column("courseCode", side=True),
        Column("grades", many=True, side=True, also=("grade",)),
        Column("orgSourcedId", "id", refers="orgs", side=True),
        *SUBJECTS,
    ),
    needs=("orgs",),
)

CLASSES = Layout(
    "classes",
    (
        *HEAD,
        Column("title", side=True),
        Column("grades", many=True, side=True, also=("grade",)),
        Column("courseSourcedId", "id", refers="courses", side=True),
        Column("classCode", side=True),
        Column("classType", "choice", open=True, choices=("homeroom", "scheduled"), side=True),
        Column("location", side=True),
        Column("schoolSourcedId", "id", required=True, refers="orgs"),
        Column("termSourcedIds", "id", refers="academicSessions", many=True, side=True, also=("termSourcedId",)),
        *SUBJECTS,
        Column("periods", many=True, side=True),
    ),
    needs=("orgs",),
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
        Column("primary", "boolean", side=True),
        Column("beginDate", "date"),
        Column("endDate", "date"),
    ),
    needs=("classes", "users", "orgs"),
    periods=(("beginDate", "endDate"),),
)

# In the order of reading: whatever a file refers to stands before it.
FILES = (ORGS, USERS, ROLES, DEMOGRAPHICS, ACADEMIC_SESSIONS, COURSES, CLASSES, ENROLLMENTS)
BY_NAME = {layout.name: layout for layout in FILES}

MANIFEST = "manifest"
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
