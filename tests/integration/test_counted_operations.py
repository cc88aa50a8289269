"""How much is asked of MongoDB and Kafka for the work that there is most of: no change makes it more unnoticed."""

import asyncio

import pytest

from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.reading import read
from shared.records.relay import _Relay
from tests import credentials_app
from tests.aggregating import District
from tests.counted import ANEW, BASELINE, counting, differences, held_to, listening
from tests.insights_world import Clock, asking, close_world, open_world, three_years
from tests.producer_app import enrolment, student
from tests.relaying import all_out

# Nothing goes round by itself while something is counted: no heartbeat, no lease, no sweep.
STILL = {"relay_sweep_seconds": 3600.0, "heartbeat_seconds": 3600.0, "relay_lease_seconds": 14_400.0}
LEADER = {"roles": ["leader"], "districts": ["*"]}
CLASS, EVENTS = 500, 1_000


@pytest.fixture
def counts(monkeypatch):
    return listening(monkeypatch)


@pytest.fixture
def rested(monkeypatch):
    """Set while the relay has ended its turn and waits; what it asks in its turns is counted."""
    resting, rest, turn = asyncio.Event(), _Relay._rest, _Relay.turn

    async def turn_counted(self):
        await counting(turn(self))

    async def rest_seen(self):
        resting.set()
        await rest(self)
        resting.clear()

    monkeypatch.setattr(_Relay, "turn", turn_counted)
    monkeypatch.setattr(_Relay, "_rest", rest_seen)
    return resting


@pytest.fixture
async def credentials(settings, keys, counts, rested):
    """The service with a relay that has told Kafka all there was."""
    async with credentials_app.running(settings, keys, **STILL) as opened:
        await opened.furnish()
        await opened.told(*(student(f"s{number}") for number in range(CLASS)))
        await opened.told(*(enrolment(f"es{number}", f"s{number}") for number in range(CLASS)))
        await opened.log(student_id="p2", key="0" * 32)
        await published(opened, rested)
        yield opened


async def published(credentials, rested):
    """Return when Kafka has been told all, and the turn in which it was is ended."""
    await all_out(credentials.desk.records)
    await rested.wait()


async def test_awards_cost_no_more_than_they_did(credentials, counts, rested):
    with counts.of() as award:
        await counting(credentials.log(201, key="1" * 32))
        await published(credentials, rested)
    with counts.of() as whole_class:
        answer = await counting(credentials.batch([f"s{number}" for number in range(CLASS)], key="2" * 32))
        await published(credentials, rested)

    assert answer["created"] == CLASS
    held_to(BASELINE, {"an award": award, f"a class of {CLASS}": whole_class})


@pytest.fixture
async def world(mongo_settings, counts):
    world = await open_world(mongo_settings)
    await three_years(world)
    yield world
    await close_world(world)


async def test_a_board_and_what_is_counted_cost_no_more_than_they_did(world, counts, mongo_settings, keys):
    async with asking(mongo_settings, keys, Clock()) as ask:
        await ask(LEADER, "/v1/scoreboard")
        with counts.of() as board:
            answer = await counting(ask(LEADER, "/v1/scoreboard"))
    batches = {}
    for said in District(seed=7, students=150).goes_on(EVENTS)[:EVENTS]:
        record = world.record(said.message(), "credentials" if said.kind in ("award", "assessment") else "roster")
        batches.setdefault(record.partition, []).append(record)
    with counts.of() as events:
        for partition, batch in batches.items():
            await counting(aggregate(partition, batch, world.store, read))

    assert answer.status_code == 200, answer.text
    assert sum(map(len, batches.values())) == EVENTS
    held_to(BASELINE, {"a board": board, f"{EVENTS:,} events counted": events})


def test_a_number_that_is_another_by_more_than_a_fiftieth_is_told_with_how_much():
    before = {"MongoDB commands": 100, "MongoDB bytes": 1_000, "Kafka requests": 1, "MongoDB documents": 50}
    now = {"MongoDB commands": 102, "MongoDB bytes": 1_021, "MongoDB documents": 48, "Kafka bytes": 7}

    assert differences("an award", before, now) == [
        "an award: Kafka bytes rose from 0 to 7 (from nothing)",
        "an award: Kafka requests fell from 1 to 0 (100.0%)",
        "an award: MongoDB bytes rose from 1,000 to 1,021 (2.1%)",
        "an award: MongoDB documents fell from 50 to 48 (4.0%)",
    ]


def test_another_number_fails_with_the_command_that_writes_it_down_and_that_one_does(tmp_path, monkeypatch):
    baseline = tmp_path / "counted.json"
    baseline.write_text('{"a board": {"MongoDB commands": 6}, "an award": {"MongoDB commands": 12}}')
    monkeypatch.delenv(ANEW, raising=False)

    held_to(baseline, {"an award": {"MongoDB commands": 12}})
    with pytest.raises(
        AssertionError, match=r"an award: MongoDB commands rose from 12 to 13 [(]8.3%[)]\n.*make counted"
    ):
        held_to(baseline, {"an award": {"MongoDB commands": 13}})
    monkeypatch.setenv(ANEW, "1")
    held_to(baseline, {"an award": {"MongoDB commands": 13}})
    monkeypatch.delenv(ANEW)
    held_to(baseline, {"an award": {"MongoDB commands": 13}, "a board": {"MongoDB commands": 6}})
