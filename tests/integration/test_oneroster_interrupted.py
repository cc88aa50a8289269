"""Imports that are killed, stopped or declared dead: the record says so, and the same file again does the rest."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from services.roster.oneroster.imports import SILENT_SECONDS, Imports, Overtaken, Sent
from services.roster.oneroster.running import Run
from shared import local_key
from tests.oneroster_zips import as_files, demographics, role, sound, user, zipped
from tests.processes import Service
from tests.roster_app import Roster, running

STUDENTS = 1500
ZIP = {"Content-Type": "application/zip"}
SENT = Sent("sample-sis", "2024-25", dry_run=False, by="manager-1", bytes=1, sha256="")


def many() -> bytes:
    """A package of many students, each with groups."""
    names = [f"m-{number}" for number in range(STUDENTS)]
    people = {
        "users": [user(name, f"08{number:05d}") for number, name in enumerate(names)],
        "roles": [role(name) for name in names],
        "demographics": [demographics(name, sex="female") for name in names],
    }
    return zipped(as_files({"orgs": sound()["orgs"], **people}))


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


@pytest.mark.faults
def test_a_service_killed_halfway_and_started_again_ends_with_the_records_of_one_that_was_not(
    settings, keys, start_service: Callable[..., Service]
):
    token = local_key.sign(keys, {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]})
    headers = {"Authorization": f"Bearer {token}", **ZIP}
    first = start_service("roster")
    killed = httpx.post(f"{first.url}/v1/oneroster/imports?school_year=2024-25", content=many(), headers=headers).json()
    _until(first, killed["id"], headers, lambda now: now["status"] == "applying" and now["progress"]["done"] > 900)
    first.kill()

    second = start_service("roster")
    seen = _until(second, killed["id"], headers, lambda now: now["status"] not in ("checking", "applying"))
    assert seen["status"] == "failed"
    assert "send it again" in seen["says"]
    sent = httpx.post(f"{second.url}/v1/oneroster/imports?school_year=2024-25", content=many(), headers=headers)
    done = _until(second, sent.json()["id"], headers, lambda now: now["status"] == "done")

    for file in ("users.csv", "demographics.csv"):
        counts = done["counts"][file]
        assert counts["created"] > 0
        assert counts["unchanged"] > 0
        assert counts["created"] + counts["unchanged"] == STUDENTS
    with MongoClient(settings.mongo_url) as client:
        records = list(client[settings.database("roster")]["records"].find({"kind": {"$ne": "heartbeat"}}))
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


async def test_an_import_that_is_stopped_with_its_service_says_so(mongo_settings, keys):
    async with running(mongo_settings, keys) as roster:
        sent = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
    async with running(mongo_settings, keys) as roster:
        seen = await roster.get(f"/oneroster/imports/{sent.json()['id']}")

        assert (seen["status"], seen["problems"]) == ("failed", [])
        assert "send it again" in seen["says"]
        again = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
        assert again.status_code == 202


async def test_an_import_that_falls_silent_is_declared_dead_and_makes_way(roster):
    imports = Imports(roster.store.records.database)
    silent = await imports.begin(SENT)
    await _fall_silent(roster, silent)

    next_one = await imports.begin(SENT)

    assert next_one != silent
    assert (await roster.get(f"/oneroster/imports/{silent}"))["status"] == "failed"
    with pytest.raises(Overtaken):
        await imports.go_on(silent)
    with pytest.raises(Overtaken):
        await imports.end(silent, "done")
    await imports.go_on(next_one)


async def test_an_import_that_was_declared_dead_applies_nothing_more(roster, monkeypatch):
    told = Run._tell
    parts = 0

    async def declared_dead_in_the_third_part(run: Run, *args: Any) -> None:
        nonlocal parts
        parts += 1
        if parts == 3:
            await _fall_silent(roster, run.id)
            await run.imports.bury()
        await told(run, *args)

    monkeypatch.setattr(Run, "_tell", declared_dead_in_the_third_part)
    sent = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
    async with asyncio.timeout(20):
        while parts < 3 or roster_tasks():
            await asyncio.sleep(0.02)

    assert parts == 3
    assert (await roster.get(f"/oneroster/imports/{sent.json()['id']}"))["status"] == "failed"
    assert await roster.store.raw.count_documents({"kind": "student"}) < STUDENTS


async def test_what_breaks_on_our_side_is_no_silence(roster, monkeypatch):
    async def broken(*_: Any) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr("services.roster.oneroster.applying.Applying._people", broken)
    sent = await roster.ask("POST", "/oneroster/imports", content=many(), headers=ZIP)
    async with asyncio.timeout(20):
        while roster_tasks():
            await asyncio.sleep(0.02)

    seen = await roster.get(f"/oneroster/imports/{sent.json()['id']}")
    assert seen["status"] == "failed"
    assert "send it again" in seen["says"]


def roster_tasks() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("oneroster import")]


async def _fall_silent(roster: Roster, id: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(seconds=SILENT_SECONDS + 1)
    imports = roster.store.records.database["oneroster_imports"]
    await imports.update_one({"_id": id}, {"$set": {"beat_at": long_ago}})
