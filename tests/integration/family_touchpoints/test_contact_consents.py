"""Consents and what students of age share, over HTTP: step by step, beside what is planned, within reach."""

import pytest

from shared.records.record import Draft, Entry
from tests import family_app

TODAY = family_app.LAST_DAY.date().isoformat()
WITHDRAWN = {"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}
CONSENTS = {"status": "student_consents", "on": "2025-12-04"}


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def say(app, *steps, status=None, guardian="g1", channel="text", about="school", version=None):
    path = f"/guardians/{guardian}/consents/{channel}/{about}"
    return await app.put(path, {"steps": list(steps)}, status, version=version)


async def share(app, *steps, status=None, about="p1", **more):
    return await app.put(f"/students/{about}/sharing", {"steps": list(steps), **more}, status)


async def may(app, on, guardian="g1", student="p1"):
    items = (await app.get(f"/students/{student}/contact", on=on))["items"]
    return next(one["may"] for one in items if one["guardian_id"] == guardian)


async def plan(app, id, on, *, method="Text", guardians=("g1",), purpose="progress", student="p1", held=None, **more):
    steps = [{"status": "planned", "on": on}, *([{"status": "held", "on": held}] if held else [])]
    state = {
        "student_id": student,
        "occasion_id": id,
        "guardian_ids": list(guardians),
        "with_student": False,
        "method": method,
        "direction": "to_family",
        "purpose": purpose,
        "steps": steps,
        "status": steps[-1]["status"],
        **more,
    }
    await app.desk.records.put(Draft("touchpoint", id, state, Entry(by="test", action="plan")))


def student_of(app, id="p1"):
    return app.by("student", student_id=id)


def counselor(app, campus="central"):
    return app.by("counselor", campuses=[campus])


async def test_a_withdrawal_closes_that_channel_for_that_matter_alone(app):
    kept = await say(app, WITHDRAWN)

    assert (kept["outcome"], kept["channel"], kept["about"]) == ("created", "text", "school")
    assert "Text" in await may(app, "2025-11-04")
    assert await may(app, "2025-11-10") == ["Phone", "InPerson", "HomeVisit", "VideoCall", "App", "Email"]
    assert "Text" in await may(app, "2025-11-10", guardian="g2")
    assert "Text" not in await may(app, "2025-11-10", student="p2")
    assert (await say(app, WITHDRAWN))["outcome"] == "unchanged"


async def test_what_is_granted_again_is_open_from_that_day_on(app):
    first = await say(app, WITHDRAWN)

    again = {"status": "granted", "on": "2025-11-20", "how": "form"}
    second = await say(app, again, WITHDRAWN, version=first["version"])

    assert [step["on"] for step in second["steps"]] == ["2025-11-05", "2025-11-20"]
    assert "Text" not in await may(app, "2025-11-19")
    assert "Text" in await may(app, "2025-11-20")
    await say(app, WITHDRAWN, version=first["version"], status=412)
    assert [one["channel"] for one in (await app.get("/guardians/g1/consents"))["items"]] == ["text"]


async def test_a_step_of_tomorrow_is_refused(app):
    refused = await say(app, {**WITHDRAWN, "on": "2026-05-23"}, status=422)

    assert "send it on or after that day" in refused["detail"]


async def test_a_withdrawal_names_what_is_planned_and_now_stands_against_it(app):
    await plan(app, "t1", "2025-11-10")
    await plan(app, "t2", "2025-11-10", method="Phone")
    await plan(app, "t3", "2025-11-04")
    await plan(app, "t4", "2025-11-11", purpose="emergency")
    await plan(app, "t5", "2025-11-10", held="2025-11-10")
    await plan(app, "t6", "2025-11-10", guardians=("g2", "g1"), student="p2")
    await plan(app, "t7", "2025-11-10", guardians=(), with_student=True)

    everything = await say(app, WITHDRAWN)
    central = await say(counselor(app), WITHDRAWN)

    assert everything["planned_against"] == ["t1", "t6"]
    assert central["planned_against"] == ["t1"]


async def test_a_rule_names_the_plan_made_before_it_for_a_day_on_which_it_holds(app):
    await plan(app, "t1", "2025-10-05", method="Phone")
    await plan(app, "t2", "2025-10-05", method="Phone", guardians=("g2",))
    body = {"guardian_id": "g1", "rule": "no_contact", "basis": "guardian_request", "from": "2025-10-01"}

    assert (await app.put("/students/p1/rules/r1", body))["planned_against"] == ["t1"]


async def test_from_18_on_what_is_planned_with_the_family_stands_against_it_and_with_the_student_does_not(app):
    await plan(app, "t1", "2025-12-05", method="Phone")
    await plan(app, "t2", "2025-12-05", method="Phone", guardians=())
    await plan(app, "t3", "2025-12-05", method="Phone", guardians=(), with_student=True)
    await plan(app, "t4", "2025-12-05", method="Phone", with_student=True)
    await plan(app, "t5", "2025-12-05", method="Phone", direction="from_family")

    assert (await share(app, eighteen_on="2025-12-03"))["planned_against"] == ["t1", "t2", "t4", "t5"]


async def test_from_18_on_the_family_is_contacted_while_the_student_shares(app):
    kept = await share(app, eighteen_on="2025-12-03")

    assert (kept["outcome"], kept["eighteen_on"]) == ("created", "2025-12-03")
    assert "Phone" in await may(app, "2025-12-02")
    assert await may(app, "2025-12-03") == []
    await share(app, CONSENTS)
    assert "Phone" in await may(app, "2025-12-04")
    await share(app, CONSENTS, {"status": "ended", "on": "2026-02-01"})
    assert await may(app, "2026-02-01") == []


async def test_that_the_rights_are_the_students_is_said_while_they_share_nothing(app):
    await share(app, eighteen_on="2025-12-03")

    before = await app.get("/students/p1/contact", on="2025-12-02")
    after = await app.get("/students/p1/contact", on="2025-12-03")

    assert "of_age_note" not in before
    assert "the rights are the student's" in after["of_age_note"]
    assert "2025-12-03" not in after["of_age_note"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"steps": [CONSENTS]}, "not known when the student is 18", id="no day"),
        pytest.param(
            {"eighteen_on": "2025-12-05", "steps": [CONSENTS]}, "were not the student's yet", id="too young to"
        ),
        pytest.param(
            {"eighteen_on": "2025-12-03", "steps": [{"status": "dependent_for_tax", "on": "2025-12-04"}]},
            "the day on which the form was seen",
            id="nobody saw a form",
        ),
        pytest.param(
            {"eighteen_on": "2025-12-03", "steps": [{"status": "ended", "on": "2026-06-04"}]},
            "is in the future",
            id="a day to come",
        ),
    ],
)
async def test_what_a_student_cannot_share_is_refused_with_what_would_work(app, body, said):
    assert said in (await app.put("/students/p1/sharing", body, 422))["detail"]


async def test_a_student_of_age_ends_it_and_consents_again_from_today_on(app):
    await share(app, CONSENTS, eighteen_on="2025-12-03")
    ends, gives = {"status": "ended", "on": TODAY}, {"status": "student_consents", "on": TODAY}

    seen = await student_of(app).get("/students/p1/sharing")
    ended = await share(student_of(app), *seen["steps"], ends)
    assert await may(app, TODAY) == []
    given = await share(student_of(app), *ended["steps"], gives)

    assert [step["status"] for step in given["steps"]] == ["student_consents", "ended", "student_consents"]
    assert "Phone" in await may(app, TODAY)


@pytest.mark.parametrize(
    ("steps", "more"),
    [
        pytest.param([], {}, id="what was said before is left out"),
        pytest.param([CONSENTS, {"status": "ended", "on": "2025-12-10"}], {}, id="of a day that is over"),
        pytest.param(
            [CONSENTS, {"status": "dependent_for_tax", "on": TODAY, "seen_on": TODAY}], {}, id="a form of the parents"
        ),
        pytest.param([CONSENTS], {"eighteen_on": "2025-12-01"}, id="another birthday"),
    ],
)
async def test_students_change_nothing_but_what_they_say_today(app, steps, more):
    before = await share(app, CONSENTS, eighteen_on="2025-12-03")

    refused = await share(student_of(app), *steps, status=422, **more)

    assert refused["status"] == 422
    assert (await app.get("/students/p1/sharing"))["steps"] == before["steps"]


@pytest.mark.parametrize("known", [True, False])
async def test_for_a_student_under_18_there_is_nothing(app, known):
    if known:
        await share(app, eighteen_on="2026-05-23")

    assert "nothing is kept" in (await student_of(app).get("/students/p1/sharing", 404))["detail"]
    mine = {"status": "student_consents", "on": TODAY}
    assert "nothing is kept" in (await share(student_of(app), mine, status=404))["detail"]


async def test_nobody_speaks_for_another_student(app):
    await share(app, CONSENTS, eighteen_on="2025-12-03")

    other = student_of(app, "p2")

    seen = await other.get("/students/p1/sharing", 404)
    said = await share(other, CONSENTS, {"status": "ended", "on": TODAY}, status=404)
    of_a_guardian = await say(student_of(app), WITHDRAWN, status=403)

    assert [one["status"] for one in (seen, said, of_a_guardian)] == [404, 404, 403]
    assert len((await app.get("/students/p1/sharing"))["steps"]) == 1
    assert (await app.get("/guardians/g1/consents"))["items"] == []


async def test_a_guardian_is_reached_through_any_student_tied_to_them_and_else_is_nobody(app):
    south = counselor(app, "south-campus")
    await say(app, WITHDRAWN, guardian="g3")

    await say(south, WITHDRAWN)
    assert len((await south.get("/guardians/g1/consents"))["items"]) == 1
    for unreached in ("g3", "g404"):
        assert (
            f"there is no guardian {unreached}"
            in (await say(south, WITHDRAWN, guardian=unreached, status=404))["detail"]
        )
        await south.get(f"/guardians/{unreached}/consents", 404)
    await say(app, WITHDRAWN, guardian="g404", status=404)


@pytest.mark.parametrize("role", ["instructor", "coordinator", "leader", "operator"])
async def test_consents_and_sharing_are_for_those_who_handle_them(app, role):
    caller = app.by(role, programs=["*"], campuses=["*"], districts=["*"])

    answers = [
        await say(caller, WITHDRAWN, status=403),
        await caller.get("/guardians/g1/consents", 403),
        await share(caller, eighteen_on="2025-12-03", status=403),
        await caller.get("/students/p1/sharing", 403),
    ]

    assert [one["status"] for one in answers] == [403] * 4
    assert (await app.get("/guardians/g1/consents"))["items"] == []


async def test_files_add_to_what_was_said_before(app):
    await say(app, WITHDRAWN)
    text = (
        "guardian_id,channel,about,status,on,how\n"
        "g1,text,school,withdrawn,2025-11-05,reply_stop\n"
        "g1,text,school,granted,2025-11-20,form\n"
        "g1,text,school,withdrawn,2025-12-01,spoken\n"
        "g404,text,school,withdrawn,2025-12-01,spoken\n"
        "g1,fax,school,withdrawn,2025-12-01,spoken\n"
    )
    would = await app.load("consents", text, dry_run=True)
    did = await app.load("consents", text)

    counts = ("created", "changed", "unchanged", "refused")
    assert [would[name] for name in counts] == [did[name] for name in counts] == [0, 2, 1, 2]
    (record,) = (await app.get("/guardians/g1/consents"))["items"]
    assert [(step["status"], step["on"]) for step in record["steps"]] == [
        ("withdrawn", "2025-11-05"),
        ("granted", "2025-11-20"),
        ("withdrawn", "2025-12-01"),
    ]
    assert (await app.load("consents", text))["unchanged"] == 3


async def test_a_file_of_18th_birthdays_says_from_when_and_what_is_shared(app):
    text = (
        "student_id,eighteen_on,status,on,seen_on\n"
        "p1,2025-12-03,,,\n"
        "nw:u-2,2025-12-03,dependent_for_tax,2025-12-05,2025-12-05\n"
        "p2,,ended,2026-02-01,\n"
        "p3,,student_consents,2026-02-01,\n"
        "p3,2026-01-01,student_consents,,\n"
    )

    done = await app.load("sharing", text)

    assert [done[name] for name in ("created", "changed", "refused")] == [2, 1, 2]
    assert [(one["row"], one["column"]) for one in done["problems"]] == [(5, "eighteen_on"), (6, "on")]
    assert await may(app, "2025-12-03") == []
    assert "Phone" in await may(app, "2025-12-05", student="p2")
    assert await may(app, "2026-02-01", student="p2") == []
    assert (await app.load("sharing", text))["unchanged"] == 3


async def test_nothing_of_a_consent_or_an_age_is_published(app):
    await say(app, WITHDRAWN)
    await share(app, eighteen_on="2025-12-03")

    assert await app.facts("consent") == []
    assert await app.facts("sharing") == []
