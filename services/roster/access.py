"""This table says who may do what in roster: on every route, the rows that each role reaches."""

from shared.doors.auth import (
    ALL,
    COORDINATOR,
    COUNSELOR,
    DATA_MANAGER,
    INSTRUCTOR,
    LEADER,
    OWN_CAMPUSES,
    OWN_DISTRICTS,
    OWN_PROGRAMS,
    SELF,
    SERVICE,
    STUDENT,
    Access,
)
from shared.doors.roles import Role

EVERYBODY = dict.fromkeys(Role, ALL)
WRITE = {DATA_MANAGER: OWN_DISTRICTS, SERVICE: ALL}
GROUPS = {**WRITE, LEADER: OWN_DISTRICTS, COUNSELOR: OWN_CAMPUSES, STUDENT: SELF}
READ = {**GROUPS, INSTRUCTOR: OWN_PROGRAMS, COORDINATOR: OWN_CAMPUSES}
# The names of a class: of an instructor's own program and campus, of a coordinator's campus, of a district's students.
TEACH = {**WRITE, INSTRUCTOR: OWN_PROGRAMS, COORDINATOR: OWN_CAMPUSES}
# Who speaks with families: their names and numbers are for nobody else.
FAMILIES = {**TEACH, COUNSELOR: OWN_CAMPUSES}

# Who reaches which rows on which route. What a role's rows mean for each kind: reach/scope.py.
ACCESS: Access = {
    "put_organisation": WRITE,
    "get_organisation": EVERYBODY,
    "list_organisations": EVERYBODY,
    "void_organisation": WRITE,
    "import_organisations": WRITE,
    "put_organisation_terms": WRITE,
    "put_organisation_sources": WRITE,
    "get_organisation_sources": WRITE,
    "put_source": WRITE,
    "get_source": WRITE,
    "put_program": WRITE,
    "get_program": EVERYBODY,
    "list_programs": EVERYBODY,
    "void_program": WRITE,
    "list_class": TEACH,
    "export_class": TEACH,
    "import_programs": WRITE,
    "put_student": WRITE,
    "get_student": READ,
    "list_students": READ,
    "void_student": WRITE,
    "import_students": WRITE,
    "put_demographics": WRITE,
    "get_demographics": GROUPS,
    "list_demographics": GROUPS,
    "void_demographics": WRITE,
    "import_demographics": WRITE,
    "put_enrolment": WRITE,
    "get_enrolment": READ,
    "list_enrolments": READ,
    "void_enrolment": WRITE,
    "import_enrolments": WRITE,
    "put_completion": WRITE,
    "get_completion": READ,
    "list_completions": READ,
    "void_completion": WRITE,
    "import_completions": WRITE,
    "put_outcome": WRITE,
    "get_outcome": GROUPS,
    "list_outcomes": GROUPS,
    "void_outcome": WRITE,
    "import_outcomes": WRITE,
    "merge_person": WRITE,
    "unmerge_person": WRITE,
    "separate_person_source": WRITE,
    "get_person_sources": WRITE,
    "get_person_guardians": FAMILIES,
    "lookup_guardians": FAMILIES,
    "find_guardians": FAMILIES,
    "get_person_classes": {**WRITE, COUNSELOR: OWN_CAMPUSES},
    "list_person_conflicts": WRITE,
    "decide_person_conflict": WRITE,
    # Each row as its kind; of imports a caller sees the own ones, or with all districts everybody's.
    "import_course_programs": WRITE,
    "list_course_programs": EVERYBODY,
    "import_oneroster": WRITE,
    "list_oneroster_imports": WRITE,
    "get_oneroster_import": WRITE,
    "get_oneroster_import_problems": WRITE,
    # Of transfers a caller sees those that the own districts ask for or may decide.
    "ask_transfer": WRITE,
    "list_transfers": WRITE,
    "decide_transfer": WRITE,
}
