"""Who may do what: every route of credentials, and which rows each role reaches there.

A district's rows are those of students at home in it. What the catalogue says, what a program asks
and whether its list is approved is no secret.
"""

from shared.doors import auth
from shared.doors.auth import ALL, DATA_MANAGER, OWN_CAMPUSES, OWN_DISTRICTS, OWN_PROGRAMS, SELF, SERVICE
from shared.doors.roles import Role

EVERYBODY = dict.fromkeys(Role, ALL)
MANAGE = {DATA_MANAGER: OWN_DISTRICTS, SERVICE: ALL}
LOG = {**MANAGE, auth.INSTRUCTOR: OWN_PROGRAMS}
STAFF = {**LOG, auth.COORDINATOR: OWN_CAMPUSES, auth.COUNSELOR: OWN_CAMPUSES, auth.LEADER: OWN_DISTRICTS}
READ = {**STAFF, auth.STUDENT: SELF}

ACCESS: auth.Access = {
    "put_credential": MANAGE,
    "get_credential": EVERYBODY,
    "list_catalogue": EVERYBODY,
    "import_catalogue": MANAGE,
    "put_program_catalogue": MANAGE,
    "import_program_catalogues": MANAGE,
    "get_program_catalogue": EVERYBODY,
    "list_program_catalogues": EVERYBODY,
    "record_award": LOG,
    "record_batch": LOG,
    "void_batch": LOG,
    "import_awards": LOG,
    "list_awards": READ,
    "get_award": READ,
    "correct_award": LOG,
    "verify_award": LOG,
    "revoke_award": LOG,
    "celebrate_award": LOG,
    "void_award": LOG,
    # Whoever logs awards looks them up; an issuer's file speaks for everybody's.
    "verify_batch": LOG,
    "import_verifications": MANAGE,
    # A student sees what expires; what is to be checked or announced is the staff's.
    "list_follow_up": LOG | {auth.LEADER: OWN_DISTRICTS},
    "list_expiring": READ,
    "list_award_conflicts": LOG,
    "list_upcoming_celebrations": STAFF,
    "class_page": {auth.INSTRUCTOR: OWN_PROGRAMS, DATA_MANAGER: OWN_DISTRICTS},
    "record_assessment": LOG,
    "record_assessment_batch": LOG,
    "void_assessment_batch": LOG,
    "import_assessments": LOG,
    "list_assessments": READ,
    "get_assessment": READ,
    "correct_assessment": LOG,
    "void_assessment": LOG,
    "put_cuts": MANAGE,
    "get_cuts": EVERYBODY,
}
