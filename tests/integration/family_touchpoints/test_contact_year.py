"""The years of enrolments follow whatever they are made of, and nothing of it can be read from when they change."""

from datetime import date, timedelta
from functools import partial

import pytest

from services.family_touchpoints.contact.record import RULE
from services.family_touchpoints.contact_year import reckoning
from services.family_touchpoints.contact_year.reckoning import follow_terms, reckon_all
from services.family_touchpoints.main import OUTSIDE
from shared.contracts.roster import Enrolment
from shared.records.record import Draft, Entry
from tests import family_app
from tests.producer_app import campus, cted, enrolment, event, merged

CALL = {"code": "call", "term": 1, "purpose": "introduction", "within_days": 45}
TALK = {"code": "talk", "term": 2, "purpose": "progress", "within_days": 60}
STEPS = [{"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}]


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def no_contact(app, until, student="p1", guardian=None):
    rule = {"guardian_id": guardian, "rule": "no_contact", "basis": "safety_plan", "from": "2025-08-04", "to": until}
    await app.put(f"/students/{student}/rules/r-{guardian}", rule)


async def of_age(app, student, on):
    await app.put(f"/students/{student}/sharing", {"eighteen_on": on, "steps": []})


async def planned(app, program="welding", points=(CALL, TALK)):
    return await app.put(f"/programs/{program}/touchpoint-plan", {"points": list(points), "steps": STEPS})


async def told(app):
    """What is told of each year, by enrolment and year: subject, excused, points."""
    return {
        (fact.enrolment_id, fact.school_year): (
            subject,
            fact.excused,
            [(one.code, one.since.isoformat()) for one in fact.points],
        )
        for subject, fact in await app.facts("contact_year")
    }


async def written(app):
    """Every version that there is of a year."""
    records = await app.desk.records.find("contact_year", {}, limit=100, include_void=True)
    return {one.id: one.version for one in records}


BOTH = [("call", "2025-08-04"), ("talk", "2026-01-01")]
YEAR = ("e1", "2025-26")


async def test_a_year_in_which_nobody_could_be_contacted_is_excused_until_the_rule_is_put_right(app):
    await no_contact(app, "2026-01-31")
    assert await told(app) == {YEAR: ("student/p1", True, [])}

    await no_contact(app, "2025-11-30")
    assert await told(app) == {YEAR: ("student/p1", False, [])}


async def test_a_year_is_as_before_when_the_rule_was_entered_by_mistake(app):
    await no_contact(app, "2026-01-31")
    await app.post("/students/p1/rules/r-None/void", {"reason": "of another family"}, version=1)
    assert await told(app) == {YEAR: ("student/p1", False, [])}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
async def test_everybody_is_reckoned_in_parts_of_whatever_size(app, monkeypatch, size):
    monkeypatch.setattr(reckoning, "AT_ONCE", size)
    for program in ("welding", "nursing"):
        await planned(app, program)
    before = await told(app)
    await app.desk.records.collection.delete_many({"kind": "contact_year"})

    assert await reckon_all(app.desk) == 3
    assert await told(app) == before
    parts = [part async for part in app.desk.roster.students_in_parts(size)]
    assert [id for part in parts for id in part] == ["p1", "p2", "p3"]


async def test_of_a_year_that_is_excused_no_point_is_due(app):
    await planned(app)
    await no_contact(app, "2026-01-31")
    assert (await told(app))[YEAR] == ("student/p1", True, [])

    await no_contact(app, "2025-11-30")
    assert (await told(app))[YEAR] == ("student/p1", False, BOTH)


async def test_what_is_told_has_no_reason_and_no_day_of_a_rule_or_an_age(app):
    await no_contact(app, "2026-01-31")
    await of_age(app, "p2", "2025-09-09")

    records = await app.desk.records.find("contact_year", {}, limit=10)
    assert [one.state["excused"] for one in records] == [True, True]
    assert not [word for word in ("2026-01-31", "2025-09-09", "no_contact", "eighteen") if word in str(records)]


async def test_nothing_is_written_by_the_days_of_a_year_not_even_by_a_birthday(app):
    app.at("2025-08-04")
    await planned(app)
    await app.told(enrolment("e4", "p2", begin="2025-08-04"))
    await no_contact(app, "2026-01-31")
    await of_age(app, "p2", "2025-12-24")
    await of_age(app, "p3", "2026-02-24")
    before = await written(app)

    day = date(2025, 8, 5)
    while day <= date(2026, 6, 30):
        app.at(day.isoformat())
        assert await reckon_all(app.desk) == 0, day
        day += timedelta(days=1)
    assert await written(app) == before

    # With the school year its next one begins for who is enrolled without an end; they have been 18 for all of it.
    app.at("2026-07-01")
    assert await reckon_all(app.desk) == 1
    assert (await told(app))["e4", "2026-27"] == ("student/p2", True, [])


async def test_a_year_follows_who_a_guardian_is(app):
    await no_contact(app, "2026-01-31", guardian="g1")
    assert await told(app) == {}

    await app.post("/guardians/g2/same-as", {"same_as": "g1", "reason": "in both systems"})
    assert await told(app) == {YEAR: ("student/p1", True, [])}

    await app.post("/guardians/g2/separate", {"reason": "they are sisters"})
    assert await told(app) == {YEAR: ("student/p1", False, [])}


async def test_news_that_come_while_others_are_reckoned_are_not_written_over(app, monkeypatch):
    read, waiting = reckoning.families, [partial(no_contact, app, "2025-11-30")]

    async def families(desk, ids):
        found = await read(desk, ids)
        if waiting:
            await waiting.pop()()
        return found

    monkeypatch.setattr(reckoning, "families", families)
    # The rule is put right while the years are reckoned by what it said first.
    await no_contact(app, "2026-01-31")

    assert (await told(app)).get(YEAR, ("student/p1", False, [])) == ("student/p1", False, [])


async def test_the_day_does_what_a_crash_left_out(app):
    said = {"student_id": "p1", "guardian_id": None, "rule": "no_contact", "from": "2025-08-04", "to": None}
    await app.desk.records.put(Draft(RULE, "r1", {**said, "channels": []}, Entry(by="test", action="put")))
    app.at("2026-05-23")

    await app.parts.follow_day()

    assert (await told(app))[YEAR] == ("student/p1", True, [])


async def test_a_year_goes_with_its_enrolment(app):
    await planned(app)
    await app.told(enrolment("e1", "p1", begin="2025-09-08", end="2025-12-19", version=2))
    assert (await told(app))[YEAR] == ("student/p1", False, [("call", "2025-09-08")])

    await app.told(event("student/p1", "enrolment/e1", Enrolment, 3))
    assert YEAR not in await told(app)

    await app.told(enrolment("e1", "p1", begin="2025-08-04", end="2026-05-22", version=4))
    assert (await told(app))[YEAR] == ("student/p1", False, BOTH)


async def test_nothing_is_kept_again_of_one_who_was_erased(app):
    await planned(app)
    await OUTSIDE.forgetting.erase(app.desk.records.database, ["p1"], [])

    await app.told(enrolment("e1", "p1", begin="2025-08-04", end="2026-05-22", version=2))

    assert [enrolment for enrolment, _ in await told(app)] == ["e3"]


async def test_the_years_of_one_who_was_merged_are_told_of_the_person_that_they_are(app):
    await planned(app)
    await app.told(enrolment("e4", "p2", begin="2025-08-04", end="2026-05-22"))
    ours = ("e4", "2025-26")

    await app.told(merged("p2", "p1", 2))
    assert (await told(app))[ours] == ("student/p1", False, BOTH)
    # Roster moves the enrolment to the survivor: withdrawn there first, told here later.
    await app.told(event("student/p2", "enrolment/e4", Enrolment, 2))
    assert ours not in await told(app)
    await app.told(enrolment("e4", "p1", begin="2025-08-04", end="2026-05-22", version=2))
    assert (await told(app))[ours] == ("student/p1", False, BOTH)

    await no_contact(app, "2026-01-31", student="p2")
    excused = {enrolment: free for (enrolment, _), (_, free, _) in (await told(app)).items()}
    assert excused == {"e1": True, "e2": True, "e3": False, "e4": True}

    await app.told(merged("p2", None, 3))
    await app.told(enrolment("e4", "p2", begin="2025-08-04", end="2026-05-22", version=3))
    await app.told(event("student/p1", "enrolment/e4", Enrolment, 3))
    assert (await told(app))[ours] == ("student/p2", True, [])
    assert (await told(app))[YEAR] == ("student/p1", False, BOTH)


async def test_terms_of_a_campus_restate_who_is_taught_there_and_nobody_else(app):
    await planned(app)
    await app.told(enrolment("e4", "p2", at="south-campus", begin="2025-08-04", end="2026-05-22"))
    before = await written(app)

    terms = [("2025-26", "2025-08-11"), ("2025-26", "2026-02-09")]
    await app.told(campus("south-campus", "satellite_campus", terms=terms, version=2))

    assert (await told(app))["e4", "2025-26"] == ("student/p2", False, [("call", "2025-08-11"), ("talk", "2026-02-09")])
    assert (await told(app))[YEAR] == ("student/p1", False, BOTH)
    assert sorted(version - before[id] for id, version in (await written(app)).items()) == [0, 0, 1]


async def test_news_of_organisations_that_change_no_term_are_let_pass(app, monkeypatch):
    asked = []
    monkeypatch.setattr(type(app.desk.roster), "students_in_parts", lambda *more, **_: asked.append(more))

    await app.told(campus("south-campus", "satellite_campus", version=2))
    await follow_terms(app.desk)

    assert asked == []


async def test_a_school_year_that_begins_on_another_day_moves_the_years(app):
    await planned(app)

    await app.told(cted(starts="09-01", version=2))

    # In August they are in the year 2024-25 now: when its terms began, there was no plan.
    assert await told(app) == {
        (id, "2025-26"): (f"student/{student}", False, [("call", "2025-09-01"), ("talk", "2026-01-01")])
        for id, student in (("e1", "p1"), ("e3", "p3"))
    }
