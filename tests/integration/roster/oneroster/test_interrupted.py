"""Imports that are killed, stopped or overtaken: another process goes on, and all ends as if nothing had been."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect

from services.roster.oneroster.keep.source_rows import SourceRows
from services.roster.oneroster.run import work
from services.roster.oneroster.run.imports import MOST_TURNS, SILENT_SECONDS, WENT_ON, Imports, Overtaken, Sent
from services.roster.oneroster.run.one_import import Run
from services.roster.oneroster.run.package_store import Packages
from shared.doors import local_key
from tests.oneroster_sending import ended, load, send
from tests.oneroster_zips import DELETED, as_files, delta, demographics, role, row, small, sound, user, zipped
from tests.processes import Service
from tests.roster_app import Roster, running

STUDENTS = 1500
ZIP = {"Content-Type": "application/zip"}
SENT = Sent("sample-sis", "2024-25", dry_run=False, by="manager-1", bytes=1, sha256="")


def many(students: int = STUDENTS) -> bytes:
    """A package of many students, each with groups."""
    names = [f"m-{number}" for number in range(students)]
    people = {
        "users": [user(name, f"08{number:05d}") for number, name in enumerate(names)],
        "roles": [role(name) for name in names],
        "demographics": [demographics(name, sex="female") for name in names],
    }
    return zipped(as_files({"orgs": sound()["orgs"], **people}))


def _well_into_applying(now: dict[str, Any]) -> bool:
    """Some of the students are kept, and none of what comes after them."""
    return bool(now["status"] == "applying" and now["progress"]["done"] > 0.55 * now["progress"]["total"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.05)


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


@pytest.mark.faults
def test_a_service_killed_halfway_finishes_the_import_by_itself_when_it_is_started_again(
    settings, keys, start_service: Callable[..., Service]
):
    token = local_key.sign(keys, {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]})
    headers = {"Authorization": f"Bearer {token}", **ZIP}
    first = start_service("roster")
    killed = httpx.post(f"{first.url}/v1/oneroster/imports?school_year=2024-25", content=many(), headers=headers).json()
    _until(first, killed["id"], headers, _well_into_applying)
    first.kill()
    with MongoClient(settings.mongo_url) as client:
        database = client[settings.database("roster")]
        assert 0 < database["records"].count_documents({"kind": "student"}) < STUDENTS
        assert database["oneroster_packages"].count_documents({}) > 0

    second = start_service("roster")
    done = _until(second, killed["id"], headers, lambda now: now["finished_at"])

    assert (done["status"], done["says"], done["problems"]) == ("done", WENT_ON, [])
    counts = {file: (told["created"], told["unchanged"]) for file, told in done["counts"].items()}
    assert counts == {"orgs.csv": (2, 0)} | dict.fromkeys(("users.csv", "roles.csv", "demographics.csv"), (STUDENTS, 0))
    with MongoClient(settings.mongo_url) as client:
        database = client[settings.database("roster")]
        records = list(database["records"].find({"kind": {"$ne": "heartbeat"}}))
        assert database["oneroster_packages"].count_documents({}) == 0
    assert {record["version"] for record in records} == {1}
    people = {record["_id"].partition("/")[2]: record for record in records if record["kind"] == "student"}
    assert sorted(record["state"]["state_student_id"] for record in people.values()) == [
        f"08{number:05d}" for number in range(STUDENTS)
    ]
    groups = [record["state"]["student_id"] for record in records if record["kind"] == "demographics"]
    assert sorted(groups) == sorted(people)


def _until(service: Service, id: str, headers: dict[str, str], reached: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 60 + SILENT_SECONDS
    while time.monotonic() < deadline:
        now = httpx.get(f"{service.url}/v1/oneroster/imports/{id}", headers=headers).raise_for_status().json()
        if reached(now):
            return now
        time.sleep(0.05)
    raise AssertionError(f"not reached: {now}")


async def test_an_import_that_is_stopped_with_its_service_goes_on_at_the_next_start(mongo_settings, keys, monkeypatch):
    in_the_middle = asyncio.Event()

    async def held(_: Any, source: str) -> None:
        in_the_middle.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as slow:
        slow.setattr("services.roster.oneroster.run.work.Guardians.run", held)
        async with running(mongo_settings, keys) as roster, asyncio.timeout(60):
            sent = await send(roster, many(400), school_year="2024-25")
            await in_the_middle.wait()
    async with running(mongo_settings, keys) as roster:
        done = await ended(roster, sent["id"])

        assert (done["status"], done["says"], done["counts"]["users.csv"]["created"]) == ("done", WENT_ON, 400)
        assert await left_of_packages(roster) == 0


async def test_a_package_that_cannot_be_kept_is_told_leaves_nothing_and_can_be_sent_again(roster, monkeypatch):
    keeps = Packages.keep

    async def breaks_off(self: Packages, id: str, *more: Any) -> None:
        await keeps(self, id, *more)
        raise AutoReconnect("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(Packages, "keep", breaks_off)
        await send(roster, zipped(as_files(small(3))), 503, school_year="2024-25")

    (failed,) = await roster.store.records.database["oneroster_imports"].find().to_list(None)
    assert (failed["status"], "could not be kept" in failed["says"], "running" in failed) == ("failed", True, False)
    assert await left_of_packages(roster) == 0
    assert (await load(roster, small(3)))["status"] == "done"


async def test_endings_that_were_agreed_to_are_brought_to_their_end_without_asking_again(roster, monkeypatch):
    rows = small(40)
    await load(roster, rows)
    gone = {"users": [row("users", sourcedId=f"m-{number}", **DELETED) for number in range(10)]}
    end, parts = SourceRows.end, 0

    async def breaks_after_the_first_file(*args: Any, **more: Any) -> None:
        nonlocal parts
        parts += 1
        if parts == 2:
            raise AutoReconnect("made up")
        await end(*args, **more)

    monkeypatch.setattr(SourceRows, "end", breaks_after_the_first_file)
    sent = await send(roster, delta(gone), school_year="2024-25", confirm_removals=20)
    await no_more_at_work()
    assert (await roster.get(f"/oneroster/imports/{sent['id']}"))["status"] == "applying"
    await _fall_silent(roster, sent["id"])
    done = await ended(roster, sent["id"])

    assert (done["status"], parts > 2) == ("done", True)
    assert {file: told["ended"] for file, told in done["counts"].items()} == {"users.csv": 10, "roles.csv": 10}
    in_force = [each["_id"] async for each in roster.store.records.database["oneroster_rows"].find({"ended_on": ""})]
    assert len([id for id in in_force if "/users/" in id or "/roles/" in id]) == 60


async def test_the_problems_of_an_earlier_turn_are_found_again_and_told_once(roster, monkeypatch):
    rows = small(5)
    rows["users"].append(user("x-1", givenName=""))
    keep, parts = SourceRows.keep, 0

    async def breaks_once(*args: Any, **more: Any) -> None:
        nonlocal parts
        parts += 1
        await keep(*args, **more)
        if parts == 3:
            raise AutoReconnect("made up")

    monkeypatch.setattr(SourceRows, "keep", breaks_once)
    sent = await send(roster, zipped(as_files(rows)), school_year="2024-25")
    await no_more_at_work()
    await _fall_silent(roster, sent["id"])
    done = await ended(roster, sent["id"])

    assert [(each["row"], each["column"]) for each in done["problems"]] == [(7, "givenName")]
    assert done["problems_total"] == 1
    assert {file: told["created"] for file, told in done["counts"].items()} == {
        "orgs.csv": 2,
        "users.csv": 5,
        "roles.csv": 5,
    }
    problems = await roster.ask("GET", f"/oneroster/imports/{sent['id']}/problems.csv")
    assert len(problems.text.splitlines()) == 2


async def test_a_package_that_ends_whoever_takes_it_up_is_given_up(roster, monkeypatch):
    async def broken(*_: Any) -> None:
        raise AutoReconnect("made up")

    monkeypatch.setattr("services.roster.oneroster.apply.applying.Applying._people", broken)
    sent = await send(roster, zipped(as_files(small(3))), school_year="2024-25")
    async with asyncio.timeout(20):
        while (seen := await roster.get(f"/oneroster/imports/{sent['id']}"))["status"] != "failed":
            await _fall_silent(roster, sent["id"])
            await asyncio.sleep(0.02)

    assert "send it again" in seen["says"]
    kept = await roster.store.records.database["oneroster_imports"].find_one({"_id": sent["id"]})
    assert kept["turn"] == MOST_TURNS
    assert "asked" not in kept


async def test_an_import_whose_package_never_came_in_whole_is_declared_dead_and_makes_way(roster):
    imports = Imports(roster.store.records.database)
    alone = await imports.begin(SENT)
    await _fall_silent(roster, alone.id)
    async with asyncio.timeout(20):
        while "running" in await roster.store.records.database["oneroster_imports"].find_one({"_id": alone.id}):
            await asyncio.sleep(0.05)  # nobody asks for it, and it ends
    silent = await imports.begin(SENT)
    await _fall_silent(roster, silent.id)

    next_one = await imports.begin(SENT)

    assert next_one.id != silent.id
    assert (await roster.get(f"/oneroster/imports/{silent.id}"))["status"] == "failed"
    with pytest.raises(Overtaken):
        await imports.go_on(silent)
    with pytest.raises(Overtaken):
        await imports.end(silent, "done")
    await imports.go_on(next_one)


async def test_an_import_that_is_in_other_hands_applies_nothing_more_here(roster, monkeypatch):
    told = Run._tell
    parts = 0

    async def overtaken_in_the_third_part(run: Run, *args: Any) -> None:
        nonlocal parts
        parts += 1
        if parts == 3:
            await _fall_silent(roster, run.id)
            assert await run.imports.take_over() is not None
        await told(run, *args)

    monkeypatch.setattr(work, "LOOK_SECONDS", 60)  # the other hands are the test's
    monkeypatch.setattr(Run, "_tell", overtaken_in_the_third_part)
    sent = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
    await no_more_at_work()

    assert parts == 3
    assert (await roster.get(f"/oneroster/imports/{sent.json()['id']}"))["finished_at"] is None
    assert await roster.store.raw.count_documents({"kind": "student"}) < STUDENTS


async def test_what_breaks_on_our_side_is_no_silence(roster, monkeypatch):
    async def broken(*_: Any) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr("services.roster.oneroster.apply.applying.Applying._people", broken)
    sent = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
    await no_more_at_work()

    seen = await roster.get(f"/oneroster/imports/{sent.json()['id']}")
    assert seen["status"] == "failed"
    assert "send it again" in seen["says"]
    assert await left_of_packages(roster) == 0


async def no_more_at_work() -> None:
    async with asyncio.timeout(20):
        while roster_tasks():
            await asyncio.sleep(0.02)


async def left_of_packages(roster: Roster) -> int:
    """Pieces of packages; the end of an import is written a moment before they go."""
    await no_more_at_work()
    count: int = await roster.store.records.database["oneroster_packages"].count_documents({})
    return count


def roster_tasks() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("oneroster import")]


async def _fall_silent(roster: Roster, id: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(seconds=SILENT_SECONDS + 1)
    imports = roster.store.records.database["oneroster_imports"]
    await imports.update_one({"_id": id}, {"$set": {"beat_at": long_ago}})
