"""What callers send about workshops and their rolls; frozen, with an example of each."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.family_touchpoints.contact.guardian.bodies import LanguageCode, Phone
from services.family_touchpoints.workshop.decision import Marked, WalkIn
from services.family_touchpoints.workshop.rules import Heads, Workshop
from shared.contracts.family_touchpoints import AttendanceStatus, Delivery, HeadCountOf, Level, WorkshopType
from shared.records.keys import derived_id
from shared.words.fields import Body, Day, Id, Name, Reason, StudentName, example, or_left_out
from shared.words.forms import form

ROWS_MAX, STUDENTS_MAX, PLACES_MAX = 500, 6, 60
HOUR = form(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "an hour as 18:30")
Hour = Annotated[str, StringConstraints(pattern=HOUR), Field(examples=["18:30"])]
Languages = Annotated[tuple[LanguageCode, ...], Field(max_length=20)]
Organisations = Annotated[tuple[Id, ...], Field(min_length=1, max_length=PLACES_MAX)]
Ids = Annotated[tuple[Id, ...], Field(max_length=PLACES_MAX)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class WorkshopBody(Body):
    """An occasion for families, on the day that it is planned for."""

    model_config = example(
        kind="workshop",
        career_related=True,
        level="high",
        organisation_ids=["central"],
        held_on="2025-11-12",
        starts_at="18:30",
        languages=["eng", "spa"],
        title="Paths after welding",
    )

    kind: WorkshopType
    career_related: bool
    level: Level
    organisation_ids: Organisations
    program_ids: Ids = ()
    held_on: Day = Field(description="the day that it is planned for")
    starts_at: Hour | None = None
    delivery: Delivery = "in_person"
    languages: Languages = ()
    interpreted: Languages = ()
    partner_ids: Ids = ()
    title: Name | None = None
    room: Name | None = None


class WorkshopChange(Body):
    """What is set right, and why; a field that is left out stays as it is, null takes a value away."""

    model_config = example(level="middle", reason="it was for the eighth grade")

    kind: WorkshopType = Field(default="workshop", json_schema_extra=or_left_out)
    career_related: bool = Field(default=False, json_schema_extra=or_left_out)
    level: Level = Field(default="high", json_schema_extra=or_left_out)
    organisation_ids: Organisations = Field(default=(), json_schema_extra=or_left_out)
    program_ids: Ids = Field(default=(), json_schema_extra=or_left_out)
    held_on: Day = Field(default_factory=lambda: date(2000, 1, 1))
    starts_at: Hour | None = None
    delivery: Delivery = Field(default="in_person", json_schema_extra=or_left_out)
    languages: Languages = Field(default=(), json_schema_extra=or_left_out)
    interpreted: Languages = Field(default=(), json_schema_extra=or_left_out)
    partner_ids: Ids = Field(default=(), json_schema_extra=or_left_out)
    title: Name | None = None
    room: Name | None = None
    head_count: Count | None = None
    head_count_of: HeadCountOf | None = None
    reason: Reason


class HeldAction(Body):
    """It was held, on its day unless another is named."""

    model_config = example(on="2025-11-12")

    on: Day | None = None


class CancelAction(Body):
    """It does not take place."""

    model_config = example(reason="the campus was closed")

    reason: Reason


class ReopenAction(Body):
    """It takes place after all, or was held."""

    model_config = example(on="2025-11-19")

    on: Day | None = Field(default=None, description="another day than before")
    status: Literal["planned", "held"] = "planned"
    reason: Reason | None = None


class WalkInBody(Body):
    """Somebody whom roster does not know."""

    name: Name
    phone: Phone | None = None


class RollRow(Body):
    """A guardian with the students who are named by them; `status` left out: present, before the day registered."""

    guardian_id: Id | None = None
    walk_in: WalkInBody | None = None
    student_ids: Annotated[tuple[StudentName, ...], Field(max_length=STUDENTS_MAX)] = ()
    status: AttendanceStatus | None = None
    language: LanguageCode | None = None
    seen_version: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="the version that you have seen, to set right what somebody else has marked"
    )


class RollBody(Body):
    """Who was there, by the day on which that is said; on or after its day the roll holds a planned workshop."""

    model_config = example(
        on="2025-11-12",
        head_count=40,
        head_count_of="everyone",
        rows=[
            {"guardian_id": "g1", "student_ids": ["stateStudentId:900001"]},
            {"walk_in": {"name": "Sample Guardian"}, "student_ids": ["stateStudentId:900001"]},
        ],
    )

    on: Day
    head_count: Count | None = None
    head_count_of: HeadCountOf | None = None
    rows: Annotated[tuple[RollRow, ...], Field(max_length=ROWS_MAX)] = ()


def workshop_from(body: WorkshopBody) -> Workshop:
    """The workshop that is asked for; what is named twice is named once."""
    return Workshop(**{name: _once(value) for name, value in dict(body).items()})


def changes_from(body: WorkshopChange) -> Mapping[str, Any]:
    """Only what was sent."""
    return {name: _once(getattr(body, name)) for name in body.model_fields_set - {"reason"}}


def heads_from(body: RollBody) -> Heads:
    """How many heads were counted."""
    return Heads(body.head_count, body.head_count_of)


def rows_from(rows: tuple[RollRow, ...], *, sub: str, key: str) -> Iterator[Marked]:
    """The rows; whoever walks in has the same id again when the request is sent again."""
    for number, row in enumerate(rows):
        walk_in = WalkIn(row.walk_in.name, row.walk_in.phone) if row.walk_in else None
        yield Marked(**{**dict(row), "walk_in": walk_in}, new_id=f"w{derived_id(sub, key, number)}")


def _once(value: Any) -> Any:
    return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value
