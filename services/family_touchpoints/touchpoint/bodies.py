"""What callers send about touchpoints; frozen, with an example of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, StringConstraints, WithJsonSchema

from services.family_touchpoints.contact.guardian.bodies import LanguageCode
from services.family_touchpoints.touchpoint.rules import Step, Touchpoint
from shared.contracts.family_touchpoints import Direction, Interpreter, Method, Outcome, Purpose
from shared.errors import Problem, refused
from shared.roster_copy.lookup import Calendar
from shared.words.fields import DAY, TEXT_PATTERN, Body, Day, Id, Reason, StudentName, example, or_left_out
from shared.words.misfits import misfit

ROWS_MAX = 500
AS_WRITTEN = "write a day, 2025-06-30, or an instant with its zone, 2025-06-30T14:05:00Z"


def _read(value: Any) -> date | datetime:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise misfit(AS_WRITTEN)
    try:
        found = date.fromisoformat(value) if DAY.fullmatch(value) else datetime.fromisoformat(value)
    except ValueError as error:
        raise misfit(AS_WRITTEN) from error
    if isinstance(found, datetime) and found.tzinfo is None:
        raise misfit(AS_WRITTEN, detail="the instant has no zone")
    if not 1900 <= found.year <= 2199:
        raise misfit("write a year from 1900 to 2199", detail="the year is none of ours", code="out_of_range")
    return found


When = Annotated[
    date | datetime,
    PlainValidator(_read),
    PlainSerializer(lambda when: when.isoformat(), return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
    Field(description="a day, or an instant with its zone: then the day that it is where the cted is"),
]
Guardians = Annotated[tuple[Id, ...], Field(max_length=6, description="ids of roster or of walk-ins")]
Note = Annotated[
    str,
    StringConstraints(pattern=TEXT_PATTERN, max_length=2000),
    Field(description="an education record: the family may read it. It is in no list, event or export"),
]
Minutes = Annotated[int, Field(ge=0, le=600)]


class PartBody(Body):
    """What of a touchpoint differs from student to student of a class."""

    guardian_ids: Guardians = ()
    with_student: bool = Field(default=False, description="the student was there, or, without guardians, alone")
    language: LanguageCode | None = Field(default=None, description="else the guardian's preferred one, else eng")
    interpreter: Interpreter | None = Field(default=None, description="else not_needed in the preferred language")
    outcome: Outcome | None = Field(default=None, description="of what was held; a text starts as delivered")
    reached_on: When | None = Field(default=None, description="of a text, app message or email: when it was answered")
    minutes: Minutes | None = None
    note: Note | None = None
    follow_up_on: Day | None = None
    plan_point: Id | None = None


class Occasion(Body):
    """How, what about and when: held, or planned."""

    method: Method
    purpose: Purpose
    direction: Direction = "to_family"
    program_id: Id | None = Field(default=None, description="null: it counts for every enrolment of that day")
    held_on: When | None = None
    planned_for: When | None = Field(default=None, description="instead of held_on: a plan")


class TouchpointBody(PartBody, Occasion):
    """One occasion with the family of one student, or of siblings; what is wrong for one is kept for none."""

    model_config = example(
        students=["stateStudentId:900001"],
        guardian_ids=["g1"],
        method="Phone",
        purpose="progress",
        language="spa",
        interpreter="bilingual_caller",
        held_on="2025-06-09",
        outcome="reached",
        minutes=6,
    )

    students: Annotated[tuple[StudentName, ...], Field(min_length=1, max_length=8)]
    breach: Reason | None = Field(default=None, description="why it happened against what stood, by a counselor")


class TouchpointRow(PartBody):
    """One student of a class."""

    student_id: StudentName


class TouchpointBatch(Occasion):
    """A class after an evening: `outcome` is that of every row which says none."""

    model_config = example(
        program_id="welding",
        method="InPerson",
        purpose="introduction",
        held_on="2025-06-10",
        rows=[{"student_id": "stateStudentId:900001", "outcome": "reached"}],
    )

    outcome: Outcome | None = None
    rows: Annotated[tuple[TouchpointRow, ...], Field(min_length=1, max_length=ROWS_MAX)]


class TouchpointChange(Body):
    """What is set right; a field that is left out stays as it is, null takes a value away."""

    model_config = example(minutes=8, reason="the clock was read wrong")

    guardian_ids: Guardians = Field(default=(), json_schema_extra=or_left_out)
    with_student: bool = Field(default=False, json_schema_extra=or_left_out)
    method: Method = Field(default="Phone", json_schema_extra=or_left_out)
    purpose: Purpose = Field(default="other", json_schema_extra=or_left_out)
    direction: Direction = Field(default="to_family", json_schema_extra=or_left_out)
    language: LanguageCode = Field(default="eng", json_schema_extra=or_left_out)
    interpreter: Interpreter = Field(default="none", json_schema_extra=or_left_out)
    program_id: Id | None = None
    held_on: When = Field(default_factory=lambda: date(2000, 1, 1))
    planned_for: When = Field(default_factory=lambda: date(2000, 1, 1))
    outcome: Outcome = Field(default="reached", json_schema_extra=or_left_out)
    reached_on: When | None = None
    minutes: Minutes | None = None
    note: Note | None = None
    follow_up_on: Day | None = None
    plan_point: Id | None = None
    breach: Reason | None = None
    reason: Reason


class StepBody(Body):
    """A step that happened on a day, or is planned for one."""

    model_config = example(on="2025-06-09")

    on: When


class HeldBody(StepBody):
    """It was held; what is left out stays as it was planned."""

    model_config = example(on="2025-06-09", outcome="reached")

    guardian_ids: Guardians = Field(default=(), json_schema_extra=or_left_out)
    with_student: bool = Field(default=False, json_schema_extra=or_left_out)
    language: LanguageCode = Field(default="eng", json_schema_extra=or_left_out)
    interpreter: Interpreter = Field(default="none", json_schema_extra=or_left_out)
    outcome: Outcome | None = None
    reached_on: When | None = None
    minutes: Minutes | None = None
    note: Note | None = None
    breach: Reason | None = None


def local(when: date | datetime, calendar: Calendar) -> date:
    """The day that it is where the cted is."""
    return calendar.day(when) if isinstance(when, datetime) else when


def touchpoints_from(body: TouchpointBody, calendar: Calendar, *, occasion: str, staff: str) -> list[Touchpoint]:
    """One touchpoint a student, each still named as the caller did. Raise Refused without a day."""
    common = {**_occasion(body, calendar), **_said(body, calendar), "breach": body.breach}
    return [Touchpoint(student_id=one, occasion_id=occasion, staff=staff, **common) for one in body.students]


def batch_touchpoints(
    body: TouchpointBatch, calendar: Calendar, *, ids: Sequence[str], staff: str
) -> Iterator[Touchpoint]:
    """The touchpoints of a class, row by row, each an occasion of its own. Raise Refused without a day."""
    common = _occasion(body, calendar)
    for id, row in zip(ids, body.rows, strict=True):
        said = _said(row, calendar)
        said["outcome"] = said["outcome"] or body.outcome
        yield Touchpoint(student_id=row.student_id, occasion_id=id, staff=staff, **common, **said)


def changes_from(body: Body, calendar: Calendar) -> Mapping[str, Any]:
    """Only what was sent, with days as they are where the cted is."""
    sent = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
    days = ("held_on", "planned_for", "reached_on", "on")
    return {name: local(value, calendar) if name in days and value else value for name, value in sent.items()}


def _said(body: PartBody, calendar: Calendar) -> dict[str, Any]:
    said = {name: getattr(body, name) for name in PartBody.model_fields}
    said["language"] = body.language or ""
    said["reached_on"] = local(body.reached_on, calendar) if body.reached_on else None
    return said


def _occasion(body: Occasion, calendar: Calendar) -> dict[str, Any]:
    """How, what about, and its first step."""
    if (body.held_on is None) == (body.planned_for is None):
        code = "missing" if body.held_on is None else "does_not_go_with"
        said = "it was held, or it is planned"
        raise refused(Problem("/held_on", said, "send held_on or planned_for, one of the two", code))
    named = ("method", "purpose", "direction", "program_id")
    common = {name: getattr(body, name) for name in named}
    when = body.held_on or body.planned_for or date.max
    step = Step("held" if body.held_on else "planned", local(when, calendar))
    time = f"{when.astimezone(calendar.zone):%H:%M}" if isinstance(when, datetime) else None
    return {**common, "steps": (step,), "time": time}
