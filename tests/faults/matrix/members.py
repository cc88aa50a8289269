"""Members of the group that counts: one that comes and goes without end, more of them than there is to count."""

import asyncio
import random
from contextlib import AsyncExitStack

from tests.faults.evidence import PARTITIONS
from tests.faults.ground import Ground
from tests.faults.matrix.fault import fault
from tests.faults.matrix.looking import assigned, counting_on, until

STAYS_SECONDS = 5.0
ROUNDS = 6
SPARE = 2


async def one_comes_and_goes(ground: Ground, draw: random.Random) -> None:
    """A third member, five seconds there and five seconds not, leaving politely or killed; counting goes on."""
    for _ in range(ROUNDS):
        async with ground.guest("aggregator-3") as third:
            await ground.services_ready(third.name)
            await asyncio.sleep(STAYS_SECONDS)
            if draw.random() < 0.5:
                await third.end()
        await asyncio.sleep(draw.uniform(0.5, 1.0) * STAYS_SECONDS)
        await counting_on(ground)


async def more_than_partitions(ground: Ground, draw: random.Random) -> None:
    """Whoever has nothing to count is ready all the same, and takes over when one that has dies."""
    async with AsyncExitStack() as stack:
        here = len(ground.called("aggregator"))
        names = [f"aggregator-{n}" for n in range(here + 1, PARTITIONS + SPARE + 1)]
        guests = [await stack.enter_async_context(ground.guest(name)) for name in names]
        everyone = [*(part.name for part in ground.called("aggregator")), *names]
        await ground.services_ready(*everyone)

        async def idle() -> set[str]:
            found = {name: await assigned(ground, name) for name in everyone}
            covered = sorted(number for numbers in found.values() for number in numbers or ())
            if covered != [*range(PARTITIONS)]:
                return set()  # a rebalance is under way: nobody, or two, say of a number that it is theirs
            return {name for name, numbers in found.items() if numbers == []}

        spare = await until(idle, "all partitions counted, and some members idle")
        if len(spare) < SPARE:
            raise AssertionError(f"of {len(everyone)} members only {sorted(spare)} have nothing to count")
        await counting_on(ground)
        busy = [guest for guest in guests if guest.name not in spare]
        for victim in draw.sample(busy, SPARE):
            victim.kill()
            everyone.remove(victim.name)

        async def all_busy() -> bool:
            return sorted([n for name in everyone for n in await assigned(ground, name) or ()]) == [*range(PARTITIONS)]

        await until(all_busy, "the spare members count what the dead did")
        await counting_on(ground)


FAULTS = (
    fault("a third aggregator comes and goes", one_comes_and_goes, "aggregator", quick=False),
    fault("more aggregators than partitions", more_than_partitions, "aggregator", quick=False),
)
