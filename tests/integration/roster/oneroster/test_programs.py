"""Courses that belong to programs: class enrollments become program enrolments, and files of enrolments win."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.oneroster_sending import change, load
from tests.oneroster_zips import DELETED, row, sound
from tests.roster_app import Roster, running

MAP = "source,course_code,course_sourced_id,program_id\n"


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        await roster.furnish()
        yield roster


def ongoing() -> dict[str, list[str]]:
    rows = sound()
    rows["academicSessions"][1] = rows["academicSessions"][1].replace("2024-12-20", "2025-06-30")
    rows["courses"] = [row("courses", sourcedId="c-1", title="Welding 1", courseCode="W1", orgSourcedId="hs-1")]
    return rows


async def enrolments(roster: Roster) -> list[Any]:
    return sorted((await roster.get("/enrolments"))["items"], key=lambda each: each["id"])


async def test_class_enrollments_of_mapped_courses_are_program_enrolments(roster):
    await load(roster, ongoing())
    assert await enrolments(roster) == []

    told = await roster.load("course-programs", MAP + "sample-sis,W1,,welding\n")

    assert told["created"] == 1
    found = await enrolments(roster)
    assert [(each["program_id"], each["organisation_id"], each["begin"], each["end"]) for each in found] == [
        ("welding", "hs-1", "2024-08-01", "2025-06-30")
    ] * 2
    again = await load(roster, ongoing())
    assert again["says"] == ""
    assert await enrolments(roster) == found


async def test_a_seat_that_ends_ends_the_enrolment_and_a_seat_that_is_back_brings_it_back(roster):
    await roster.load("course-programs", MAP + "sample-sis,,c-1,welding\n")
    first = await load(roster, ongoing())
    before = {each["id"]: each["end"] for each in await enrolments(roster)}

    ended = await change(roster, {"enrollments": [row("enrollments", sourcedId="e-1", **DELETED)]}, confirm_removals=1)
    after = {each["id"]: each["end"] for each in await enrolments(roster)}
    await load(roster, ongoing())

    assert first["says"] == "program enrolments that follow from classes: 2 new"
    assert ended["says"] == "program enrolments that follow from classes: 1 changed"
    assert sorted(after.values()) == ["2025-06-15", "2025-06-30"]
    assert {each["id"]: each["end"] for each in await enrolments(roster)} == before


SIDE = "id,student_id,program_id,organisation_id,begin,end,concentrator_on\n"


async def test_rows_of_a_file_of_enrolments_win_at_once(roster):
    await roster.load("course-programs", MAP + "sample-sis,W1,,welding\n")
    await load(roster, ongoing())
    rows = (
        "side,sample-sis:s-1,welding,central,2024-08-05,,2025-01-10\n"
        "old,sample-sis:s-2,welding,central,2022-08-05,2023-05-20,\n"
        "other,sample-sis:s-2,baking,central,2024-08-05,,\n"
    )

    tried = await roster.load("enrolments", SIDE + rows, dry_run=True)
    assert (tried["created"], len(await enrolments(roster))) == (3, 2)
    await roster.load("enrolments", SIDE + rows)

    won = [("central", "baking"), ("central", "welding"), ("central", "welding"), ("hs-1", "welding")]
    found = await enrolments(roster)
    assert sorted((each["organisation_id"], each["program_id"]) for each in found) == won
    followed = next(each for each in found if each["organisation_id"] == "hs-1")
    assert followed["student_id"] == next(each["student_id"] for each in found if each["id"] == "old")
    done = await load(roster, ongoing())
    assert done["says"] == ""  # nothing is left to be taken out, and nothing comes back
    assert await enrolments(roster) == found


@pytest.mark.parametrize("survives", ["sample-sis:s-1", "night-school:n-1"])
async def test_one_enrolment_put_by_hand_wins_at_once_also_under_the_other_id_of_a_merged_student(roster, survives):
    await roster.load("course-programs", MAP + "sample-sis,W1,,welding\n")
    await load(roster, ongoing())
    other = await roster.student("night-school:n-1")
    (gone,) = {"sample-sis:s-1", "night-school:n-1"} - {survives}
    merged = {"other": gone, "reason": "one person"}
    assert (await roster.ask("POST", f"/persons/{survives}/merge", json=merged)).status_code == 200

    await roster.enrol("side", other["id"])

    left = [each["id"] for each in await enrolments(roster) if each["id"].startswith("oneroster-")]
    assert len(left) == 1
    assert (await load(roster, ongoing()))["says"] == ""
    assert [each["id"] for each in await enrolments(roster) if each["id"].startswith("oneroster-")] == left


async def test_a_row_that_came_in_just_before_a_crash_wins_when_it_is_sent_again(roster, monkeypatch):
    await roster.load("course-programs", MAP + "sample-sis,W1,,welding\n")
    await load(roster, ongoing())

    async def killed(*_: Any) -> int:
        return 0

    with monkeypatch.context() as crash:
        crash.setattr("services.roster.desk.batch.give_way", killed)
        await roster.enrol("side", "sample-sis:s-1")
    assert len(await enrolments(roster)) == 3

    await roster.enrol("side", "sample-sis:s-1")

    assert len(await enrolments(roster)) == 2


async def test_a_course_of_another_program_moves_its_students_and_of_none_takes_them_out(roster):
    await roster.load("course-programs", MAP + "sample-sis,W1,,welding\n")
    await load(roster, ongoing())

    await roster.load("course-programs", MAP + "sample-sis,W1,,baking\n")
    assert [each["program_id"] for each in await enrolments(roster)] == ["baking"] * 2
    await roster.load("course-programs", MAP + "sample-sis,W1,,\n")

    assert await enrolments(roster) == []
    assert (await roster.get("/course-programs"))["items"] == []


async def test_a_damaged_map_is_told_by_its_cells(roster):
    text = MAP + "no source!,W1,,welding\nsis,,,welding\nsis,W1,c-1,welding\nsis,W1,,wielding\nsis,,c 1,welding\n"

    told = await roster.load("course-programs", text)

    assert [(each["row"], each["column"]) for each in told["problems"]] == [
        (2, "source"),
        (3, "course_code"),
        (4, "course_code"),
        (5, "program_id"),
        (6, "course_sourced_id"),
    ]
    mine = roster.by("data_manager", districts=["north"])
    await mine.load("course-programs", MAP + "sis,W1,,welding\n", status=403)
