"""Which faults a run meets, and when: worked out from its seed alone."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.faults.ground import Ground
from tests.faults.matrix import clocks, database, disks, members, messages, network, processes, releases, stops
from tests.faults.matrix.fault import Fault

MATRIX: tuple[Fault, ...] = (
    # First of all, while the log that one of them replays is short.
    *messages.FAULTS,
    *processes.FAULTS,
    *members.FAULTS,
    *releases.FAULTS,
    *clocks.FAULTS,
    *database.FAULTS,
    *disks.FAULTS,
    *network.FAULTS,
    *stops.FAULTS,
)
AT_ONCE = 3
WARM_UP_SECONDS = 3.0
AGAIN = 10


def mixed(seed: int, *, quick: bool = True) -> list[Fault]:
    """The faults of a run in the order of this seed: those that no run goes without, first of all.

    A quick one leaves out what takes long.
    """
    draw = random.Random(seed)
    surely = [one for one in MATRIX if one.surely]
    others = [one for one in MATRIX if one.mixes and (one.quick or not quick) and not one.surely]
    draw.shuffle(surely)
    draw.shuffle(others)
    # Every third is one of the others, so that the first half of a run is not the same ever again.
    mix: list[Fault] = []
    while surely:
        mix += surely[:2] + others[:1]
        surely, others = surely[2:], others[1:]
    return mix + others


def alone(one: Fault) -> list[Fault]:
    """One fault, and again and again while there is time."""
    return [one] + [replace(one, surely=False)] * (AGAIN - 1)


@dataclass
class Told:
    """What was done and when, in seconds of the run; `failed` of faults that could not be done or healed."""

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


async def inflicted(ground: Ground, faults: Sequence[Fault], *, seed: int, seconds: float, told: Told) -> None:
    """Do the faults in their order, several at once where they touch different parts, until the time is over.

    Those that no run goes without are done even then.
    """
    draw, waiting, running = random.Random(f"{seed}-moments"), list(faults), dict[asyncio.Task[None], Fault]()
    await asyncio.sleep(WARM_UP_SECONDS)
    try:
        while running or waiting:
            if time.monotonic() - told.began > seconds:
                waiting = [one for one in waiting if one.surely]
            busy = frozenset[str]().union(*(one.touches for one in running.values()))
            following = next((one for one in waiting[:3] if not one.touches & busy), None)
            if following and len(running) < AT_ONCE:
                waiting.remove(following)
                luck = random.Random(f"{seed}-{following.name}-{len(waiting)}")
                task = asyncio.create_task(_strike(ground, following, luck, told))
                running[task] = following
                await asyncio.sleep(draw.uniform(0.2, 2.0))
            elif running:
                await asyncio.wait(running, timeout=0.2)
            running = {task: one for task, one in running.items() if not task.done()}
    finally:
        for task in running:
            task.cancel()


async def _strike(ground: Ground, one: Fault, draw: random.Random, told: Told) -> None:
    began = time.monotonic()
    try:
        await one.strike(ground, draw)
    except Exception as error:  # noqa: BLE001 told in the verdict, which is then a failure
        told.failed.append(f"{one.name}: {type(error).__name__} {error}")
    told.lines.append(f"{began - told.began:6.1f} - {time.monotonic() - told.began:5.1f} s  {one.name}")
