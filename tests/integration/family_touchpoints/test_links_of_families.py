"""By a link a family says in which language and by which ways it is spoken with, or that it comes to a workshop."""

import re
from datetime import date

import pytest

from services.family_touchpoints.contact.rules import Family
from services.family_touchpoints.link.coming import registers
from shared.records.record import Entry
from tests import family_app
from tests.integration.family_touchpoints.test_links import look, said, send
from tests.producer_app import guardian

WAYS = ("phone", "text", "email", "app", "mail", "home_visit")
EVENING = {
    "kind": "workshop",
    "career_related": True,
    "level": "high",
    "organisation_ids": ["central"],
    "held_on": "2026-05-28",
    "title": "Made-up evening",
    "starts_at": "18:00",
    "room": "made-up hall",
}


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def token(app, purpose="contact", guardian="g1", student="p1", status=201, **more):
    body = {"purpose": purpose, "guardian_id": guardian, "student_id": student, **more}
    made = await app.post("/links", body, status)
    return made["path"].rpartition("/")[2] if status == 201 else made["detail"]


async def consents(app, guardian="g1"):
    """What is kept of each way and matter: the status of every step."""
    found = await app.desk.records.find("consent", {"state.guardian_id": guardian}, limit=100)
    states = [one.state for one in found]
    return {(one["channel"], one["about"]): [step["status"] for step in one["steps"]] for one in states}


async def may(app, guardian="g1", student="p1"):
    items = (await app.get(f"/students/{student}/contact"))["items"]
    return next(one["may"] for one in items if one["guardian_id"] == guardian)


async def test_a_family_withdraws_a_way_and_opens_it_again(app):
    one = await token(app)
    await send(app, one, {"channel.text": "no", "channel.phone": "yes"})
    withdrawn, closed = await consents(app), await may(app)
    await send(app, one, {"channel.text": "no"})
    again = await consents(app)
    await send(app, one, {"channel.text": "yes"})

    assert withdrawn == {("text", "school"): ["withdrawn"], ("phone", "school"): ["granted"]}
    assert again == withdrawn, "the same again changes nothing"
    assert ("Text" in closed, "Phone" in closed, "Text" in await may(app)) == (False, True, True)
    assert (await consents(app))["text", "school"] == ["granted"], "of one day what was said last"


async def test_what_was_withdrawn_before_stays_known_when_it_is_granted_by_a_link(app):
    stop = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await app.put("/guardians/g1/consents/text/school", {"steps": stop})
    await said(app, await token(app), {"channels": {"text": True}})

    record = (await app.desk.records.find("consent", {}, limit=5))[0]
    assert record.state["steps"] == [*stop, {"status": "granted", "on": "2026-05-22", "how": "link"}]


async def test_what_was_withdrawn_under_another_id_of_the_guardian_is_opened_too(app):
    await app.told(guardian("g9", "p1"))
    stop = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await app.put("/guardians/g9/consents/text/school", {"steps": stop})
    await app.post("/guardians/g9/same-as", {"same_as": "g1", "reason": "made up"})
    one = await token(app)
    page, closed = await look(app, one), await may(app)
    await send(app, one, {"channel.text": "yes"})

    assert 'name="channel.text" value="no" checked' in page.text
    assert ("Text" in closed, "Text" in await may(app)) == (False, True)


async def test_invitations_and_surveys_are_matters_of_their_own(app):
    one = await token(app)
    await send(app, one, {"events": "no", "surveys": "yes"})
    found = await consents(app)
    await send(app, one, {"events": "yes"})

    assert set(found) == {(way, "events") for way in WAYS}, "surveys were open, and nothing is new"
    assert {status for (status,) in found.values()} == {"withdrawn"}
    assert {status for (status,) in (await consents(app)).values()} == {"granted"}
    assert "Text" in await may(app), "about school nothing was said"


async def test_a_form_that_is_sent_as_it_came_opens_nothing_that_was_withdrawn(app):
    stop = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    for about in ("school", "events"):
        await app.put(f"/guardians/g1/consents/text/{about}", {"steps": stop})
    one = await token(app)
    shown = (await look(app, one)).text
    await send(app, one, dict(re.findall(r'name="([^"]+)" value="(\w+)" checked', shown)))
    found = await consents(app)

    assert [found["text", about] for about in ("school", "events")] == [["withdrawn"], ["withdrawn"]]
    assert found["phone", "school"] == ["granted"]


async def test_the_language_that_a_family_wants_is_known_to_who_calls(app):
    one = await token(app)
    page = await send(app, one, {"language": "en", "preferred_language": "spa"})
    items = (await app.get("/students/p1/contact"))["items"]

    assert "Español" in page.text
    assert [item["language"] for item in items if item["guardian_id"] == "g1"] == ["spa"]
    assert '<html lang="es">' in (await look(app, one)).text, "and the page speaks it from now on"


async def test_the_page_shows_what_is_noted_and_to_open_it_changes_nothing(app):
    stop = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await app.put("/guardians/g1/consents/text/school", {"steps": stop})
    page = await look(app, await token(app))

    assert 'name="channel.text" value="no" checked' in page.text
    assert 'name="channel.phone" value="yes" checked' in page.text
    assert 'name="events" value="yes" checked' in page.text
    assert list(await consents(app)) == [("text", "school")]


async def test_a_family_says_that_it_comes_and_that_it_does_not_after_all(app):
    evening = await app.post("/workshops", EVENING)
    one = await token(app, "workshop", workshop_id=evening["id"])
    page = await look(app, one)
    await send(app, one, {"comes": "yes"})
    await send(app, one, {"comes": "yes"})
    [(_, told), *_] = await app.facts("attendance")
    await send(app, one, {"comes": "no"})

    assert "Made-up evening" in page.text
    assert "made-up hall" in page.text
    assert (told.status, told.guardian_id, told.student_ids, told.held) == ("registered", "g1", ("p1",), False)
    assert await app.facts("attendance") == []
    thanks = await send(app, one, {"language": "es", "comes": "yes"})
    assert "¿Va a venir?" in thanks.text
    assert {fact.status for _, fact in await app.facts("attendance")} == {"registered"}


async def test_what_staff_have_marked_on_the_roll_stays(app):
    evening = await app.post("/workshops", {**EVENING, "held_on": "2026-05-22"})
    one = await token(app, "workshop", workshop_id=evening["id"])
    await app.post(
        f"/workshops/{evening['id']}/roll",
        {"on": "2026-05-22", "rows": [{"guardian_id": "g1", "student_ids": ["p1"]}]},
    )
    over = await send(app, one, {"comes": "no"})
    for comes in (True, False):  # as if it had been on its way while the roll was taken
        entry, day = Entry(by="family", action="answer"), date(2026, 5, 28)
        await registers(app.desk, evening["id"], "g1", Family(student_id="p1"), day=day, comes=comes, entry=entry)

    assert over.status_code == 404
    assert {fact.status for _, fact in await app.facts("attendance")} == {"present"}


async def test_a_workshop_that_is_over_or_cancelled_is_asked_about_no_more(app):
    evening = await app.post("/workshops", EVENING)
    one = await token(app, "workshop", workshop_id=evening["id"])
    app.at("2026-05-29")
    assert (await look(app, one)).status_code == 404
    app.at("2026-05-22")
    assert (await look(app, one)).status_code == 200
    await app.post(f"/workshops/{evening['id']}/cancel", {"reason": "made up"}, version=evening["version"])

    assert (await look(app, one)).status_code == 404
    assert (await said(app, one, {"comes": True})).status_code == 404
    assert "nobody can say any more" in await token(app, "workshop", workshop_id=evening["id"], status=422)
    await token(app, "workshop", workshop_id="nothing", status=404)
    elsewhere = app.by("coordinator", campuses=["south-campus"])
    await token(elsewhere, "workshop", guardian="g1", student="p2", workshop_id=evening["id"], status=404)


@pytest.mark.parametrize(
    ("purpose", "body"),
    [
        pytest.param("contact", {"answers": {"child": True}}, id="an answer to no survey"),
        pytest.param("contact", {"comes": True}, id="coming to no workshop"),
        pytest.param("workshop", {"channels": {"text": False}}, id="a withdrawal by an invitation"),
        pytest.param("workshop", {"comes": True, "preferred_language": "spa"}, id="one thing too many"),
        pytest.param("contact", {"language": "spa"}, id="nothing"),
    ],
)
async def test_a_link_takes_nothing_that_goes_with_another_purpose(app, purpose, body):
    evening = await app.post("/workshops", EVENING)
    more = {"workshop_id": evening["id"]} if purpose == "workshop" else {}
    answer = await said(app, await token(app, purpose, **more), body)

    assert answer.status_code == 422
    assert f"a link to {purpose} takes" in answer.text
    kinds = ("consent", "attendance", "survey_response", "guardian_profile")
    assert [await app.desk.records.find(kind, {}, limit=5) for kind in kinds] == [[], [], [], []]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"purpose": "contact", "workshop_id": "w1"}, id="what goes with another"),
        pytest.param({"purpose": "workshop"}, id="no workshop"),
        pytest.param({"purpose": "survey", "survey_id": "needs"}, id="no version"),
    ],
)
async def test_a_link_says_what_it_is_about(app, body):
    refused = await app.post("/links", {**body, "guardian_id": "g1", "student_id": "p1"}, 422)

    assert refused["errors"]
    assert await app.desk.records.find("link", {}, limit=1) == []


async def test_links_of_different_purposes_stand_beside_each_other(app):
    evening = await app.post("/workshops", EVENING)
    contact, come = await token(app), await token(app, "workshop", workshop_id=evening["id"])
    newer = await token(app)

    assert [(await look(app, one)).status_code for one in (contact, come, newer)] == [404, 200, 200]


async def test_whoever_withdraws_every_way_can_still_open_one_again(app):
    one = await token(app)
    await said(app, one, {"channels": dict.fromkeys(WAYS, False), "events": False, "surveys": False})

    assert (await said(app, one, {"channels": {"email": True}})).status_code == 200
    assert "Email" in await may(app)


async def test_that_a_family_comes_is_told_to_nobody_when_a_rule_holds_on_that_day(app):
    evening = await app.post("/workshops", EVENING)
    one = await token(app, "workshop", workshop_id=evening["id"])
    rule = {"guardian_id": "g1", "rule": "no_contact", "basis": "safety_plan", "from": "2026-05-25"}
    await app.put("/students/p1/rules/r1", rule)
    await said(app, one, {"comes": True})

    assert await app.facts("attendance") == []
    (row,) = (await app.get(f"/workshops/{evening['id']}/roll"))["rows"]
    assert (row["status"], row["restricted"]) == ("registered", True)
