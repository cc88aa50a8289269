"""How long an answer waits for what roster may be about to tell: once a request, and no longer than it can matter."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar

from shared.errors import Retryable
from shared.roster_copy.log_reached import LogEnd

LOOK_AGAIN_SECONDS = 0.15
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hangs:
    """What of an answer hangs on news of roster's that may be on its way.

    `doubtful`: it may come out otherwise. `lacking`: without the news there is no answer at all.
    `harmless`: whatever the news is, nobody is refused now who would not be then.
    """

    doubtful: bool = False
    lacking: bool = False
    harmless: bool = False


SETTLED, LACKING = Hangs(), Hangs(doubtful=True, lacking=True)


@dataclass(slots=True)
class Patience:
    """One request's patience: it waits for roster at most once, however many rows it has.

    `heard`: all that roster acknowledged before it came is here. `at_end`: all that was in roster's log then is.
    """

    arrived: datetime | None = None
    heard: bool = False
    at_end: bool = False


class Copy(Protocol):
    """How far a copy of roster has been read, and until when it is worth waiting for more."""

    wait_seconds: float
    log_end: LogEnd
    server_time: Callable[[], Awaitable[datetime]]

    async def heard_through(self) -> datetime | None: ...
    async def reading_on_at(self) -> Mapping[int, int]: ...


async def settled(copy: Copy, patience: Patience, read: Callable[[], Awaitable[T]], hangs: Callable[[T], Hangs]) -> T:
    """What `read` gives, read again while it is doubtful and roster may be about to say more.

    Once everything that roster acknowledged before the request came has been read, the
    answer stands as it is. Where only harmless doubts are left, it does once the log has been
    read to the end that it had a moment after the request came: nobody is refused for what is
    still on its way into the log. Raise Retryable when that takes too long and it is still lacking.
    """
    found = await read()
    if _stands(patience, hangs(found)):
        return found
    patience.arrived = patience.arrived or await copy.server_time()
    deadline = monotonic() + copy.wait_seconds
    reading = asyncio.create_task(copy.log_end.reached(copy.reading_on_at))
    try:
        while True:
            patience.at_end = patience.at_end or (reading.done() and reading.result())
            through = await copy.heard_through()
            patience.heard = through is not None and through >= patience.arrived
            found = await read()
            if _stands(patience, hangs(found)):
                return found
            if monotonic() >= deadline:
                break
            await _pause(reading)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    if hangs(found).lacking:
        last = f"what it said until {through:%Y-%m-%d %H:%M:%S} UTC has" if through else "nothing of it has"
        raise Retryable(f"roster's latest changes have not arrived here yet ({last}); send the same again shortly")
    return found


def _stands(patience: Patience, found: Hangs) -> bool:
    return not found.doubtful or patience.heard or (patience.at_end and found.harmless)


async def _pause(reading: "asyncio.Task[bool]") -> None:
    """A moment, or less when the end of the log is reached."""
    if reading.done():
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    else:
        await asyncio.wait([reading], timeout=LOOK_AGAIN_SECONDS)
