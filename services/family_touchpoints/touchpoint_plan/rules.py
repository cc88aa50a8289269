"""The rules of a plan: in which order it is proposed, approved and retired, and which points each approval is of."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from services.family_touchpoints.points import Plan, PlanStep, Point, Version
from shared.contracts.family_touchpoints import PlanStatus
from shared.errors import Problem, refused

# What may come after what; None is before the first step.
NEXT: Mapping[PlanStatus | None, tuple[PlanStatus, ...]] = {
    None: ("proposed",),
    "proposed": ("approved", "retired"),
    "approved": ("approved", "retired"),
    "retired": ("proposed",),
}


def checked(wanted: Plan, before: Plan | None, *, today: date) -> Plan:
    """The plan as it will be kept, or Refused with every reason at once.

    The points that are sent are those of the last step that designs, `proposed` or `approved`. An
    earlier approval keeps the points that it had: to revise a plan is to send its new points with
    one more `approved`, to correct it is to send them with the steps that it has.
    """
    order = sorted(range(len(wanted.steps)), key=lambda row: wanted.steps[row].on)
    problems = [*_points(wanted.points), *_days(wanted.steps, today), *_order(wanted.steps, order)]
    steps = tuple(wanted.steps[row] for row in order)
    points = tuple(sorted(wanted.points, key=lambda one: (one.term, one.code)))
    versions = tuple(_versions(steps, points, before))
    if not problems and any(not version.points for version in versions):
        works = "send the points that were approved, or leave approved out"
        problems.append(Problem("/points", "a plan without points cannot be approved", works, "missing"))
    if problems:
        raise refused(*problems)
    return Plan(program_id=wanted.program_id, steps=steps, points=points, versions=versions)


def _versions(steps: Sequence[PlanStep], points: tuple[Point, ...], before: Plan | None) -> Iterator[Version]:
    designing = [step for step in steps if step.status != "retired"]
    for step in designing:
        if step.status == "approved":
            yield Version(step.on, points if step is designing[-1] else _had(step.on, before) or points)


def _had(day: date, before: Plan | None) -> tuple[Point, ...]:
    """What the plan, as it is kept, had approved by a day; of a day before the first approval, what that one is of."""
    versions = before.versions if before else ()
    begun = [version for version in versions if version.on <= day] or list(versions[:1])
    return begun[-1].points if begun else ()


def _points(points: Sequence[Point]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for row, point in enumerate(points):
        if (earlier := seen.setdefault(point.code, row)) != row:
            said = f"{point.code} stands in row {earlier} already"
            yield Problem(f"/points/{row}/code", said, "give each point a code of its own", "twice")


def _days(steps: Sequence[PlanStep], today: date) -> Iterator[Problem]:
    approved: set[date] = set()
    for row, step in enumerate(steps):
        if step.on > today:
            said = f"{step.status} on {step.on} is in the future"
            yield Problem(f"/steps/{row}/on", said, "send it on or after that day", "in_future")
        if step.status == "approved":
            if step.on in approved:
                said = f"approved on {step.on} stands there twice"
                yield Problem(f"/steps/{row}/on", said, "keep one", "twice")
            approved.add(step.on)


def _order(steps: Sequence[PlanStep], order: Sequence[int]) -> Iterator[Problem]:
    before: PlanStep | None = None
    for row in order:
        step = steps[row]
        may = NEXT[before.status if before else None]
        if step.status not in may:
            after = f"after {before.status} on {before.on}" if before else "as the first step"
            works = f"{' or '.join(may)} may come there"
            if step.status == "approved":
                works += ": put proposed before it, on the same day when the day is not known"
            said = f"{step.status} on {step.on} cannot come {after}"
            yield Problem(f"/steps/{row}/status", said, works, "out_of_order")
            return
        before = step
