"""The made-up values of what family_touchpoints publishes, with all their fields filled."""

from datetime import date

from shared.contracts.envelope import Event, Fact
from shared.contracts.family_touchpoints import (
    Asks,
    Attendance,
    ContactYear,
    DuePoint,
    PlanStep,
    Survey,
    SurveyResponse,
    SurveyTally,
    Touchpoint,
    TouchpointPlan,
    TouchpointStep,
    Workshop,
)

ASKS = Asks(child_needs=True, own_needs=True, satisfaction=True)
TOUCHPOINT = Touchpoint(
    touchpoint_id="tp1",
    student_id="p1",
    occasion_id="oc1",
    guardian_ids=("g1", "g2"),
    with_student=True,
    program_id="welding",
    organisation_id="northwest",
    method="Phone",
    direction="to_family",
    language="spa",
    preferred_language="spa",
    interpreter="bilingual_caller",
    purpose="progress",
    steps=(
        TouchpointStep(status="planned", on=date(2025, 10, 2)),
        TouchpointStep(status="missed", on=date(2025, 10, 2)),
        TouchpointStep(status="held", on=date(2025, 10, 9)),
    ),
    outcome="reached",
    reached_on=date(2025, 10, 9),
    minutes=6,
    plan_point="autumn-call",
    counts=True,
    school_year="2025-26",
    term=1,
)
WORKSHOP = Workshop(
    workshop_id="w1",
    workshop_type="presentation",
    career_related=True,
    level="high",
    organisation_ids=("northwest", "central"),
    program_ids=("welding",),
    status="held",
    held_on=date(2025, 11, 12),
    delivery="hybrid",
    languages=("eng", "spa"),
    interpreted=("spa",),
    partner_ids=("pa1",),
    head_count=40,
    head_count_of="everyone",
    districts=("lake",),
    unnamed=28,
    school_year="2025-26",
)
ATTENDANCE = Attendance(
    attendance_id="at1",
    workshop_id="w1",
    guardian_id="g1",
    logged_as="g9",
    student_ids=("p1",),
    status="present",
    language="spa",
    workshop_type="presentation",
    level="high",
    delivery="hybrid",
    held=True,
    held_on=date(2025, 11, 12),
    career_related=True,
    districts=("lake",),
    organisation_ids=("northwest", "central"),
    program_ids=("welding",),
    school_year="2025-26",
    term=1,
)
SURVEY = Survey(
    survey_id="families",
    survey_version=2,
    published_on=date(2025, 9, 15),
    languages=("eng", "spa"),
    asks=ASKS,
    school_year="2025-26",
)
RESPONSE = SurveyResponse(
    response_id="sr1",
    survey_id="families",
    survey_version=2,
    guardian_id="g1",
    logged_as="g9",
    answered_on=date(2025, 11, 20),
    language="spa",
    child_needs=True,
    own_needs=False,
    complete=True,
    asks=ASKS,
    districts=("lake",),
    school_year="2025-26",
)
TALLY = SurveyTally(
    tally_id="st1",
    survey_id="families",
    survey_version=2,
    answered_on=date(2025, 11, 20),
    language="spa",
    organisation_id="northwest",
    districts=("lake",),
    complete=9,
    partial=3,
    asks=ASKS,
    school_year="2025-26",
)
PLAN = TouchpointPlan(
    program_id="welding",
    steps=(
        PlanStep(status="proposed", on=date(2025, 4, 1)),
        PlanStep(status="approved", on=date(2025, 5, 6)),
    ),
    points=("autumn-call", "spring-call"),
)
CONTACT_YEAR = ContactYear(
    contact_year_id="cy1",
    student_id="p1",
    enrolment_id="e1",
    school_year="2025-26",
    excused=True,
    points=(
        DuePoint(
            code="autumn-call",
            term=1,
            purpose="progress",
            method="Phone",
            since=date(2025, 8, 4),
            due=date(2025, 10, 3),
        ),
    ),
)

# The golden file, the subject it is published to, and the event.
EXAMPLES: dict[str, tuple[str, type[Fact], Event[Fact]]] = {
    "touchpoint": ("student/p1", Touchpoint, Event(record_id="touchpoint/tp1", version=3, state=TOUCHPOINT)),
    "workshop": ("workshop/w1", Workshop, Event(record_id="workshop/w1", version=2, state=WORKSHOP)),
    "attendance": ("guardian/g1", Attendance, Event(record_id="attendance/at1", version=1, state=ATTENDANCE)),
    "survey": ("survey/families", Survey, Event(record_id="survey/families-2", version=1, state=SURVEY)),
    "survey_response": (
        "guardian/g1",
        SurveyResponse,
        Event(record_id="survey_response/sr1", version=2, state=RESPONSE),
    ),
    "survey_tally": ("survey/families", SurveyTally, Event(record_id="survey_tally/st1", version=1, state=TALLY)),
    "touchpoint_plan": (
        "program/welding",
        TouchpointPlan,
        Event(record_id="touchpoint_plan/welding", version=2, state=PLAN),
    ),
    "contact_year": ("student/p1", ContactYear, Event(record_id="contact_year/cy1", version=1, state=CONTACT_YEAR)),
}
