"""Kafka is asked anew where logs end: what a consumer has not read up to there is work to be done."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer, TopicPartition

ANSWERS_WITHIN_SECONDS = 8.0


class LogEnds:
    """Asks through a client of its own: the one that reads the logs may be the very thing that is stuck.

    `async with aclosing(LogEnds(servers)) as ends` lets go of it.
    """

    def __init__(self, servers: Sequence[str]) -> None:
        self._servers = list(servers)
        self._client: AIOKafkaConsumer | None = None

    async def of(self, logs: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Of each log the offset that its next record will have.

        Raise KafkaError or TimeoutError when Kafka does not answer; the next question connects anew.
        """
        async with AsyncExitStack() as unless_answered:
            unless_answered.push_async_callback(self.aclose)
            async with asyncio.timeout(ANSWERS_WITHIN_SECONDS):
                if self._client is None:
                    self._client = AIOKafkaConsumer(bootstrap_servers=self._servers, isolation_level="read_committed")
                    await self._client.start()
                found: Mapping[TopicPartition, int] = await self._client.end_offsets(list(logs))
            unless_answered.pop_all()
        return found

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.stop()
