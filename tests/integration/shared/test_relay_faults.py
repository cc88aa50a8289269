"""Whoever dies or is away, the relay goes on where it was: leases, Kafka's absence, a topic that is wrong."""

import asyncio
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from deploy import topics
from deploy.local import ports, processes
from deploy.local.kafka import Kafka
from shared import mongo
from shared.kafka import Publisher
from shared.process import metrics
from shared.process.settings import Settings
from shared.records.lease import Lease
from shared.records.store import Records
from tests.recording import award
from tests.relaying import SERVICE, Watched, all_out, log_of, relaying, told, until

pytestmark = pytest.mark.faults


@pytest.fixture
async def records(mongo_settings):
    client = mongo.connect(mongo_settings)
    opened = Records(client[mongo_settings.database(SERVICE)])
    await opened.prepare()
    yield opened
    await mongo.close(client)


def holder(records):
    return records.database["leases"].find_one({"_id": "relay"})


async def test_a_lease_has_one_holder_until_its_term_ends(database):
    one, two = Lease(database, "relay", seconds=0.6), Lease(database, "relay", seconds=0.6)

    assert await one.held()
    assert not await two.held()
    await asyncio.sleep(0.4)
    assert await one.renew() is not None
    await asyncio.sleep(0.4)
    assert not await two.renew()
    await asyncio.sleep(0.4)
    assert await two.renew()
    assert not await one.renew()


async def test_a_released_lease_is_free_at_once(database):
    one, two = Lease(database, "relay", seconds=60), Lease(database, "relay", seconds=60)

    assert await one.held()
    await two.release()
    assert not await two.held()
    await one.release()
    assert await two.held()


async def test_of_many_that_ask_at_once_one_holds(database):
    leases = [Lease(database, "relay", seconds=60) for _ in range(6)]

    assert sorted(await asyncio.gather(*(lease.held() for lease in leases))) == [False] * 5 + [True]


async def test_of_two_relays_one_publishes(records):
    settings = Settings()
    first, second = Watched(None), Watched(None)
    async with relaying(settings, records, first), relaying(settings, records, second):
        await until(lambda: asyncio.sleep(0, first.beats or second.beats))
        for n in range(30):
            await records.create(award(f"a{n}", code=f"c{n}"))
        await all_out(records)

    assert sorted([len(first.batches) > 0, len(second.batches) > 0]) == [False, True]
    assert len([one for batch in first.batches + second.batches for one in batch]) == 30


async def test_a_relay_that_stops_hands_over_at_once(records):
    settings = Settings(relay_lease_seconds=30.0)
    publisher = Watched(None)
    async with relaying(settings, records, Watched(None)):
        await until(lambda: holder(records))
    await records.create(award())
    async with relaying(settings, records, publisher):
        await all_out(records)

    assert len(publisher.batches) == 1


async def test_a_relay_that_dies_is_followed_within_its_term(records, monkeypatch):
    async def dies(_):
        return

    settings = Settings(relay_lease_seconds=1.0)
    with monkeypatch.context() as dying:
        dying.setattr(Lease, "release", dies)
        async with relaying(settings, records, Watched(None)):
            await until(lambda: holder(records))
    await records.create(award())
    began, publisher = monotonic(), Watched(None)
    async with relaying(settings, records, publisher):
        await all_out(records)

    assert 0.2 < monotonic() - began < 20


@asynccontextmanager
async def broker_at(kafka: Kafka, log):
    process = processes.start(kafka.program(log))
    try:
        await asyncio.to_thread(kafka.wait, process, log)
        yield process
    finally:
        process.kill()
        process.wait()


async def test_writes_go_on_without_kafka_and_are_published_when_it_is_back(records, mongo_settings, tmp_path):
    kafka = Kafka(tmp_path, ports.any_free(), ports.any_free(), heap_megabytes=256)
    kafka.prepare()
    settings = mongo_settings.model_copy(update={"kafka_bootstrap_servers": kafka.bootstrap})
    publisher = Watched(Publisher(settings, settings.topic(SERVICE)))
    log = tmp_path / "kafka.log"
    async with relaying(settings, records, publisher):
        await write(records, range(20))
        async with broker_at(kafka, log):
            await topics.provide(kafka.bootstrap, topics.declared(settings.topic_prefix))
            await all_out(records)
        await write(records, range(20, 40))
        await until(lambda: asyncio.sleep(0, failures() > 0))
        assert (await records.unpublished())[0] == 20
        async with broker_at(kafka, log):
            await all_out(records)
            beaten = len(publisher.beats)
            await until(lambda: asyncio.sleep(0, len(publisher.beats) > beaten))
            events = await told(settings)
            await publisher.inner.close()

    assert {one.record for one in events} == {f"award/a{n}" for n in range(40)}


async def write(records, numbers):
    """Nobody who writes notices that Kafka is away."""
    began = monotonic()
    for n in numbers:
        await records.create(award(f"a{n}", code=f"c{n}"))
    assert (monotonic() - began) / len(numbers) < 2, "Kafka itself is given up only after longer"


def failures():
    return metrics.RELAY_FAILURES.labels(SERVICE)._value.get()


async def test_a_topic_with_another_partition_count_is_not_written_to(records, settings):
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    topic = settings.topic(SERVICE)
    await admin.create_partitions({topic: NewPartitions(13)})

    # A broker tells of them a moment after it has made them.
    async def told():
        return len((await admin.describe_topics([topic]))[0]["partitions"]) == 13

    await until(told)
    await admin.close()
    await records.create(award())
    publisher, before = Publisher(settings, settings.topic(SERVICE)), failures()
    async with relaying(settings, records, publisher):
        await until(lambda: asyncio.sleep(0, failures() > before))
    await publisher.close()

    assert (await records.unpublished())[0] == 1
    assert await log_of(settings) == []
