"""Tasks run for as long as their service: started again when they fail, ended with the batch in hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

import structlog

from shared.errors import Retryable
from shared.process import metrics
from shared.process.progress import Loop, said_of

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
FINISH_SECONDS = 6.0  # for the batch in hand, once the process is to end
CANCEL_SECONDS = 2.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def background(
    loop: Loop, work: Callable[[], Awaitable[None]], *, finish_seconds: float = 0.0
) -> AsyncIterator[Loop]:
    """Run `work()` beside the block, again whenever it ends.

    When the block is left, work that looks at `loop.ending` has `finish_seconds` to end by itself;
    then it is cancelled.
    """
    task = loop.task = asyncio.create_task(keep_running(loop, work), name=loop.name)
    try:
        yield loop
    finally:
        loop.ending.set()
        _, late = await asyncio.wait([task], timeout=finish_seconds)
        if late and finish_seconds:
            log.warning("the batch in hand was not ended in time and is given up", task=loop.name)
        task.cancel()
        _, late = await asyncio.wait([task], timeout=CANCEL_SECONDS)
        if late:
            log.error("a background task does not stop", task=loop.name)


async def keep_running(loop: Loop, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work()`, again whenever it ends, until the loop is to end."""
    pause = FIRST_PAUSE_SECONDS
    while not loop.ending.is_set():
        began = monotonic()
        loop.begins()
        try:
            await work()
        except Retryable as error:
            loop.failed(error)
            log.warning("a background task waits and is started again", task=loop.name, reason=error.detail)
        except Exception as error:
            loop.failed(error)
            log.exception("a background task failed and is started again", task=loop.name, error=said_of(error))
        else:
            if loop.ending.is_set():
                return
            loop.last_error = "it returned, though it should run for ever"
            log.error("a background task ended", task=loop.name)
        finally:
            loop.running = False
        loop.restarts += 1
        metrics.BACKGROUND_RESTARTS.labels(loop.name).inc()
        # One that ran well for a while starts over at the shortest pause.
        pause = FIRST_PAUSE_SECONDS if monotonic() - began > LONGEST_PAUSE_SECONDS else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
