"""What tests of the relay say: its topic read back, its publisher watched, and conditions waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.credentials import Award
from shared.contracts.envelope import HEARTBEAT_TYPE, Arrived, Heartbeat, header, read_fact, read_heartbeat
from shared.kafka import PARTITIONS, Publisher, servers
from shared.records.relay import relay
from shared.records.store import Records
from tests.log_ends import end_offsets

SERVICE = "credentials"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the log, as the tests compare it."""

    subject: str
    record: str
    version: int
    state: Award | None


async def facts_of(batch):
    """An award concerns its student, and whoever its state names beside."""
    return {record.key: [(subject, fact(record)) for subject in concerned(record)] for record in batch}


def concerned(record):
    return [f"student/{record.state['student_id']}", *record.state.get("also", [])]


def fact(record):
    return Award(
        award_id=record.id,
        student_id=record.state["student_id"],
        credential_code=record.state["code"],
        credential_type="certification",
        result="passed",
        school_year="2024-25",
    )


class Watched:
    """A publisher that calls back, or has a trouble of its own, around the real one."""

    def __init__(self, inner: Publisher | None) -> None:
        self.inner = inner
        self.batches: list[list[str]] = []
        self.beats: list[Heartbeat] = []
        self.before: Callable[[], Awaitable[None]] = nothing
        self.after: Callable[[], Awaitable[None]] = nothing
        self.before_beat: Callable[[Heartbeat], Awaitable[None]] = nothing

    async def publish(self, messages):
        sent = list(messages)
        await self.before()
        if self.inner:
            await self.inner.publish(sent)
        self.batches.append([header(message.headers, "ce_id") for message in sent])
        await self.after()

    async def publish_to_all_partitions(self, message):
        beat = read_heartbeat(message.value)
        await self.before_beat(beat)
        if self.inner:
            await self.inner.publish_to_all_partitions(message)
        self.beats.append(beat)


async def nothing(*_: object) -> None:
    """No trouble."""


@asynccontextmanager
async def relaying(settings, records: Records, publisher, *, facts=facts_of, facts_in=None, loop=None, **changes):
    """A relay beside the block; what it raises fails the test."""
    chosen = settings.model_copy(update={"relay_sweep_seconds": 0.05, "heartbeat_seconds": 0.1, **changes})
    task = asyncio.create_task(
        relay(
            service=SERVICE,
            records=records,
            facts_in=facts_in or (lambda _: facts),
            publisher=publisher,
            settings=chosen,
            loop=loop,
        )
    )
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def until(condition: Callable[[], Awaitable[object]], *, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def all_out(records: Records) -> None:
    async def nothing_waits():
        return await records.unpublished() == (0, None)

    await until(nothing_waits)


async def log_of(settings) -> list[tuple[int, Told | Heartbeat]]:
    """Everything in the service's topic, each partition in its order."""
    topic = settings.topic(SERVICE)
    ends = await end_offsets(settings, [topic])
    consumer = AIOKafkaConsumer(bootstrap_servers=servers(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        found, wanted = [], sum(ends.values())
        async with asyncio.timeout(20):
            while len(found) < wanted:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(record.partition, read(record)) for record in batch]
        return found
    finally:
        await consumer.stop()


def read(record) -> Told | Heartbeat:
    if header(record.headers, "ce_type") == HEARTBEAT_TYPE:
        return read_heartbeat(record.value)
    arrived: Arrived = read_fact(BY_TYPE, headers=record.headers, key=record.key, value=record.value)
    return Told(arrived.subject, arrived.event.record_id, arrived.event.version, arrived.event.state)


async def told(settings) -> list[Told]:
    """The events of the log without its heartbeats."""
    return [one for _, one in await log_of(settings) if isinstance(one, Told)]
