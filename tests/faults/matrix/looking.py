"""What a fault looks at while it is there: who counts what, whether counting goes on, what the board says."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from pymongo.errors import PyMongoError

from tests.faults.evidence import PARTITIONS, TOPICS
from tests.faults.ground import Ground
from tests.faults.pace import within

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.3

T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T]], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """What is seen, once it is anything. Raise TimeoutError, saying what was looked for."""
    end = time.monotonic() + within(seconds)
    while time.monotonic() < end:
        if seen := await look():
            return seen
        await asyncio.sleep(PAUSE_SECONDS)
    raise TimeoutError(f"not seen within {within(seconds):.0f} s: {what}")


async def asked(ground: Ground, name: str, path: str) -> httpx.Response | None:
    """A service's answer, or None when it has none now."""
    async with httpx.AsyncClient(timeout=5, headers={"Authorization": f"Bearer {ground.token}"}) as client:
        try:
            return await client.get(f"{ground.urls[name]}{path}")
        except httpx.TransportError:
            return None


async def assigned(ground: Ground, name: str) -> list[int] | None:
    """The partition numbers that an aggregator which is ready counts; None when it is not ready."""
    answer = await asked(ground, name, "/readyz")
    return answer.json()["details"]["partitions"] if answer and answer.is_success else None


async def clock_of(ground: Ground, name: str) -> datetime:
    """The time that a service's own clock shows, as it stands in every answer."""
    answer = await until(lambda: asked(ground, name, "/metrics"), f"an answer of {name}")
    return parsedate_to_datetime(answer.headers["date"])


async def board(ground: Ground) -> dict[str, Any]:
    """The scoreboard as a leader sees it."""

    async def look() -> dict[str, Any] | None:
        answer = await asked(ground, "insights", "/v1/scoreboard")
        return answer.json() if answer and answer.is_success else None

    return await until(look, "a scoreboard")


async def counting_on(ground: Ground, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once every log is counted beyond this moment, by the heartbeats in it. Raise TimeoutError otherwise."""
    async with ground.client() as client:
        since = (await client.admin.command("hello"))["localTime"]
        streams = {(ground.settings.topic(name), number) for name in TOPICS for number in range(PARTITIONS)}
        behind = streams

        async def look() -> bool:
            nonlocal behind
            try:
                noted = client[ground.settings.database("aggregator")]["progress"].find({"through": {"$gte": since}})
                behind = streams - {(one["topic"], one["partition"]) async for one in noted}
            except PyMongoError:
                return False
            return not behind

        try:
            await until(look, "", seconds=seconds)
        except TimeoutError:
            names = ", ".join(f"{topic}-{number}" for topic, number in sorted(behind))
            raise TimeoutError(f"for {within(seconds):.0f} s nothing new was counted of {names}") from None
