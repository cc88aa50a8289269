"""A student who is erased, and what the files of the student system left or still bring of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.roster import erasing
from services.roster.erasing import erase_person, person_of
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.run.imports import Imports, Turn
from tests.oneroster_sending import load
from tests.oneroster_zips import role, small, user
from tests.roster_app import Roster, running


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


async def test_no_problem_of_any_turn_outlives_a_student_who_is_erased(roster):
    rows = small(2)
    rows["users"].append(user("x-1", userIds="perhaps"))
    done = await load(roster, rows)
    imports = Imports(roster.store.records.database)
    await imports.note(
        Turn(done["id"], 2), 0, [Finding("users.csv", 2, "", "Sample", "made up", "made up", code="made_up")]
    )
    person = (await roster.get("/students/sample-sis:m-0"))["id"]

    found = await erase_person(roster.store, await person_of(roster.store, person))

    assert found["problems"] == 2
    assert await roster.store.records.database["oneroster_problems"].count_documents({}) == 0


async def test_what_an_import_keeps_while_a_student_is_erased_goes_at_its_end(roster, monkeypatch):
    """It began after the erasing did, and had asked who is erased before the student was."""
    await load(roster, small(2))
    database = roster.store.records.database
    person = await person_of(roster.store, (await roster.get("/students/sample-sis:m-0"))["id"])
    (row,) = await database["oneroster_rows"].find({"_id": "sample-sis/users/m-0"}).to_list(None)
    late = {"_id": "late", "source": "sample-sis", "running": True, "beat_at": datetime.now(UTC)}
    await database["oneroster_imports"].insert_one(late)
    monkeypatch.setattr(erasing, "LOOK_AGAIN_SECONDS", 0.02)

    at_work = asyncio.create_task(erase_person(roster.store, person))
    async with asyncio.timeout(20):
        while not await database["records"].count_documents({"_id": f"student/{person.ids[0]}", "gone": "erased"}):
            await asyncio.sleep(0.02)
    await database["oneroster_rows"].insert_one(row)
    await database["oneroster_imports"].delete_one({"_id": "late"})
    found = await at_work

    assert found["rows"] >= 2
    assert await database["oneroster_rows"].count_documents({"_id": row["_id"]}) == 0


async def test_how_a_guardian_is_reached_is_forgotten_with_the_last_of_their_children(roster):
    rows = small(2)
    told = {"givenName": "Parent", "grades": "", "metadata.preferredLanguage": "es"}
    rows["users"] += [
        user("g-1", agentSourcedIds="m-0", phone="602-555-0101", **told),
        user("g-2", agentSourcedIds="m-0,m-1", phone="602-555-0102", **told),
    ]
    rows["roles"] += [role("g-1", kind="parent"), role("g-2", kind="parent")]
    await load(roster, rows)

    async def kept() -> dict[str, list[str]]:
        sent = roster.store.records.database["oneroster_rows"]
        rows = [await sent.find_one({"_id": f"sample-sis/users/{id}"}) for id in ("g-1", "g-2")]
        return {row["_id"][-3:]: sorted(row["cells"].keys() & {"phone", "email", "language"}) for row in rows}

    everything = ["email", "language", "phone"]
    assert await kept() == {"g-1": everything, "g-2": everything}
    for student, left in (("m-0", {"g-1": [], "g-2": everything}), ("m-1", {"g-1": [], "g-2": []})):
        person = (await roster.get(f"/students/sample-sis:{student}"))["id"]
        await erase_person(roster.store, await person_of(roster.store, person))
        assert await kept() == left
