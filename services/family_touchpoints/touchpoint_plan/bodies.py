"""What callers send and are answered about programs' plans of touch points."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from services.family_touchpoints.points import Plan, PlanStep, Point
from shared.contracts.family_touchpoints import Method, PlanStatus, Purpose
from shared.producer.answers import RecordView, WouldRestate
from shared.words.fields import Body, Day, Id, example

STEPS_MAX, POINTS_MAX = 200, 100


class PointBody(Body):
    """A touch that each family is to have in the `term`-th term of a year, by `within_days` after it begins."""

    code: Id
    term: Annotated[int, Field(ge=1, le=12)]
    purpose: Purpose
    method: Method | None = Field(default=None, description="null: any")
    within_days: Annotated[int, Field(ge=1, le=366)]


class PlanStepBody(Body):
    """From `on` the plan stands so."""

    status: PlanStatus
    on: Day


class PlanBody(Body):
    """The points as they were designed last, and all that has become of the plan, by day.

    New points with one more `approved` hold from its day on; with the same steps they put right what the last one says.
    """

    model_config = example(
        points=[
            {"code": "autumn-call", "term": 1, "purpose": "introduction", "method": "Phone", "within_days": 45},
            {"code": "spring-talk", "term": 2, "purpose": "progress", "within_days": 60},
        ],
        steps=[{"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}],
    )

    points: Annotated[tuple[PointBody, ...], Field(max_length=POINTS_MAX)]
    steps: Annotated[tuple[PlanStepBody, ...], Field(min_length=1, max_length=STEPS_MAX)]


class VersionView(BaseModel):
    """The points that were approved on a day."""

    on: date
    points: list[PointBody]


class PlanRecord(RecordView):
    """A program's plan as it is kept, and how it stands."""

    program_id: str
    points: list[PointBody] = Field(description="as they were designed last, approved or not")
    steps: list[PlanStepBody]
    versions: list[VersionView] = Field(description="which points each approval is of")
    on: date = Field(description="the day that status and in_force are of: asked for, else today")
    status: PlanStatus | None = Field(description="null: nothing had been proposed by then")
    in_force: list[PointBody] = Field(description="the points in force on that day")


class PlanKept(PlanRecord):
    """A plan as it is kept now, and how many years of enrolments it restates."""

    restated: int = Field(description="years of enrolments of which something else is asked since")


class PlanWould(WouldRestate):
    """What would become of a plan; nothing was written."""

    program_id: str


class PlanPage(BaseModel):
    """Some programs' plans; `next` is the cursor of the page behind."""

    items: list[PlanRecord]
    next: str | None


def plan_from(program_id: str, body: PlanBody) -> Plan:
    """The plan that is asked for."""
    return Plan(
        program_id=program_id,
        points=tuple(Point(**dict(point)) for point in body.points),
        steps=tuple(PlanStep(**dict(step)) for step in body.steps),
    )
