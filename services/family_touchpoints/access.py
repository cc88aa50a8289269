"""Who may do what: every route of family_touchpoints, and which rows each role reaches there.

A student's rows are reached by where the student is enrolled, a district's by where the student is at home.
"""

from dataclasses import replace

from shared.doors import auth
from shared.doors.auth import (
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
)
from shared.records.record import Record

MANAGE = {DATA_MANAGER: OWN_DISTRICTS, SERVICE: auth.ALL}
# Who handles restrictions, consents and breaches: the family liaison.
LIAISE = {**MANAGE, COUNSELOR: OWN_CAMPUSES}
# Who speaks with families.
LOG = {**LIAISE, INSTRUCTOR: OWN_PROGRAMS, COORDINATOR: OWN_CAMPUSES}
# Who sees what was tried; a student from 18 on sees the own, which each route decides.
READ = {**LOG, LEADER: OWN_DISTRICTS, STUDENT: SELF}
# What a program plans, and which evenings there are, is nobody's secret among the staff.
STAFF = {**LOG, LEADER: OWN_DISTRICTS}
# Who runs an evening for families, and their surveys.
ARRANGE = {**LIAISE, COORDINATOR: OWN_CAMPUSES}

# A version of a survey holds nobody's answers, and stays as it is once there are any.
ANY_SURVEY = dict.fromkeys(ARRANGE, auth.ALL)

ACCESS: auth.Access = {
    "plan_workshop": ARRANGE,
    "correct_workshop": ARRANGE,
    "hold_workshop": ARRANGE,
    "cancel_workshop": ARRANGE,
    "reopen_workshop": ARRANGE,
    "void_workshop": ARRANGE,
    "list_workshops": STAFF,
    "get_workshop": STAFF,
    "take_roll": LOG,
    "get_roll": STAFF,
    "take_off_roll": LOG,
    "list_restricted_attendance": LIAISE,
    "import_attendance": ARRANGE,
    "get_contact": LOG,
    "list_rules": LIAISE,
    "put_rule": LIAISE,
    "void_rule": LIAISE,
    "import_rules": MANAGE,
    "list_consents": LIAISE,
    "put_consent": LIAISE,
    "import_consents": MANAGE,
    # Students of age see and say what they share; before, there is nothing for them.
    "get_sharing": {**LIAISE, STUDENT: SELF},
    "put_sharing": {**LIAISE, STUDENT: SELF},
    "import_sharing": MANAGE,
    "get_guardian": LOG,
    "put_guardian": LIAISE,
    "join_guardian": {DATA_MANAGER: OWN_DISTRICTS},
    "separate_guardian": {DATA_MANAGER: OWN_DISTRICTS},
    "put_touchpoint_plan": MANAGE,
    "get_touchpoint_plan": STAFF,
    "list_touchpoint_plans": STAFF,
    "record_touchpoint": LOG,
    "record_touchpoint_batch": LOG,
    "import_touchpoints": LOG,
    "list_touchpoints": READ,
    "get_touchpoint": READ,
    "correct_touchpoint": LOG,
    "void_touchpoint": LOG,
    "plan_touchpoint": LOG,
    "hold_touchpoint": LOG,
    "miss_touchpoint": LOG,
    "fail_touchpoint": LOG,
    "cancel_touchpoint": LOG,
    "reply_to_touchpoint": LOG,
    "put_survey": ANY_SURVEY,
    "list_surveys": ANY_SURVEY | {INSTRUCTOR: auth.ALL, LEADER: auth.ALL},
    "get_survey": ANY_SURVEY | {INSTRUCTOR: auth.ALL, LEADER: auth.ALL},
    "record_response": ARRANGE,
    "import_survey_responses": MANAGE,
    # To a leader that somebody has answered, not what.
    "list_responses": ARRANGE | {LEADER: OWN_DISTRICTS},
    "get_response": ARRANGE | {LEADER: OWN_DISTRICTS},
    "void_survey_response": ARRANGE,
    "record_tally": ARRANGE,
    "list_tallies": ARRANGE | {LEADER: OWN_DISTRICTS},
    "get_tally": ARRANGE | {LEADER: OWN_DISTRICTS},
    "correct_tally": ARRANGE,
    "void_tally": ARRANGE,
    "make_link": LOG,
    "make_survey_links": ARRANGE,
    "end_link": LOG,
    "workshops_page": STAFF,
    "roll_page": LOG,
    "family_page": LOG,
    "own_contact_page": {STUDENT: SELF},
    "calls_page": {role: rows for role, rows in LOG.items() if role != SERVICE},
    # To a leader without whom to call.
    "list_unreached": STAFF,
    "list_planned_today": STAFF,
    "list_missed": STAFF,
    "list_three_tries": STAFF,
    "list_wrong_number": STAFF,
    "list_interpreter_next_week": STAFF,
    "list_plan_points_overdue": STAFF,
    "list_planned_against_a_rule": LIAISE,
    "list_breaches": LIAISE,
    "list_contacted_after_withdrawal": LIAISE,
    "list_turning_18": LIAISE,
    "list_walk_ins_without_guardian": LIAISE,
    "list_same_guardian_twice": LIAISE,
    "list_without_guardian": STAFF,
}
# Open to whoever has a family's link: its token is looked at first.
PUBLIC = frozenset({"answer_page", "send_answer", "answer_by_link"})


def without_reasons(record: Record, caller: auth.Caller) -> Record:
    """The record without why somebody else changed it, which may tell of a restriction; a liaison reads all of it."""
    if is_liaison(caller):
        return record
    lines = (past if past.by == caller.sub else replace(past, why="") for past in record.history)
    return replace(record, history=tuple(lines))


def is_liaison(caller: auth.Caller | auth.Identity) -> bool:
    """Whether the caller is one of those who handle restrictions."""
    return not caller.roles.isdisjoint(LIAISE)
