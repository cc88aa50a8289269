"""A OneRoster zip becomes the roster's own records, and the same zip again changes nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.oneroster_sending import load
from tests.oneroster_zips import demographics, org, role, sound, user
from tests.roster_app import Roster, running

NOTHING = {"created": 0, "changed": 0, "ended": 0, "refused": 0}


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


async def stored(roster: Roster) -> list[dict[str, Any]]:
    """Every record as it stands, with its marks and its history."""
    return [each async for each in roster.store.raw.find({"kind": {"$ne": "heartbeat"}}).sort("_id", 1)]


def by_name(people: list[Any]) -> dict[str, Any]:
    return {each["family_name"].removeprefix("Made-Up "): each for each in people}


async def test_a_package_becomes_places_people_and_groups(roster):
    done = await load(roster, sound())

    assert done["status"] == "done"
    assert done["problems"] == []
    assert done["progress"]["done"] == done["progress"]["total"] > 0
    assert done["source"] == "sample-sis"
    created = {file: counts["created"] for file, counts in done["counts"].items()}
    assert created == {
        "orgs.csv": 2,
        "users.csv": 2,
        "roles.csv": 3,
        "demographics.csv": 2,
        "academicSessions.csv": 2,
        "courses.csv": 1,
        "classes.csv": 1,
        "enrollments.csv": 2,
    }
    assert done["counts"]["users.csv"]["checked"] == 1
    assert done["counts"]["enrollments.csv"] == {**NOTHING, "read": 2, "checked": 0, "unchanged": 0, "created": 2}
    school = await roster.get("/organisations/hs-1")
    assert (school["name"], school["type"], school["parent_id"]) == ("Sample hs-1", "school", "d-1")
    assert (await roster.get("/organisations/d-1"))["type"] == "district"
    people = by_name((await roster.get("/students"))["items"])
    assert people.keys() == {"s-1", "s-2"}
    assert people["s-1"]["state_student_id"] == "0900001"
    assert people["s-1"]["sources"] == [{"source": "sample-sis", "sourced_id": "s-1"}]
    assert people["s-1"]["years"] == [{"school_year": "2024-25", "school_id": "hs-1", "grade_level": "11"}]
    groups = await roster.get("/students/sample-sis:s-1/demographics/2024-25")
    assert (groups["sex"], groups["race_ethnicity"]) == ("female", "two_or_more")
    groups = await roster.get("/students/stateStudentId:0900002/demographics/2024-25")
    assert (groups["sex"], groups["race_ethnicity"]) == ("male", "hispanic_latino")


async def test_the_same_package_again_changes_and_publishes_nothing(roster):
    twins = {
        "users": [user("c-1", "0900001")],
        "roles": [role("c-1")],
        "demographics": [demographics("c-1", sex="female")],
    }
    rows = {name: [*lines, *twins.get(name, [])] for name, lines in sound().items()}
    await load(roster, rows)
    await roster.store.raw.update_many({}, {"$unset": {"mark": ""}})
    before = await stored(roster)

    done = await load(roster, rows)

    assert await stored(roster) == before
    counts = done["counts"]
    assert counts["orgs.csv"] == {"read": 2, "unchanged": 2, "checked": 0, **NOTHING}
    assert counts["users.csv"] == {"read": 4, "unchanged": 3, "checked": 1, **NOTHING}
    assert counts["demographics.csv"] == {"read": 3, "unchanged": 3, "checked": 0, **NOTHING}


async def test_a_dry_run_tells_the_same_and_writes_nothing(roster):
    rows = sound() | {"users": [*sound()["users"], user("c-1", "0900001"), user("s-9", familyName="")]}
    rows["roles"] = [*rows["roles"], role("c-1"), role("s-9")]

    tried = await load(roster, rows, dry_run=True)
    assert await stored(roster) == []
    done = await load(roster, rows)

    assert tried["dry_run"]
    assert "nothing was written" in tried["says"]
    for name in ("counts", "problems", "problems_total", "progress", "status"):
        assert tried[name] == done[name]
    again = await load(roster, rows, dry_run=True)
    assert again["counts"]["users.csv"] == {"read": 5, "unchanged": 3, "checked": 1, **NOTHING, "refused": 1}


async def test_two_ids_of_one_human_are_one_person(roster):
    rows = sound()
    rows["users"] += [
        user("c-1", "0900001", familyName="Made-Up s-1", grades=""),
        user("c-2", userIds="{stateStudentId:0900002}"),
    ]
    rows["roles"] += [role("c-1"), role("c-2")]
    rows["demographics"] += [demographics("c-1", sex="unspecified"), demographics("c-2", sex="other")]

    done = await load(roster, rows)

    people = by_name((await roster.get("/students"))["items"])
    assert people.keys() == {"s-1", "s-2"}
    assert [each["sourced_id"] for each in people["s-1"]["sources"]] == ["c-1", "s-1"]
    assert people["s-1"]["years"] == [{"school_year": "2024-25", "school_id": "hs-1", "grade_level": "11"}]
    groups = await roster.get("/students/sample-sis:c-2/demographics/2024-25")
    assert groups["sex"] == "male"
    noted = [(each["file"], each["row"], each["column"], each["effect"]) for each in done["problems"]]
    assert noted == [("users.csv", 6, "familyName", "note"), ("demographics.csv", 5, "sex", "note")]
    again = await load(roster, rows)
    assert {name: counts["changed"] for name, counts in again["counts"].items() if counts["changed"]} == {}


async def test_a_person_known_by_two_ids_does_not_change_back_and_forth(roster):
    rows = sound()
    await load(roster, rows)
    person = by_name((await roster.get("/students"))["items"])["s-1"]
    sources = [*person["sources"], {"source": "sample-sis", "sourced_id": "c-1"}]
    body = {name: person[name] for name in ("given_name", "family_name", "state_student_id", "years")}
    await roster.put(f"/students/{person['id']}", version=person["version"], sources=sources, **body)
    rows["users"] += [user("c-1", familyName="Made-Up s-1", grades="12")]  # without a state student id
    rows["roles"] += [role("c-1")]

    first, second = await load(roster, rows), await load(roster, rows)

    assert {done["counts"]["users.csv"]["unchanged"] for done in (first, second)} == {3}


async def test_ids_that_belong_to_two_persons_are_a_problem_and_no_guess(roster):
    await load(roster, sound())
    rows = sound() | {"users": [user("s-1", "0900002"), *sound()["users"][1:]]}

    done = await load(roster, rows)

    (problem, groups) = done["problems"]
    assert (problem["file"], problem["row"], problem["effect"]) == ("users.csv", 2, "refuses_row")
    assert "would make one person of" in problem["problem"]
    assert (groups["file"], groups["row"]) == ("demographics.csv", 2)
    people = by_name((await roster.get("/students"))["items"])
    assert people["s-1"]["state_student_id"] == "0900001"
    assert done["counts"]["users.csv"] == {"read": 3, "unchanged": 1, "checked": 1, **NOTHING, "refused": 1}


async def test_another_state_student_id_is_no_correction(roster):
    await load(roster, sound())
    rows = sound() | {"users": [user("s-1", "0900009"), *sound()["users"][1:]]}

    (problem, _) = (await load(roster, rows))["problems"]

    assert (problem["row"], problem["column"], problem["value"]) == (2, "userIds", "0900009")
    assert "has another stateStudentId" in problem["problem"]
    assert "/v1/persons/sample-sis:s-1/sources/sample-sis:s-1/separate" in problem["what_would_work"]


async def test_what_side_files_tell_is_left_alone(roster):
    await load(roster, sound())
    path = "/students/sample-sis:s-1/demographics/2024-25"
    await roster.put(path, sex="male", low_income=True, rural=False, disability=True, english_learner=False)

    done = await load(roster, sound())

    groups = await roster.get(path)
    assert (groups["sex"], groups["race_ethnicity"]) == ("female", "two_or_more")
    told = {name: groups[name] for name in ("low_income", "rural", "disability", "english_learner")}
    assert told == {"low_income": True, "rural": False, "disability": True, "english_learner": False}
    assert done["counts"]["demographics.csv"]["changed"] == 1


async def test_a_campus_that_is_mapped_is_named_and_never_changed(roster):
    await roster.furnish()
    await roster.maps("central", "sample-sis:central")
    await roster.maps("north", "sample-sis:north")
    campus = await roster.get("/organisations/central")
    rows = {
        "orgs": [
            org("north", "district", "state"),
            org("state", "state", ""),
            org("central", "school", "north"),
            org("a.b/c", parent="north"),
        ],
        "users": [user("s-1", primaryOrgSourcedId=""), user("s-2", primaryOrgSourcedId="")],
        "roles": [role("s-1", "central"), role("s-1", "a.b/c"), role("s-2", "central"), role("s-2", "north")],
    }

    done = await load(roster, rows)

    assert done["problems"] == []
    assert await roster.get("/organisations/central") == campus
    north = await roster.get("/organisations/north")
    assert (north["name"], north["parent_id"]) == ("Sample north", "cted")
    derived = next(each for each in (await roster.get("/organisations"))["items"] if each["name"] == "Sample a.b/c")
    assert derived["parent_id"] == "north"
    people = by_name((await roster.get("/students"))["items"])
    assert people["s-1"]["years"][0]["school_id"] == derived["id"]
    assert people["s-2"]["years"][0]["school_id"] == "central"
    again = await load(roster, rows)
    assert again["counts"]["orgs.csv"] == {"read": 4, "unchanged": 3, "checked": 1, **NOTHING}


async def test_another_year_is_added_and_nothing_else_is_taken_away(roster):
    await load(roster, sound(), school_year="2023-24")
    rows = sound() | {"users": [user("s-1", "", grades="12"), *sound()["users"][1:]]}

    await load(roster, rows, school_year="2024-25")

    person = await roster.get("/students/sample-sis:s-1")
    assert person["state_student_id"] == "0900001"
    assert [(year["school_year"], year["grade_level"]) for year in person["years"]] == [
        ("2023-24", "11"),
        ("2024-25", "12"),
    ]


async def test_who_was_a_student_in_another_year_only_is_left_alone(roster):
    rows = sound() | {"roles": [role("s-1", endDate="2024-06-30"), role("s-2", beginDate="2025-07-01")]}

    done = await load(roster, rows)

    assert (await roster.get("/students"))["items"] == []
    assert done["counts"]["users.csv"]["checked"] == 3
