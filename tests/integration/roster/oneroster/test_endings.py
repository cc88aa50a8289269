"""What is absent from a whole file, or deleted by a delta, ends; nothing that was true before is taken back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.oneroster_sending import change, ended, load, send
from tests.oneroster_zips import (
    ACTIVE,
    DELETED,
    as_files,
    demographics,
    enrollment,
    org,
    role,
    row,
    sound,
    user,
    zipped,
)
from tests.roster_app import Roster, running

PEOPLE = [f"m-{number}" for number in range(40)]
SEAT = {"classSourcedId": "k-1"}


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


def many(*people: str) -> dict[str, list[str]]:
    """A whole package of people with a role and a seat each that is not over; three rows a person."""
    rows = sound()
    session = row(
        "academicSessions",
        sourcedId="t-fall",
        title="Year",
        type="term",
        startDate="2024-08-01",
        endDate="2025-06-30",
        schoolYear="2025",
    )
    return rows | {
        "academicSessions": [session],
        "courses": [row("courses", sourcedId="c-1", title="Welding 1", orgSourcedId="hs-1")],
        "users": [user(each, f"08{each[2:]}") for each in people],
        "roles": [role(each) for each in people],
        "demographics": [demographics(each, sex="female") for each in people],
        "enrollments": [enrollment(f"e-{each}", each) for each in people],
    }


async def in_force(roster: Roster) -> list[str]:
    rows = roster.store.records.database["oneroster_rows"]
    found = [each["_id"] async for each in rows.find({"ended_on": ""}).sort("_id", 1)]
    return [each for each in found if each.split("/")[1] in ("users", "roles", "enrollments")]


async def records(roster: Roster) -> list[dict[str, Any]]:
    return [each async for each in roster.store.raw.find({"kind": {"$ne": "heartbeat"}}).sort("_id", 1)]


async def test_what_is_absent_from_a_whole_file_ends_and_takes_nothing_back(roster):
    await roster.furnish()
    await load(roster, many(*PEOPLE))
    placed = {"program_id": "welding", "organisation_id": "central"}
    await roster.put(
        "/completions/done", student_id="sample-sis:m-0", completed_on="2025-05-20", started_on="2024-08-05", **placed
    )
    before = await records(roster)

    done = await load(roster, many(*PEOPLE[2:]))

    assert done["status"] == "done"
    assert {file: counts["ended"] for file, counts in done["counts"].items() if counts["ended"]} == {
        "users.csv": 2,
        "roles.csv": 2,
        "enrollments.csv": 2,
    }
    assert await records(roster) == before  # neither the completion, nor the year, nor the groups
    assert len(await in_force(roster)) == 3 * 38
    again = await load(roster, many(*PEOPLE[2:]))
    assert {counts["ended"] + counts["changed"] for counts in again["counts"].values()} == {0}


async def test_who_comes_back_is_in_force_again(roster):
    await load(roster, many(*PEOPLE))
    whole = await in_force(roster)
    await load(roster, many(*PEOPLE[1:]))

    done = await load(roster, many(*PEOPLE))

    assert await in_force(roster) == whole
    assert done["counts"]["roles.csv"]["changed"] == 1


async def test_more_than_five_in_a_hundred_wait_for_the_number(roster):
    await load(roster, many(*PEOPLE))
    before = (await in_force(roster), await records(roster))

    waits = await load(roster, many(*PEOPLE[3:]))
    wrong = await load(roster, many(*PEOPLE[3:]), confirm_removals=8)
    assert (await in_force(roster), await records(roster)) == before
    tried = await load(roster, many(*PEOPLE[3:]), dry_run=True)
    assert (await in_force(roster), await records(roster)) == before
    done = await load(roster, many(*PEOPLE[3:]), confirm_removals=9)

    assert waits["status"] == wrong["status"] == "waiting"
    assert "would end 9 of the 120" in waits["says"]
    assert "3 people, 3 roles, 3 class enrollments" in waits["says"]
    assert "?confirm_removals=9" in waits["says"]
    assert "confirm_removals=8 was sent" in wrong["says"]
    assert (tried["status"], tried["counts"]["users.csv"]["ended"]) == ("done", 3)
    assert "?confirm_removals=9" in tried["says"]
    assert done["status"] == "done"
    assert len(await in_force(roster)) == 3 * 37


async def test_exactly_five_in_a_hundred_end_without_asking(roster):
    await load(roster, many(*PEOPLE))

    assert (await load(roster, many(*PEOPLE[2:])))["status"] == "done"


async def test_a_row_that_is_refused_keeps_what_it_names_and_an_unreadable_line_its_whole_file(roster):
    await load(roster, many(*PEOPLE))
    rows = many(*PEOPLE[1:])
    rows["users"] += [user("m-0", givenName="")]
    rows["roles"] += [role("m-0")]  # refused: it names a user whose row is refused

    refused = await load(roster, rows)
    rows["enrollments"][0] += ",one cell too many"
    unreadable = await load(roster, rows)

    assert {file: counts["ended"] for file, counts in refused["counts"].items() if counts["ended"]} == {
        "enrollments.csv": 1
    }
    assert {counts["ended"] for counts in unreadable["counts"].values()} == {0}
    assert any("nobody knows whose they are" in each["problem"] for each in unreadable["problems"])


async def test_what_is_over_by_its_own_dates_needs_no_ending(roster):
    await load(roster, sound())  # the class met in fall, the clock stands at June

    rows = sound() | {"enrollments": [enrollment("e-9", "s-1")]}
    done = await load(roster, rows)

    assert done["status"] == "done"
    assert done["counts"]["enrollments.csv"]["ended"] == 0


async def test_a_package_of_an_earlier_year_ends_nothing(roster):
    await load(roster, many(*PEOPLE))

    done = await load(roster, many(*PEOPLE[:5]), school_year="2023-24")

    assert done["status"] == "done"
    assert len(await in_force(roster)) == 120
    person = await roster.get("/students/sample-sis:m-0")
    assert [year["school_year"] for year in person["years"]] == ["2023-24", "2024-25"]


async def test_sources_have_their_own_ids(roster):
    await load(roster, many(*PEOPLE))
    other = many("m-0", "m-1")
    other["users"] = [user("m-0", "990"), user("m-1", "991")]

    await load(roster, other, source="other-sis")
    done = await load(roster, other, source="other-sis")

    assert done["status"] == "done"
    assert len(await in_force(roster)) == 126
    assert len((await roster.get("/students", limit=100))["items"]) == 42


async def test_a_delta_changes_only_what_it_speaks_of(roster):
    await load(roster, many(*PEOPLE))
    before = {each["_id"]: each["version"] for each in await records(roster)}
    rows = {
        "orgs": [org("hs-2", **ACTIVE)],
        "users": [
            user("m-1", "081", familyName="Made-Up changed", **ACTIVE),
            user("new", "0777", **ACTIVE),
            row("users", sourcedId="m-2", **DELETED),
        ],
        "roles": [role("new", **ACTIVE), row("roles", sourcedId="r-m-3-hs-1", **DELETED)],
        "demographics": [demographics("m-4", sex="male", **ACTIVE)],
        "enrollments": [enrollment("e-new", "new", **ACTIVE), row("enrollments", sourcedId="e-m-5", **DELETED)],
    }

    done = await change(roster, rows)

    assert (done["status"], done["problems"]) == ("done", [])
    told = {file: (one["created"], one["changed"], one["ended"], one["read"]) for file, one in done["counts"].items()}
    assert told == {
        "orgs.csv": (1, 0, 0, 1),
        "users.csv": (1, 1, 1, 3),
        "roles.csv": (1, 0, 2, 2),
        "demographics.csv": (0, 1, 0, 1),
        "enrollments.csv": (1, 0, 2, 2),
    }
    assert (await roster.get("/students/sample-sis:m-1"))["family_name"] == "Made-Up changed"
    new = await roster.get("/students/sample-sis:new")
    assert new["years"][0]["school_id"] == "hs-1"
    assert (await roster.get("/students/sample-sis:m-4/demographics/2024-25"))["sex"] == "male"
    assert (await roster.get("/students/sample-sis:m-2"))["years"][0]["grade_level"] == "11"
    versions = {each["_id"]: each["version"] for each in await records(roster)}
    assert sum(versions[key] != before[key] for key in before) == 2
    again = await change(roster, rows)
    assert {one["created"] + one["changed"] + one["ended"] for one in again["counts"].values()} == {0}


async def test_a_student_moves_to_another_school_by_roles_alone(roster):
    rows = many(*PEOPLE) | {"orgs": [org("d-1", "district", ""), org("hs-1"), org("hs-2")]}
    rows["users"][0] = user("m-0", "080", primaryOrgSourcedId="")
    await load(roster, rows)

    await change(
        roster,
        {"roles": [role("m-0", "hs-2", **ACTIVE), row("roles", sourcedId="r-m-0-hs-1", **DELETED)]},
    )

    assert (await roster.get("/students/sample-sis:m-0"))["years"][0]["school_id"] == "hs-2"


async def test_a_delta_of_what_nobody_has_sent_is_told_by_its_cells(roster):
    await load(roster, many(*PEOPLE))
    rows = {
        "users": [user("m-1", "081", primaryOrgSourcedId="hs-9", **ACTIVE), row("users", sourcedId="m-2", **DELETED)],
        "roles": [role("m-2", **ACTIVE), role("m-3", status="active"), role("m-4", status="new")],
        "enrollments": [enrollment("e-x", "m-9999", **{**ACTIVE, "classSourcedId": "k-9"})],
    }

    done = await change(roster, rows)

    assert [(each["file"], each["row"], each["column"]) for each in done["problems"]] == [
        ("roles.csv", 2, "userSourcedId"),
        ("roles.csv", 4, "status"),
        ("enrollments.csv", 2, "classSourcedId"),
        ("enrollments.csv", 2, "userSourcedId"),
        ("users.csv", 2, "primaryOrgSourcedId"),
    ]
    assert "to be deleted" in done["problems"][0]["problem"]
    assert done["problems"][-1]["effect"] == "note"


async def test_a_delta_that_would_end_too_much_waits_too(roster):
    await load(roster, many(*PEOPLE))

    waits = await change(roster, {"classes": [row("classes", sourcedId="k-1", **DELETED)]})

    assert waits["status"] == "waiting"
    assert "?confirm_removals=40" in waits["says"]


async def test_a_second_source_does_not_rename_the_first_ones_people_each_night(roster):
    await load(roster, many(*PEOPLE[:3]))
    other = many("c-0")
    other["users"] = [user("c-0", "080", familyName="Made-Up otherwise", grades="12")]
    other["demographics"] = [demographics("c-0", sex="male")]

    first = await load(roster, other, source="other-sis")
    again = await load(roster, many(*PEOPLE[:3]))
    second = await load(roster, other, source="other-sis")

    person = await roster.get("/students/other-sis:c-0")
    assert (person["family_name"], person["years"][0]["grade_level"]) == ("Made-Up m-0", "11")
    assert (await roster.get("/students/other-sis:c-0/demographics/2024-25"))["sex"] == "female"
    schools, noted = first["problems"][:-1], first["problems"][-1]
    assert {(each["file"], each["effect"]) for each in schools} == {("orgs.csv", "note")}
    assert (noted["column"], noted["effect"]) == ("familyName", "note")
    assert "source sample-sis told of this person first" in noted["problem"]
    for done in (again, second):
        assert {one["changed"] for one in done["counts"].values()} == {0}


async def test_when_the_first_source_has_a_person_no_more_the_second_ones_word_counts(roster):
    await load(roster, many(*PEOPLE))
    other = many("c-0")
    other["users"] = [user("c-0", "080", familyName="Made-Up otherwise")]
    await load(roster, other, source="other-sis")
    await load(roster, many(*PEOPLE[1:]))

    await load(roster, other, source="other-sis")

    assert (await roster.get("/students/other-sis:c-0"))["family_name"] == "Made-Up otherwise"


async def test_a_manager_of_one_district_ends_nobody_of_another(roster):
    await roster.furnish()
    for school in ("north-high", "south-high"):
        await roster.maps(school, f"sample-sis:{school}")
    both = {
        "orgs": [org("north-high", parent=""), org("south-high", parent="")],
        "users": [user("s-1", primaryOrgSourcedId="north-high"), user("s-2", primaryOrgSourcedId="south-high")],
        "roles": [role("s-1", "north-high"), role("s-2", "south-high")],
    }
    await load(roster, both)
    mine = roster.by("data_manager", sub="north-manager", districts=["north"])
    rows = {
        "orgs": [org("north-high", parent="")],
        "users": [user("s-9", primaryOrgSourcedId="north-high")],
        "roles": [role("s-9", "north-high")],
    }

    sent = await send(mine, zipped(as_files(rows)), school_year="2024-25", confirm_removals=2)
    done = await ended(mine, sent["id"])

    assert done["status"] == "done"
    assert "sample-sis/users/s-2" in await in_force(roster)
    assert "sample-sis/users/s-1" not in await in_force(roster)
