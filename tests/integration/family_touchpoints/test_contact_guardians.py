"""Guardians over HTTP: what they prefer, who walked in, and two ids that are one person, exactly and reversibly."""

import pytest

from services.family_touchpoints.contact.guardian.commands import follow_guardians
from services.family_touchpoints.contact.reading import families, same_persons
from services.family_touchpoints.contact.rules import contacts
from shared.records.record import Draft, Entry
from tests import family_app
from tests.producer_app import guardian

TODAY = family_app.LAST_DAY.date()
PREFERS = {"preferred_language": "spa", "interpreter_needed": True, "best_time": "after 4 pm"}
CAME = {"name": "Made-up Aunt", "phone": "602 555 0142", "student_ids": ["stateStudentId:900001"]}


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        # The father of p1 and p2 by a second source.
        await opened.told(guardian("g9", "p1"))
        yield opened


def instructor(app):
    return app.by("instructor", programs=["welding"], campuses=["central"])


def counselor(app, campus="central"):
    return app.by("counselor", campuses=[campus])


async def same(app, id="g9", other="g1", status=None, *, key=None):
    return await app.post(f"/guardians/{id}/same-as", {"same_as": other, "reason": "one person"}, status, key=key)


async def separate(app, id="g9", status=None, *, key=None):
    return await app.post(f"/guardians/{id}/separate", {"reason": "they are two"}, status, key=key)


async def logged(app, kind, id, guardian_id):
    await app.desk.records.put(Draft(kind, id, {"guardian_id": guardian_id}, Entry(by="test", action="put")))


async def versions(app):
    found = app.desk.records.collection.find({"kind": {"$in": ["attendance", "survey_response", "touchpoint"]}})
    return {each["_id"]: each["version"] async for each in found}


async def contact(app, guardian_id, student="p1", **params):
    items = (await app.get(f"/students/{student}/contact", **params))["items"]
    return next((one for one in items if one["guardian_id"] == guardian_id), None)


async def test_what_a_guardian_prefers_goes_before_what_roster_says(app):
    kept = await app.put("/guardians/g3", PREFERS | {"preferred_language": "som"}, 201)
    assert (kept["outcome"], kept["ids"], kept["walk_in"]) == ("created", ["g3"], False)
    assert (await app.put("/guardians/g3", PREFERS, version=kept["version"]))["version"] == 2
    await app.put("/guardians/g3", PREFERS, 412, version=5)

    seen = await contact(app, "g3", "p3")

    assert (seen["language"], seen["interpreter"], seen["best_time"]) == ("spa", True, "after 4 pm")
    assert (await app.get("/guardians/g3"))["best_time"] == "after 4 pm"
    await app.get("/guardians/g1", 404)


async def test_name_and_phone_of_whom_roster_knows_are_kept_there(app):
    refused = await app.put("/guardians/g1", CAME, 422)

    assert [one["pointer"] for one in refused["errors"]] == ["/name", "/phone", "/student_ids"]
    assert "kept in roster" in refused["detail"]


async def test_who_walks_in_has_a_name_here_and_answers_for_the_student_from_that_day_on(app):
    came = await counselor(app).put("/guardians/w-1", CAME | PREFERS, 201)

    assert (came["walk_in"], came["student_ids"], came["since"]) == (True, ["p1"], TODAY.isoformat())
    seen = await contact(instructor(app), "w-1")
    assert (seen["name"], seen["phone"], seen["walk_in"], seen["language"]) == (
        "Made-up Aunt",
        "602 555 0142",
        True,
        "spa",
    )
    assert await contact(app, "w-1", on="2026-05-21") is None
    assert await contact(app, "w-1", "p2") is None


@pytest.mark.parametrize(
    ("id", "body", "status", "said"),
    [
        pytest.param("w-1", {"student_ids": ["p1"]}, 404, "no guardian w-1", id="nameless"),
        pytest.param("w-1", {"name": "Made-up Aunt"}, 422, "needs a student", id="of nobody"),
        pytest.param("w-1", CAME | {"student_ids": ["nobody"]}, 422, "no student nobody", id="of somebody unknown"),
        pytest.param("w-1", CAME | {"phone": "call me"}, 422, "a phone number", id="no number"),
        pytest.param("x-1", CAME, 404, "no guardian x-1", id="an id like roster's"),
    ],
)
async def test_who_walks_in_must_be_somebody_of_somebody(app, id, body, status, said):
    refused = await app.put(f"/guardians/{id}", body, status)

    assert said in str(refused)


async def test_the_number_of_who_may_not_be_called_is_shown_to_the_counselor_alone(app):
    await app.put("/guardians/w-1", CAME)
    rule = {"guardian_id": "w-1", "rule": "no_contact", "basis": "safety_plan", "from": "2025-10-01"}
    await app.put("/students/p1/rules/r1", rule)

    assert (await contact(instructor(app), "w-1"))["phone"] is None
    assert (await instructor(app).get("/guardians/w-1"))["phone"] is None
    assert (await contact(counselor(app), "w-1"))["phone"] == "602 555 0142"
    assert (await counselor(app).get("/guardians/w-1"))["phone"] == "602 555 0142"


async def test_students_out_of_reach_of_who_walked_in_are_neither_shown_nor_lost(app):
    await app.put("/guardians/w-1", CAME | {"student_ids": ["p1", "p2"]})

    seen = await counselor(app).put("/guardians/w-1", CAME | {"student_ids": ["p1", "p3"]})

    assert seen["student_ids"] == ["p1", "p3"]
    assert (await app.get("/guardians/w-1"))["student_ids"] == ["p1", "p2", "p3"]
    beyond = CAME | {"student_ids": ["p1", "p2"]}
    assert "no student p2" in (await counselor(app).put("/guardians/w-1", beyond, 422))["detail"]


@pytest.mark.parametrize(
    ("role", "claims", "reads", "writes"),
    [
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, 200, 403, id="instructor"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["central"]}, 404, 403, id="other program"),
        pytest.param("coordinator", {"campuses": ["central"]}, 200, 403, id="coordinator"),
        pytest.param("counselor", {"campuses": ["central"]}, 200, 200, id="counselor"),
        pytest.param("counselor", {"campuses": ["west"]}, 404, 404, id="counselor elsewhere"),
        pytest.param("data_manager", {"districts": ["north"]}, 200, 200, id="home district"),
        pytest.param("data_manager", {"districts": ["south"]}, 404, 404, id="another district"),
        pytest.param("leader", {"districts": ["north"]}, 403, 403, id="leader"),
        pytest.param("student", {"student_id": "p1"}, 403, 403, id="student"),
        pytest.param("operator", {}, 403, 403, id="operator"),
    ],
)
async def test_a_guardian_is_reached_through_a_student_or_is_nobody(app, role, claims, reads, writes):
    await app.put("/guardians/w-1", CAME)
    caller = app.by(role, **claims)

    seen = await caller.get("/guardians/w-1", reads)
    said = await caller.put("/guardians/w-1", CAME, writes)

    assert [one.get("guardian_id") for one in (seen, said)] == [
        "w-1" if code == 200 else None for code in (reads, writes)
    ]


async def test_two_ids_joined_are_one_person_and_separated_two_again(app):
    await app.put("/guardians/g9", PREFERS)
    before = await contact(app, "g9")
    assert before["language"] == "spa"

    one = await same(app)

    assert (one["same_as"], one["ids"]) == ("g1", ["g1", "g9"])
    assert (await same_persons(app.desk.records)).into == {"g9": "g1"}
    listed = [item["guardian_id"] for item in (await app.get("/students/p1/contact"))["items"]]
    assert listed == ["g1", "g2"]
    assert (await contact(app, "g1"))["language"] == "spa"
    assert (await app.get("/guardians/g9"))["ids"] == ["g1", "g9"]

    two = await separate(app)

    assert (two["same_as"], two["ids"]) == (None, ["g9"])
    assert (await contact(app, "g1"))["language"] is None
    assert await contact(app, "g9") is not None


async def test_why_two_ids_were_joined_is_read_by_whoever_handles_restrictions(app):
    await same(app)

    assert (await counselor(app).get("/guardians/g9", history=True))["history"][-1]["why"] == "one person"
    assert "one person" not in str(await instructor(app).get("/guardians/g9", history=True))


async def test_exactly_what_was_logged_under_an_id_that_is_somebody_else_is_published_again(app):
    for kind in ("attendance", "survey_response", "touchpoint"):
        for guardian_id in ("g1", "g2", "g9", "g7"):
            await logged(app, kind, f"{kind}-{guardian_id}", guardian_id)
    moved = {f"{kind}/{kind}-g9" for kind in ("attendance", "survey_response")}

    assert (await same(app))["restated"] == 2
    assert {key for key, version in (await versions(app)).items() if version > 1} == moved
    assert (await same(app))["restated"] == 0
    assert (await separate(app))["restated"] == 2
    assert {key: version for key, version in (await versions(app)).items() if version > 1} == dict.fromkeys(moved, 3)


async def test_who_was_joined_to_one_that_is_joined_now_is_published_again_too(app):
    await app.put("/guardians/w-1", CAME)
    await logged(app, "attendance", "a1", "w-1")
    await logged(app, "attendance", "a2", "g9")
    await same(app, "w-1", "g9")

    assert (await same(app, "g9", "g1"))["restated"] == 2
    assert (await versions(app)) == {"attendance/a1": 3, "attendance/a2": 2}


async def test_a_start_finishes_what_a_crash_has_left_of_a_join(app):
    await logged(app, "attendance", "a1", "g9")
    profile = {"guardian_id": "g9", "same_as": "g1"}
    await app.desk.records.put(Draft("guardian_profile", "g9", profile, Entry(by="test", action="join")))

    assert await follow_guardians(app.desk) == 1
    assert await follow_guardians(app.desk) == 0


async def test_a_key_sent_again_joins_nobody_who_was_separated_since(app):
    first = await same(app, key="k1")
    await separate(app, key="k2")

    again = await same(app, key="k1")

    assert (first["outcome"], again["outcome"], again["same_as"]) == ("changed", "unchanged", None)
    assert (await same_persons(app.desk.records)).into == {}


@pytest.mark.parametrize(
    ("id", "other", "status", "said"),
    [
        pytest.param("g9", "g9", 422, "one person already", id="itself"),
        pytest.param("g3", "g1", 422, "no student has both g3 and g1", id="two who share no student"),
        pytest.param("g9", "g404", 422, "no guardian g404", id="nobody"),
        pytest.param("g404", "g1", 404, "no guardian g404", id="nobody is joined"),
        pytest.param("g2", "w-1", None, "", id="with who walked in, of whichever student"),
        pytest.param("w-1", "g1", None, "", id="who walked in"),
    ],
)
async def test_who_may_be_one_person(app, id, other, status, said):
    await app.put("/guardians/w-1", CAME | {"student_ids": ["p3"]})

    assert said in str(await same(app, id, other, status))


async def test_no_circle_is_made_and_nobody_is_joined_twice(app):
    await same(app, "g9", "g1")

    assert "one person already" in (await same(app, "g1", "g9", 422))["detail"]
    assert "separate them first" in (await same(app, "g9", "g2", 422))["detail"]
    assert "joined to nobody" in (await separate(app, "g1", 422))["detail"]
    assert (await same_persons(app.desk.records)).into == {"g9": "g1"}


async def test_a_rule_and_a_consent_hold_for_every_id_of_a_person(app):
    rule = {"guardian_id": "g9", "rule": "no_contact", "basis": "safety_plan", "from": "2025-10-01"}
    await app.put("/students/p1/rules/r1", rule)
    assert (await contact(app, "g1"))["may"]

    await same(app)

    assert (await contact(app, "g1"))["may"] == []
    await separate(app)
    assert (await contact(app, "g1"))["may"]


@pytest.mark.parametrize("role", ["counselor", "instructor", "coordinator", "service", "leader"])
async def test_only_data_managers_join_and_separate(app, role):
    caller = app.by(role, programs=["*"], campuses=["*"], districts=["*"])

    answers = [await same(caller, status=403), await separate(caller, status=403)]

    assert [one["status"] for one in answers] == [403, 403]
    assert (await same_persons(app.desk.records)).into == {}


async def test_a_data_manager_joins_whom_they_reach(app):
    await same(app.by("data_manager", districts=["south"]), status=404)
    assert (await same(app.by("data_manager", districts=["north"])))["same_as"] == "g1"


async def test_a_circle_of_two_joined_at_once_is_one_person(app):
    for id, other in (("g1", "g9"), ("g9", "g1")):
        profile = {"guardian_id": id, "same_as": other}
        await app.desk.records.put(Draft("guardian_profile", id, profile, Entry(by="test", action="join")))

    family = (await families(app.desk, ["p1"]))["p1"]

    assert [one.guardian_id for one in contacts(family, TODAY, liaison=False)] == ["g1", "g2"]


async def test_nothing_of_a_guardian_is_published(app):
    await app.put("/guardians/w-1", CAME | PREFERS)

    assert await app.facts("guardian_profile") == []
