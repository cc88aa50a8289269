"""An operator's word that another log is to be counted, from its beginning, instead of the one that was."""

import asyncio
import sys
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.aggregator.counting.aggregate import Outcome
from services.aggregator.counting.same_log import publisher_of
from services.aggregator.main import opened
from shared import mongo
from shared.kafka import PARTITIONS, servers
from shared.process.settings import Settings


def main(arguments: Sequence[str]) -> None:
    """Accept the log of one topic."""
    if len(arguments) != 1:
        sys.exit("say which topic, such as `python -m services.aggregator accept aurora-roster`")
    asyncio.run(accept(Settings(), arguments[0]))
    topic = arguments[0]
    sys.stdout.write(f"{topic} is counted from its beginning; now run `aurora republish {publisher_of(topic)}`\n")


async def accept(settings: Settings, topic: str) -> None:
    """Move every partition's position to where the topic's log begins.

    Facts and counts stay: versions make what is read again harmless, and what is missing comes
    when the service publishes its records again. A consumer at work notices that it lost its turn.
    """
    beginnings = await _beginnings(settings, topic)
    client = mongo.connect(settings)
    try:
        store = opened(settings, client)
        await store.prepare(range(PARTITIONS))
        for number in range(PARTITIONS):
            position = await store.position(number)
            await store.turn(position.anew(topic, beginnings[number]), (), lambda _: Outcome())
    finally:
        await mongo.close(client)


async def _beginnings(settings: Settings, topic: str) -> dict[int, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers(settings))
    await consumer.start()
    try:
        found = await consumer.beginning_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])
    finally:
        await consumer.stop()
    return {at.partition: offset for at, offset in found.items()}
