"""The kit over a made-up producer and a real mongod: what every service does alike is promised here, once."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from deploy.repair import reading
from shared.contracts import catalogue
from shared.kafka import PARTITIONS
from shared.producer.life import facts_of, outside
from shared.records.outbox import Outbox
from shared.records.record import Record
from shared.records.relay import _ready
from shared.records.republish import republish
from tests import made_up_producer, producer_app
from tests.made_up_producer import PRODUCER, Visited
from tests.producer_app import cted, enrolment, merged, student

VISIT = {"student_id": "p1", "program_id": "welding", "on": "2025-05-20", "minutes": 30}
HOST = {"name": "Made-up Works", "organisation_id": "central", "since": "2025-01-10"}


@pytest.fixture
async def app(mongo_settings, keys, monkeypatch):
    monkeypatch.setitem(catalogue.BY_KIND, Visited.kind, Visited)
    async with made_up_producer.running(mongo_settings, keys) as opened:
        yield opened


async def put(app, path, body, status=201, *, key=None):
    answer = await app.ask("POST", f"/{path}", json=body, headers={"Idempotency-Key": key or uuid4().hex})
    assert answer.status_code == status, answer.text
    return answer.json() | {"outcome": answer.headers.get("Aurora-Outcome")}


async def visit(app, status=201, *, key=None, **more):
    return await put(app, "visits", {**VISIT, **more}, status, key=key)


async def change(app, id, version, status=200, *, key=None, **body):
    headers = {"If-Match": f'"{version}"'} if version else {}
    headers |= {"Idempotency-Key": key} if key else {}
    answer = await app.ask("PATCH", f"/visits/{id}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() | {"outcome": answer.headers.get("Aurora-Outcome")}


async def void(app, id, version):
    answer = await app.ask(
        "POST", f"/visits/{id}/void", json={"reason": "never was"}, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text


async def ids(app, path="visits", **params):
    return [one["id"] for one in (await app.get(f"/{path}", **params))["items"]]


async def published(app):
    """What is told of each record by now, by its id."""
    records = await app.desk.records.find("visit", {}, limit=100, include_void=True)
    return {key.partition("/")[2]: told for key, told in (await facts_of(app.desk)(records)).items()}


async def test_a_key_comes_to_one_record_however_often_it_is_sent(app):
    first = await visit(app, key="k1")
    again = await visit(app, 200, key="k1")
    other = await visit(app, 422, key="k1", minutes=31)

    assert (first["id"], again["outcome"]) == (again["id"], "unchanged")
    assert "used with another body" in other["detail"]
    assert first["organisation_id"] == "central", "where the student was taught that day"


async def test_a_change_needs_the_version_that_it_was_decided_on_and_a_retry_is_answered(app):
    id = (await visit(app))["id"]

    await change(app, id, None, 428, minutes=40)
    done = await change(app, id, 1, key="c1", minutes=40)
    again = await change(app, id, 1, key="c1", minutes=40)
    await change(app, id, 1, 412, key="c2", minutes=50)

    assert (done["version"], done["outcome"], again["outcome"]) == (2, "changed", "unchanged")
    shown = await app.get(f"/visits/{id}", history="true")
    assert [one["action"] for one in shown["history"]] == ["record", "correct"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"on": "2026-01-01"}, "in the future", id="a rule"),
        pytest.param({"minutes": None}, "minutes", id="what cannot be taken away"),
        pytest.param({"program_id": "wlding"}, "write welding, if that is meant", id="a program nobody knows"),
        pytest.param({"program_id": "nursing"}, "not enrolled", id="a program of others"),
    ],
)
async def test_what_a_record_says_after_a_change_holds_as_if_it_were_new(app, changes, says):
    teacher = app.by("instructor", programs=["welding", "nursing"], campuses=["*"])
    id = (await visit(app))["id"]
    refused = await change(teacher, id, 1, 422, **changes)

    assert says in str(refused)
    assert (await app.get(f"/visits/{id}"))["version"] == 1


async def test_whose_a_record_is_no_change_says(app):
    id = (await visit(app))["id"]
    refused = await change(app, id, 1, 422, student_id="p2")

    assert refused["errors"][0]["pointer"] == "/student_id"
    assert (await app.get(f"/visits/{id}"))["student_id"] == "p1"


async def test_a_natural_key_is_one_records_until_that_is_void(app):
    first = await visit(app)
    same = await put(app, "visits", VISIT, 409)
    other = await visit(app, 409, minutes=31)
    by_name = await visit(app, 409, student_id="stateStudentId:900001", minutes=32)
    await void(app, first["id"], 1)
    anew = await visit(app, minutes=31)

    assert {same["existing"], other["existing"], by_name["existing"]} == {first["id"]}
    assert f"PATCH /v1/visits/{first['id']}" in other["detail"]
    assert await ids(app) == [anew["id"]]
    assert list(await published(app)) == [anew["id"]], "of a void record nothing is told"


@pytest.mark.parametrize(
    ("who", "claims", "reads", "logs"),
    [
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, True, 201, id="who teaches"),
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["south-campus"]}, False, 422, id="elsewhere"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["*"]}, False, 422, id="another program"),
        pytest.param("data_manager", {"districts": ["north"]}, True, 201, id="the student's district"),
        pytest.param("data_manager", {"districts": ["south"]}, False, 422, id="another district"),
        pytest.param("student", {"student_id": "p1"}, True, 403, id="oneself"),
        pytest.param("student", {"student_id": "p2"}, False, 403, id="another student"),
    ],
)
async def test_who_reaches_a_record_of_a_student(app, who, claims, reads, logs):
    id = (await visit(app))["id"]
    caller = app.by(who, **claims)

    assert await ids(caller) == ([id] if reads else [])
    await caller.get(f"/visits/{id}", 200 if reads else 404)
    refused = await visit(caller, logs, on="2025-05-21")
    if logs == 422:
        unknown = await visit(caller, 422, student_id="nobody", on="2025-05-21")
        assert refused["detail"].replace("p1", "nobody") == unknown["detail"], "the same words as of one unknown"


async def test_who_may_not_read_what_stands_in_the_way_is_not_told_which_it_is(app):
    await app.told(enrolment("e5", "p1", "nursing", "south-campus"))
    stands = await visit(app, program_id="nursing")
    teacher = app.by("instructor", programs=["welding"], campuses=["*"])
    mine = await visit(teacher)
    refused = await change(app.by("coordinator", campuses=["central"]), mine["id"], 1, 422, program_id="nursing")

    assert stands["id"] not in str(refused)


async def test_a_kind_without_students_is_reached_by_its_place(app):
    host = await put(app, "hosts", HOST)
    here, there = (app.by("coordinator", campuses=[campus]) for campus in ("central", "south-campus"))

    assert await ids(here, "hosts") == [host["id"]]
    assert await ids(there, "hosts") == []
    await there.get(f"/hosts/{host['id']}", 404)
    refused = await put(there, "hosts", {**HOST, "name": "Other"}, 422)
    assert "that organisation_id lies beyond your reach" in refused["detail"]
    assert await ids(app, "hosts", **{"from": "2025-01-11"}) == []
    assert await ids(app, "hosts", to="2025-01-10", organisation="central") == [host["id"]]


async def test_a_key_with_a_condition_is_held_by_those_that_meet_it(app):
    first = await put(app, "hosts", HOST)
    again = await put(app, "hosts", {**HOST, "since": "2025-02-01"}, 409)
    closed = await put(app, "hosts", {**HOST, "open": False})
    other = await put(app, "hosts", {**HOST, "open": False, "since": "2025-02-01"})

    assert again["existing"] == first["id"]
    assert len({first["id"], closed["id"], other["id"]}) == 3


async def test_what_is_kept_at_a_place_that_nobody_knows_is_refused(app):
    refused = await put(app, "hosts", {**HOST, "organisation_id": "nowhere"}, 422)

    assert "roster knows no organisation nowhere" in refused["detail"]


async def test_a_file_is_kept_row_by_row_and_the_same_again_changes_nothing(app):
    text = (
        "student_id,program_id,on,minutes,note\n"
        "stateStudentId:900001,welding,2025-05-20,30,\n"
        'p2,welding,2025-05-20,"40,0",met the owner\n'
        "p9,welding,2025-05-20,30,\n"
        "p2,wlding,2025-05-21,30,\n"
        "p2,welding,2025-05-21,many,\n"
        "p2,welding,,30,\n"
    )
    would = await app.load("visits", text, dry_run=True)
    assert (would["created"], would["refused"], await ids(app)) == (2, 4, [])
    first = await app.load("visits", text)
    again = await app.load("visits", text)
    hosts = await app.load(
        "hosts", "name,organisation_id,since,topics,open\nMade-up,central,2025-01-10,metal;wood,no\n"
    )

    assert (first["created"], first["refused"]) == (2, 4)
    assert (again["unchanged"], again["created"], again["refused"]) == (2, 0, 4)
    assert [one["column"] for one in first["problems"]] == ["student_id", "program_id", "minutes", "on"]
    assert "write welding" in first["problems"][1]["what_would_work"]
    [host] = (await app.get("/hosts"))["items"]
    assert (hosts["created"], host["topics"], host["open"]) == (1, ["metal", "wood"], False)


async def test_a_merged_persons_records_are_the_survivors_and_go_back(app):
    one, two = await visit(app), await visit(app, student_id="p3", program_id="nursing")
    await app.told(merged("p3", "p1", 2))
    joined = await published(app)
    twin = await visit(app, 409, student_id="p3", minutes=31)
    await app.told(merged("p3", None, 3))
    apart = await published(app)

    assert {subject for told in joined.values() for subject, _ in told} == {"student/p1"}
    assert twin["existing"] == one["id"], "under whichever id, it is one person's day"
    assert {id: told[0][0] for id, told in apart.items()} == {one["id"]: "student/p1", two["id"]: "student/p3"}
    assert (await app.get(f"/visits/{two['id']}"))["version"] == 3, "merged and parted, published again each time"
    assert (await app.get(f"/visits/{one['id']}"))["version"] == 1


async def test_what_was_logged_under_a_source_id_goes_with_it(app):
    id = (await visit(app, student_id="north-sis:u-1"))["id"]
    by_person = (await visit(app, on="2025-05-21"))["id"]
    await app.told(student("p1", "stateStudentId:900001", version=2), student("p2", "north-sis:u-1", version=2))

    assert (await app.get(f"/visits/{id}"))["student_id"] == "p2"
    assert (await app.get(f"/visits/{by_person}"))["student_id"] == "p1"
    assert "_under" not in await app.get(f"/visits/{id}")


async def test_another_start_of_the_school_year_restates_the_kinds_that_say_one(app):
    id, host = (await visit(app))["id"], (await put(app, "hosts", HOST))["id"]
    gone = (await visit(app, on="2025-05-21"))["id"]
    await void(app, gone, 1)
    await app.told(cted(starts="08-01", version=2))
    await app.told(cted(starts="08-01", version=3))

    assert (await app.get(f"/visits/{id}"))["version"] == 2, "once: the same start again changes nothing"
    assert (await app.get(f"/hosts/{host}"))["version"] == 1, "its facts say no school year"
    assert (await app.get(f"/visits/{gone}"))["version"] == 2, "nothing is told of what is void"


async def test_a_forgotten_student_leaves_nothing_but_that_it_is_withdrawn(app):
    mine, others = await visit(app, note="met the owner"), await visit(app, student_id="p2")
    database = app.desk.records.database
    forgetting = outside(PRODUCER).forgetting
    done = await forgetting.erase(database, ["p1"], ["p1"])

    assert done["records"] == 1
    assert await forgetting.forgotten(database, ["p1"])
    assert not await forgetting.forgotten(database, ["p2"])
    left = await database["records"].find_one({"_id": f"visit/{mine['id']}"})
    assert (left["state"], left["gone"]) == ({}, "erased")
    assert "met the owner" not in str(left)
    assert list(await published(app)) == [others["id"]]


async def test_of_a_kind_without_facts_nothing_is_published_and_nothing_missed(app, mongo_settings, monkeypatch):
    seen = await visit(app)
    call = await put(app, "calls", {"student_id": "p1", "on": "2025-05-20", "note": "in the evening"})
    database = app.desk.records.database
    facts = database.client[mongo_settings.database("aggregator")]
    heard = {"topic": mongo_settings.topic("made_up"), "through": datetime(2150, 1, 1, tzinfo=UTC)}
    await facts["progress"].insert_many([heard | {"_id": number} for number in range(PARTITIONS)])
    monkeypatch.setattr(reading, "facts_from", lambda *_: facts_of(app.desk))
    monkeypatch.setattr(reading, "kinds_of", lambda _: ["visit"])
    waiting = {one.record.key: one.record for one in await Outbox(app.desk.records).oldest(10)}
    messages = {
        key: _ready(one, (await facts_of(app.desk)([one])).get(key, ())).messages for key, one in waiting.items()
    }
    await Outbox(app.desk.records).published(waiting.values())
    sides = reading.Sides("made_up", database, facts, mongo_settings)
    *_, compared = [found async for found in reading.compare(sides, wait_seconds=1.0)]

    assert {key: len(one) for key, one in messages.items()} == {f"visit/{seen['id']}": 1, f"call/{call['id']}": 0}
    assert (compared.records, [one.pair.record for one in compared.first]) == (1, [f"visit/{seen['id']}"])
    assert sum([marked async for marked in republish(app.desk.records)]) == 2
    [again] = [one.record for one in await Outbox(app.desk.records).oldest(10) if one.record.kind == "call"]
    assert _ready(again, ()).messages == []
    await outside(PRODUCER).forgetting.erase(database, ["p1"], ["p1"])
    left = await database["records"].find_one({"_id": f"call/{call['id']}"})
    assert (left["state"], left["gone"], left["subjects"]) == ({}, "erased", [])
    assert _ready(Record.of(left), ()).messages == []


async def test_a_student_whom_roster_may_be_about_to_tell_of_is_asked_for_again(app):
    app = producer_app.Served(app.client, app.keys, app.parts, app.claims)
    await app.parts.database["progress"].update_many({}, {"$set": {"through": producer_app.NOW.replace(year=2020)}})

    later = await visit(app, 503, student_id="p7")

    assert "send the same again" in later["detail"]
