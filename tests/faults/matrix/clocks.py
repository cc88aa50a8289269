"""Clocks that are a day off, of producers and of an aggregator, in both directions."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.faults.ground import DAY_SECONDS, Ground
from tests.faults.matrix.fault import Strike, fault
from tests.faults.matrix.looking import assigned, clock_of, counting_on, until
from tests.faults.matrix.prevailing import HOLDS_RELAY, producers_run

OTHER_CLOCK = "tests.faults.other_clock"
LOOKS = 8


async def off(ground: Ground, name: str, seconds: int) -> None:
    """Raise AssertionError unless that service's clock really is so far off."""
    shown = await clock_of(ground, name) - datetime.now(UTC)
    if abs(shown - timedelta(seconds=seconds)) > timedelta(minutes=5):
        raise AssertionError(f"the clock of {name} is {shown} off, not {seconds} s")


def producers(seconds: int) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        """The lease goes by the database's clock: it is kept while its holder lives, and free soon after it died."""
        async with producers_run(ground, draw, OTHER_CLOCK, str(seconds)) as (changed, same):
            for name in ("roster", changed):
                await off(ground, name, seconds)
            for _ in range(LOOKS):
                await asyncio.sleep(1.0)
                if await ground.metric(same, HOLDS_RELAY):
                    raise AssertionError(f"{same} took the relay from {changed}, which is alive")
            await counting_on(ground)
        await until(lambda: _held(ground), "the relay is held by somebody again", seconds=20)
        await counting_on(ground)

    return strike


async def _held(ground: Ground) -> bool:
    return any([await ground.metric(part.name, HOLDS_RELAY) for part in ground.called("credentials")])


def aggregator(seconds: int) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        victim = draw.choice(ground.called("aggregator"))
        await victim.end()
        victim.through = (OTHER_CLOCK, str(seconds))
        try:
            victim.start()
            await until(lambda: assigned(ground, victim.name), f"{victim.name} counts something")
            await off(ground, victim.name, seconds)
            await counting_on(ground)
        finally:
            victim.through = ()
            victim.kill()
            victim.start()

    return strike


WHOSE: dict[str, tuple[Callable[[int], Strike], str]] = {
    "producers": (producers, "producers"),
    "an aggregator": (aggregator, "aggregator"),
}
FAULTS = tuple(
    fault(f"clocks: {who} a day {how}", make(seconds), touches, "log", quick=False)
    for who, (make, touches) in WHOSE.items()
    for how, seconds in (("ahead", DAY_SECONDS), ("behind", -DAY_SECONDS))
)
