"""A plan is proposed, approved, revised and retired; which of its points hold is known of every day."""

from datetime import date

import pytest

from services.family_touchpoints.points import Plan, PlanStep, Point, Version
from services.family_touchpoints.touchpoint_plan.rules import checked
from shared.errors import Refused

TODAY = date(2026, 5, 22)
CALL = Point(code="call", term=1, purpose="introduction", within_days=45, method="Phone")
SHORT = Point(code="call", term=1, purpose="introduction", within_days=30)
TALK = Point(code="talk", term=2, purpose="progress", within_days=60)


def day(text):
    return date.fromisoformat(text)


def step(status, on):
    return PlanStep(status, day(on))


PROPOSED, APPROVED = step("proposed", "2025-04-01"), step("approved", "2025-05-06")
REVISED, RETIRED = step("approved", "2025-12-01"), step("retired", "2026-03-01")


def plan(*steps, points=(CALL,)):
    return Plan(program_id="welding", steps=steps, points=points)


def kept(*sent):
    """What is kept after these were sent one after the other."""
    before = None
    for wanted in sent:
        before = checked(wanted, before, today=TODAY)
    return before


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param(plan(PROPOSED), None, id="proposed"),
        pytest.param(plan(PROPOSED, points=()), None, id="proposed, its points to be designed"),
        pytest.param(plan(PROPOSED, APPROVED, REVISED, RETIRED, step("proposed", "2026-03-02")), None, id="whole life"),
        pytest.param(plan(RETIRED, APPROVED, PROPOSED), None, id="steps in any order of the rows"),
        pytest.param(plan(PROPOSED, step("approved", "2026-05-22")), None, id="approved today"),
        pytest.param(plan(PROPOSED, APPROVED, points=(CALL, TALK)), None, id="two points"),
        pytest.param(plan(APPROVED), "proposed may come there: put proposed before it", id="approved at once"),
        pytest.param(plan(PROPOSED, PROPOSED), "cannot come after proposed on 2025-04-01", id="proposed twice"),
        pytest.param(plan(PROPOSED, APPROVED, RETIRED, RETIRED), "proposed may come there", id="retired twice"),
        pytest.param(
            plan(PROPOSED, step("approved", "2026-05-23")), "approved on 2026-05-23 is in the future", id="tomorrow"
        ),
        pytest.param(plan(step("proposed", "2026-06-01")), "send it on or after that day", id="proposed next month"),
        pytest.param(plan(PROPOSED, APPROVED, APPROVED), "stands there twice; keep one", id="approved twice on a day"),
        pytest.param(plan(PROPOSED, APPROVED, points=()), "without points cannot be approved", id="nothing to approve"),
        pytest.param(
            plan(PROPOSED, points=(CALL, TALK, SHORT)), "call stands in row 0 already; give each point", id="twice"
        ),
    ],
)
def test_what_a_plan_may_be(wanted, words):
    if words is None:
        assert checked(wanted, None, today=TODAY).steps == tuple(sorted(wanted.steps, key=lambda one: one.on))
        return
    with pytest.raises(Refused, match=words):
        checked(wanted, None, today=TODAY)


def test_every_reason_is_told_at_once_and_where():
    with pytest.raises(Refused) as refusal:
        checked(plan(step("approved", "2027-01-01"), points=(CALL, SHORT)), None, today=TODAY)
    assert [one.pointer for one in refusal.value.problems] == ["/points/1/code", "/steps/0/on", "/steps/0/status"]


@pytest.mark.parametrize(
    ("found", "on", "points"),
    [
        pytest.param(kept(plan(PROPOSED)), "2026-05-22", (), id="never approved"),
        pytest.param(kept(plan(PROPOSED, APPROVED)), "2025-05-05", (), id="the day before"),
        pytest.param(kept(plan(PROPOSED, APPROVED)), "2025-05-06", (CALL,), id="from its day on"),
        pytest.param(kept(plan(PROPOSED, APPROVED)), "2030-01-01", (CALL,), id="in years to come"),
        pytest.param(kept(plan(PROPOSED, APPROVED, RETIRED)), "2026-02-28", (CALL,), id="until it is retired"),
        pytest.param(kept(plan(PROPOSED, APPROVED, RETIRED)), "2026-03-01", (), id="retired"),
    ],
)
def test_which_points_are_in_force(found, on, points):
    assert found.points_on(day(on)) == points


FIRST = plan(PROPOSED, APPROVED)


@pytest.mark.parametrize(
    ("sent", "versions"),
    [
        pytest.param([FIRST], [("2025-05-06", CALL)], id="approved"),
        pytest.param([FIRST, FIRST], [("2025-05-06", CALL)], id="the same again"),
        pytest.param([FIRST, plan(PROPOSED, APPROVED, points=(SHORT,))], [("2025-05-06", SHORT)], id="put right"),
        pytest.param(
            [FIRST, plan(PROPOSED, APPROVED, REVISED, points=(SHORT,))],
            [("2025-05-06", CALL), ("2025-12-01", SHORT)],
            id="revised: what was approved before stays",
        ),
        pytest.param(
            [FIRST, plan(PROPOSED, APPROVED, REVISED, points=(SHORT,)), plan(PROPOSED, APPROVED, REVISED)],
            [("2025-05-06", CALL), ("2025-12-01", CALL)],
            id="the revision put right",
        ),
        pytest.param(
            [FIRST, plan(PROPOSED, step("approved", "2025-04-20"), REVISED, points=(SHORT,))],
            [("2025-04-20", CALL), ("2025-12-01", SHORT)],
            id="the day of the first put right, and revised",
        ),
        pytest.param(
            [FIRST, plan(PROPOSED, APPROVED, RETIRED, step("proposed", "2026-04-01"), points=(TALK,))],
            [("2025-05-06", CALL)],
            id="retired, and another proposed",
        ),
        pytest.param([plan(PROPOSED, APPROVED, REVISED)], [("2025-05-06", CALL), ("2025-12-01", CALL)], id="told late"),
        pytest.param([FIRST, plan(PROPOSED)], [], id="never approved after all"),
    ],
)
def test_which_points_each_approval_is_of(sent, versions):
    assert kept(*sent).versions == tuple(Version(day(on), (point,)) for on, point in versions)
