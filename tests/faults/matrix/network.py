"""The network in front of Kafka and of MongoDB: connections reset, held as in a black hole, slowed, answers lost."""

import asyncio
import random
from contextlib import AsyncExitStack

from tests.faults.ground import Ground
from tests.faults.matrix.fault import Strike, fault
from tests.faults.proxy import Mode

HOW: tuple[tuple[Mode, str, float, float], ...] = (
    ("reset", "connections reset", 0.2, 2.0),
    ("held", "a black hole", 2.0, 6.0),
    ("slow", "a slow network", 3.0, 6.0),
    ("deaf", "answers lost", 0.3, 1.5),
)


def kafka(mode: Mode, least: float, most: float) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        assert ground.kafka_proxy
        async with ground.kafka_proxy.being(mode, slow_seconds=0.1):
            await asyncio.sleep(draw.uniform(least, most))

    return strike


def mongo(mode: Mode, least: float, most: float) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        async with AsyncExitStack() as stack:
            for proxy in ground.mongo_proxies.values():
                await stack.enter_async_context(proxy.being(mode, slow_seconds=0.03))
            await asyncio.sleep(draw.uniform(least, most))

    return strike


FAULTS = (
    *(fault(f"Kafka: {name}", kafka(mode, least, most), "log") for mode, name, least, most in HOW),
    *(fault(f"MongoDB: {name}", mongo(mode, least, most), "database") for mode, name, least, most in HOW),
)
