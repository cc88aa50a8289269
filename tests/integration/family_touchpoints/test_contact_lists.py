"""What waits for those who look after contact, within reach: walk-ins, pairs, who comes of age, who has nobody."""

from datetime import date

import pytest

from services.family_touchpoints.contact.lists import coming_of_age, twice, walked_in, without_guardian
from shared.doors.auth import OWN_CAMPUSES, Caller, Identity, Reach, Role, Rows
from tests import family_app
from tests.producer_app import guardian, student

TODAY = family_app.LAST_DAY.date()
EVERYTHING = Caller(Identity("m", frozenset()), Reach(Identity("m", frozenset()), frozenset({Rows.ALL})))


def at(campus):
    who = Identity("c", frozenset({Role.COUNSELOR}), campuses=frozenset({campus}))
    return Caller(who, Reach(who, frozenset({OWN_CAMPUSES})))


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def came(app, id, *students):
    await app.put(f"/guardians/{id}", {"name": "Made-up Aunt", "student_ids": list(students)})


async def same(app, id, other):
    await app.post(f"/guardians/{id}/same-as", {"same_as": other, "reason": "one person"})


async def test_who_walked_in_is_listed_until_joined_to_a_guardian_of_rosters(app):
    for id, who in (("w-1", "p1"), ("w-2", "p1"), ("w-3", "p2"), ("w-4", "p3")):
        await came(app, id, who)
    await same(app, "w-1", "w-2")
    await same(app, "w-4", "g3")

    assert [one.guardian_id for one in await walked_in(app.desk, EVERYTHING)] == ["w-1", "w-2", "w-3"]
    assert [one.guardian_id for one in await walked_in(app.desk, at("south-campus"))] == ["w-3"]
    await same(app, "w-2", "g1")
    assert [one.guardian_id for one in await walked_in(app.desk, EVERYTHING)] == ["w-3"]


async def test_guardians_tied_alike_may_be_one_person_until_they_are(app):
    await app.told(
        guardian("g8", "p3", relation="relative"), guardian("g9", "p1"), guardian("g7", "p1", end="2026-01-01")
    )
    await came(app, "w-1", "p3")

    def pairs(found):
        return {(one.student_id, one.one, one.other) for one in found}

    assert pairs(await twice(app.desk, ["p1", "p3"], TODAY)) == {
        ("p1", "g1", "g2"),
        ("p1", "g1", "g9"),
        ("p1", "g2", "g9"),
        ("p3", "g3", "w-1"),
        ("p3", "g8", "w-1"),
    }
    await same(app, "g9", "g1")
    assert pairs(await twice(app.desk, ["p1"], TODAY)) == {("p1", "g1", "g2")}


async def test_who_is_18_within_60_days_and_shares_nothing_is_listed(app):
    consents = {"status": "student_consents", "on": "2026-04-01"}
    for who, on, steps in (
        ("p1", "2026-05-22", []),
        ("p2", "2026-07-21", []),
        ("p3", "2026-04-01", []),
    ):
        await app.put(f"/students/{who}/sharing", {"eighteen_on": on, "steps": steps})

    def listed(found):
        return [(one.student_id, one.eighteen_on.isoformat()) for one in found]

    assert listed(await coming_of_age(app.desk, EVERYTHING, TODAY)) == [("p1", "2026-05-22"), ("p2", "2026-07-21")]
    assert listed(await coming_of_age(app.desk, EVERYTHING, date(2026, 5, 21))) == [("p1", "2026-05-22")]
    assert listed(await coming_of_age(app.desk, at("south-campus"), TODAY)) == [("p2", "2026-07-21")]
    await app.put("/students/p3/sharing", {"steps": [consents]})
    dependent = {"status": "dependent_for_tax", "on": "2026-05-01", "seen_on": "2026-05-01"}
    await app.put("/students/p1/sharing", {"steps": [dependent]})
    assert listed(await coming_of_age(app.desk, EVERYTHING, TODAY)) == [("p2", "2026-07-21")]


async def test_a_student_for_whom_nobody_answers_is_listed_until_somebody_does(app):
    await app.told(student("p4"), guardian("g5", "p4", end="2026-01-01"))

    assert await without_guardian(app.desk, ["p1", "p4"], TODAY) == ["p4"]
    assert await without_guardian(app.desk, ["p4"], date(2025, 12, 31)) == []
    await came(app, "w-1", "p4")
    assert await without_guardian(app.desk, ["p4"], TODAY) == []
