"""An aggregator whose first turn waits for ever, on nothing that has a name: `python -m tests.wedged_aggregator`."""

import asyncio
from typing import Any

from services.aggregator.counting.store import MongoStore
from shared.process.serving import serve


async def never(*_: Any) -> Any:
    await asyncio.Event().wait()


if __name__ == "__main__":
    MongoStore.turn = never  # type: ignore[method-assign]
    serve("services.aggregator.main:build")
