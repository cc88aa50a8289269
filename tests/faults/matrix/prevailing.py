"""Producers that run otherwise for a while: all that is published then is published by them."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.faults.ground import Ground
from tests.faults.matrix.looking import until

CHANGED = ("roster", "credentials")  # whose events another module writes for a while
HOLDS_RELAY = 'relay_is_holder{service="credentials"} 1'


@asynccontextmanager
async def producers_run(ground: Ground, draw: random.Random, *through: str) -> AsyncIterator[tuple[str, str]]:
    """Roster and one of two of credentials run through this module, and hold both relays; in the end they are killed.

    The other of credentials goes on as it is: the two answer the same people side by side.
    """
    changed, same = draw.sample(ground.called("credentials"), 2)
    victims = [*ground.called("roster"), changed]
    try:
        for part in (*victims, same):
            part.kill()
        for part in victims:
            part.through = through
            part.start()
        await ground.services_ready(*(part.name for part in victims))
        await until(lambda: ground.metric(changed.name, HOLDS_RELAY), f"{changed.name} holds the relay")
        same.start()
        await ground.services_ready(same.name)
        yield changed.name, same.name
    finally:
        # Killed, so that nobody tells the next one that the lease is free.
        for part in victims:
            part.through = ()
            part.kill()
            part.start()
        if not same.running:
            same.start()
