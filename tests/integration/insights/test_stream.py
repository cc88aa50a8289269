"""Live numbers: told when they change, not when they do not, and ended when the service is told to stop."""

import asyncio
import json
import signal
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date

import httpx
import pytest

from shared.doors import local_key
from tests.insights_world import awarded, completed, serving
from tests.processes import running

LEADER = {"sub": "viewer", "roles": ["leader"], "districts": ["*"]}
BOUND_SECONDS = 60


@pytest.fixture
async def address(world, mongo_settings):
    async with serving(mongo_settings) as url:
        yield url


@pytest.fixture
def process(world, mongo_settings, tmp_path):
    with running("insights", mongo_settings, tmp_path / "insights.log") as started:
        yield started


@asynccontextmanager
async def listening(address, keys, query="", claims=LEADER, language="en"):
    """A queue of (event, data) as they arrive; None at the end of the stream."""
    events: asyncio.Queue = asyncio.Queue()
    headers = {"Authorization": f"Bearer {local_key.sign(keys, claims)}", "Accept-Language": language}
    async with (
        httpx.AsyncClient(base_url=address, timeout=60) as client,
        client.stream("GET", f"/v1/stream{query}", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")

        async def read() -> None:
            event = ""
            try:
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event":
                        event = value
                    elif name == "data":
                        await events.put((event, json.loads(value)))
            except httpx.RemoteProtocolError:
                await events.put(("cut", None))
            await events.put(None)

        reading = asyncio.create_task(read())
        try:
            yield events
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def next_of(events, wanted):
    async with asyncio.timeout(BOUND_SECONDS):
        while True:
            found = await events.get()
            assert found is not None, f"the stream ended before {wanted}"
            if found[0] == wanted:
                return found[1]


async def test_a_count_that_changes_is_told(address, keys, world) -> None:
    async with listening(address, keys, "?school_year=2024-25") as events:
        first = await next_of(events, "freshness")
        began = time.monotonic()
        await world.award("w5", date(2026, 1, 5))
        told = await next_of(events, "counts")
        took = time.monotonic() - began

    changed = {(one["measure"], one["school_year"]): one for one in told["changed"]}
    headline = changed["W1.headline", "2024-25"]
    assert (headline["numerator_before"], headline["numerator"], headline["denominator"]) == (8, 9, 10)
    assert (headline["status"], headline["people_to_target"]) == ("met", 0)
    assert ("W1.verified", "2024-25") not in changed
    assert first["words"].startswith("Counted through")
    assert took < 15


async def test_a_write_that_changes_no_shown_count_is_not_told(address, keys, world) -> None:
    """A renewal moves turns, but no number of this board: it is no credential earned, and no attempt."""
    async with listening(address, keys, "?school_year=2024-25", language="es") as events:
        spanish = await next_of(events, "freshness")
        await world.tell(*awarded("passer-by", date(2026, 1, 5), renews="earlier"))
        await next_of(events, "freshness")
        await world.tell(*completed("w9", date(2025, 5, 20)))
        told = await next_of(events, "counts")

    headline = next(one for one in told["changed"] if one["measure"] == "W1.headline")
    assert (headline["denominator_before"], headline["denominator"]) == (10, 11)
    assert spanish["words"].startswith("Contado hasta las")


async def test_a_slice_and_its_groups_are_told_too(address, keys, world) -> None:
    """A student who moves to another district changes no whole, only the parts."""
    query = "?school_year=2024-25&measure=W1.headline&dimension=district"
    async with listening(address, keys, query) as events:
        await next_of(events, "freshness")
        await world.tell(*completed("w0", date(2025, 5, 20), district="south"))
        told = await next_of(events, "counts")

    moved = {one["value"]: (one["denominator_before"], one["denominator"]) for one in told["changed"]}
    assert moved == {"north": (7, 6), "south": (3, 4)}
    assert {one["dimension"] for one in told["changed"]} == {"district"}


async def test_the_stream_ends_cleanly_when_the_service_is_stopped(process, keys) -> None:
    async with listening(process.url, keys) as events:
        await next_of(events, "freshness")
        began = time.monotonic()
        code = await asyncio.to_thread(process.stop)
        took = time.monotonic() - began
        async with asyncio.timeout(BOUND_SECONDS):
            last = [found async for found in rest(events)]

    assert code in (0, -signal.SIGTERM)  # uvicorn ends with the signal it was given
    assert took < 15
    assert ("cut", None) not in last
    assert "Traceback" not in process.log.read_text()


async def rest(events):
    while (found := await events.get()) is not None:
        yield found


async def test_one_subject_opens_ten_streams_and_everybody_a_bounded_number(world, mongo_settings, keys):
    settings = mongo_settings.model_copy(update={"streams_of_one": 2, "streams_of_all": 3})
    async with serving(settings) as url, AsyncExitStack() as stack:
        for _ in range(2):
            events = await stack.enter_async_context(listening(url, keys))
            await asyncio.wait_for(events.get(), BOUND_SECONDS)
        one_more = await _asked(url, keys, LEADER)
        other = await stack.enter_async_context(listening(url, keys, claims={**LEADER, "sub": "another"}))
        await asyncio.wait_for(other.get(), BOUND_SECONDS)
        third = await _asked(url, keys, {**LEADER, "sub": "third"})
        await stack.aclose()
        freed = 429
        until = time.monotonic() + BOUND_SECONDS
        while freed == 429 and time.monotonic() < until:
            freed = await _asked(url, keys, LEADER)
            await asyncio.sleep(0.2)

    assert (one_more, third, freed) == (429, 429, 200)


async def _asked(url, keys, claims) -> int:
    """The status of one more stream; a refusal says when to come back."""
    headers = {"Authorization": f"Bearer {local_key.sign(keys, claims)}"}
    async with (
        httpx.AsyncClient(base_url=url, timeout=30) as client,
        client.stream("GET", "/v1/stream", headers=headers) as answer,
    ):
        assert (answer.status_code == 429) == ("Retry-After" in answer.headers)
        return answer.status_code
