"""Insights in the test's own process, over what the aggregator's own code has counted into a real mongod."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from services.insights.main import build
from shared import local_key
from shared.settings import Settings
from tests.insights_world import NOW, World, close_world, open_world, three_years

Ask = Callable[..., Awaitable[httpx.Response]]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def empty_world(mongo_settings: Settings) -> AsyncIterator[World]:
    world = await open_world(mongo_settings)
    yield world
    await close_world(world)


@pytest.fixture
async def world(empty_world: World) -> World:
    """See `three_years`."""
    await three_years(empty_world)
    return empty_world


@pytest.fixture
async def ask(mongo_settings: Settings, keys: Path, clock: Clock) -> AsyncIterator[Ask]:
    """`await ask(claims, path)`: what insights answers to the bearer of these claims; None: to nobody."""
    app = build(mongo_settings, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://insights") as client:

            async def asking(claims: dict | None, path: str, *, accept: str = "*/*", cookie: bool = False):
                headers = {"Accept": accept}
                if claims is not None:
                    token = local_key.sign(keys, {"sub": "viewer", **claims})
                    headers |= {"Cookie": f"aurora_token={token}"} if cookie else {"Authorization": f"Bearer {token}"}
                return await client.get(path, headers=headers)

            yield asking
