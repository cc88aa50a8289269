"""The sample district through the public APIs: the board says what its rows say, and a second load changes nothing."""

from datetime import UTC, date, datetime

import pytest
from pymongo import MongoClient

from deploy.sample import load
from shared.doors import local_key
from tests.e2e.whole_line import WholeLine, patiently
from tests.oracle_sample import Count

UNTIL, YEAR = date(2026, 11, 30), "2025-26"
ROLES = {"sub": "sample", "roles": ["service"], "districts": ["*"]}


@pytest.fixture
def line(settings, keys, start_service):
    return WholeLine(settings, keys, start_service)


def test_the_board_says_what_the_sample_says_and_a_second_load_changes_nothing(line, keys, tmp_path):
    made = load.make(tmp_path, seed=7, every=60, until=UNTIL)
    wanted, token = Count(made.district).of(YEAR), local_key.sign(keys, ROLES)
    urls = {name: line.services[name].url for name in load.SERVICES}

    def there():
        return load.loaded_on(tmp_path, roster_url=urls["roster"], token=token)

    assert there() is None
    first = load.send(made, urls=urls, token=token, progress=lambda *_: None)
    since = there()
    assert since is not None
    assert shown(line, since) == wanted
    records = versions(line)

    again = load.send(made, urls=urls, token=token, progress=lambda *_: None)

    assert there() == since
    assert again.rows == first.rows
    assert "it was so already" in again.told[1]
    assert versions(line) == records
    assert shown(line, datetime.now(UTC)) == wanted


def shown(line, since):
    """The year's readings that the sample's own rows are counted for, once the board has counted all up to then."""
    for _ in patiently():
        board = line.ask("insights", "GET", "/scoreboard", params={"school_year": YEAR}).json()
        if board["counted_through"] and datetime.fromisoformat(board["counted_through"]) >= since:
            break
    found = {each["key"]: each for goal in board["goals"] for each in goal["readings"]}
    wanted = ("W1.headline", "W1.strict", "W1.verified", "W1.with_satellites", "W1.any_credential")
    wanted += ("W2.headline", "W2.with_satellites", "W2.first_attempt", "W3.headline", "W3.with_satellites")
    return {key: (found[key]["numerator"], found[key]["denominator"]) for key in (*wanted, "G1.validated")}


def versions(line):
    """Every record of both services with its version."""
    with MongoClient(line.settings.mongo_url) as client:
        return {
            (name, record["_id"]): record["version"]
            for name in load.SERVICES
            for record in client[line.settings.database(name)]["records"].find(
                {"kind": {"$ne": "heartbeat"}}, {"version": 1}
            )
        }
