"""Where the logs of a test's topics end, asked once."""

from collections.abc import Iterable
from contextlib import aclosing

from aiokafka import TopicPartition

from shared.kafka import PARTITIONS, servers
from shared.process.log_ends import LogEnds
from shared.process.settings import Settings


async def end_offsets(settings: Settings, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """Of each partition of the topics the offset that its next record will have."""
    logs = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
    async with aclosing(LogEnds(servers(settings))) as ends:
        return {(at.topic, at.partition): end for at, end in (await ends.of(logs)).items()}
