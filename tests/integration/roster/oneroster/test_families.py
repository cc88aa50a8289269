"""Guardians of students, classes of students and teachers, by OneRoster's links: since when, until when, for whom."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.roster.main import facts_in
from tests.oneroster_sending import change, load
from tests.oneroster_zips import ACTIVE, DELETED, enrollment, org, role, row, sound, user
from tests.roster_app import NOW, Roster, running

TODAY = NOW.date().isoformat()


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


def family() -> dict[str, list[str]]:
    """Two students; one parent named by a student, one guardian who names both, and a teacher who names one."""
    rows = sound()
    rows["users"] = [
        user("s-1", "0900001", agentSourcedIds="g-1"),
        user("s-2", "0900002"),
        user("g-1", givenName="Parent", familyName="Made-Up One", grades=""),
        user("g-2", givenName="Guardian", familyName="Made-Up Two", grades="", agentSourcedIds="s-1,s-2"),
        user("t-1", grades="", agentSourcedIds="s-1"),
    ]
    rows["roles"] = [
        role("s-1"),
        role("s-2"),
        role("g-1", kind="parent"),
        role("g-2", kind="guardian"),
        role("t-1", kind="teacher"),
    ]
    rows["enrollments"] = [enrollment("e-1", "s-1"), enrollment("e-2", "s-2"), enrollment("e-3", "t-1", role="teacher")]
    return rows


async def guardians(roster: Roster, student: str = "sample-sis:s-1") -> list[Any]:
    answer = await roster.get(f"/persons/{student}/guardians")
    return [(each["family_name"], each["relation"], each["begin"], each["end"]) for each in answer["items"]]


async def test_guardians_are_those_whom_either_side_names_and_whose_role_says_so(roster):
    done = await load(roster, family())

    assert done["problems"] == []
    assert await guardians(roster) == [
        ("Made-Up One", "parent", TODAY, None),
        ("Made-Up Two", "guardian", TODAY, None),
    ]
    assert await guardians(roster, "sample-sis:s-2") == [("Made-Up Two", "guardian", TODAY, None)]
    ties = [each async for each in roster.store.every("guardian", {})]
    assert not any("Made-Up" in str(each.state) for each in ties)
    await load(roster, family())
    assert [each.version async for each in roster.store.every("guardian", {})] == [1, 1, 1]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"users": [user("s-1", "0900001", **ACTIVE)]}, id="the student's row names nobody any more"),
        pytest.param({"users": [row("users", sourcedId="g-1", **DELETED)]}, id="the parent is there no more"),
        pytest.param({"roles": [row("roles", sourcedId="r-g-1-hs-1", **DELETED)]}, id="is a parent no more"),
        pytest.param({"roles": [row("roles", sourcedId="r-s-1-hs-1", **DELETED)]}, id="is a student no more"),
    ],
)
async def test_a_tie_ends_with_what_it_hangs_on_and_goes_on_when_it_is_told_again(roster, changed):
    await load(roster, family())

    await change(roster, changed, confirm_removals=2 if "g-1,tobedeleted" in str(changed.get("users")) else 1)
    ended = [tie for tie in await guardians(roster) if tie[0] == "Made-Up One"]
    await load(roster, family())

    assert ended == [("Made-Up One", "parent", TODAY, TODAY)]
    assert ("Made-Up One", "parent", TODAY, None) in await guardians(roster)


async def test_an_agent_whom_nobody_knows_is_a_note_and_costs_the_row_nothing(roster):
    rows = family()
    rows["users"][1] = user("s-2", "0900002", agentSourcedIds="g-9")

    done = await load(roster, rows)

    assert [(each["row"], each["column"], each["value"], each["effect"]) for each in done["problems"]] == [
        (3, "agentSourcedIds", "g-9", "note")
    ]
    assert done["counts"]["users.csv"]["refused"] == 0


def says(rows: dict[str, list[str]], **cells: str) -> dict[str, list[str]]:
    """The package with more in the parent's own row."""
    told = {"givenName": "Parent", "familyName": "Made-Up One", "grades": "", **cells}
    return {**rows, "users": [user("g-1", **told) if one.startswith("g-1,") else one for one in rows["users"]]}


async def languages(roster: Roster) -> dict[str, tuple[str | None, int]]:
    """By relation, the language that is published of a guardian of the first student, and the version of the tie."""
    ties = [each async for each in roster.store.every("guardian", {"state._under": "sample-sis:s-1"})]
    told = await facts_in(roster.store.records.database)(ties)
    return {tie.state["relation"]: (told[tie.key][0][1].preferred_language, tie.version) for tie in ties}


async def test_the_language_of_a_guardian_is_told_and_so_is_its_change(roster):
    done = await load(roster, says(family(), **{"metadata.preferredLanguage": "Spanish"}))
    assert done["problems"] == []
    assert await languages(roster) == {"parent": ("spa", 1), "guardian": (None, 1)}

    await load(roster, says(family(), **{"metadata.preferredLanguage": "es-MX"}))
    assert await languages(roster) == {"parent": ("spa", 1), "guardian": (None, 1)}
    await change(roster, {"users": says({"users": ["g-1,"]}, **ACTIVE, **{"metadata.homeLanguage": "vi"})["users"]})
    assert await languages(roster) == {"parent": ("vie", 2), "guardian": (None, 1)}
    both = {"metadata.preferredLanguage": "en", "metadata.homeLanguage": "vi"}
    await load(roster, says(family(), **both))
    assert await languages(roster) == {"parent": ("eng", 3), "guardian": (None, 1)}
    await load(roster, family())
    assert await languages(roster) == {"parent": (None, 4), "guardian": (None, 1)}


async def test_a_language_that_nobody_can_be_sure_of_is_a_note_and_left_unsaid(roster):
    done = await load(roster, says(family(), **{"metadata.preferredLanguage": "Karen"}))

    (found,) = done["problems"]
    assert (found["row"], found["column"], found["value"], found["effect"]) == (
        4,
        "metadata.preferredLanguage",
        "Karen",
        "note",
    )
    assert (found["code"], "such as es, spa" in found["what_would_work"]) == ("unknown_language", True)
    assert await languages(roster) == {"parent": (None, 1), "guardian": (None, 1)}


async def test_how_somebody_is_reached_is_kept_of_guardians_alone(roster):
    rows = family()
    reached = {"phone": "602-555-0100", "sms": "602-555-0101", "email": "one@kept.example"}
    others = {"phone": "602-555-0199", "sms": "602-555-0198", "email": "other@never.example"}
    spoken = {"metadata.homeLanguage": "Somali"}
    rows["users"] = [
        user("s-1", "0900001", agentSourcedIds="g-1", **others, **spoken),
        user("t-1", grades="", **others),
    ]
    rows["users"].append(user("g-1", givenName="Parent", familyName="Made-Up One", grades="", **reached))
    rows["roles"] = [
        role("s-1"),
        role("g-1", kind="parent"),
        role("t-1", kind="teacher"),
        role("g-1", "d-1", "teacher"),
    ]
    rows["enrollments"], rows["demographics"] = [enrollment("e-1", "s-1")], []
    del rows["demographics"]

    await load(roster, rows)
    await change(roster, {"users": [user("s-1", "0900001", agentSourcedIds="g-1", **others, **ACTIVE)]})

    database = roster.store.records.database
    kept = {
        name: str([each async for each in database[name].find()]) for name in await database.list_collection_names()
    }
    assert [name for name, text in kept.items() if any(value in text for value in reached.values())] == [
        "oneroster_rows"
    ]
    assert all(value in kept["oneroster_rows"] for value in reached.values())
    assert not any(value in text for text in kept.values() for value in (*others.values(), "'som'"))
    moved = {"givenName": "Parent", "familyName": "Made-Up One", "grades": "", **reached, "phone": "602-555-0177"}
    await change(roster, {"users": [user("g-1", **moved, **ACTIVE)]})
    assert "602-555-0177" in str([each async for each in database["oneroster_rows"].find()])


async def test_a_merged_student_has_the_guardians_of_both(roster):
    await load(roster, family())
    merged = {"other": "sample-sis:s-2", "reason": "one person"}
    assert (await roster.ask("POST", "/persons/sample-sis:s-1/merge", json=merged)).status_code == 200

    assert len(await guardians(roster)) == 3


async def test_only_who_speaks_with_families_of_the_own_schools_sees_guardians(roster):
    await roster.furnish()
    await roster.maps("north-high", "sample-sis:north-high")
    rows = family()
    rows["orgs"].append(org("north-high", parent=""))
    rows["users"][0] = user("s-1", "0900001", agentSourcedIds="g-1", primaryOrgSourcedId="north-high")
    await load(roster, rows)
    path = "/persons/sample-sis:s-1/guardians"

    for role_, reach in (("data_manager", {"districts": ["north"]}), ("counselor", {"campuses": ["north-high"]})):
        assert len((await roster.by(role_, **reach).get(path))["items"]) == 2
    for role_, reach in (("data_manager", {"districts": ["south"]}), ("counselor", {"campuses": ["south-high"]})):
        await roster.by(role_, **reach).get(path, status=404)
    for role_ in ("instructor", "coordinator", "leader", "student"):
        everything = {"programs": ["*"], "campuses": ["*"], "districts": ["*"]}
        await roster.by(role_, **everything).get(path, status=403)


async def test_the_classes_of_a_student_and_of_a_teacher(roster):
    await roster.furnish()
    await roster.maps("north-high", "sample-sis:north-high")
    rows = family()
    rows["orgs"] = [org("hs-1", parent=""), org("north-high", parent="")]
    rows["courses"] = [row("courses", sourcedId="c-1", title="Welding 1", courseCode="W1", orgSourcedId="hs-1")]
    rows["classes"] = [each.replace("scheduled,,hs-1", "scheduled,,north-high") for each in rows["classes"]]
    rows["enrollments"] = [each.replace("hs-1", "north-high") for each in rows["enrollments"]]
    await load(roster, rows)
    await roster.load("course-programs", "source,course_code,program_id\nsample-sis,W1,welding\n")

    seat = {
        "source": "sample-sis",
        "class_id": "k-1",
        "title": "Welding 1 A",
        "course": "Welding 1",
        "program_id": "welding",
        "organisation_id": "north-high",
        "role": "student",
        "begin": "2024-08-01",
        "end": "2024-12-20",
    }
    assert (await roster.get("/persons/sample-sis:s-1/classes"))["items"] == [seat]
    taught = [{**seat, "role": "teacher"}]
    assert (await roster.get("/persons/sample-sis:t-1/classes"))["items"] == taught
    mine = roster.by("data_manager", districts=["north"])
    assert (await mine.get("/persons/sample-sis:t-1/classes"))["items"] == taught
    await roster.by("data_manager", districts=["south"]).get("/persons/sample-sis:t-1/classes", status=404)
    await roster.by("data_manager", districts=["south"]).get("/persons/sample-sis:s-1/classes", status=404)
    assert (await roster.get("/persons/sample-sis:nobody/classes"))["items"] == []
