"""The watcher looks for news only while somebody listens, and reads each view once for all who share it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, TypeVar

import structlog

from shared import mongo
from shared.process.background import keep_running
from shared.process.progress import Loop

log = structlog.get_logger()

T = TypeVar("T")
Ticks = asyncio.Queue[int]


class Watcher:
    """It ticks when some partition was written, and every `heartbeat_seconds` in any case.

    `turns` gives how often each partition was written: one small query, whatever the number
    of listeners. A tick says that numbers may have changed; whether they have, only reading
    them tells.
    """

    def __init__(
        self,
        turns: Callable[[], Awaitable[Mapping[int, int]]],
        *,
        poll_seconds: float,
        heartbeat_seconds: float,
        loop: Loop | None = None,
    ) -> None:
        self._loop = loop or Loop("watch")
        self._loop.rests()
        self._turns = turns
        self._poll_seconds = poll_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._tick = 0
        self._listeners: set[Ticks] = set()
        self._task: asyncio.Task[None] | None = None
        self._readings: dict[Hashable, tuple[int, asyncio.Task[Any]]] = {}

    @property
    def watching(self) -> bool:
        return self._task is not None

    @contextmanager
    def listening(self) -> Iterator[Ticks]:
        """A tick at once, for what was written since the listener looked, and every tick from now on.

        One that was not taken yet is replaced: a slow listener skips some and loses nothing.
        """
        ticks: Ticks = asyncio.Queue(maxsize=1)
        ticks.put_nowait(self._tick)
        self._listeners.add(ticks)
        if self._task is None:
            self._task = asyncio.create_task(keep_running(self._loop, self._watch))
        try:
            yield ticks
        finally:
            self._listeners.discard(ticks)
            if not self._listeners:
                self.stop()

    def stop(self) -> None:
        """End the watch and what it reads."""
        for task in (self._task, *(task for _, task in self._readings.values())):
            if task is not None:
                task.cancel()
        self._task = None
        self._loop.rests()
        self._readings.clear()

    async def once(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` gives at this tick; listeners with the same key share one reading of it."""
        tick, reading = self._readings.get(key, (self._tick, None))
        if reading is None or tick != self._tick:
            reading = asyncio.create_task(_run(read))
            reading.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._readings[key] = (self._tick, reading)
        await asyncio.wait([reading])
        found: T = reading.result()
        return found

    async def _watch(self) -> None:
        known: Mapping[int, int] = {}
        told = monotonic()
        while True:
            self._loop.turned()
            found = await self._asked(known)
            if found != known or monotonic() - told >= self._heartbeat_seconds:
                known, told = found, monotonic()
                self._tell()
            await asyncio.sleep(self._poll_seconds)

    async def _asked(self, known: Mapping[int, int]) -> Mapping[int, int]:
        """The turns; while the database is away, those already known. Freshness tells that it is away."""
        try:
            found = await self._turns()
        except mongo.MongoError as error:
            self._loop.failed(error)
            log.warning("turns not read", error=str(error))
            return known
        self._loop.committed()
        return found

    def _tell(self) -> None:
        self._tick += 1
        self._readings = {key: kept for key, kept in self._readings.items() if not kept[1].done()}
        for ticks in self._listeners:
            with suppress(asyncio.QueueEmpty):
                ticks.get_nowait()
            ticks.put_nowait(self._tick)


async def _run(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
