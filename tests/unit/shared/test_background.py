import asyncio

import pytest
from pymongo.errors import AutoReconnect

from shared.errors import Retryable
from shared.process import background as module
from shared.process.background import background
from shared.process.progress import Loop


@pytest.fixture(autouse=True)
def hardly_any_pause(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)


async def wait_for(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_task_runs_beside_the_block_and_ends_with_it():
    ended = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with background(Loop("relay"), work) as state:
        await wait_for(lambda: state.running)
    assert ended.is_set()
    assert not state.running


async def test_a_task_that_fails_is_started_again_and_says_why():
    async def work():
        raise LookupError("no such topic")

    async with background(Loop("relay"), work) as state:
        await wait_for(lambda: state.restarts >= 3)
        assert state.last_error == "LookupError"


async def test_a_task_that_returns_is_started_again():
    async def work():
        return

    async with background(Loop("relay"), work) as state:
        await wait_for(lambda: state.restarts >= 2)
        assert "returned" in state.last_error


async def test_pauses_grow_so_that_a_broken_task_is_no_busy_loop(monkeypatch):
    pauses, enough = [], asyncio.Event()

    async def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 12:
            enough.set()
            await asyncio.Event().wait()

    async def work():
        raise LookupError

    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    async with background(Loop("relay"), work), asyncio.timeout(5):
        await enough.wait()
    assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
    assert pauses[-1] == module.LONGEST_PAUSE_SECONDS


async def test_leaving_the_block_in_a_pause_ends_the_task():
    async def work():
        raise LookupError

    async with background(Loop("relay"), work) as state:
        await wait_for(lambda: state.restarts >= 1)
    restarts = state.restarts
    await asyncio.sleep(0.01)
    assert state.restarts == restarts


async def test_the_batch_in_hand_is_ended_before_the_task_does():
    loop, done = Loop("relay"), []

    async def work():
        while not loop.ending.is_set():
            await asyncio.sleep(0.02)
            done.append("a batch")
        done.append("ended")

    async with background(loop, work, finish_seconds=5):
        await wait_for(lambda: done)
    assert done[-1] == "ended"
    assert loop.restarts == 0


async def test_a_task_that_does_not_end_its_batch_is_given_up(monkeypatch):
    given_up = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.set()
            raise

    loop = Loop("relay")
    async with background(loop, work, finish_seconds=0.05):
        await wait_for(lambda: loop.running)
    assert given_up.is_set()


async def test_what_names_its_dependency_waits_and_anything_else_speaks_for_a_new_process():
    errors = iter([Retryable("Kafka is away"), AutoReconnect("MongoDB"), LookupError("a bug")])
    seen = []

    async def work():
        seen.append((loop.waiting_for, loop.last_error))
        raise next(errors, LookupError("a bug"))

    loop = Loop("relay")
    async with background(loop, work):
        await wait_for(lambda: len(seen) >= 4)
    assert seen[1] == ("Kafka is away", "Kafka is away")
    assert seen[2] == ("AutoReconnect", "AutoReconnect")
    assert seen[3][1] == "LookupError"


async def test_what_fails_while_it_ends_is_not_started_again():
    loop, begun = Loop("relay"), []

    async def work():
        begun.append(1)
        await loop.ending.wait()
        raise Retryable("Kafka is away")

    async with background(loop, work, finish_seconds=0.3):
        await wait_for(lambda: begun)
    assert len(begun) == 1
