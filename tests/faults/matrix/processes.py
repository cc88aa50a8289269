"""Processes killed, ended and frozen: producers, the holder of a relay, aggregators at named points, the broker."""

import asyncio
import random
import time

from shared.producer.producers import PRODUCERS, SERVICES
from tests.faults.ground import Ground
from tests.faults.invariants import ENDS_WITHIN_SECONDS, REFUSED
from tests.faults.matrix.fault import fault
from tests.faults.matrix.points import fail_point, of_counts
from tests.faults.matrix.prevailing import HOLDS_RELAY
from tests.faults.parts import Part

SESSION_SECONDS = 10.0
OVERTAKEN_AT_MOST = 3
ENDED = "Finished server process"  # what a service says last of all


async def kill(part: Part, draw: random.Random, longest: float = 2.0) -> None:
    part.kill()
    await asyncio.sleep(draw.uniform(0.0, longest))
    part.start()


async def aggregator_at_random(ground: Ground, draw: random.Random) -> None:
    for _ in range(2):
        await kill(draw.choice(ground.called("aggregator")), draw)
        await asyncio.sleep(draw.uniform(0.5, 3.0))


async def aggregator_after_the_guard(ground: Ground, draw: random.Random) -> None:
    """It has taken its turn and written facts; the counts are on their way."""
    async with fail_point(ground, of_counts(ground, blocked_ms=1500), times=6) as entered:
        await entered(2)
        await kill(draw.choice(ground.called("aggregator")), draw)


async def aggregator_before_commit(ground: Ground, draw: random.Random) -> None:
    blocked = {"failCommands": ["commitTransaction"], "blockConnection": True, "blockTimeMS": 1500}
    async with fail_point(ground, blocked, times=6) as entered:
        await entered(2)
        await kill(draw.choice(ground.called("aggregator")), draw)


async def aggregator_after_commit(ground: Ground, draw: random.Random) -> None:
    """The database has committed, and the answer never arrives."""
    proxy = ground.mongo_proxies[await ground.primary()]
    async with proxy.being("deaf"):
        await asyncio.sleep(draw.uniform(0.3, 0.8))
        victim = draw.choice(ground.called("aggregator"))
        victim.kill()
    await asyncio.sleep(draw.uniform(0.0, 1.0))
    victim.start()


async def aggregator_overtaken(ground: Ground, draw: random.Random) -> None:
    """Frozen in the middle of a transaction, with a cache; another counts on; thawed, it is refused.

    One that happened to hold no transaction learns from Kafka that it was overtaken; it is frozen once more.
    """
    ground.overtaken_wanted += 1
    victim = draw.choice(ground.called("aggregator"))
    before = ground.said("aggregator", REFUSED)
    for _ in range(OVERTAKEN_AT_MOST):
        await ground.services_ready(*(part.name for part in ground.called("aggregator")))
        async with fail_point(ground, of_counts(ground, blocked_ms=1000), times=8) as entered:
            await entered(3)
            victim.freeze()
        await asyncio.sleep(SESSION_SECONDS + draw.uniform(3.0, 5.0))
        victim.thaw()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if ground.said("aggregator", REFUSED) > before:
                return
            await asyncio.sleep(0.2)


async def producer(ground: Ground, draw: random.Random) -> None:
    await kill(draw.choice([part for one in PRODUCERS for part in ground.called(one.name)]), draw)


async def relay_holder(ground: Ground, draw: random.Random) -> None:
    for part in ground.called("credentials"):
        if await ground.metric(part.name, HOLDS_RELAY):
            await kill(part, draw, 5.0)
            return


async def gracefully(ground: Ground, draw: random.Random) -> None:
    """SIGTERM under load: one of each service, one after the other; how long each takes is looked at in the end."""
    for service in draw.sample([one.name for one in SERVICES], len(SERVICES)):
        part = draw.choice(ground.called(service))
        await ground.services_ready(part.name)
        ended, began = ground.log_says(part.name, ENDED), time.monotonic()
        try:
            await part.end(within_seconds=ENDS_WITHIN_SECONDS)
        except TimeoutError:
            part.kill()
        took, well = time.monotonic() - began, ground.log_says(part.name, ENDED) > ended
        ground.asked_to_end.append((part.name, took, well))
        part.start()


async def broker(ground: Ground, draw: random.Random) -> None:
    ground.parts["kafka"].kill()
    await asyncio.sleep(draw.uniform(0.5, 4.0))
    ground.parts["kafka"].start()
    await ground.broker_up()


async def broker_away_for_a_minute(ground: Ground, draw: random.Random) -> None:
    """Everything is started without Kafka meanwhile; people go on writing."""
    ground.parts["kafka"].kill()
    for part in (*ground.called("roster"), *ground.called("aggregator")):
        await kill(part, draw)
    await asyncio.sleep(60)
    ground.parts["kafka"].start()
    await ground.broker_up()


FAULTS = (
    fault("aggregator killed at random", aggregator_at_random, "aggregator", surely=True),
    fault("aggregator killed after the guard", aggregator_after_the_guard, "aggregator", "points"),
    fault("aggregator killed before its commit", aggregator_before_commit, "aggregator", "points"),
    fault("aggregator killed after its commit", aggregator_after_commit, "aggregator", "database"),
    fault(
        "aggregator frozen, overtaken, thawed",
        aggregator_overtaken,
        "aggregator",
        "database",
        "log",
        "points",
        surely=True,
    ),
    fault("producer killed", producer, "producers"),
    fault("relay holder killed", relay_holder, "producers"),
    fault("service asked to end under load", gracefully, "producers", "aggregator"),
    fault("broker killed", broker, "log", surely=True),
    fault("Kafka away for a minute, also at start", broker_away_for_a_minute, "log", "aggregator", quick=False),
)
