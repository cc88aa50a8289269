"""Workshops over HTTP and a real mongod: their life, who reaches them, and what is told of them."""

from datetime import date

import pytest

from tests.workshops_app import EVENING, act, place, planned, running


@pytest.fixture
async def app(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
def coordinator(app):
    return app.by("coordinator", campuses=["high"])


async def told(app):
    """What is told of all workshops: status, day and districts."""
    return [(fact.status, fact.held_on, fact.districts) for _, fact in await app.facts("workshop")]


async def test_its_life_is_planned_held_cancelled_and_reopened(app, coordinator):
    evening = await planned(coordinator)
    held = await act(coordinator, evening, "held")
    assert (held["status"], held["held_on"]) == ("held", "2025-11-12")
    assert "held" in (await act(coordinator, held, "held", 422))["detail"]

    gone = await act(coordinator, held, "cancel", reason="it was another evening")
    again = await act(coordinator, gone, "reopen", on="2025-11-19")
    assert (again["status"], again["held_on"]) == ("planned", "2025-11-19")
    ahead = await act(coordinator, again, "held", 422, on="2026-11-19")
    assert "plan it" in ahead["detail"]
    assert await told(app) == [("planned", date(2025, 11, 19), ("north",))]


async def test_what_was_cancelled_by_mistake_is_reopened_as_held(coordinator):
    gone = await act(coordinator, await planned(coordinator), "cancel", reason="the campus was closed")

    assert (await act(coordinator, gone, "reopen", status="held", on="2025-11-19"))["status"] == "held"


async def test_the_fact_has_neither_title_nor_room_and_its_districts_follow_roster(app, coordinator):
    evening = await planned(coordinator, organisation_ids=["high", "central"], languages=["eng", "spa"])
    ((subject, fact),) = await app.facts("workshop")

    assert subject == f"workshop/{evening['id']}"
    assert not hasattr(fact, "title")
    assert "Paths" not in repr(fact)
    assert (evening["title"], evening["room"]) == ("Paths after welding", "B 12")
    assert (fact.workshop_type, fact.level, fact.districts, fact.languages) == (
        "workshop",
        "high",
        ("north",),
        ("eng", "spa"),
    )
    await app.told(place("south", "district", "cted"), place("high", "school", "south", version=2))
    assert [districts for _, _, districts in await told(app)] == [("south",)]
    assert (await app.get(f"/workshops/{evening['id']}"))["version"] == 2


async def test_a_campus_of_the_cted_lies_in_no_district(app):
    await planned(app, organisation_ids=["central"])

    assert await told(app) == [("planned", date(2025, 11, 12), ())]


async def test_one_workshop_of_a_kind_at_a_place_and_hour(app, coordinator):
    evening = await planned(coordinator)

    taken = await planned(app, 409, organisation_ids=["middle", "high"])
    assert (taken["existing"], "starts_at" in taken["detail"]) == (evening["id"], True)
    await planned(app, starts_at="18:30")
    await planned(app, kind="orientation")
    gone = await act(coordinator, evening, "cancel", reason="the campus was closed")
    await planned(app)
    assert (await act(coordinator, gone, "reopen", 409))["status"] == 409


async def test_void_frees_the_key_and_withdraws_the_fact(app, coordinator):
    evening = await planned(coordinator)
    await act(coordinator, evening, "void", reason="planned twice")

    assert await told(app) == []
    await planned(coordinator)
    assert "void" in (await act(coordinator, evening | {"version": 2}, "held", 422))["detail"]


async def test_the_same_key_again_is_the_same_workshop_and_another_body_is_refused(coordinator):
    first = await coordinator.post("/workshops", EVENING, 201, key="k1")
    again = await coordinator.post("/workshops", EVENING, 200, key="k1")

    assert (again["id"], again["outcome"]) == (first["id"], "unchanged")
    await coordinator.post("/workshops", {**EVENING, "level": "middle"}, 422, key="k1")


async def test_it_is_set_right_with_a_reason(coordinator):
    evening = await planned(coordinator)
    path = f"/workshops/{evening['id']}"

    await coordinator.patch(path, {"level": "middle"}, 422, version=1)
    right = await coordinator.patch(path, {"level": "middle", "reason": "it was for the eighth grade"}, version=1)
    assert (right["level"], right["title"]) == ("middle", "Paths after welding")
    counted = {"head_count": 40, "head_count_of": "everyone", "reason": "counted"}
    assert "before it is held" in (await coordinator.patch(path, counted, 422, version=2))["detail"]
    past = await coordinator.get(path, history=True)
    assert past["history"][-1]["why"] == "it was for the eighth grade"


async def test_places_and_programs_are_roster_s(app, coordinator):
    unknown = await planned(app, 422, organisation_ids=["high", "nowhere"], program_ids=["alchemy"])

    assert {one["code"] for one in unknown["errors"]} == {"unknown_organisation", "unknown_program"}
    beyond = await planned(coordinator, 422, organisation_ids=["middle"])
    assert "within your reach" in beyond["detail"]


@pytest.mark.parametrize(
    ("role", "claims", "sees"),
    [
        pytest.param("coordinator", {"campuses": ["middle"]}, {"joint"}, id="one of its places is the coordinator's"),
        pytest.param("counselor", {"campuses": ["high"]}, {"joint", "welders"}, id="the counselor's campus"),
        pytest.param(
            "instructor",
            {"campuses": ["high"], "programs": ["welding"]},
            {"joint", "welders"},
            id="the instructor's program, or none",
        ),
        pytest.param("instructor", {"campuses": ["high"], "programs": ["nursing"]}, {"joint"}, id="no other program's"),
        pytest.param("instructor", {"campuses": ["central"], "programs": ["welding"]}, set(), id="no other campus's"),
        pytest.param("leader", {"districts": ["north"]}, {"joint", "welders"}, id="in the leader's district"),
        pytest.param("data_manager", {"districts": ["south"]}, set(), id="in no other district"),
    ],
)
async def test_who_reaches_a_workshop(app, role, claims, sees):
    ids = {
        "joint": (await planned(app, organisation_ids=["high", "middle"]))["id"],
        "welders": (await planned(app, kind="presentation", program_ids=["welding"]))["id"],
    }
    caller = app.by(role, **claims)

    listed = {one["id"] for one in (await caller.get("/workshops"))["items"]}
    assert listed == {ids[name] for name in sees}
    for name, id in ids.items():
        await caller.get(f"/workshops/{id}", 200 if name in sees else 404)
        await caller.get(f"/workshops/{id}/roll", 200 if name in sees else 404)


@pytest.mark.parametrize("role", ["instructor", "leader"])
async def test_who_plans_none(app, role):
    claims = {"campuses": ["high"], "programs": ["welding"], "districts": ["north"]}

    assert (await planned(app.by(role, **claims), 403))["status"] == 403


async def test_lists_are_narrowed(app):
    await planned(app, program_ids=["welding"])
    await planned(app, level="middle", held_on="2025-12-03", organisation_ids=["middle"])

    async def found(**asked):
        return len((await app.ask("GET", "/workshops", params=asked)).json()["items"])

    assert [await found(organisation=one) for one in ("high", "middle", "central")] == [1, 1, 0]
    assert [await found(program="welding"), await found(level="middle"), await found(kind="orientation")] == [1, 1, 0]
    assert [await found(status="planned"), await found(status="held")] == [2, 0]
    assert await found(**{"from": "2025-11-12", "to": "2025-11-30"}) == 1
