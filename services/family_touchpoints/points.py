"""What a program plans for its families, term by term, and which plan is in force on a day. Pure.

Every `approved` step has a version of its own of the points, so that a plan that is revised leaves the terms before it
as they were. What is in force on a day is the version approved last by then, unless the plan was retired since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from shared.contracts.family_touchpoints import Method, PlanStatus, Purpose

PLAN = "touchpoint_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A touch that each family is to have in a term, so many days after it begins at the latest."""

    code: str
    term: int
    purpose: Purpose
    within_days: int
    method: Method | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """From `on` the plan stands so."""

    status: PlanStatus
    on: date


@dataclass(frozen=True, slots=True)
class Version:
    """The points that were approved on a day."""

    on: date
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that has become of a program's plan, by day; `points` are those designed last, approved or not."""

    program_id: str
    steps: tuple[PlanStep, ...] = ()
    points: tuple[Point, ...] = ()
    versions: tuple[Version, ...] = ()

    def status_on(self, day: date) -> PlanStatus | None:
        """How the plan stands on a day; of two steps on one day the later counts. None: there is none yet."""
        begun = [step.status for step in self.steps if step.on <= day]
        return begun[-1] if begun else None

    def points_on(self, day: date) -> tuple[Point, ...]:
        """The points of the plan in force on a day; none while it is not approved."""
        begun = [version.points for version in self.versions if version.on <= day]
        return begun[-1] if begun and self.status_on(day) == "approved" else ()


def plan_of(state: Mapping[str, Any]) -> Plan:
    """The plan that a record's state holds."""
    return msgspec.convert(state, Plan)
