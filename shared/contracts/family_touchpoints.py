"""Facts that family_touchpoints publishes: what was tried with a family and what came of it, workshops, surveys, plans.

Restrictions, consents, ages and notes never leave the service, nor does anything from which they could be read:
of an enrolment's year it says whether it is excused, without a reason, and of a breach it says nothing at all.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from shared.contracts.envelope import Fact
from shared.contracts.values import END, Id, SchoolYear, YearStart

# CEDS P000857, ParentCommunicationMethod, and what it lacks.
TwoWay = Literal["Phone", "InPerson", "HomeVisit", "VideoCall", "Text", "App", "Email"]
OneWay = Literal["Newsletter", "Website", "BulletinBoard", "Fax", "Mail", "Robocall", "Other"]
Method = Literal[TwoWay, OneWay]
Direction = Literal["to_family", "from_family"]
Purpose = Literal[
    "introduction",
    "progress",
    "concern",
    "praise",
    "attendance",
    "credential",
    "work_based_learning",
    "plan_consultation",
    "enrolment",
    "event_invitation",
    "survey",
    "transition",
    "emergency",
    "other",
]
Outcome = Literal["reached", "left_message", "no_answer", "wrong_number", "bounced", "delivered", "declined"]
TouchpointStatus = Literal["planned", "missed", "not_made", "held", "cancelled"]
Interpreter = Literal[
    "not_needed",
    "qualified_staff",
    "contracted",
    "bilingual_caller",
    "phone_line",
    "machine",
    "child_or_friend",
    "none",
]
WorkshopType = Literal["workshop", "presentation", "orientation", "open_house", "conference"]
Level = Literal["high", "middle", "k8", "adult"]
WorkshopStatus = Literal["planned", "held", "cancelled"]
Delivery = Literal["in_person", "virtual", "hybrid"]
AttendanceStatus = Literal["registered", "present", "absent"]
HeadCountOf = Literal["everyone", "unnamed_only"]
PlanStatus = Literal["proposed", "approved", "retired"]
# ISO 639-3, such as eng, spa.
Language = Annotated[str, Meta(pattern=f"^[a-z]{{3}}{END}", examples=["spa"])]
# The how manieth of a school year's terms, from 1.
Term = Annotated[int, Meta(ge=1, le=12)]


class FamilyFact(Fact, frozen=True, kw_only=True):
    service: ClassVar[str] = "family_touchpoints"


class TouchpointStep(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it on a day."""

    status: TouchpointStatus
    on: date


class Touchpoint(FamilyFact, frozen=True, kw_only=True):
    """One student's part in one occasion, through its whole life; another student's part is another record.

    `counts`: a two-way method, and no emergency. `reached_on` is the day on which somebody was
    reached, in the term `term` of `school_year`; while nobody was, both are those of its last step.
    """

    kind: ClassVar[str] = "touchpoint"
    touchpoint_id: Id
    student_id: Id
    occasion_id: Id
    guardian_ids: tuple[Id, ...] = ()
    with_student: bool = False
    program_id: Id | None = None
    organisation_id: Id | None = None
    method: Method
    direction: Direction
    language: Language
    preferred_language: Language | None = None
    interpreter: Interpreter
    purpose: Purpose
    steps: tuple[TouchpointStep, ...]
    outcome: Outcome | None = None
    reached_on: date | None = None
    minutes: int | None = None
    plan_point: Id | None = None
    counts: bool
    school_year: SchoolYear
    term: Term
    school_year_starts: YearStart = "07-01"


class Workshop(FamilyFact, frozen=True, kw_only=True):
    """An occasion for many families; `held_on` is the day that it is planned for until it is held.

    `districts` are those of its organisations; `unnamed` how many more were there than the roll names.
    """

    kind: ClassVar[str] = "workshop"
    workshop_id: Id
    workshop_type: WorkshopType
    career_related: bool
    level: Level
    organisation_ids: tuple[Id, ...]
    program_ids: tuple[Id, ...] = ()
    status: WorkshopStatus
    held_on: date
    delivery: Delivery
    languages: tuple[Language, ...] = ()
    interpreted: tuple[Language, ...] = ()
    partner_ids: tuple[Id, ...] = ()
    head_count: int | None = None
    head_count_of: HeadCountOf | None = None
    districts: tuple[Id, ...] = ()
    unnamed: int = 0
    school_year: SchoolYear


class Attendance(FamilyFact, frozen=True, kw_only=True):
    """A guardian at a workshop. To a student's subject `student_ids` names that student alone.

    `held`: the workshop was. Two ids that are one guardian's (`logged_as` the other) are two
    records of one subject. `term` is that of the day in `school_year`.
    """

    kind: ClassVar[str] = "attendance"
    attendance_id: Id
    workshop_id: Id
    guardian_id: Id
    logged_as: Id | None = None
    student_ids: tuple[Id, ...] = ()
    status: AttendanceStatus
    language: Language | None = None
    workshop_type: WorkshopType
    level: Level
    delivery: Delivery
    held: bool
    held_on: date
    career_related: bool
    districts: tuple[Id, ...] = ()
    organisation_ids: tuple[Id, ...] = ()
    program_ids: tuple[Id, ...] = ()
    school_year: SchoolYear
    term: Term


class Asks(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of a survey asks families about."""

    child_needs: bool = False
    own_needs: bool = False
    satisfaction: bool = False


class Survey(FamilyFact, frozen=True, kw_only=True):
    """One version of a survey of families."""

    kind: ClassVar[str] = "survey"
    survey_id: Id
    survey_version: int
    published_on: date
    languages: tuple[Language, ...] = ()
    asks: Asks
    school_year: SchoolYear


class SurveyResponse(FamilyFact, frozen=True, kw_only=True):
    """What a guardian has answered of a version, not what the answers were; `complete`: all that it asks.

    Two ids that are one guardian's are two records of one subject (`logged_as` the other).
    """

    kind: ClassVar[str] = "survey_response"
    response_id: Id
    survey_id: Id
    survey_version: int
    guardian_id: Id
    logged_as: Id | None = None
    answered_on: date
    language: Language
    child_needs: bool
    own_needs: bool
    complete: bool
    asks: Asks
    districts: tuple[Id, ...] = ()
    school_year: SchoolYear


class SurveyTally(FamilyFact, frozen=True, kw_only=True):
    """How many answered a version on a day in a language without a name."""

    kind: ClassVar[str] = "survey_tally"
    tally_id: Id
    survey_id: Id
    survey_version: int
    answered_on: date
    language: Language
    organisation_id: Id | None = None
    districts: tuple[Id, ...] = ()
    complete: int
    partial: int
    asks: Asks
    school_year: SchoolYear


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan on a day."""

    status: PlanStatus
    on: date


class TouchpointPlan(FamilyFact, frozen=True, kw_only=True):
    """Which touch points a program has designed, and whether that is approved; its points are told by `ContactYear`."""

    kind: ClassVar[str] = "touchpoint_plan"
    program_id: Id
    steps: tuple[PlanStep, ...]
    points: tuple[Id, ...] = ()


class DuePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A point of the program's plan as it falls due for one enrolment: some day from `since` through `due`."""

    code: Id
    term: Term
    purpose: Purpose
    method: Method | None = None
    since: date
    due: date


class ContactYear(FamilyFact, frozen=True, kw_only=True):
    """What a year of an enrolment asks of us: the points of the plan, or nothing, since it is excused.

    Why it is excused, and for which days, is nobody's business: an 18th birthday could be read from it.
    """

    kind: ClassVar[str] = "contact_year"
    contact_year_id: Id
    student_id: Id
    enrolment_id: Id
    school_year: SchoolYear
    excused: bool
    points: tuple[DuePoint, ...] = ()


FACTS: tuple[type[Fact], ...] = (
    Touchpoint,
    Workshop,
    Attendance,
    Survey,
    SurveyResponse,
    SurveyTally,
    TouchpointPlan,
    ContactYear,
)
