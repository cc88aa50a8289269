"""A student found by name: within reach, each human once, and also those kept before names were looked for."""

import pytest

from services.roster.reach.search import bring_up
from shared.records.erasing import erase
from tests import roster_app

TEACHER = {"programs": ["welding"], "campuses": ["central"]}


@pytest.fixture
async def roster(mongo_settings, keys):
    """ann is in class at the central campus; bob bakes; both districts have a Núñez."""
    async with roster_app.running(mongo_settings, keys) as opened:
        await opened.furnish()
        await opened.student("ann", given_name="Ann", family_name="Núñez")
        await opened.student("bob", given_name="Bob", family_name="Nunez-Lee", school="south-high")
        await opened.student("cat", given_name="Cat", family_name="Other", preferred_name="Kitty")
        await opened.enrol("ea", "ann")
        await opened.enrol("eb", "bob", "baking")
        yield opened


async def found(roster, q, **more) -> list[str]:
    return await roster.ids("/students", q=q, **more)


async def test_a_student_is_found_by_the_beginnings_of_any_name(roster) -> None:
    assert await found(roster, "nu") == ["ann", "bob"]
    assert await found(roster, "NUÑEZ") == ["ann", "bob"]
    assert await found(roster, "b nun") == ["bob"]
    assert await found(roster, "kit oth") == ["cat"]
    assert await found(roster, "nunez", school_id="south-high") == ["bob"]
    assert await found(roster, "unez") == []


@pytest.mark.parametrize(
    ("role", "claims", "there"),
    [
        pytest.param("instructor", TEACHER, ["ann"], id="an instructor: who is in the own program"),
        pytest.param("instructor", {**TEACHER, "campuses": ["south-sat"]}, [], id="nobody taught at that campus"),
        pytest.param("data_manager", {"districts": ["south"]}, ["bob"], id="a data manager: the own district"),
        pytest.param("leader", {"districts": ["north"]}, ["ann"], id="a leader: the own district"),
        pytest.param("counselor", {"campuses": ["south-high"]}, ["bob"], id="a counselor: the own school"),
        pytest.param("student", {"student_id": "ann"}, ["ann"], id="a student: nobody else"),
        pytest.param("leader", {"districts": ["*"]}, ["ann", "bob"], id="a leader of all"),
    ],
)
async def test_nobody_out_of_reach_is_found(roster, role, claims, there) -> None:
    """Whether there are others of the name, the answer does not tell."""
    asked = roster.by(role, **claims)

    assert await asked.get("/students", q="nunez") == {
        "items": [await asked.get(f"/students/{id}") for id in there],
        "next": None,
    }


async def test_at_most_twenty_are_shown_whole_words_first(roster) -> None:
    rows = "".join(f"m{number:02},Sample,Lin{number:02}\n" for number in range(25))
    await roster.load("students", f"id,given_name,family_name\n{rows}")
    await roster.student("lin", family_name="Lin")

    items = await found(roster, "lin", limit=500)

    assert items == ["lin", *(f"m{number:02}" for number in range(19))]


async def test_a_new_name_is_found_and_the_old_one_no_more(roster) -> None:
    await roster.student("ann", given_name="Ann", family_name="Zorn")

    assert await found(roster, "zorn") == ["ann"]
    assert await found(roster, "nunez") == ["bob"]


async def test_a_merged_person_is_found_by_either_name_once_and_who_is_taken_out_by_none(roster) -> None:
    merged = await roster.ask("POST", "/persons/ann/merge", json={"other": "bob", "reason": "one person"})
    assert merged.status_code == 200, merged.text

    assert await found(roster, "bob lee") == ["ann"]
    assert await found(roster, "nunez") == ["ann"]
    assert await found(roster.by("data_manager", districts=["south"]), "bob") == ["ann"]
    await roster.void("/students/cat", 1)
    assert await found(roster, "kitty") == []


async def test_who_was_kept_before_names_were_looked_for_is_found_after_the_next_start(roster) -> None:
    raw = roster.store.raw
    before = await roster.get("/students/ann", history=True)
    await raw.update_many({"kind": "student"}, {"$unset": {"words": ""}})
    assert await found(roster, "nunez") == []

    assert await bring_up(roster.store) == 3

    assert await found(roster, "nunez") == ["ann", "bob"]
    assert await bring_up(roster.store) == 0
    assert await roster.get("/students/ann", history=True) == before


async def test_nothing_of_a_name_is_left_of_who_was_erased(roster) -> None:
    await erase(roster.store.records, {"_id": "student/ann"})

    assert await found(roster, "nunez") == ["bob"]
    assert "words" not in await roster.store.raw.find_one({"_id": "student/ann"})
    assert await bring_up(roster.store) == 0


async def test_the_words_are_in_no_answer(roster) -> None:
    assert "words" not in await roster.get("/students/ann", history=True)


async def test_too_few_letters_are_refused(roster) -> None:
    answer = await roster.get("/students", 422, q="n")

    assert answer["detail"] == "that is too little to find a student by; write at least two letters of a name"
