"""What a log may hold: records that cannot be counted, of every sort; the same again, older behind newer, all of it."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import Message
from shared.kafka import PARTITIONS, partition_of
from tests.faults.evidence import TOPICS, heartbeat, logs_of
from tests.faults.ground import Ground
from tests.faults.matrix.fault import fault
from tests.faults.poisoning import MISPLACED, poisonous
from tests.poison import POISON

Placed = tuple[str, int, Message]  # topic, partition number, what


@asynccontextmanager
async def producer(ground: Ground) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(
        bootstrap_servers=ground.broker.bootstrap, acks="all", max_request_size=4 << 20, max_batch_size=900_000
    )
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def put(ground: Ground, placed: Iterable[Placed]) -> None:
    """As few batches as hold them, each log's in order: a plain `send` refuses what has neither key nor value."""
    logs: dict[tuple[str, int], list[Message]] = defaultdict(list)
    for topic, number, message in placed:
        logs[topic, number].append(message)
    async with producer(ground) as made:
        await asyncio.gather(*(_put(made, topic, number, messages) for (topic, number), messages in logs.items()))


async def _put(made: AIOKafkaProducer, topic: str, number: int, messages: Sequence[Message]) -> None:
    batch = made.create_batch()
    for message in messages:
        parts = {"key": message.key, "value": message.value, "headers": message.headers, "timestamp": None}
        if batch.append(**parts) is None:
            await (await made.send_batch(batch, topic, partition=number))
            batch = made.create_batch()
            batch.append(**parts)
    await (await made.send_batch(batch, topic, partition=number))


async def poison(ground: Ground, draw: random.Random) -> None:
    """Spread over all logs, so that no run of them is long enough to stop one."""
    sorts = list(POISON.values())
    draw.shuffle(sorts)
    logs = [(ground.settings.topic(name), number) for name in TOPICS for number in range(PARTITIONS)]
    draw.shuffle(logs)
    placed = [(*logs[at % len(logs)], message) for at, message in enumerate(sorts)]
    belongs = partition_of(MISPLACED[0].key or b"")
    placed.append(
        (ground.settings.topic("roster"), (belongs + draw.randrange(1, PARTITIONS)) % PARTITIONS, MISPLACED[0])
    )
    await put(ground, placed)


def sound(records: Iterable[Any]) -> list[Any]:
    return [record for record in records if not heartbeat(record) and not poisonous(record)]


def again(records: Iterable[Any]) -> list[Placed]:
    return [
        (record.topic, record.partition, Message(record.key, record.value, list(record.headers))) for record in records
    ]


async def duplicates(ground: Ground, draw: random.Random) -> None:
    """One in twenty comes once more."""
    found = [sound(records) for records in (await logs_of(ground)).values()]
    await put(ground, again(one for records in found for one in draw.sample(records, len(records) // 20)))


async def swapped(ground: Ground, draw: random.Random) -> None:
    """Older versions come behind newer ones: the last of each log once more, in the opposite order."""
    logs = (await logs_of(ground)).values()
    await put(ground, again(one for records in logs for one in reversed(sound(records)[-20:])))


async def replayed(ground: Ground, draw: random.Random) -> None:
    """A whole topic once more, from its beginning."""
    topic = ground.settings.topic(draw.choice(TOPICS))
    logs = (await logs_of(ground)).items()
    await put(ground, again(one for (name, _), records in logs if name == topic for one in sound(records)))


FAULTS = (
    fault("poison of every sort", poison, "messages", "log", surely=True),
    fault("duplicates", duplicates, "messages", "log"),
    fault("older versions behind newer ones", swapped, "messages", "log", surely=True),
    fault("a whole topic replayed", replayed, "messages", "log"),
)
