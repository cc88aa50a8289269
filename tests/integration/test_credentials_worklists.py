"""Lists that somebody acts on, celebrations, renewals and programs' approvals, over HTTP with a real mongod."""

import csv
import io

import pytest

from shared.producer.life import facts_of
from tests.credentials_app import running, settled
from tests.producer_app import opted_out


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(mongo_settings, keys) as opened:
        yield opened


async def listed(credentials, path, **params):
    return [(item["id"], item["why"]) for item in (await credentials.get(path, **params))["items"]]


async def as_csv(credentials, path):
    answer = await credentials.ask("GET", path, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


async def opts_out(credentials, who, version=2):
    await credentials.told(opted_out(who, version))


async def fact(credentials, id):
    record = await credentials.desk.records.get("award", id)
    [(_, told)] = (await facts_of(credentials.desk)([record]))[record.key]
    return told


LOOK = {"level": "issuer_lookup", "verified_on": "2025-06-10", "outcome": "confirmed"}


async def test_what_nobody_has_confirmed_is_listed_oldest_first(credentials):
    last = await credentials.log(awarded_on="2025-05-16", license_number="=LIC", student_id="p2")
    first = await credentials.log(awarded_on="2025-03-01", verification={**LOOK, "level": "document_seen"})
    await credentials.log(awarded_on="2025-05-17", student_id="p3")
    done = await credentials.log(awarded_on="2025-01-01", student_id="p3")
    await credentials.act(done["id"], "verification", 1, **LOOK)
    gone = await credentials.log(awarded_on="2025-01-01", student_id="p2")
    await credentials.act(gone["id"], "revocation", 1, revoked_on="2025-02-01", reason="x")

    assert await listed(credentials, "/awards/follow-up") == [
        (first["id"], "it rests only on a document that was seen"),
        (last["id"], "nobody has confirmed it"),
    ]
    assert await listed(credentials, "/awards/follow-up", level="document_seen") == [
        (last["id"], "nobody has confirmed it")
    ]
    assert len(await listed(credentials, "/awards/follow-up", after_days=29)) == 3
    assert [id for id, _ in await listed(credentials, "/awards/follow-up", campus="central")] == [first["id"]]
    page = await credentials.get("/awards/follow-up", limit=1)
    rest = await credentials.get("/awards/follow-up", limit=1, cursor=page["next"])
    assert [item["id"] for item in page["items"] + rest["items"]] == [first["id"], last["id"]]
    rows = await as_csv(credentials, "/awards/follow-up")
    assert [(row["id"], row["license_number"]) for row in rows] == [(first["id"], ""), (last["id"], "'=LIC")]


async def test_after_how_many_days_it_is_followed_up_is_the_districts_to_say(mongo_settings, keys):
    async with running(mongo_settings, keys, follow_up_after_days=20) as credentials:
        await credentials.furnish()
        found = await credentials.log(awarded_on="2025-05-26")
        await credentials.log(student_id="p2", awarded_on="2025-05-27")

        assert [id for id, _ in await listed(credentials, "/awards/follow-up")] == [found["id"]]
        assert len(await listed(credentials, "/awards/follow-up", after_days=19)) == 2
        assert await listed(credentials, "/awards/follow-up", after_days=21) == []
        assert len(await listed(credentials, "/awards/follow-up", after_days=0)) == 2


async def test_what_expires_is_listed_until_it_is_renewed(credentials):
    former = await credentials.log(awarded_on="2023-06-20", expires_on="2025-06-20")
    other = await credentials.log(student_id="p2", awarded_on="2023-06-15", expires_on="2025-09-13")
    await credentials.log(student_id="p3", awarded_on="2023-06-15", expires_on="2025-09-14")

    assert await listed(credentials, "/awards/expiring") == [
        (former["id"], "expires in 5 days"),
        (other["id"], "expires in 90 days"),
    ]
    renewal = await credentials.log(201, awarded_on="2025-06-10", renews=former["id"])
    assert [id for id, _ in await listed(credentials, "/awards/expiring")] == [other["id"]]
    assert (await fact(credentials, renewal["id"])).renews == former["id"]
    twice = await credentials.log(422, awarded_on="2025-06-12", renews=former["id"])
    assert f"renewed by {renewal['id']} already" in twice["detail"]
    held = await credentials.act(former["id"], "void", 1, 422, reason="x")
    assert "renews null first" in held["detail"]
    moved = await credentials.act(former["id"], "correct", 1, 422, awarded_on="2025-06-10")
    assert "check both dates" in moved["detail"]
    undone = await credentials.act(renewal["id"], "correct", 1, renews=None)
    assert undone["renews"] is None
    await credentials.act(renewal["id"], "correct", 2, renews=former["id"])
    await credentials.act(renewal["id"], "void", 3, reason="a mistake")
    assert [id for id, _ in await listed(credentials, "/awards/expiring")] == [former["id"], other["id"]]
    gone = await credentials.log(422, awarded_on="2025-06-11", renews=renewal["id"])
    assert "is void; leave renews out" in gone["detail"]
    somebody = await credentials.log(422, awarded_on="2025-06-11", renews=other["id"])
    assert "no other award of this student" in somebody["detail"]


async def test_a_later_award_that_renews_nothing_is_asked_about(credentials):
    former = await credentials.log(awarded_on="2023-06-20")

    [row] = (await credentials.batch(["p1"]))["rows"]

    assert f"renews {former['id']}" in row["warnings"][0]
    assert former["warnings"] == []
    near = await credentials.log(awarded_on="2025-05-25")
    assert f"PATCH /v1/awards/{row['award_id']}" in near["warnings"][0]
    text = "student_id,credential_code,result,awarded_on\np1,osha-10,passed,2025-05-26\np2,osha-10,passed,2025-05-26\n"
    [warning] = (await credentials.load("awards", text))["warnings"]
    assert (warning["row"], f"void this and PATCH /v1/awards/{near['id']}" in warning["what_would_work"]) == (2, True)


async def test_new_credentials_are_announced_unless_the_family_said_no(credentials):
    one = await credentials.log(awarded_on="2025-05-20")
    two = await credentials.log(awarded_on="2025-05-21", student_id="p2")
    await credentials.log(awarded_on="2025-03-01", student_id="p3")
    path = "/celebrations/upcoming"
    assert [id for id, _ in await listed(credentials, path)] == [one["id"], two["id"]]
    assert len(await listed(credentials, path, since="2025-03-01")) == 3

    await opts_out(credentials, "p2")
    assert await listed(credentials, path) == [(one["id"], "not confirmed yet")]
    refused = await credentials.act(two["id"], "celebration", 1, 422, channel="newsletter", celebrated_on="2025-06-01")
    assert "opted out of directory information" in refused["detail"]

    told = await credentials.act(one["id"], "celebration", 1, channel="assembly", celebrated_on="2025-06-01")
    assert told["celebrations"] == [{"channel": "assembly", "celebrated_on": "2025-06-01"}]
    assert str((await fact(credentials, one["id"])).celebrated_on) == "2025-06-01"
    assert await as_csv(credentials, path) == []
    added = [{"channel": "press", "celebrated_on": "2025-06-02"}]
    assert "only takes" in (await credentials.act(one["id"], "correct", 2, 422, celebrations=added))["detail"]
    await credentials.act(one["id"], "correct", 2, celebrations=[], reason="it was another class")
    assert (await fact(credentials, one["id"])).celebrated_on is None
    assert [row["id"] for row in await as_csv(credentials, path)] == [one["id"]]


async def test_a_list_shows_what_is_within_reach(credentials):
    mine = await credentials.log(awarded_on="2025-03-20")
    await credentials.log(awarded_on="2025-03-21", student_id="p2")
    instructor = credentials.by("instructor", programs=["welding"], campuses=["central"])

    for path in ("/awards/follow-up", "/celebrations/upcoming"):
        assert [id for id, _ in await listed(instructor, path)] == [mine["id"]]
    await credentials.by("student", student_id="p1").get("/awards/follow-up", 403)


STEPS = [{"status": "proposed", "on": "2024-01-15"}, {"status": "approved", "on": "2024-03-11", "body": "Board"}]


async def test_a_programs_list_is_approved_by_steps(credentials):
    path = "/programs/welding/catalogue"
    made = await credentials.ask("PUT", path, json={"steps": STEPS})
    again = await credentials.ask("PUT", path, json={"steps": STEPS})
    wrong = await credentials.ask("PUT", path, json={"steps": STEPS[1:]})

    assert (made.status_code, again.headers["Aurora-Outcome"], wrong.status_code) == (201, "unchanged", 422)
    assert "put proposed before it" in wrong.json()["detail"]
    shown = await credentials.get(path, on="2024-02-01")
    assert (shown["status"], shown["approved"], (await credentials.get(path))["approved"]) == ("proposed", False, True)
    await credentials.get("/programs/nursing/catalogue", 404)
    assert (await credentials.ask("PUT", "/programs/baking/catalogue", json={"steps": STEPS})).status_code == 404
    assert [one["id"] for one in (await credentials.get("/programs/catalogues", approved=True))["items"]] == ["welding"]
    asked = {"status": "approved", "on": "2024-03-10"}
    none = await credentials.ask("GET", "/programs/catalogues", params=asked)
    assert none.json()["items"] == []
    record = await credentials.desk.records.get("approval", "welding")
    [(subject, told)] = (await facts_of(credentials.desk)([record]))[record.key]
    assert (subject, len(told.steps)) == ("program/welding", 2)


async def test_programs_lists_come_as_a_file(credentials):
    text = (
        "program_id,status,on,body\nwelding,proposed,2024-01-15,\nwelding,approved,2024-03-11,Board\n"
        "nursing,approved,2024-03-11,Board\nbaking,proposed,2024-01-15,\n"
    )

    dry = await credentials.load("programs/catalogues", text, dry_run="true")
    done = await credentials.load("programs/catalogues", text)
    again = await credentials.load("programs/catalogues", text)

    assert (dry["created"], done["created"], again["unchanged"], done["refused"]) == (2, 2, 2, 2)
    assert [one["row"] for one in done["problems"]] == [4, 5]
    assert "roster knows no program baking" in done["problems"][1]["problem"]
