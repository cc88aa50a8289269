"""A peer: FastStream in batches, msgspec, one `bulk_write` a batch with Motor; at least once, counts only."""

import asyncio
import os
from collections import Counter

import msgspec
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne

from shared.contracts.credentials import Award
from shared.contracts.envelope import Event
from tests.bench.peers import told

broker = KafkaBroker(told.KAFKA)
app = FastStream(broker)
clock = told.Clock()
counts = AsyncIOMotorClient(told.MONGO_URL)[told.DATABASE]["counts"]
decode = msgspec.json.Decoder(Event[Award]).decode


async def as_it_came(message):
    return message.body


@broker.subscriber(
    told.TOPIC,
    group_id=told.GROUP,
    auto_offset_reset="earliest",
    batch=True,
    max_records=5000,
    decoder=as_it_came,
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def count(bodies: list[bytes]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for body in bodies:
        state = decode(body).state
        found[state.school_year, "all"] += 1
        found[state.school_year, f"program.{state.program_id}"] += 1
    await counts.bulk_write(
        [UpdateOne({"_id": year}, {"$inc": {where: n}}, upsert=True) for (year, where), n in found.items()]
    )
    if clock.done(len(bodies)):
        clock.tell()
        os._exit(0)


asyncio.run(app.run())
