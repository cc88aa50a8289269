"""Whether a copy has been read to the end of the log that it is made of, as the log says when it is asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka import PARTITIONS
from shared.process.log_ends import LogEnds

# What a service has acknowledged is in its log within so long, while its relay is well.
ON_ITS_WAY_SECONDS = 0.25
LOOK_AGAIN_SECONDS = 0.03

# By partition, the offset of the next record that is not taken in yet.
NextOf = Callable[[], Awaitable[Mapping[int, int]]]


class LogEnd:
    """The end of one topic; `ends` None: there is nobody to ask."""

    def __init__(self, topic: str, ends: LogEnds | None) -> None:
        self._logs = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        self._ends = ends
        self._asking = asyncio.Lock()

    async def reached(self, next_of: NextOf) -> bool:
        """Return True once all is taken in that the log held a moment after now; False when it cannot be asked."""
        if self._ends is None:
            return False
        await asyncio.sleep(ON_ITS_WAY_SECONDS)
        try:
            async with self._asking:
                ends = {log.partition: end for log, end in (await self._ends.of(self._logs)).items()}
        except (KafkaError, TimeoutError):
            return False
        while True:
            if taken_in(ends, await next_of()):
                return True
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def aclose(self) -> None:
        """Let go of the client that asks."""
        if self._ends is not None:
            await self._ends.aclose()


def log_end_of(servers: Sequence[str], topic: str) -> LogEnd:
    """The end of a topic, asked of these servers; nothing is connected before the first question."""
    return LogEnd(topic, LogEnds(servers))


def taken_in(ends: Mapping[int, int], next_of: Mapping[int, int]) -> bool:
    """Whether every log has been read to the end that it had; one of which nothing was read must be empty."""
    return all(next_of.get(partition, 0) >= end for partition, end in ends.items())


UNKNOWN = LogEnd("", None)
