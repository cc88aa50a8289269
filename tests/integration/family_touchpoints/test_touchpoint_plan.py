"""Programs' plans over HTTP: kept, restated, shown on a day, refused in words."""

from datetime import date

import pytest

from shared.contracts.family_touchpoints import PlanStep
from tests import family_app
from tests.producer_app import enrolment

CALL = {"code": "call", "term": 1, "purpose": "introduction", "method": "Phone", "within_days": 45}
TALK = {"code": "talk", "term": 2, "purpose": "progress", "within_days": 60}
PROPOSED, APPROVED = {"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}
REVISED = {"status": "approved", "on": "2025-12-01"}
AT = "/programs/welding/touchpoint-plan"


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


def plan(*steps, points=(CALL, TALK)):
    return {"points": list(points), "steps": list(steps)}


async def due(app):
    """What the years of enrolments ask, by enrolment: points with their days."""
    return {
        fact.enrolment_id: [(one.code, one.since.isoformat(), one.due.isoformat()) for one in fact.points]
        for _, fact in await app.facts("contact_year")
    }


async def versions(app):
    return {one.id: one.version for one in await app.desk.records.find("contact_year", {}, limit=50)}


async def test_a_plan_that_is_approved_falls_due_for_everybody_enrolled_in_the_program(app):
    kept = await app.put(AT, plan(PROPOSED, APPROVED), 201)

    assert (kept["outcome"], kept["restated"], kept["status"]) == ("created", 2, "approved")
    both = [("call", "2025-08-04", "2025-09-18"), ("talk", "2026-01-01", "2026-03-02")]
    assert await due(app) == {"e1": both, "e3": both}
    ((subject, fact),) = await app.facts("touchpoint_plan")
    assert (subject, fact.points) == ("program/welding", ("call", "talk"))
    assert fact.steps == (
        PlanStep(status="proposed", on=date(2025, 4, 1)),
        PlanStep(status="approved", on=date(2025, 5, 6)),
    )


async def test_what_is_only_proposed_is_due_for_nobody(app):
    assert (await app.put(AT, plan(PROPOSED)))["restated"] == 0
    assert await due(app) == {}


async def test_the_same_again_writes_nothing(app):
    await app.put(AT, plan(PROPOSED, APPROVED))
    before = await versions(app)

    again = await app.put(AT, plan(APPROVED, PROPOSED, points=(TALK, CALL)), 200)

    assert (again["outcome"], again["version"], again["restated"]) == ("unchanged", 1, 0)
    assert await versions(app) == before


async def test_a_dry_run_says_how_many_years_something_else_would_be_asked_of(app):
    asked = await app.put(AT, plan(PROPOSED, APPROVED), 200, dry_run="true")

    assert (asked["outcome"], asked["restated"], asked["dry_run"]) == ("created", 2, True)
    await app.get(AT, 404)
    assert await due(app) == {}


async def test_a_revision_restates_those_of_whom_something_else_is_asked_and_leaves_the_terms_before_it(app):
    await app.told(enrolment("e4", "p2", begin="2025-08-04", end="2025-11-28"))
    await app.put(AT, plan(PROPOSED, APPROVED))
    before = await versions(app)
    shorter = [{**one, "within_days": 30} for one in (CALL, TALK)]

    assert (await app.put(AT, plan(PROPOSED, APPROVED, REVISED, points=shorter), dry_run="true"))["restated"] == 2
    revised = await app.put(AT, plan(PROPOSED, APPROVED, REVISED, points=shorter))

    both = [("call", "2025-08-04", "2025-09-18"), ("talk", "2026-01-01", "2026-01-31")]
    assert revised["restated"] == 2
    assert await due(app) == {"e1": both, "e3": both, "e4": both[:1]}
    assert sorted(version - before[id] for id, version in (await versions(app)).items()) == [0, 1, 1]


async def test_a_plan_is_shown_as_it_stands_on_a_day(app):
    await app.put(AT, plan(PROPOSED, APPROVED))
    await app.put(AT, plan(PROPOSED, APPROVED, {"status": "retired", "on": "2026-03-01"}))
    reader = app.by("instructor", programs=["welding"], campuses=["central"])

    now, then = await reader.get(AT), await reader.get(AT, on="2026-02-28")

    assert (now["status"], now["in_force"], now["version"]) == ("retired", [], 2)
    assert (then["status"], [one["code"] for one in then["in_force"]]) == ("approved", ["call", "talk"])
    listed = await reader.get("/programs/touchpoint-plans")
    assert [(one["program_id"], one["status"]) for one in listed["items"]] == [("welding", "retired")]


async def test_whoever_decided_on_another_version_is_told(app):
    await app.put(AT, plan(PROPOSED, APPROVED))

    await app.put(AT, plan(PROPOSED, APPROVED, REVISED), 412, version=7)

    assert (await app.get(AT))["version"] == 1


@pytest.mark.parametrize(
    ("program", "body", "status", "words"),
    [
        pytest.param("welding", plan(APPROVED), 422, "put proposed before it", id="approved at once"),
        pytest.param("welding", plan(PROPOSED, points=(CALL, CALL)), 422, "give each point a code", id="twice"),
        pytest.param("welding", plan(PROPOSED, points=({**CALL, "within_days": 367},)), 422, "366", id="over a year"),
        pytest.param("welding", plan(PROPOSED, points=({**CALL, "term": 13},)), 422, "12", id="too many terms"),
        pytest.param("weldnig", plan(PROPOSED), 404, "roster knows no program weldnig", id="unknown program"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_in_words(app, program, body, status, words):
    response = await app.ask("PUT", f"/programs/{program}/touchpoint-plan", json=body)
    assert (response.status_code, words in response.text) == (status, True), response.text


@pytest.mark.parametrize(
    ("role", "claims"),
    [
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, id="an instructor"),
        pytest.param("leader", {"districts": ["*"]}, id="a leader"),
        pytest.param("data_manager", {"districts": ["north"]}, id="a data manager of one district"),
    ],
)
async def test_who_may_not_plan(app, role, claims):
    assert (await app.by(role, **claims).ask("PUT", AT, json=plan(PROPOSED))).status_code == 403
