"""Tasks that should run for as long as their service does: started again when they fail, and asked how they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import structlog

from shared import metrics
from shared.errors import Retryable

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STOP_WITHIN_SECONDS = 10.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Background:
    """How a task is doing, for readiness and for people."""

    name: str
    running: bool = False
    restarts: int = 0
    last_error: str = ""


@asynccontextmanager
async def background(name: str, work: Callable[[], Awaitable[None]]) -> AsyncIterator[Background]:
    """Run `work()` beside the block, again whenever it ends, and cancel it when the block is left."""
    state = Background(name)
    task = asyncio.create_task(_keep_running(state, work), name=name)
    try:
        yield state
    finally:
        task.cancel()
        _, late = await asyncio.wait([task], timeout=STOP_WITHIN_SECONDS)
        if late:
            log.error("a background task does not stop", task=name)


async def _keep_running(state: Background, work: Callable[[], Awaitable[None]]) -> None:
    pause = FIRST_PAUSE_SECONDS
    while True:
        began = monotonic()
        state.running = True
        try:
            await work()
            state.last_error = "it returned, though it should run for ever"
            log.error("a background task ended", task=state.name)
        except Retryable as error:
            state.last_error = error.detail
            log.warning("a background task waits and is started again", task=state.name, reason=error.detail)
        except Exception as error:
            state.last_error = f"{type(error).__name__}: {error}"
            log.exception("a background task failed and is started again", task=state.name)
        finally:
            state.running = False
        state.restarts += 1
        metrics.BACKGROUND_RESTARTS.labels(state.name).inc()
        # One that ran well for a while starts over at the shortest pause.
        pause = FIRST_PAUSE_SECONDS if monotonic() - began > LONGEST_PAUSE_SECONDS else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
