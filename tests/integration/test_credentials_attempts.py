"""Attempts and sittings of one day over HTTP and a real mongod, and databases that have the narrower key of before."""

from uuid import uuid4

import pytest

from services.credentials.assessment import record as keeping
from services.credentials.award.record import ONE_ATTEMPT
from tests.credentials_app import running

DAY = "2025-05-20"
RETAKE = (
    f"student_id,credential_code,result,taken_on,awarded_on\np1,osha-10,failed,{DAY},\np1,osha-10,passed,{DAY},{DAY}\n"
)
FAILED = {"result": "failed", "taken_on": DAY, "awarded_on": ...}
SAT = {"student_id": "p1", "program_id": "welding", "kind": "technical_skills", "form": "a", "scale": "items"}


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def sit(credentials, status=201, **more):
    body = {**SAT, "taken_on": DAY, **more}
    response = await credentials.ask("POST", "/assessments", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert response.status_code == status, response.text
    return response.json()


async def test_a_retake_of_the_same_day_is_taken_and_the_same_file_again_changes_nothing(credentials):
    first = await credentials.load("awards", RETAKE)
    # Another name of the file, another key: still the same rows.
    again = await credentials.load("awards", RETAKE + "\n")

    assert (first["created"], first["refused"]) == (2, 0)
    assert (again["unchanged"], again["created"], again["refused"]) == (2, 0, 0)


async def test_another_failure_of_the_day_is_numbered(credentials):
    first = await credentials.log(201, **FAILED)
    taken = await credentials.log(409, **FAILED, evidence_url="https://example.org/2")
    text = (
        f"student_id,credential_code,result,taken_on,attempt\np1,osha-10,failed,{DAY},2\np1,osha-10,failed,{DAY},two\n"
    )
    loaded = await credentials.load("awards", text)
    passed = await credentials.log(201)

    assert "send attempt 2" in taken["detail"]
    assert (loaded["created"], loaded["refused"]) == (1, 1)
    assert loaded["problems"][0]["column"] == "attempt"
    assert len(await credentials.ids()) == 3
    taken = await credentials.act(first["id"], "correct", 1, 409, result="passed", taken_on=None, awarded_on=DAY)
    assert taken["existing"] == passed["id"]
    taken = await credentials.act(first["id"], "correct", 1, 409, attempt=2)
    moved = await credentials.act(first["id"], "correct", 1, attempt=3)
    assert moved["attempt"] == 3


async def test_sittings_of_one_form_on_one_day(credentials):
    await sit(credentials, passed=False)
    passed = await sit(credentials, passed=True)
    scored = await sit(credentials, form="b", operational_items=80, correct=40)

    taken = await sit(credentials, 409, form="b", operational_items=80, correct=58)
    assert (taken["existing"], "send attempt 2" in taken["detail"]) == (scored["id"], True)
    second = await sit(credentials, form="b", operational_items=80, correct=58, attempt=2)
    assert second["attempt"] == 2
    head = "student_id,program_id,kind,form,scale,taken_on,operational_items,correct,attempt\n"
    text = head + "".join(f"p1,welding,technical_skills,b,items,{DAY},80,{one}\n" for one in ("58,2", "70,3"))
    loaded = await credentials.load("assessments", text)
    assert (loaded["unchanged"], loaded["created"]) == (1, 1)
    response = await credentials.ask(
        "PATCH", f"/assessments/{passed['id']}", json={"passed": False}, headers={"If-Match": '"1"'}
    )
    assert response.status_code == 409


async def test_a_database_with_the_key_of_before_gets_the_new_one_and_its_records_are_held_to_it(credentials):
    raw = credentials.desk.records.collection
    await credentials.log(201, **FAILED)
    await sit(credentials, passed=False)
    sitting = ("student_id", "program_id", "kind", "phase", "form", "taken_on")
    old = {
        "one_award_a_day": ("award", ("student_id", "credential_code", "day")),
        "one_sitting": ("assessment", sitting),
    }
    for name in (ONE_ATTEMPT.name, keeping.ONE_ATTEMPT.name):
        await raw.drop_index(name)
    for name, (kind, fields) in old.items():
        keys = [(f"state.{field}", 1) for field in fields]
        held = {"kind": kind, "void": False, **{path: {"$exists": True} for path, _ in keys}}
        await raw.create_index(keys, name=name, unique=True, partialFilterExpression=held)

    # As a release that is started does, twice over.
    for _ in range(2):
        await credentials.desk.records.prepare()

    there = await raw.index_information()
    assert not old.keys() & there.keys()
    assert {ONE_ATTEMPT.name, keeping.ONE_ATTEMPT.name} <= there.keys()
    await credentials.log(409, **FAILED, evidence_url="https://example.org/2")
    await credentials.log(201)
    await sit(credentials, passed=True)
