"""What callers are answered about workshops and rolls; who walked in has a name for those who may read it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.family_touchpoints.access import LIAISE, LOG
from services.family_touchpoints.workshop.attendance import attendance_of, present
from services.family_touchpoints.workshop.decision import RowDecision
from services.family_touchpoints.workshop.record import workshop_of
from services.family_touchpoints.workshop.roll import Rolled, Seen, seen_version
from services.family_touchpoints.workshop.rules import Workshop
from shared.contracts.family_touchpoints import (
    AttendanceStatus,
    Delivery,
    HeadCountOf,
    Level,
    WorkshopStatus,
    WorkshopType,
)
from shared.doors.auth import Caller
from shared.producer.answers import Pointed, RecordView, pointed
from shared.records.record import Record
from shared.roster_copy.merges import Merges

EXAMPLE: dict[str, Any] = {
    "id": "4f6a9a513d2f7f0e8c11a3f1c2e4",
    "version": 1,
    "void": False,
    "kind": "workshop",
    "career_related": True,
    "level": "high",
    "organisation_ids": ["central"],
    "program_ids": [],
    "status": "planned",
    "held_on": "2025-11-12",
    "starts_at": "18:30",
    "delivery": "in_person",
    "languages": ["eng", "spa"],
    "interpreted": [],
    "partner_ids": [],
    "title": "Paths after welding",
    "room": None,
    "head_count": None,
    "head_count_of": None,
    "updated_at": "2025-10-11T18:00:00Z",
}
LATE = "the workshop was more than 60 days ago; look at its day again"
OUTGROWN = "more are marked present than were counted; count again, or leave it, if the count was right"


class WorkshopRecord(RecordView):
    """A workshop as it is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    kind: WorkshopType
    career_related: bool
    level: Level
    organisation_ids: list[str]
    program_ids: list[str]
    status: WorkshopStatus
    held_on: date = Field(description="the day that it is planned for, until it is held")
    starts_at: str | None
    delivery: Delivery
    languages: list[str]
    interpreted: list[str]
    partner_ids: list[str]
    title: str | None
    room: str | None
    head_count: int | None
    head_count_of: HeadCountOf | None


class WorkshopPage(BaseModel):
    """Some workshops; `next` is the cursor of the page behind."""

    items: list[WorkshopRecord]
    next: str | None


class OnRoll(BaseModel):
    """A guardian on the roll."""

    attendance_id: str
    guardian_id: str
    student_ids: list[str] = Field(description="those within your reach")
    status: AttendanceStatus
    language: str | None
    seen_version: int = Field(description="to be sent by whoever knows better")
    walk_in: bool
    name: str | None = Field(default=None, description="of who walked in, for whoever takes rolls")
    phone: str | None = Field(default=None, description="of who walked in, for whoever handles contact")
    restricted: bool | None = Field(default=None, description="for whoever handles restrictions: nothing is told of it")


class RollShown(BaseModel):
    """Who is on the roll, and how many were there."""

    workshop_id: str
    status: WorkshopStatus
    held_on: date
    registered: int
    present: int = Field(description="guardians; one with two ids is one")
    absent: int
    head_count: int | None
    head_count_of: HeadCountOf | None
    unnamed: int
    beyond_reach: int = Field(description="how many more are on it, whom you do not see")
    warnings: list[str]
    rows: list[OnRoll]


class Restricted(RecordView):
    """Somebody who was there although a rule closed contact with them."""

    workshop_id: str
    guardian_id: str
    student_ids: list[str]
    status: AttendanceStatus
    language: str | None
    restricted: bool


class RestrictedPage(BaseModel):
    """Some of them; `next` is the cursor of the page behind."""

    items: list[Restricted]
    next: str | None


class RollRowAnswer(BaseModel):
    """What became of one row of a roll."""

    row: int = Field(description="as in the request, from 0")
    outcome: Literal["created", "changed", "unchanged", "refused", "conflict"]
    attendance_id: str | None
    guardian_id: str | None
    stands: AttendanceStatus | None = Field(description="how the guardian is marked, in a conflict by somebody else")
    seen_version: int | None = Field(description="of what stands; send it to set that right")
    problem: str | None
    errors: list[Pointed]


class RollAnswer(BaseModel):
    """What became of a roll."""

    workshop_id: str
    version: int
    status: WorkshopStatus
    dry_run: bool
    created: int
    changed: int
    unchanged: int
    refused: int
    conflict: int
    present: int
    unnamed: int
    warnings: list[str]
    rows: list[RollRowAnswer]


class TakenOff(BaseModel):
    """Who was taken off a roll."""

    attendance_id: str
    workshop_id: str
    void: bool


def roll_answer(rolled: Rolled, *, dry_run: bool) -> dict[str, Any]:
    """The answer to a roll, row by row."""
    outcomes = [one.outcome for one in rolled.decisions]
    counts = {name: outcomes.count(name) for name in ("created", "changed", "unchanged", "refused", "conflict")}
    workshop = rolled.workshop
    return {
        "workshop_id": rolled.record.id,
        "version": rolled.record.version,
        "status": workshop.status,
        "dry_run": dry_run,
        **counts,
        "present": rolled.present,
        "unnamed": workshop.unnamed(rolled.present),
        "warnings": [*_warnings(workshop, rolled.present), *([LATE] if rolled.late else ())],
        "rows": [_row_answer(row, one) for row, one in enumerate(rolled.decisions)],
    }


def roll_shown(
    record: Record, roll: Sequence[Record], seen: Sequence[Seen], *, same: Merges, to: Caller
) -> dict[str, Any]:
    """The roll for one caller, who sees these of it."""
    workshop, marked = workshop_of(record.state), [attendance_of(one.state) for one in roll]
    there = present(marked, same)
    return {
        "workshop_id": record.id,
        "status": workshop.status,
        "held_on": workshop.held_on,
        "registered": sum(one.status == "registered" for one in marked),
        "present": there,
        "absent": sum(one.status == "absent" for one in marked),
        "head_count": workshop.head_count,
        "head_count_of": workshop.head_count_of,
        "unnamed": workshop.unnamed(there),
        "beyond_reach": len(roll) - len(seen),
        "warnings": _warnings(workshop, there),
        "rows": [_on_roll(one, to) for one in seen],
    }


def _on_roll(seen: Seen, to: Caller) -> dict[str, Any]:
    one, walked_in = attendance_of(seen.record.state), seen.walked_in
    view = {
        "attendance_id": seen.record.id,
        "guardian_id": one.guardian_id,
        "student_ids": seen.student_ids,
        "status": one.status,
        "language": one.language,
        "seen_version": seen_version(seen.record),
        "walk_in": walked_in is not None,
    }
    if walked_in and to.roles & LOG.keys():
        view["name"] = walked_in.name
    if walked_in and to.roles & LIAISE.keys():
        view["phone"] = walked_in.phone
    return view | ({"restricted": one.restricted} if to.roles & LIAISE.keys() else {})


def _row_answer(row: int, one: RowDecision) -> dict[str, Any]:
    stands = one.keep or (one.stands.value if one.stands else None)
    return {
        "row": row,
        "outcome": one.outcome,
        "attendance_id": one.id or None,
        "guardian_id": one.guardian_id or None,
        "stands": stands.status if stands else None,
        "seen_version": one.version or (one.stands.seen if one.stands else None),
        "problem": one.refusal.detail if one.refusal else None,
        "errors": [each.model_dump() for each in pointed(row, one.refusal)],
    }


def _warnings(workshop: Workshop, named: int) -> list[str]:
    return [OUTGROWN] if workshop.outgrown(named) else []
