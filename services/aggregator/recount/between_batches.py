"""Recounts between the batches of a consumer: pieces of its own partitions, and what others did to them."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer

from services.aggregator.counting.position import Position
from services.aggregator.counting.store import MongoStore
from services.aggregator.recount.recount import go_on, sweep

LOCK_SECONDS = 5.0  # a batch may be in the database for longer: then the next look does
RECOUNTS_AT_ONCE = 2  # pieces between two batches: while one is written the other is counted

log = structlog.get_logger(__name__)


class CountingLoop(Protocol):
    """What is needed of the loop that counts, between two of its batches."""

    store: MongoStore
    loop: Any
    lock: asyncio.Lock
    consumer: AIOKafkaConsumer | None
    due: Any
    to_sweep: bool

    def reading(self) -> list[Position]: ...
    def hold(self, consumer: AIOKafkaConsumer, number: int, seconds: float) -> None: ...
    async def start_over(self, consumer: AIOKafkaConsumer, number: int, error: Exception) -> None: ...


def recounting(counting: CountingLoop) -> list[int]:
    """The partition numbers read here in which something is to be recounted."""
    return [position.partition for position in counting.reading() if position.recount]


async def piece(counting: CountingLoop, consumer: AIOKafkaConsumer, number: int) -> None:
    """Bring a recount one piece on; when it fails, as after a batch that failed."""
    if number in counting.due:
        return
    try:
        position = await go_on(number, counting.store)
    except Exception as error:  # noqa: BLE001 whatever it is, it is logged and the partition starts over
        await counting.start_over(consumer, number, error)
        return
    counting.loop.committed()
    if position.recount is None:
        log.info("recounted", partition=number, turn=position.turn)


async def look(counting: CountingLoop) -> None:
    """See what others did to our partitions: a turn taken by an operator, old cells that nobody shows any more.

    Raise TimeoutError when the loop does not let go of its batch: whether it is wedged, others judge.
    """
    turns = await counting.store.turns()
    async with asyncio.timeout(LOCK_SECONDS):
        await counting.lock.acquire()
    try:
        await _look_at(counting, turns)
    finally:
        counting.lock.release()


async def _look_at(counting: CountingLoop, turns: Mapping[int, int]) -> None:
    for position in counting.reading():
        if turns.get(position.partition, 0) > position.turn and counting.consumer:
            log.info("partition starts over: somebody else has taken a turn", partition=position.partition)
            counting.hold(counting.consumer, position.partition, 0.0)
    left = [position.partition for position in counting.reading() if position.standing and not position.recount]
    # A board that was being put together may still show the old ones: they go at the second look.
    done = bool(left) and await counting.store.everywhere()
    if done and counting.to_sweep:
        await sweep(left[0], counting.store)
    counting.to_sweep = done
