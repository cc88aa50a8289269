"""Every route and page of insights is named here, with the roles that may ask for it and the rows that each reaches."""

from services.insights.numbers.disclosure.viewers import MEMBERS
from shared.doors.auth import (
    ALL,
    COORDINATOR,
    COUNSELOR,
    DATA_MANAGER,
    INSTRUCTOR,
    LEADER,
    OPERATOR,
    OWN_DISTRICTS,
    SELF,
    SERVICE,
    STUDENT,
    Access,
)
from shared.doors.roles import Role

# Counts of whole boards name nobody; operators and students still have no board here.
BOARD = {
    LEADER: OWN_DISTRICTS,
    DATA_MANAGER: OWN_DISTRICTS,
    INSTRUCTOR: ALL,
    COORDINATOR: ALL,
    COUNSELOR: ALL,
    SERVICE: ALL,
}
ACCESS: Access = {
    "read_scoreboard": BOARD,
    "read_measure": BOARD,
    "read_members": MEMBERS,
    "explain_measure": BOARD,
    "stream_counts": BOARD,
    "read_open_cohort": MEMBERS,
    "export_open_cohort": MEMBERS,
    "read_own_credentials": {STUDENT: SELF},
    "read_student_credentials": MEMBERS,
    "make_sign_in_link": dict.fromkeys(Role, ALL),
    # Students and operators have no board, and are led from its address to a page of their own.
    "board_page": BOARD | {STUDENT: SELF, OPERATOR: SELF},
    "operations_page": {OPERATOR: ALL},
    "goal_page": BOARD,
    "families_page": BOARD,
    "members_page": MEMBERS,
    "class_page": {role: MEMBERS[role] for role in (INSTRUCTOR, DATA_MANAGER)},
    "open_cohort_page": MEMBERS,
    "own_page": {STUDENT: SELF},
    # They hold no student: what is on them each service tells the viewer's own browser.
    "students_page": MEMBERS,
    "student_page": MEMBERS,
    "imports_page": {DATA_MANAGER: OWN_DISTRICTS},
}
# Open to everybody: the page that signs in, the one that signs out, and the language of both.
PUBLIC = ("sign_in_page", "sign_in", "sign_out_page", "choose_language")
