"""A guardian of two students, of whom one was erased, stays whole for the other: on rolls, in surveys, by links."""

import pytest

from services.family_touchpoints.main import OUTSIDE
from tests.integration.family_touchpoints.test_surveys import ASKED, NEEDS, SAID
from tests.producer_app import guardian
from tests.workshops_app import attended, came, outcomes, planned, roll, running

WITHDRAWN = {"steps": [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]}
CONTACT = {"purpose": "contact", "guardian_id": "g1"}


@pytest.fixture
async def app(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.put(NEEDS, ASKED)
        yield opened


async def forget(app, student):
    await OUTSIDE.forgetting.erase(app.parts.database, [student], [student])


async def test_they_are_put_on_the_roll_for_the_other(app):
    evening = await planned(app)
    await roll(app, evening, came("g1", "p1"))
    await forget(app, "p1")
    again = await roll(app, evening, came("g1", "p2"), came("g2", "p1"))

    assert outcomes(again) == ["created", "refused"]
    assert await attended(app) == [("guardian/g1", "g1", ("p2",), True), ("student/p2", "g1", ("p2",), True)]
    shown = await app.get(f"/workshops/{evening['id']}/roll")
    assert (shown["present"], [row["student_ids"] for row in shown["rows"]]) == (1, [["p2"]])


async def test_they_answer_about_the_other(app):
    first = await app.post(f"{NEEDS}/responses", {**SAID, "answers": {"own": "canary"}})
    await forget(app, "p1")
    anew = await app.post(f"{NEEDS}/responses", {**SAID, "student_id": "p2", "answers": {"child": True}})

    assert (anew["id"], anew["student_id"], anew["answers"]) == (first["id"], "p2", {"child": True})
    assert [line["action"] for line in (await app.get(f"/survey-responses/{anew['id']}", history="true"))["history"]]
    assert len(await app.facts("survey_response")) == 1


async def test_links_are_made_for_them_and_for_everybody_beside_them(app):
    for body in ({**CONTACT, "student_id": "p1"}, {**CONTACT, "student_id": "p2"}):
        await app.post("/links", body, 201)
    await app.post(f"{NEEDS}/links", {"students": ["p1"]}, 201)
    await forget(app, "p1")
    await app.post("/links", {**CONTACT, "student_id": "p2"}, 201)
    made = await app.post(f"{NEEDS}/links", {"students": ["p2", "p3"]}, 201)

    assert {one["guardian_id"] for one in made["links"]} == {"g1", "g2", "g3"}


async def test_what_they_say_of_channels_is_kept_once_roster_ties_them_to_another(app):
    await app.put("/guardians/g3/consents/text/school", WITHDRAWN)
    await app.put("/guardians/g3", {"best_time": "evenings"})
    await forget(app, "p3")
    await app.told(guardian("g3", "p2"))

    assert (await app.put("/guardians/g3/consents/text/school", WITHDRAWN))["outcome"] == "created"
    assert (await app.put("/guardians/g3", {"best_time": "mornings"}))["best_time"] == "mornings"
    again = await app.put("/guardians/g3", {"best_time": "mornings"})
    assert again["outcome"] == "unchanged"
