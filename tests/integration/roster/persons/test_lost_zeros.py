"""90001 where 090001 is known of that name: refused by every way in, of whom the caller reaches, and told in words."""

import pytest

from tests.oneroster_sending import ended, send
from tests.oneroster_zips import as_files, org, role, user, zipped
from tests.roster_app import running

ABE = {"given_name": "Abe", "family_name": "Ash"}


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        await opened.student("stateStudentId:090001", **ABE)
        yield opened


async def by_file(roster):
    done = await roster.load("students", "state_student_id,given_name,family_name\n90001,Abe,Ash\n")
    (problem,) = done["problems"]
    return problem["what_would_work"], problem["code"], (problem["column"], problem["value"])


async def by_put(roster):
    refused = await roster.put("/students/stateStudentId:90001", 409, **ABE)
    (problem,) = refused["errors"]
    return problem["what_would_work"], problem["code"], (problem["pointer"].removeprefix("/"), "90001")


async def by_package(roster):
    rows = {
        "orgs": [org("d-1", "district", ""), org("hs-1")],
        "users": [user("1", "90001", givenName="Abe", familyName="Ash")],
        "roles": [role("1")],
    }
    sent = await send(roster, zipped(as_files(rows, source__systemCode="dist1")), school_year="2024-25")
    (problem,) = (await ended(roster, sent["id"]))["problems"]
    return problem["what_would_work"], problem["code"], ("state_student_id", problem["value"])


@pytest.mark.parametrize("way", [by_file, by_put, by_package])
async def test_a_number_without_its_zeros_makes_no_second_person(roster, way):
    works, code, at = await way(roster)

    assert works.startswith("write 090001: a spreadsheet takes the zeros")
    assert (code, at[0]) == ("zeros_lost", "state_student_id")
    assert [each["state_student_id"] for each in (await roster.get("/students"))["items"]] == ["090001"]


async def test_whoever_does_not_reach_the_student_is_told_nothing(roster):
    south = roster.by("data_manager", districts=["south"])

    made = await south.student("stateStudentId:90001", school="south-high", **ABE)

    assert made["state_student_id"] == "90001"
