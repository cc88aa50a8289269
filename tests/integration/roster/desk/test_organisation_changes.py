"""A changed organisation is followed by exactly the records whose facts are made of it, also after a crash."""

import pytest

from services.roster.desk import organisation_changes as changes
from tests.roster_app import running


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        await opened.student("ann", "north-high")
        await opened.student("bob", "south-high")
        await opened.enrol("ea", "ann", at="central")
        await opened.enrol("eb", "bob", at="south-sat")
        for student, at in (("ann", "central"), ("bob", "south-sat")):
            await opened.put(
                f"/completions/c-{student}",
                student_id=student, program_id="welding", organisation_id=at, completed_on="2025-05-22",
            )  # fmt: skip
        await opened.put(
            "/outcomes/o-ann",
            student_id="ann", placement="employment", source="survey", observed_on="2025-06-01", found_by="call",
        )  # fmt: skip
        yield opened


CTED = {"name": "Sample", "type": "cted", "time_zone": "America/Phoenix"}


async def raised(roster) -> set[str]:
    """The records that have been given a version because a reference changed."""
    found = roster.store.raw.find({"history.action": "reference_changed"}, {"_id": 1})
    return {each["_id"] async for each in found}


@pytest.mark.parametrize(
    ("path", "body", "followers"),
    [
        pytest.param(
            "south-sat",
            {"name": "S", "type": "central_campus", "parent_id": "south"},
            {"enrolment/eb", "completion/c-bob"},
            id="the type of a campus",
        ),
        pytest.param(
            "south-high", {"name": "S", "type": "school", "parent_id": "north"}, {"student/bob"}, id="a school's parent"
        ),
        pytest.param(
            "north", {"name": "N", "type": "school", "parent_id": "cted"}, {"student/ann"}, id="a district is none"
        ),
        pytest.param(
            "cted",
            {**CTED, "school_year_starts": "08-01"},
            {"completion/c-ann", "completion/c-bob", "enrolment/ea", "enrolment/eb", "outcome/o-ann"},
            id="the calendar",
        ),
        pytest.param("north", {"name": "Other", "type": "district", "parent_id": "cted"}, set(), id="a name"),
        pytest.param("cted", {**CTED, "time_zone": "UTC"}, set(), id="the time zone"),
    ],
)
async def test_what_follows_a_change(roster, path, body, followers):
    await roster.put(f"/organisations/{path}", 200, **body)

    assert await raised(roster) == followers


async def test_a_crash_between_the_change_and_its_following_is_made_good(roster, monkeypatch):
    class PowerCut(Exception):
        pass

    async def cut(*_):
        raise PowerCut

    body = {"name": "S", "type": "school", "parent_id": "north"}
    with monkeypatch.context() as patched:
        patched.setattr(roster.store.records, "raise_versions", cut)
        assert (await roster.ask("PUT", "/organisations/south-high", json=body)).status_code == 500
    assert await raised(roster) == set()

    assert (await roster.put("/organisations/south-high", **body))["outcome"] == "unchanged"
    assert await raised(roster) == {"student/bob"}


async def test_the_next_start_makes_good_too(roster):
    await roster.store.followed.update_one({"_id": "south-high"}, {"$set": {"facets.parent": "north"}})

    await changes.follow(roster.store)
    await changes.follow(roster.store)

    assert await raised(roster) == {"student/bob"}
    assert (await roster.get("/students/bob"))["version"] == 2
