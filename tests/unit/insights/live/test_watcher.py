"""One watch for all listeners, and none when nobody listens."""

import asyncio

import pytest

from services.insights.live.watcher import Watcher
from shared import mongo


async def test_many_listeners_share_one_watch() -> None:
    """Forty listeners, one query for turns at a time and one reading of the numbers at each tick."""
    asked = reads = 0

    async def turns():
        nonlocal asked
        asked += 1
        return {0: asked // 5}

    async def read():
        nonlocal reads
        reads += 1
        await asyncio.sleep(0.02)
        return reads

    watcher = Watcher(turns, poll_seconds=0.02, heartbeat_seconds=10)
    heard = 0

    async def listen() -> None:
        nonlocal heard
        with watcher.listening() as ticks:
            for _ in range(4):
                await ticks.get()
                await watcher.once("board", read)
                heard += 1

    assert not watcher.watching
    await asyncio.gather(*(listen() for _ in range(40)))

    assert heard == 160
    assert reads <= 8
    assert not watcher.watching
    before = asked
    await asyncio.sleep(0.1)
    assert asked == before


async def test_a_listener_hears_what_was_written_before_the_first_look() -> None:
    """The first tick comes at once: between a page's reading and its listening something may have been written."""
    watcher = Watcher(_still, poll_seconds=10, heartbeat_seconds=60)
    with watcher.listening() as first:
        first_heard = await _hears(first)
        await asyncio.sleep(0.05)
        with watcher.listening() as second:
            assert (first_heard, await _hears(second)) == (True, True)


async def _hears(ticks) -> bool:
    """Whether a tick comes within a second."""
    done, _ = await asyncio.wait([listening := asyncio.create_task(ticks.get())], timeout=1)
    listening.cancel()
    return bool(done)


async def test_ticks_come_as_time_passes_even_if_nothing_is_written() -> None:
    watcher = Watcher(_still, poll_seconds=0.01, heartbeat_seconds=0.05)
    with watcher.listening() as ticks:
        heard = [await _hears(ticks) for _ in range(4)]

    assert heard == [True] * 4


async def test_a_database_that_is_away_ends_no_watch() -> None:
    asked = 0

    async def turns():
        nonlocal asked
        asked += 1
        if asked < 4:
            raise mongo.MongoError("away")
        return {0: asked}

    watcher = Watcher(turns, poll_seconds=0.01, heartbeat_seconds=60)
    with watcher.listening() as ticks:
        await ticks.get()
        async with asyncio.timeout(2):
            await ticks.get()

    assert asked >= 4


async def test_a_reading_that_fails_is_tried_again_at_the_next_tick() -> None:
    async def broken():
        raise mongo.MongoError("away")

    async def whole():
        return 7

    watcher = Watcher(_still, poll_seconds=0.01, heartbeat_seconds=0.05)
    with watcher.listening() as ticks:
        await ticks.get()
        with pytest.raises(mongo.MongoError):
            await watcher.once("board", broken)
        await ticks.get()
        assert await watcher.once("board", whole) == 7


async def _still():
    return {0: 1}
