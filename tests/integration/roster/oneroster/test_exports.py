"""What districts really export, brought in night after night: who comes in, who leaves, and what is only said."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.roster.oneroster.run import one_import as at_work
from tests.oneroster_exports import older, older_user, without_manifest
from tests.oneroster_sending import ended, load, send
from tests.oneroster_zips import as_files, enrollment, org, role, row, small, sound, user, zipped
from tests.roster_app import Roster, running

PEOPLE = [f"m-{number}" for number in range(15)]


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


async def sent(roster: Roster, files: dict[str, bytes] | bytes, **params: Any) -> Any:
    """Send files and wait for the end; nobody says the school year unless it is told."""
    packed = files if isinstance(files, bytes) else zipped(files)
    return await ended(roster, (await send(roster, packed, **params))["id"])


async def in_force(roster: Roster, file: str) -> set[str]:
    rows = roster.store.records.database["oneroster_rows"]
    found = {each["_id"] async for each in rows.find({"ended_on": ""})}
    return {each.split("/", 2)[2] for each in found if each.split("/")[1] == file}


def of_year(year: int) -> dict[str, list[str]]:
    """The sound package with every session in the school year that ends then."""
    session = row(
        "academicSessions",
        sourcedId="t-fall",
        title="Fall",
        type="term",
        startDate=f"{year - 1}-08-01",
        endDate=f"{year - 1}-12-20",
        schoolYear=str(year),
    )
    return sound() | {"academicSessions": [session], "courses": [row("courses", sourcedId="c-1", title="Welding 1")]}


async def test_a_package_of_an_earlier_year_is_filed_under_that_year(roster):
    done = await sent(roster, as_files(of_year(2023)))

    assert (done["status"], done["school_year"], done["problems"]) == ("done", "2022-23", [])
    person = await roster.get("/students/sample-sis:s-1")
    assert [year["school_year"] for year in person["years"]] == ["2022-23"]


async def test_when_the_sessions_leave_the_year_open_it_is_asked_for_and_nothing_is_applied(roster):
    rows = of_year(2023)
    rows["academicSessions"] += [line.replace("t-fall", "t-old") for line in of_year(2022)["academicSessions"]]

    refused = await sent(roster, as_files(rows))
    done = await sent(roster, as_files(rows), school_year="2022-23")

    assert refused["status"] == "refused"
    assert "2021-22 and 2022-23" in refused["problems"][0]["problem"]
    assert "school_year=" in refused["problems"][0]["what_would_work"]
    assert (done["status"], done["school_year"]) == ("done", "2022-23")


async def test_a_first_package_without_roles_is_refused(roster):
    rows = {"orgs": sound()["orgs"], "users": sound()["users"]}

    done = await load(roster, rows)

    assert done["status"] == "refused"
    assert "no row says who is a student" in done["problems"][-1]["problem"]
    assert await roster.store.raw.count_documents({"kind": {"$ne": "heartbeat"}}) == 0


async def test_roles_that_are_missing_one_night_change_nothing_and_end_nothing(roster):
    await load(roster, sound())
    before = [each async for each in roster.store.raw.find({"kind": {"$ne": "heartbeat"}}).sort("_id", 1)]
    roles = await in_force(roster, "roles")

    done = await load(roster, {name: lines for name, lines in sound().items() if name != "roles"})

    assert done["status"] == "refused"
    assert [each async for each in roster.store.raw.find({"kind": {"$ne": "heartbeat"}}).sort("_id", 1)] == before
    assert await in_force(roster, "roles") == roles != set()


async def test_one_leaver_of_fifteen_goes_without_asking_and_two_with_a_seat_each_wait(roster):
    def school(*people: str) -> dict[str, list[str]]:
        rows = of_year(2025)
        rows["academicSessions"] = [line.replace("2024-12-20", "2025-06-30") for line in rows["academicSessions"]]
        rows |= {"users": [user(each) for each in people], "roles": [role(each) for each in people]}
        return rows | {"demographics": [], "enrollments": [enrollment(f"e-{each}", each) for each in people]}

    await load(roster, school(*PEOPLE))

    one = await load(roster, school(*PEOPLE[1:]))
    two = await load(roster, school(*PEOPLE[3:]))

    assert one["status"] == "done"
    assert {file: counts["ended"] for file, counts in one["counts"].items() if counts["ended"]} == {
        "users.csv": 1,
        "roles.csv": 1,
        "enrollments.csv": 1,
    }
    assert (two["status"], "6 of the 42" in two["says"]) == ("waiting", True)


async def test_grades_are_kept_in_one_vocabulary_however_they_come(roster):
    rows = small(5)
    written = ["09", "9", "Grade 9", "9th", "senior"]
    rows["users"] = [user(f"m-{at}", grades=grade) for at, grade in enumerate(written)]

    done = await load(roster, rows)
    year = {"school_year": "2024-25", "grade_level": "9th grade"}
    names = {"given_name": "Sample", "family_name": "Made-Up"}
    await roster.put("/students/other:p-1", **names, sources=[{"source": "other", "sourced_id": "p-1"}], years=[year])

    people = [
        await roster.get(f"/students/{name}") for name in (*(f"sample-sis:m-{at}" for at in range(5)), "other:p-1")
    ]
    assert [person["years"][0]["grade_level"] for person in people] == ["09", "09", "09", "09", None, "09"]
    assert [(each["column"], each["row"], each["rows"]) for each in done["problems"]] == [("grades", 6, 1)]


async def test_schools_in_a_circle_and_under_nobody_come_in_with_their_students(roster):
    rows = sound() | {
        "orgs": [
            org("x-1", "department", "x-2"),
            org("x-2", "department", "x-1"),
            org("hs-1", parent="x-1"),
            org("hs-2", parent="d-9"),
            org("hs-3", parent="hs-4"),
            org("hs-4", parent="hs-3"),
            org("hs-5", parent="hs-5"),
        ]
    }

    done = await load(roster, rows)

    assert (done["status"], done["counts"]["orgs.csv"]["created"], done["counts"]["users.csv"]["created"]) == (
        "done",
        5,
        2,
    )
    assert {each["effect"] for each in done["problems"]} == {"note"}


async def test_spreadsheets_words_come_in_and_the_same_file_again_changes_nothing(roster):
    files = as_files(sound())
    files["users.csv"] = files["users.csv"].replace(b",true,", b",TRUE,")
    files["roles.csv"] = files["roles.csv"].replace(b"student", b"Student").replace(b",", b";")
    files["demographics.csv"] = files["demographics.csv"].replace(b"true", b"TRUE")

    first = await sent(roster, files)
    again = await sent(roster, files)

    assert first["counts"]["users.csv"]["created"] == 2
    assert first["counts"]["roles.csv"]["created"] == 3
    assert (await roster.get("/students/sample-sis:s-1"))["years"][0]["school_id"] == "hs-1"
    assert {counts["created"] + counts["changed"] + counts["ended"] for counts in again["counts"].values()} == {0}


async def test_what_makes_no_sense_one_night_takes_nothing_away_that_was_known(roster):
    await load(roster, sound())
    rows = roster.store.records.database["oneroster_rows"]
    before = [each async for each in rows.find({"_id": {"$regex": "/(classes|enrollments)/"}}).sort("_id", 1)]
    groups = await roster.get("/students/sample-sis:s-1/demographics/2024-25")
    odd = as_files(sound())
    odd["classes.csv"] = odd["classes.csv"].replace(b"t-fall", b"t-9")
    odd["demographics.csv"] = odd["demographics.csv"].replace(b"female", b"perhaps").replace(b"true", b"perhaps")
    odd["users.csv"] = odd["users.csv"].replace(b",11,", b",eleven,")

    done = await sent(roster, odd, school_year="2024-25")

    now = [each async for each in rows.find({"_id": {"$regex": "/(classes|enrollments)/"}}).sort("_id", 1)]
    days = [(each["begin"], each["end"]) for each in now]
    assert days == [(each["begin"], each["end"]) for each in before] == [("2024-08-01", "2024-12-20")] * 3
    assert await roster.get("/students/sample-sis:s-1/demographics/2024-25") == groups
    assert (await roster.get("/students/sample-sis:s-1"))["years"][0]["grade_level"] == "11"
    assert {each["effect"] for each in done["problems"]} == {"note"}


async def test_who_is_to_be_deleted_by_a_bulk_file_has_ended(roster):
    await load(roster, small(15))
    rows = small(15)
    rows["users"][0] = user("m-0", status="tobedeleted")
    rows["roles"][0] = role("m-0", status="tobedeleted")

    done = await load(roster, rows)

    assert (done["counts"]["users.csv"]["ended"], done["counts"]["roles.csv"]["ended"]) == (1, 1)
    assert await in_force(roster, "users") == {f"m-{at}" for at in range(1, 15)}


def schools() -> dict[str, list[str]]:
    return {"orgs": [org("d-1", "district", ""), org("hs-1"), org("hs-2")]}


async def test_1_1_comes_in_and_who_changes_schools_or_leaves_does_so_by_night(roster):
    people = [older_user(each) for each in PEOPLE]

    first = await sent(roster, older(people, schools()), school_year="2024-25")
    again = await sent(roster, older(people, schools()), school_year="2024-25")
    moved = await sent(roster, older([older_user("m-0", "hs-2"), *people[2:]], schools()), school_year="2024-25")

    assert (first["status"], first["counts"]["users.csv"]["created"], first["problems"]) == ("done", 15, [])
    assert {counts["created"] + counts["changed"] + counts["ended"] for counts in again["counts"].values()} == {0}
    assert (moved["status"], moved["counts"]["users.csv"]["ended"], moved["counts"]["roles.csv"]["ended"]) == (
        "done",
        1,
        2,
    )
    assert len(await in_force(roster, "roles")) == 14
    assert (await roster.get("/students/sample-sis:m-0"))["years"][0]["school_id"] == "hs-2"


async def test_a_change_of_1_1_moves_a_student_and_leaves_the_others(roster):
    await sent(roster, older([older_user(each) for each in PEOPLE], schools()), school_year="2024-25")
    changes = [older_user("m-0", "hs-2", status="active"), older_user("m-1", status="tobedeleted")]

    done = await sent(roster, older(changes, {}, file__users="delta"), school_year="2024-25")

    assert (done["status"], done["problems"]) == ("done", [])
    assert (await roster.get("/students/sample-sis:m-0"))["years"][0]["school_id"] == "hs-2"
    assert len(await in_force(roster, "roles")) == 14
    assert await in_force(roster, "users") == {"m-0", *PEOPLE[2:]}


async def test_without_a_manifest_nobody_ends_by_not_being_sent(roster):
    first = await sent(roster, without_manifest(as_files(small(15))), source="by-hand", school_year="2024-25")
    fewer = await sent(roster, without_manifest(as_files(small(3))), source="by-hand", school_year="2024-25")

    assert (first["status"], first["counts"]["users.csv"]["created"]) == ("done", 15)
    assert (fewer["status"], {counts["ended"] for counts in fewer["counts"].values()}) == ("done", {0})
    assert len(await in_force(roster, "users")) == 15
    assert "found and read were orgs.csv, users.csv, roles.csv" in fewer["problems"][0]["problem"]


async def test_the_first_problems_are_kept_and_all_are_counted(roster, monkeypatch):
    monkeypatch.setattr(at_work, "KEPT_PROBLEMS", 5)
    rows = sound() | {"users": [*sound()["users"], *(user(f"x-{at}", givenName="") for at in range(12))]}

    done = await load(roster, rows)

    assert (done["problems_total"], len(done["problems"])) == (12, 5)
    assert done["counts"]["users.csv"]["refused"] == 12
    assert "12 problems were found, of which the first 5 are kept" in done["says"]
