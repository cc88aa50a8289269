"""A student of another district comes in when the home district, or a manager of all, lets them in."""

import pytest

from tests.roster_app import NAMES, running


@pytest.fixture
async def roster(mongo_settings, keys):
    """bob is at home in the south; the north asks."""
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        await opened.student("bob", "south-high", state_student_id="900001")
        yield opened


ASKED = {"student": "stateStudentId:900001", "organisation_id": "north-sat", "reason": "moved here"}
NORTH, SOUTH = {"districts": ["north"]}, {"districts": ["south"]}
PLACED = {"student_id": "stateStudentId:900001", "program_id": "welding", "begin": "2024-08-05"}
AT_NORTH = {**PLACED, "organisation_id": "north-sat"}


async def ask(caller, status=201, key="k-1", **changes):
    answer = await caller.ask("POST", "/transfers", json={**ASKED, **changes}, headers={"Idempotency-Key": key})
    assert answer.status_code == status, answer.text
    return answer.json()


async def decide(caller, id, status=200, decision="accepted"):
    body = {"decision": decision, "reason": "the family agreed"}
    answer = await caller.ask("POST", f"/transfers/{id}/decision", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_student_comes_in_once_the_home_district_agrees(roster):
    north, south = roster.by("data_manager", **NORTH), roster.by("data_manager", **SOUTH)
    refused = await north.put("/enrolments/e1", 422, **AT_NORTH)
    assert "POST /v1/transfers" in refused["detail"]
    asked = await ask(north)
    await north.put("/enrolments/e1", 422, **AT_NORTH)
    assert [each["id"] for each in (await south.get("/transfers"))["items"]] == [asked["id"]]

    done = await decide(south, asked["id"])

    assert (done["status"], done["decided_because"]) == ("accepted", "the family agreed")
    await north.put("/enrolments/e2", 422, **{**AT_NORTH, "organisation_id": "central"})
    await north.put("/enrolments/e1", 201, **AT_NORTH)
    assert await north.ids("/students") == ["bob"]
    assert (await north.get("/transfers"))["items"] == []
    accepted = (await north.ask("GET", "/transfers?status=accepted")).json()
    assert [each["id"] for each in accepted["items"]] == [asked["id"]]


async def test_a_feed_brings_the_student_whom_it_was_given(roster):
    north, south = roster.by("data_manager", **NORTH), roster.by("data_manager", **SOUTH)
    body = {**NAMES, "years": [{"school_year": "2025-26", "school_id": "north-high", "grade_level": "12"}]}
    path = "/students/stateStudentId:900001"
    assert "POST /v1/transfers" in (await north.put(path, 404, **body))["detail"]
    await decide(south, (await ask(north, organisation_id="north-high"))["id"])

    await north.put(path, 200, **body)

    homes = [each["school_id"] for each in (await north.get("/students/bob"))["years"]]
    assert homes == ["south-high", "north-high"], "and the south keeps the year that was its own"


async def test_only_the_home_district_and_a_manager_of_all_decide(roster):
    north, south = roster.by("data_manager", **NORTH), roster.by("data_manager", **SOUTH)
    asked = await ask(north)

    assert "home district" in (await decide(north, asked["id"], 404))["detail"]
    assert (await decide(roster, asked["id"], decision="declined"))["status"] == "declined"
    await decide(south, asked["id"], 409)
    await north.put("/enrolments/e1", 422, **AT_NORTH)


async def test_nobody_asks_for_a_place_that_is_not_their_own(roster):
    for place in ("south-sat", "central", "nowhere"):
        refused = await ask(roster.by("data_manager", **NORTH), 422, organisation_id=place)
        assert f"{place} lies in no district of this token" in refused["detail"]


async def test_asking_does_not_tell_who_exists(roster):
    north, other = roster.by("data_manager", **NORTH), roster.by("data_manager", districts=["central"])
    known = await ask(north, key="k-1")
    unknown = await ask(north, key="k-2", student="stateStudentId:999999")

    alike = ("status", "organisation_id", "asked_because", "decided_because", "version")
    assert [known[name] for name in alike] == [unknown[name] for name in alike]
    assert "bob" not in str(known)
    assert (await roster.by("data_manager", **SOUTH).get("/transfers"))["items"] == [known]
    assert (await other.get("/transfers"))["items"] == []
    await decide(other, known["id"], 404)
