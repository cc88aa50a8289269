"""A student is forgotten with all that is kept of contact, and with the guardians whom no other student has."""

import pytest

from services.family_touchpoints.contact import erasing
from services.family_touchpoints.main import OUTSIDE
from tests import family_app
from tests.producer_app import guardian

WITHDRAWN = {"steps": [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]}


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def forget(app, *ids):
    return await OUTSIDE.forgetting.erase(app.parts.database, list(ids), list(ids))


async def kept(app):
    found = app.desk.records.collection.find({"state": {"$ne": {}}})
    names = ("rule_id", "eighteen_on", "channel", "guardian_id")
    return {
        next(f"{each['kind']} {each['state'][name]}" for name in names if name in each["state"]) async for each in found
    }


async def text_of(app):
    """Everything that stands anywhere in the service's database, as one text."""
    names = await app.parts.database.list_collection_names()
    return "\n".join([str(each) for name in names async for each in app.parts.database[name].find()])


async def rule(app, id, student="p1", guardian_id="g1"):
    body = {"guardian_id": guardian_id, "rule": "no_contact", "basis": "safety_plan", "from": "2025-10-01"}
    await app.put(f"/students/{student}/rules/{id}", body)


async def test_what_is_the_students_goes_and_what_others_have_stays(app):
    await rule(app, "r1")
    await rule(app, "r2", student="p2")
    await app.put("/students/p1/sharing", {"eighteen_on": "2026-06-01"})
    for guardian_id in ("g1", "g3"):
        await app.put(f"/guardians/{guardian_id}/consents/text/school", WITHDRAWN)
        await app.put(f"/guardians/{guardian_id}", {"best_time": "evenings"})
    await app.get("/students/p1/rules")

    await forget(app, "p1")

    # p2 has g1 as well; nobody but p3 has g3.
    assert await kept(app) == {"contact_rule r2", "consent text", "guardian_profile g1", "guardian_profile g3"}
    assert await app.parts.database["disclosures"].count_documents({}) == 0
    assert await OUTSIDE.forgetting.forgotten(app.parts.database, ["p1"])


async def test_a_guardian_whom_nobody_else_has_goes_with_the_student(app):
    await app.put("/guardians/g3/consents/text/school", WITHDRAWN)
    await app.put("/guardians/g3", {"best_time": "evenings"})
    await app.put("/guardians/w-1", {"name": "Made-up Aunt", "phone": "602 555 0142", "student_ids": ["p3"]})
    await app.post("/guardians/w-1/same-as", {"same_as": "g3", "reason": "Made-up Aunt it is"})

    done = await forget(app, "p3")

    assert done["records"] == 3
    assert await kept(app) == set()
    left = await text_of(app)
    for word in ("Made-up Aunt", "0142", "evenings", "reply_stop"):
        assert word not in left, word
    assert "w-1" not in str(await app.parts.database["followed"].find().to_list(None))


async def test_who_walked_in_for_two_stays_for_the_other_without_the_one(app):
    await app.put("/guardians/w-1", {"name": "Made-up Aunt", "student_ids": ["p1", "p3"]})

    await forget(app, "p1")

    assert (await app.get("/guardians/w-1"))["student_ids"] == ["p3"]


async def test_a_person_stays_with_every_id_while_another_student_has_one_of_them(app):
    await app.told(guardian("g9", "p1"), guardian("g3", "p1"))
    await app.put("/guardians/g9/consents/text/school", WITHDRAWN)
    await app.post("/guardians/g9/same-as", {"same_as": "g3", "reason": "one person"})

    await forget(app, "p1")

    assert await kept(app) == {"consent text", "guardian_profile g9"}


async def test_a_merged_student_is_forgotten_by_every_id_at_once_and_again(app):
    await app.told(guardian("g7", "p1"), guardian("g7", "p2"))
    await app.put("/guardians/g7", {"best_time": "evenings"})

    await forget(app, "p1", "p2")
    again = await forget(app, "p1", "p2")

    assert await kept(app) == set()
    assert again["records"] == 0


async def test_who_walked_in_loses_the_student_and_nothing_that_was_said_meanwhile(app, monkeypatch):
    await app.put("/guardians/w-1", {"name": "Made-up Aunt", "student_ids": ["p1", "p3"]})
    read, times = erasing.standing, []

    async def said_meanwhile(records, kind, where):
        found = await read(records, kind, where)
        times.append(where)
        if len(times) == 2:
            await app.put("/guardians/w-1", {"name": "Made-up Aunt", "phone": "602 555 0142"})
        return found

    monkeypatch.setattr(erasing, "standing", said_meanwhile)
    await forget(app, "p1")

    left = await app.get("/guardians/w-1")
    assert (left["student_ids"], left["phone"]) == (["p3"], "602 555 0142")
