"""MongoDB's own fail points, on whichever member is primary."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from pymongo.errors import PyMongoError

from tests.faults.ground import Ground

Entered = Callable[[int], Awaitable[None]]


def of_counts(ground: Ground, *, blocked_ms: int = 0, **fail: Any) -> dict[str, Any]:
    """Writes to the counts, the last thing in a transaction before its commit."""
    where = f"{ground.settings.database('aggregator')}.counts"
    blocked = {"blockConnection": True, "blockTimeMS": blocked_ms} if blocked_ms else {}
    return {"failCommands": ["update"], "namespace": where, **blocked, **fail}


@asynccontextmanager
async def fail_point(
    ground: Ground, data: Mapping[str, Any], *, times: int, name: str = "failCommand"
) -> AsyncIterator[Entered]:
    """The point is on until the block ends; `entered(n)` returns once it has been met n times.

    In a mix another fault may take the primary away meanwhile: then it simply is not met.
    """
    async with ground.client(await ground.primary()) as client:
        before = 0
        with suppress(PyMongoError):
            set_it = {"configureFailPoint": name, "mode": {"times": times}, "data": dict(data)}
            before = (await client.admin.command(set_it))["count"]

        async def entered(n: int) -> None:
            wanted = {"waitForFailPoint": name, "timesEntered": before + n, "maxTimeMS": 8_000}
            with suppress(PyMongoError):
                await client.admin.command(wanted)

        try:
            yield entered
        finally:
            # A primary that is gone has taken its fail points with it.
            with suppress(PyMongoError):
                await client.admin.command({"configureFailPoint": name, "mode": "off"})
