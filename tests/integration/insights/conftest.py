"""Insights in the test's own process, over what the aggregator's own code has counted into a real mongod."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient

from shared.process.settings import Settings
from tests.insights_world import Ask, Clock, World, asking, close_world, open_world, settings_of, three_years


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


@pytest.fixture(scope="session")
def still(mongo_url: str, keys: Path) -> Iterator[Settings]:
    """The world of `three_years`, made once, for tests that only read; their clock stands at NOW."""
    settings = settings_of(f"still{uuid4().hex[:8]}", mongo_url, keys)

    async def furnish() -> None:
        world = await open_world(settings)
        await three_years(world)
        await close_world(world)

    asyncio.run(furnish())
    yield settings
    with MongoClient(mongo_url) as client:
        client.drop_database(settings.database("aggregator"))


@pytest.fixture
async def look(still: Settings, keys: Path) -> AsyncIterator[Ask]:
    """`ask`, of the world that stands still."""
    async with asking(still, keys, Clock()) as ask:
        yield ask


@pytest.fixture
async def ask(mongo_settings: Settings, keys: Path, clock: Clock) -> AsyncIterator[Ask]:
    """`await ask(claims, path)`: what insights answers to the bearer of these claims; None: to nobody."""
    async with asking(mongo_settings, keys, clock) as ask:
        yield ask
