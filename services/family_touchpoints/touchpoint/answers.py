"""What callers are answered about touchpoints, each with what its reader may read of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.family_touchpoints.access import is_liaison, without_reasons
from services.family_touchpoints.touchpoint.queries import reads_note
from shared.contracts.family_touchpoints import (
    Direction,
    Interpreter,
    Method,
    Outcome,
    Purpose,
    TouchpointStatus,
)
from shared.doors.auth import Caller
from shared.doors.roles import Role
from shared.errors import Problem, Refused, apart, refused
from shared.producer.answers import ListAnswer, RecordView, RowAnswer
from shared.producer.rows import Logged
from shared.records.record import Record

EXAMPLE: dict[str, Any] = {
    "id": "7c1f6a9a513d2f7f0e8c11a3f1c2",
    "version": 1,
    "void": False,
    "student_id": "p1",
    "occasion_id": "1f6a9a513d2f7f0e8c11a3f1c27c",
    "guardian_ids": ["g1"],
    "with_student": False,
    "program_id": "welding",
    "organisation_id": "central",
    "method": "Phone",
    "direction": "to_family",
    "language": "spa",
    "preferred_language": "spa",
    "interpreter": "bilingual_caller",
    "purpose": "progress",
    "status": "held",
    "day": "2025-10-09",
    "steps": [{"status": "held", "on": "2025-10-09"}],
    "outcome": "reached",
    "reached_on": "2025-10-09",
    "minutes": 6,
    "plan_point": None,
    "updated_at": "2025-10-09T18:00:00Z",
}


class StepRecord(BaseModel):
    """A step as it is kept."""

    status: TouchpointStatus
    on: date


class TouchpointRecord(RecordView):
    """One student's part in an occasion, as it is kept. What its reader may not read is left out, as null."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    student_id: str = Field(description="the person id, whatever name it was logged under")
    occasion_id: str = Field(description="the same for siblings who were spoken of at once")
    guardian_ids: list[str]
    with_student: bool
    program_id: str | None
    organisation_id: str | None = Field(description="where the student is taught in the program")
    method: Method
    direction: Direction
    language: str
    preferred_language: str | None = Field(description="the guardian's, as it was known that day")
    interpreter: Interpreter
    purpose: Purpose
    status: TouchpointStatus
    day: date = Field(description="on which somebody was reached, else that of the last step")
    steps: list[StepRecord]
    outcome: Outcome | None
    reached_on: date | None
    minutes: int | None
    plan_point: str | None
    time: str | None = None
    staff: str | None = None
    note: str | None = Field(default=None, description="never in a list")
    has_note: bool = Field(default=False, description="there is a note which you may read")
    follow_up_on: date | None = None
    breach: str | None = Field(default=None, description="for whoever handles restrictions")
    restricted: bool = Field(default=False, description="for whoever handles restrictions")
    warnings: list[str] = Field(default=[], description="of a change: what to look at again")


class TouchpointsLogged(BaseModel):
    """An occasion, and its record of each student."""

    occasion_id: str
    touchpoints: list[TouchpointRecord]


class TouchpointPage(BaseModel):
    """Some touchpoints, without notes; `next` is the cursor of the page behind."""

    items: list[TouchpointRecord]
    next: str | None


class TouchpointRowAnswer(RowAnswer):
    """What became of one row of a class."""

    touchpoint_id: str | None


class TouchpointListAnswer(ListAnswer):
    """What became of a class."""

    rows: list[TouchpointRowAnswer]


def seen(record: Record, caller: Caller, *, listed: bool = False) -> Record:
    """The record with what its reader may read; `listed`: in a list, which has no note."""
    reads = reads_note(record.state, caller)
    hidden: dict[str, Any] = {"has_note": reads and bool(record.state["note"])}
    if listed or not reads:
        hidden["note"] = None
    if not is_liaison(caller):
        hidden |= {"breach": None, "restricted": False}
    if caller.roles == {Role.STUDENT}:
        hidden |= {"staff": None, "follow_up_on": None}
    return replace(without_reasons(record, caller), state={**record.state, **hidden})


def said(warnings: Sequence[Problem]) -> list[str]:
    """What to look at again, each as a sentence."""
    return [one.said for one in warnings]


def as_one(logged: Sequence[Logged]) -> Refused | None:
    """Why an occasion is kept for none of its students; what is wrong for one alone points at that student."""
    found = [list(apart(one.refusal)) if one.refusal else [] for one in logged]
    if not any(found):
        return None
    everybody = [problem for problem in found[0] if all(problem in theirs for theirs in found)]
    problems = [_of_all(problem) for problem in everybody]
    for at, theirs in enumerate(found):
        problems += [replace(problem, pointer=f"/students/{at}") for problem in theirs if problem not in everybody]
    return refused(*problems)


def _of_all(problem: Problem) -> Problem:
    return replace(problem, pointer="/students/0") if problem.pointer == "/student_id" else problem
