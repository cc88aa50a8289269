"""The floor: aiokafka's `getmany`, the body decoded by msgspec, and nothing done with it."""

import asyncio

import msgspec
from aiokafka import AIOKafkaConsumer

from shared.contracts.credentials import Award
from shared.contracts.envelope import Event
from tests.bench.peers import told


async def main() -> None:
    decode = msgspec.json.Decoder(Event[Award]).decode
    clock = told.Clock()
    consumer = AIOKafkaConsumer(
        told.TOPIC, bootstrap_servers=told.KAFKA, group_id=told.GROUP, auto_offset_reset="earliest"
    )
    await consumer.start()
    ended = False
    while not ended:
        polled = await consumer.getmany(timeout_ms=200)
        for records in polled.values():
            for record in records:
                decode(record.value)
        ended = clock.done(sum(map(len, polled.values())))
    clock.tell()
    await consumer.stop()


asyncio.run(main())
