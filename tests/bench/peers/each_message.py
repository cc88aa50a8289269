"""A peer: FastStream, one message at a time, one `$inc` each with Motor; at least once, counts only."""

import asyncio
import os
from datetime import date

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from tests.bench.peers import told


class State(BaseModel):
    school_year: str
    program_id: str
    awarded_on: date


class Awarded(BaseModel):
    record_id: str
    version: int
    state: State


broker = KafkaBroker(told.KAFKA)
app = FastStream(broker)
clock = told.Clock()
counts = AsyncIOMotorClient(told.MONGO_URL)[told.DATABASE]["counts"]


@broker.subscriber(told.TOPIC, group_id=told.GROUP, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK)
async def count(event: Awarded) -> None:
    state = event.state
    await counts.update_one(
        {"_id": state.school_year}, {"$inc": {"all": 1, f"program.{state.program_id}": 1}}, upsert=True
    )
    if clock.done(1):
        clock.tell()
        os._exit(0)


asyncio.run(app.run())
