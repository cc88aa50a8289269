"""What the relay tells of itself: it is left alone while it waits, and followed by another when it is wedged."""

import asyncio
from datetime import UTC, datetime
from time import monotonic

import pytest

from shared import mongo
from shared.errors import Retryable
from shared.process.progress import Loop
from shared.records.store import Records
from tests.recording import award
from tests.relaying import SERVICE, Watched, all_out, relaying, until

WITHIN = 30.0
FAR_AWAY = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
async def records(mongo_settings):
    client = mongo.connect(mongo_settings)
    opened = Records(client[mongo_settings.database(SERVICE)])
    await opened.prepare()
    yield opened
    await mongo.close(client)


@pytest.fixture
def ahead():
    """By how many seconds the loop's clock is before ours."""
    return [0.0]


@pytest.fixture
def loop(ahead):
    return Loop("relay", within_seconds=WITHIN, clock=lambda: monotonic() + ahead[0])


async def test_asked_to_end_it_ends_the_publication_in_hand(records, mongo_settings, loop):
    publisher, in_hand, go_on = Watched(None), asyncio.Event(), asyncio.Event()

    async def hold():
        in_hand.set()
        await go_on.wait()

    publisher.after = hold
    async with relaying(mongo_settings, records, publisher, loop=loop) as task:
        await records.create(award())
        await in_hand.wait()
        loop.ending.set()
        await asyncio.sleep(0.1)
        assert not task.done()
        go_on.set()
        await asyncio.wait([task], timeout=10)
        assert task.done(), "it returns by itself"
    assert await records.unpublished() == (0, None)
    assert len(publisher.batches) == 1


async def test_while_kafka_is_away_it_says_so_and_is_left_alone(records, mongo_settings, loop, ahead):
    publisher = Watched(None)

    async def away(*_):
        raise Retryable("no broker answers")

    publisher.before = publisher.before_beat = away
    async with relaying(mongo_settings, records, publisher, loop=loop):
        await records.create(award())
        await until(lambda: asyncio.sleep(0, loop.waiting_for))
        for _ in range(4):
            ahead[0] += WITHIN - 5
            await asyncio.sleep(0.6)
        assert loop.trouble() == ""
        assert loop.waiting_for == "no broker answers"

        publisher.before = publisher.before_beat = nothing
        await all_out(records)
        await until(lambda: asyncio.sleep(0, not loop.waiting_for))


async def test_a_publication_that_never_returns_is_no_wait(records, mongo_settings, loop, ahead):
    publisher, wedged = Watched(None), asyncio.Event()

    async def never():
        wedged.set()
        await asyncio.Event().wait()

    publisher.before = never
    async with relaying(mongo_settings, records, publisher, loop=loop):
        await records.create(award())
        await wedged.wait()
        assert loop.trouble() == ""
        ahead[0] += WITHIN + 1
        assert "the loop relay has not turned" in loop.trouble()


async def test_the_one_that_stands_by_is_well_also_when_it_had_work_before(records, mongo_settings, loop, ahead):
    """Its lease went to another while it waited for Kafka: what is unpublished is not its to publish any more."""
    publisher = Watched(None)

    async def away(*_):
        await asyncio.sleep(1)
        raise Retryable("no broker answers")

    publisher.before = away
    async with relaying(mongo_settings, records, publisher, loop=loop, relay_lease_seconds=0.5):
        await records.create(award())
        await until(lambda: asyncio.sleep(0, loop.work))
        taken = {"$set": {"holder": "another", "until": FAR_AWAY}}
        await records.database["leases"].update_one({"_id": "relay"}, taken)
        await until(lambda: asyncio.sleep(0, loop.waiting_for), seconds=30)
        await until(lambda: asyncio.sleep(0, not loop.waiting_for))
        ahead[0] += WITHIN + 1
        await asyncio.sleep(0.3)
        assert loop.trouble() == ""


async def nothing(*_: object) -> None:
    """No trouble."""
