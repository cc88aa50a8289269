"""What the OneRoster routes answer: sources, years, refusals, problems, who may see what."""

import asyncio
import csv
from collections.abc import AsyncIterator

import pytest

from services.roster.oneroster.run.one_import import Run
from tests.oneroster_sending import ended, load, send
from tests.oneroster_zips import as_files, org, role, sound, user, zipped
from tests.roster_app import Roster, running


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


async def test_the_school_year_is_the_present_one_when_nobody_says(roster):
    done = await ended(roster, (await send(roster, zipped(as_files(sound()))))["id"])

    assert done["school_year"] == "2024-25"  # the service's clock stands at 15 June 2025


async def test_nothing_is_applied_of_a_package_without_a_name(roster):
    packed = zipped(as_files(sound(), source__systemCode=""))

    refused = await send(roster, packed)
    named = await ended(roster, (await send(roster, packed, source="north-sis"))["id"])

    assert refused["status"] == "refused"
    assert [each["column"] for each in refused["problems"]] == ["source.systemCode"]
    assert named["status"] == "done"
    assert await roster.get("/students/north-sis:s-1")


async def test_nothing_is_applied_when_a_header_is_wrong(roster):
    files = as_files(sound())
    files["enrollments.csv"] = files["enrollments.csv"].replace(b"role", b"part", 1)

    done = await ended(roster, (await send(roster, zipped(files)))["id"])

    assert (done["status"], done["says"]) == ("refused", "nothing was applied")
    assert [(each["file"], each["column"], each["effect"]) for each in done["problems"]] == [
        ("enrollments.csv", "role", "stops_all")
    ]
    assert await roster.store.raw.count_documents({"kind": {"$ne": "heartbeat"}}) == 0


async def test_every_problem_is_in_the_csv_and_the_first_thousand_in_the_answer(roster):
    wrong = [user(f"x-{number}", givenName="=1\x07") for number in range(1200)]
    rows = sound() | {"users": [*sound()["users"], *wrong]}

    done = await load(roster, rows)
    response = await roster.ask("GET", f"/oneroster/imports/{done['id']}/problems.csv")

    assert done["problems_total"] == 1200
    assert len(done["problems"]) == 1000
    lines = list(csv.DictReader(response.text.splitlines()))
    assert len(lines) == 1200
    assert lines[-1]["row"] == "1204"
    assert lines[-1]["value"] == "'=1\x07"
    assert "hunter2" not in response.text
    assert done["counts"]["users.csv"] == {
        "read": 1203,
        "created": 2,
        "changed": 0,
        "unchanged": 0,
        "ended": 0,
        "refused": 1200,
        "checked": 1,
    }


async def test_one_import_at_a_time_for_each_source(roster):
    packed = zipped(as_files(sound()))
    running = (await send(roster, packed))["id"]

    refused = await send(roster, packed, status=409)
    other = await send(roster, packed, source="another-sis")

    assert refused["existing"] == running
    assert running in refused["detail"]
    assert (await ended(roster, running))["status"] == "done"
    assert (await ended(roster, other["id"]))["status"] == "done"
    assert (await ended(roster, (await send(roster, packed))["id"]))["status"] == "done"


async def test_two_imports_run_at_once_and_others_wait_for_them(roster, monkeypatch):
    at_once, most = 0, 0
    whole = Run._check_and_apply
    go = asyncio.Event()

    async def counted(run):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await go.wait()
        await whole(run)
        at_once -= 1

    monkeypatch.setattr(Run, "_check_and_apply", counted)
    packed = zipped(as_files(sound()))
    sent = [(await send(roster, packed, source=f"sis-{number}"))["id"] for number in range(5)]
    await asyncio.sleep(0.3)
    waiting = [await roster.get(f"/oneroster/imports/{id}") for id in sent]
    go.set()
    done = [(await ended(roster, id))["status"] for id in sent]

    assert most == 2
    assert sum("waits until imports" in each["says"] for each in waiting) == 3
    assert done == ["done"] * 5


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"", "application/zip", 400, id="an empty body"),
        pytest.param(b"x", "text/csv", 415, id="a CSV file"),
    ],
)
async def test_what_is_no_upload_is_refused_at_once(roster, body, kind, status):
    response = await roster.ask("POST", "/oneroster/imports", content=body, headers={"Content-Type": kind})

    assert response.status_code == status
    assert response.json()["detail"]


async def test_a_manager_reaches_the_own_district_and_the_own_imports(roster):
    await roster.furnish()
    for school in ("north-high", "south-high"):
        await roster.maps(school, f"sample-sis:{school}")
    mine = roster.by("data_manager", sub="north-manager", districts=["north"])
    rows = {
        "orgs": [org("north-high", parent=""), org("south-high", parent="")],
        "users": [user("s-1", primaryOrgSourcedId="north-high"), user("s-2", primaryOrgSourcedId="south-high")],
        "roles": [role("s-1", "north-high"), role("s-2", "south-high")],
    }

    done = await ended(mine, (await send(mine, zipped(as_files(rows)), school_year="2024-25"))["id"])

    assert [(each["file"], each["row"]) for each in done["problems"]] == [("orgs.csv", 3), ("users.csv", 3)]
    assert [each["id"] for each in (await mine.get("/oneroster/imports"))["items"]] == [done["id"]]
    other = roster.by("data_manager", sub="south-manager", districts=["south"])
    assert (await other.get("/oneroster/imports"))["items"] == []
    await other.get(f"/oneroster/imports/{done['id']}", status=404)
    await roster.by("instructor", programs=["*"], campuses=["*"]).get(f"/oneroster/imports/{done['id']}", status=403)


async def test_what_was_found_before_there_were_codes_is_shown_without_one(roster):
    rows = sound() | {"users": [*sound()["users"], user("x-1", givenName="=1\x07")]}
    done = await load(roster, rows)
    await roster.store.raw.database["oneroster_problems"].update_many({}, {"$unset": {"code": ""}})

    response = await roster.ask("GET", f"/oneroster/imports/{done['id']}/problems.csv")
    shown = await roster.get(f"/oneroster/imports/{done['id']}")

    assert [each["code"] for each in csv.DictReader(response.text.splitlines())] == [""]
    assert [each["code"] for each in shown["problems"]] == [""]
