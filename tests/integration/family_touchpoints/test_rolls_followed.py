"""What rolls follow, over HTTP and a real mongod: their workshop, who is one person, where students and places are."""

from datetime import date

import pytest

from services.family_touchpoints.main import OUTSIDE
from shared.contracts.roster import TermBegins
from shared.records.record import Draft, Entry
from tests.producer_app import merged, student
from tests.workshops_app import act, attended, came, joined, outcomes, place, planned, roll, running, unnamed, walked_in

CANARY = "Zzyzx Visitor"


@pytest.fixture
async def app(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def evening(app):
    return await planned(app)


async def test_two_ids_that_were_joined_are_two_records_of_one_subject_until_they_are_separated(app, evening):
    await roll(app, evening, came("g1", "p1"), came("g2", "p1"), head_count=5, head_count_of="everyone")
    assert await unnamed(app) == 3

    await joined(app, "g2", "g1")
    told = {(subject, fact.logged_as) for subject, fact in await app.facts("attendance") if "guardian" in subject}
    assert told == {("guardian/g1", None), ("guardian/g1", "g2")}
    assert ((await app.get(f"/workshops/{evening['id']}/roll"))["present"], await unnamed(app)) == (1, 4)
    assert (await app.get(f"/workshops/{evening['id']}"))["version"] == 3

    await joined(app, "g2", None)
    assert {subject for subject, *_ in await attended(app)} == {"guardian/g1", "guardian/g2", "student/p1"}
    assert (await unnamed(app), (await app.get(f"/workshops/{evening['id']}"))["version"]) == (3, 4)


async def test_who_walked_in_before_comes_again_and_joined_to_a_guardian_is_that_one(app, evening):
    walk_in = (await roll(app, evening, walked_in(CANARY, "p3")))["rows"][0]["guardian_id"]
    later = await planned(app, held_on="2025-12-03")
    again = await roll(app, later, came(walk_in, "p3"), came("g3", "p3"), on="2025-12-03")
    assert outcomes(again) == ["created", "created"]

    await joined(app, walk_in, "g3")
    subjects = {subject for subject, *_ in await attended(app)}
    assert subjects == {"guardian/g3", "student/p3"}


async def test_cancelled_it_counts_for_nobody_and_reopened_it_counts_on_its_new_day(app, evening):
    await roll(app, evening, came("g1", "p1"))
    held = await app.get(f"/workshops/{evening['id']}")
    gone = await act(app, held, "cancel", reason="it was another evening")
    assert [counts for *_, counts in await attended(app)] == [False, False]

    again = await act(app, gone, "reopen", on="2025-11-19")
    await act(app, again, "held")
    assert {(fact.held, fact.held_on) for _, fact in await app.facts("attendance")} == {(True, date(2025, 11, 19))}
    assert (await app.desk.records.find("attendance", {}, limit=2))[0].version > 1


async def test_exactly_its_own_roll_is_published_again(app, evening):
    other = await planned(app, held_on="2025-12-03")
    await roll(app, evening, came("g1", "p1"))
    await roll(app, other, came("g1", "p1"), on="2025-12-03")
    before = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    held = await app.get(f"/workshops/{evening['id']}")
    await app.patch(
        f"/workshops/{evening['id']}", {"title": "Another", "reason": "told wrong"}, version=held["version"]
    )
    titled = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    assert titled == before

    middle = {"level": "middle", "reason": "it was for the eighth grade"}
    await app.patch(f"/workshops/{evening['id']}", middle, version=held["version"] + 1)
    after = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    assert after == {evening["id"]: before[evening["id"]] + 1, other["id"]: before[other["id"]]}
    assert {fact.level for _, fact in await app.facts("attendance")} == {"high", "middle"}


async def test_a_void_workshop_is_told_of_nobody(app, evening):
    await roll(app, evening, came("g1", "p1"))
    await act(app, await app.get(f"/workshops/{evening['id']}"), "void", reason="planned twice")

    assert await app.facts("attendance") == []


async def test_districts_are_the_students_homes_and_follow_them(app, evening):
    await roll(app, evening, came("g3", "p3"))
    assert {fact.districts for _, fact in await app.facts("attendance")} == {("south",)}
    before = (await app.desk.records.find("attendance", {}, limit=1))[0].version

    await app.told(student("p3", district="east", version=2))
    assert {fact.districts for _, fact in await app.facts("attendance")} == {("east",)}
    assert (await app.desk.records.find("attendance", {}, limit=1))[0].version == before + 1


async def test_the_term_is_that_of_the_first_place_and_follows_its_table(app, evening):
    await roll(app, evening, came("g1", "p1"))
    begins = (("fall", date(2025, 8, 4)), ("mid", date(2025, 10, 13)))
    terms = tuple(TermBegins(school_year="2025-26", term=name, begins=day) for name, day in begins)
    before = (await app.desk.records.find("attendance", {}, limit=1))[0].version

    await app.told(place("high", "school", "north", version=2, terms=terms))
    assert {fact.term for _, fact in await app.facts("attendance")} == {2}
    assert (await app.desk.records.find("attendance", {}, limit=1))[0].version == before + 1


async def test_who_is_forgotten_leaves_the_roll_to_the_others(app, evening):
    await roll(app, evening, came("g1", "p1", "p2"), came("g2", "p1"), came("g3", "p3"))
    await app.told(student("p1", district="east", version=2), student("p3", district="east", version=2))
    for id in ("p1", "p3"):
        await OUTSIDE.forgetting.erase(app.parts.database, [id], [])

    assert {subject for subject, *_ in await attended(app)} == {"guardian/g1", "student/p2"}
    assert (await app.get(f"/workshops/{evening['id']}/roll"))["present"] == 1
    again = await roll(app, evening, came("g3", "p3"), came("g2", "p2"), came("g1", "p2"))
    assert outcomes(again) == ["refused", "created", "unchanged"]
    notes = str(await app.parts.database["followed"].find().to_list(None))
    assert not [id for id in ("p1", "p3", "g3") if f"'{id}'" in notes or f"/{id}'" in notes]


async def test_two_students_who_are_merged_are_one(app, evening):
    await roll(app, evening, came("g1", "p1", "p2"))
    await app.told(merged("p2", "p1", 2, district="north"))

    assert [subject for subject, *_ in await attended(app)] == ["guardian/g1", "student/p1"]


async def test_a_start_finishes_what_a_crash_has_left(app, evening):
    await roll(app, evening, came("g1", "p1"), head_count=5, head_count_of="everyone")
    (record,) = await app.desk.records.find("workshop", {}, limit=1)
    (there,) = await app.desk.records.find("attendance", {}, limit=1)
    # As if nothing had followed the write.
    state, entry = {**record.state, "status": "cancelled"}, Entry(by="manager-1", action="cancel")
    await app.desk.records.put(Draft("workshop", record.id, state, entry))
    for finish in app.desk.producer.at_start:
        await finish(app.desk)
        await finish(app.desk)

    (after,) = await app.desk.records.find("attendance", {}, limit=1)
    assert after.version == there.version + 1


async def test_news_of_another_place_restate_no_roll(app, evening):
    await roll(app, evening, came("g1", "p1"))
    kinds = ("workshop", "attendance")

    async def versions():
        return [one.version for kind in kinds for one in await app.desk.records.find(kind, {}, limit=9)]

    before = await versions()
    await app.told(place("elsewhere", "satellite_campus", "cted"))
    spring = TermBegins(school_year="2025-26", term="spring", begins=date(2026, 1, 12))
    await app.told(place("elsewhere", "satellite_campus", "cted", 2, terms=(spring,)))

    assert await versions() == before


async def test_news_of_who_two_students_are_now_reaches_what_was_logged_under_either(app, evening):
    await roll(app, evening, came("g1", "p2"))
    await app.told(merged("p2", "p1", 2, district="north"))
    (before,) = await app.desk.records.find("attendance", {}, limit=1)
    await app.told(student("p1", district="east", version=2))

    (there,) = await app.desk.records.find("attendance", {}, limit=1)
    assert {fact.districts for _, fact in await app.facts("attendance")} == {("east",)}
    assert there.version == before.version + 1


async def test_a_data_manager_of_the_district_joins_who_walked_in_for_nobody(app, evening):
    walk_in = (await roll(app, evening, walked_in(CANARY)))["rows"][0]["guardian_id"]
    said = {"same_as": "g1", "reason": "the mother"}
    north, south = (app.by("data_manager", districts=[one]) for one in ("north", "south"))

    await south.post(f"/guardians/{walk_in}/same-as", said, 404)
    listed = [(await one.get("/worklists/walk_ins_without_guardian"))["items"] for one in (north, south)]
    done = await north.post(f"/guardians/{walk_in}/same-as", said)
    assert ([len(one) for one in listed], done["same_as"]) == ([1, 0], "g1")
    assert {subject for subject, *_ in await attended(app)} == {"guardian/g1"}
