"""What FastStream hands to a projection: every record as it came, again after a failure, from the beginning."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer

from shared import kafka as module
from shared.contracts.envelope import Message
from shared.kafka import Publisher, new_broker, project
from tests.relaying import until


@pytest.fixture(autouse=True)
def hardly_any_pause(monkeypatch):
    monkeypatch.setattr(module, "HANDLER_PAUSE_SECONDS", 0.05)


@pytest.fixture
def topic(settings):
    return settings.topic("roster")


@asynccontextmanager
async def projecting(settings, topic, handle, *, group="learns"):
    broker = new_broker(settings)
    project(broker, handle, topics=[topic], group=group)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


async def send(settings, topic, *values):
    publisher = Publisher(settings, topic)
    await publisher.publish(Message(key=f"k{n}".encode(), value=value, headers=[]) for n, value in enumerate(values))
    await publisher.close()


def enough(heard, count):
    return lambda: asyncio.sleep(0, len(heard) >= count)


async def test_a_new_group_reads_from_the_beginning_and_goes_on_where_it_was(settings, topic):
    heard = []

    async def handle(records):
        heard.extend(record.value for record in records)

    await send(settings, topic, b"1", b"2")
    async with projecting(settings, topic, handle):
        await until(enough(heard, 2))
        await send(settings, topic, b"3")
        await until(enough(heard, 3))
    await send(settings, topic, b"4")
    async with projecting(settings, topic, handle):
        await until(enough(heard, 4))

    assert sorted(heard) == [b"1", b"2", b"3", b"4"]


async def test_a_batch_that_failed_is_read_again_and_none_is_skipped(settings, topic):
    heard, failures = [], iter([True, True, True])

    async def handle(records):
        if next(failures, False):
            raise LookupError("the database is away")
        heard.extend(record.value for record in records)

    async with projecting(settings, topic, handle):
        await send(settings, topic, *(f"{n}".encode() for n in range(50)))
        await send(settings, topic, *(f"{n}".encode() for n in range(50, 60)))
        await until(enough(heard, 60))

    assert set(heard) == {f"{n}".encode() for n in range(60)}


async def test_nothing_that_a_producer_wrote_fails_before_the_handler_sees_it(settings, topic):
    heard = []

    async def handle(records):
        heard.extend((record.value, record.headers) for record in records)

    odd = [
        (b"{not json", [("content-type", b"application/json")]),
        (b"\xff\xfe", [("ce_type", b"\xff")]),
        (None, [("ce_type", None)]),
        (b"", [("same", b"1"), ("same", b"2")]),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    for value, headers in odd:
        await producer.send_and_wait(topic, value, key=b"k", headers=headers, partition=3)
    await producer.stop()
    async with projecting(settings, topic, handle):
        await until(enough(heard, len(odd)))

    assert [(value, list(headers)) for value, headers in heard] == odd
