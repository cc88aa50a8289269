"""How a program's plan stands in the records, and what is published of it: its steps and its points' codes."""

import msgspec

from services.family_touchpoints.points import PLAN, Plan, plan_of
from shared.contracts.envelope import Outgoing
from shared.contracts.family_touchpoints import PlanStep, TouchpointPlan
from shared.producer.kinds import Kind, each
from shared.records.record import Draft, Entry, Record


def plan_draft(plan: Plan, entry: Entry, *, expected: int) -> Draft:
    """A plan's wanted next state; its id is the program's."""
    return Draft(
        PLAN, plan.program_id, msgspec.to_builtins(plan), entry, (f"program/{plan.program_id}",), expected=expected
    )


def plan_fact(record: Record) -> Outgoing:
    """One plan, filed under its program."""
    plan = plan_of(record.state)
    return f"program/{plan.program_id}", TouchpointPlan(
        program_id=plan.program_id,
        steps=tuple(PlanStep(status=step.status, on=step.on) for step in plan.steps),
        points=tuple(point.code for point in plan.points),
    )


KIND = Kind(name=PLAN, facts=each(plan_fact))
