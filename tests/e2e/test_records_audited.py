"""Facts beside the services' own records: on a line at work nothing differs, and whatever is made to, is named."""

from functools import partial

import pytest
from bson import Binary
from pymongo import MongoClient

from tests.commands import aurora, aurora_json
from tests.e2e.whole_line import WholeLine

pytestmark = pytest.mark.faults

STUDENT = "student/s0"


async def found(settings, *, expect=1):
    answer = await aurora_json(settings, "audit", "--only", "records", expect=expect)
    ways = {}
    for service, said in answer["records"].items():
        for one in said["first"]:
            ways[service, one["record"], one["subject"]] = one["how"]
        assert said["differences"] == len(said["first"]) == sum(said["by_way"].values())
    return ways


def called(line):
    """Calls to a family: one that is told, and one of which nobody outside is to know; the keys of both."""
    about, ids = "family_touchpoints", []
    line.put(about, "/guardians/w-aunt", name="Sample Aunt", student_ids=["s0"])
    rule = {"guardian_id": "w-aunt", "rule": "no_contact", "basis": "safety_plan"}
    line.put(about, "/students/s0/rules/r", **rule, **{"from": "2025-09-01", "to": "2025-09-30"})
    call = {"students": ["s0"], "guardian_ids": ["w-aunt"], "method": "Phone", "purpose": "progress"}
    for more in ({"held_on": "2025-10-09"}, {"held_on": "2025-09-10", "breach": "made up"}):
        kept = line.post(about, "/touchpoints", **call, **more, outcome="reached")
        ids.append(f"touchpoint/{kept['touchpoints'][0]['id']}")
    return ids


async def test_what_differs_between_facts_and_records_is_found_in_both_directions(settings, keys, start_service):
    line = WholeLine(settings, keys, partial(start_service, heartbeat_seconds=0.3))
    line.district(students=3)
    assert line.award("s0", "first").status_code == 201
    gone = line.award("s1", "second")
    void = {"json": {"reason": "made up"}, "headers": {"If-Match": gone.headers["ETag"]}}
    assert line.ask("credentials", "POST", f"/awards/{gone.json()['id']}/void", **void).status_code == 200
    calls = called(line)
    merge = line.ask("roster", "POST", "/persons/s0/merge", json={"other": "s2", "reason": "made up"})
    assert merge.status_code == 200, merge.text
    line.wait_for((1, 2))
    assert line.ask("roster", "PUT", "/organisations/north", json={
        "name": "North", "type": "satellite_campus", "parent_id": "cted"}).status_code == 200  # fmt: skip
    line.wait_for((0, 0))

    clean = await aurora_json(settings, "audit")
    assert (clean["drift"], {one["differences"] for one in clean["records"].values()}) == (0, {0})
    assert clean["records"]["roster"]["records"] == 3 + 3 + 3 + 3
    assert "roster: 0 differ" in (await aurora(settings, "audit")).stdout

    with MongoClient(settings.mongo_url) as client:
        facts = client[settings.database("aggregator")]
        subject = facts["subjects"].find_one({"_id": STUDENT})
        award = next(key for key in subject["facts"] if key.startswith("award/"))

        async def changed(change, expected, *, on=STUDENT):
            kept = facts["subjects"].find_one({"_id": on})
            facts["subjects"].update_one({"_id": on}, change)
            assert await found(settings) == expected
            facts["subjects"].replace_one({"_id": on}, kept)

        at = ("credentials", award, STUDENT)
        raised = {"$inc": {f"facts.{award}.v": 1}, "$set": {"facts.completion/c0.s": None}}
        await changed(raised, {at: "newer", ("roster", "completion/c0", STUDENT): "withdrawn"})
        await changed({"$inc": {f"facts.{award}.v": -1}}, {at: "older"})
        await changed({"$unset": {f"facts.{award}": ""}}, {at: "missing"})
        never = {**subject["facts"][award], "v": 1}
        await changed({"$set": {"facts.award/a0": never}}, {("credentials", "award/a0", STUDENT): "unknown"})
        of_call = ("family_touchpoints", calls[0], STUDENT)
        await changed({"$unset": {f"facts.{calls[0]}": ""}}, {of_call: "missing"})
        breach = {f"facts.{calls[1]}": {**subject["facts"][calls[0]], "v": 1}}
        await changed({"$set": breach}, {("family_touchpoints", calls[1], STUDENT): "stranger"})
        astray = {"$set": {f"facts.{award}": subject["facts"][award]}}
        await changed(astray, {("credentials", award, "student/s1"): "stranger"}, on="student/s1")
        voided = f"award/{gone.json()['id']}"
        revived = {"$set": {f"facts.{voided}.s": subject["facts"][award]["s"]}}
        await changed(revived, {("credentials", voided, "student/s1"): "still_stands"}, on="student/s1")
        facts["subjects"].delete_one({"_id": "organisation/north"})
        assert await found(settings) == {("roster", "organisation/north", "organisation/north"): "missing"}

        version = client[settings.database("roster")]["records"].find_one({"_id": "organisation/north"})["version"]
        event = f"organisation/north/{version}/organisation/north".encode()
        facts["parked"].insert_one({"_id": "aurora-roster-3-9", "headers": [["ce_id", Binary(event)]]})
        assert await found(settings) == {("roster", "organisation/north", "organisation/north"): "parked"}
        assert "parked show aurora-roster-3-9" in (await aurora(settings, "audit", expect=1)).stdout
        facts["parked"].delete_one({"_id": "aurora-roster-3-9"})

        # What was taken out behind its back the aggregator still has in memory.
        line.services["aggregator"].kill()
        line.services["aggregator"] = start_service("aggregator")
        await aurora(settings, "republish", "roster", "--kind", "organisation")
        assert await found(settings, expect=0) == {}

    raised = await aurora_json(settings, "republish", "credentials", "--raise-versions")
    assert (raised["lost"], raised["raised"]) == ([], 3)
    raised = await aurora_json(settings, "republish", "family_touchpoints", "--raise-versions")
    assert raised["lost"] == []
    assert raised["raised"] >= 1
    assert await found(settings, expect=0) == {}
    assert line.headline() == (0, 0)

    line.services["aggregator"].kill()
    assert line.ask("roster", "PUT", "/students/s9", json={
        "given_name": "Sample", "family_name": "Late"}).status_code == 201  # fmt: skip
    behind = await aurora_json(settings, "audit", "--wait", "1", expect=2)
    assert behind["records"]["roster"]["differences"] == 0
    assert "aurora status" in behind["records"]["roster"]["behind"]
