"""Disks that are full under mongod: every write to a file fails, it must end, and nothing may be accepted in vain.

The kernel refuses the writes (a limit on the size of files, set while the process runs): no disk
need be filled, and no right is needed to do it anywhere. What mongod meets is the same: a
journal that cannot be written.
"""

import asyncio
import random
import resource
import time

from tests.faults.ground import MEMBERS, Ground
from tests.faults.matrix.fault import fault
from tests.faults.matrix.looking import until
from tests.faults.parts import Part

ENDS_WITHIN_SECONDS = 30.0


def fill(part: Part) -> None:
    """From now on no file of this process takes another byte."""
    assert part.process
    part.wanted = False
    _, most = resource.prlimit(part.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(part.process.pid, resource.RLIMIT_FSIZE, (0, most))


async def ended(part: Part) -> None:
    """Raise AssertionError when it ends as if all were well."""

    async def look() -> bool:
        return not part.running

    await until(look, f"{part.name} ends, its disk being full", seconds=ENDS_WITHIN_SECONDS)
    assert part.process
    if part.process.returncode == 0:
        raise AssertionError(f"{part.name} ended with exit code 0 on a full disk")


async def of_primary(ground: Ground, draw: random.Random) -> None:
    victim = ground.parts[await ground.primary()]
    fill(victim)
    await ended(victim)
    await asyncio.sleep(draw.uniform(1.0, 4.0))
    victim.start()
    await ground.whole()


async def of_all(ground: Ground, draw: random.Random) -> None:
    """People are told 503 or nothing; with room again all goes on by itself."""
    members = [ground.parts[member] for member in MEMBERS]
    for part in members:
        fill(part)
    for part in members:
        await ended(part)
    began = time.monotonic()
    await asyncio.sleep(draw.uniform(3.0, 6.0))
    ground.without_majority.append((began, time.monotonic()))
    for part in members:
        part.start()
    await ground.whole()


FAULTS = (
    fault("disk full under the primary", of_primary, "database", quick=False),
    fault("disk full under all three members", of_all, "database", quick=False),
)
