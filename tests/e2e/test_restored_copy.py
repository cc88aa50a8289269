"""A service restored from an older copy of its database: the count stops, says so, and goes on right once repaired."""

from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from tests.commands import aurora, aurora_json
from tests.e2e.older_copies import copied, put_back
from tests.e2e.whole_line import WholeLine, patiently

pytestmark = pytest.mark.faults


@pytest.fixture
def line(settings, keys, start_service):
    line = WholeLine(settings, keys, partial(start_service, heartbeat_seconds=0.3))
    line.district(students=5)
    return line


def heard_since(line, moment):
    """Wait until every service has been heard of again: a copy made within one heartbeat is told by the audit alone."""
    for _ in patiently():
        said = line.ask("insights", "GET", "/scoreboard", params={"school_year": "2024-25"}).json()
        if said["counted_through"] and datetime.fromisoformat(said["counted_through"]) > moment:
            break


def restored(line, start_service, service, copy, *, only=None):
    """As an operator does it, a while after the copy was made: the service ended, the copy put back, and started."""
    heard_since(line, datetime.now(UTC))
    line.services[service].stop()
    put_back(line.settings.mongo_url, line.settings.database(service), copy, only=only)
    line.services[service] = start_service(service, heartbeat_seconds=0.3)


def stopped(line, service):
    """Wait until the board says that it is stale because of this service; what it says."""
    said = {}
    for _ in patiently():
        said = line.ask("insights", "GET", "/scoreboard", params={"school_year": "2024-25"}).json()
        if said["stale"] and f"aurora republish {service} --raise-versions" in said["stale_because"]:
            break
    assert f"the records of {service} are older than what was counted from them" in said["stale_because"], said
    reading = next(goal for goal in said["goals"] if goal["key"] == "W1")["readings"][0]
    assert reading["status"] == "stale"
    readiness = httpx.get(f"{line.services['aggregator'].url}/readyz")
    assert readiness.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "--raise-versions" in readiness.json()["reasons"][0]
    return reading["numerator"], reading["denominator"]


async def repaired(line, service):
    """What the command answers, once facts and records say the same again and the board is fresh."""
    answer = await aurora_json(line.settings, "republish", service, "--raise-versions")
    for _ in patiently():
        if not line.ask("insights", "GET", "/scoreboard", params={"school_year": "2024-25"}).json()["stale"]:
            break
    audited = await aurora_json(line.settings, "audit")
    assert audited["drift"] == 0
    return answer


async def test_credentials_restored_from_an_older_copy(line, start_service):
    settings, service = line.settings, "credentials"
    first = line.award("s0", "first")
    assert line.award("s1", "second").status_code == 201
    line.wait_for((2, 5))
    copy = copied(settings.mongo_url, settings.database(service))

    match = {"If-Match": first.headers["ETag"]}
    path = f"/awards/{first.json()['id']}"
    assert line.ask(service, "PATCH", path, json={"awarded_on": "2026-05-21"}, headers=match).status_code == 200
    after = line.award("s2", "after-the-copy")
    assert after.status_code == 201
    line.put("roster", "/students/s9", given_name="Sample", family_name="Newcomer")
    assert line.award("s9", "of-a-newcomer").status_code == 201
    line.wait_for((2, 5))
    assert line.recount() == (2, 5)

    restored(line, start_service, service, copy)
    assert stopped(line, service) == (2, 5)
    assert line.award("s3", "while-stopped").status_code == 201
    found = await aurora_json(settings, "audit", "--wait", "1", expect=1)
    assert found["records"][service]["by_way"] == {"newer": 1, "unknown": 2}
    assert found["records"][service]["repair"] == [f"aurora republish {service} --raise-versions"]

    answer = await repaired(line, service)
    assert f"award/{after.json()['id']}" in answer["lost"]
    assert len(answer["lost"]) == 2
    assert line.headline() == line.recount() == (3, 5), "s0 as in the copy, s1, and s3"
    assert line.ask(service, "GET", f"/awards/{after.json()['id']}").status_code == 404
    again = line.award("s2", "after-the-copy")
    assert (again.status_code, again.json()["id"]) == (201, after.json()["id"])
    assert line.award("s2", "after-the-copy").json()["id"] == after.json()["id"]
    assert line.award("s9", "of-a-newcomer").status_code == 201
    line.wait_for((4, 5))
    assert (await aurora_json(settings, "audit"))["records"][service]["differences"] == 0


@pytest.mark.slow  # its sister takes the same way, with another service
async def test_only_the_records_of_roster_restored_from_an_older_copy(line, start_service):
    settings, service = line.settings, "roster"
    assert line.award("s0", "first").status_code == 201
    line.wait_for((1, 5))
    copy = copied(settings.mongo_url, settings.database(service))

    place = {"student_id": "s1", "program_id": "welding", "organisation_id": "north"}
    line.put(service, "/completions/late", **(place | {"student_id": "s0"}), completed_on="2025-05-20")
    line.put(service, "/completions/c1", **place, completed_on="2024-05-20")
    merge = line.ask(service, "POST", "/persons/s0/merge", json={"other": "s2", "reason": "made up"})
    assert merge.status_code == 200, merge.text
    line.wait_for((1, 3))

    restored(line, start_service, service, copy, only="records")
    stopped(line, service)
    line.put(service, "/completions/c4", **(place | {"student_id": "s4"}), completed_on="2024-05-20")
    assert "--raise-versions" in (await aurora(settings, "audit", "--wait", "1", expect=1)).stdout

    answer = await repaired(line, service)
    assert answer["lost"] == ["completion/late"]
    assert line.headline() == (1, 4)
    line.put(service, "/completions/late", **place, completed_on="2025-05-20")
    line.put(service, "/completions/c4", **(place | {"student_id": "s4"}), completed_on="2025-05-20")
    line.wait_for((1, 5))
    assert (await aurora_json(settings, "audit"))["records"][service]["differences"] == 0
