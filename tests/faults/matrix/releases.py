"""Two releases side by side: producers whose events say more or less, a member that reads fewer topics.

Releases meet on the wire, so that is where the other one is made up (`tests/faults/other_release.py`):
the same service, whose events have fields that this release does not know, or lack those that an
earlier one did not; the same aggregator, before the newest topic was added.
"""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from tests.faults.evidence import logs_of
from tests.faults.ground import Ground
from tests.faults.matrix.fault import Strike, fault
from tests.faults.matrix.looking import counting_on
from tests.faults.matrix.messages import sound
from tests.faults.matrix.prevailing import CHANGED, producers_run
from tests.faults.other_release import ONLY_NEWER, ONLY_SINCE

OTHER_RELEASE = "tests.faults.other_release"
WORKS_SECONDS = 6.0


def newer(record: Any) -> bool:
    return ONLY_NEWER.encode() in record.value


def older(record: Any) -> bool:
    """Of a kind that was given an optional field later, and without it."""
    kind = dict(record.headers)["ce_type"].decode().split(".")[-2]
    state = json.loads(record.value)["state"]
    return state is not None and kind in ONLY_SINCE and ONLY_SINCE[kind] not in state


def producers(release: str, theirs: Callable[[Any], bool]) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        async with producers_run(ground, draw, OTHER_RELEASE, release):
            await asyncio.sleep(WORKS_SECONDS)
            await counting_on(ground)
        logs = (await logs_of(ground)).items()
        found = {topic for (topic, _), records in logs if any(theirs(record) for record in sound(records))}
        if missing := {ground.settings.topic(name) for name in CHANGED} - found:
            raise AssertionError(f"nothing that the {release} release published lies in {', '.join(sorted(missing))}")

    return strike


async def fewer_topics(ground: Ground, draw: random.Random) -> None:
    """A member of a release that does not read the newest topic: all topics are counted on while it is there."""
    async with ground.guest("aggregator-3", OTHER_RELEASE, "fewer-topics") as old:
        await ground.services_ready(old.name)
        for part in ground.called("aggregator"):
            # Whoever is killed now, somebody must count what it has left.
            await counting_on(ground)
            part.kill()
            await asyncio.sleep(draw.uniform(0.0, 1.0))
            part.start()
        await counting_on(ground)
    await counting_on(ground)


FAULTS = (
    fault("an older producer", producers("older", older), "producers", "log", quick=False),
    fault("a newer producer", producers("newer", newer), "producers", "log", quick=False),
    fault("an older aggregator, of fewer topics", fewer_topics, "aggregator", quick=False),
)
