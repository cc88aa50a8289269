"""A client and its databases without a server, for whatever is given a database: a service's records first of all."""

import asyncio
from typing import Any

from tests.memory.collection import MemoryCollection
from tests.memory.values import now


class MemoryClient:
    """What the services ask of a client; nothing of it is kept when it is gone."""

    def __init__(self) -> None:
        self._databases: dict[str, MemoryDatabase] = {}

    def __getitem__(self, name: str) -> "MemoryDatabase":
        return self._databases.setdefault(name, MemoryDatabase(self, name))

    async def start_session(self, *, causal_consistency: bool) -> "MemorySession":
        """A causal one: every read sees all that was written. One that shows one moment is not to be had."""
        return MemorySession()

    async def close(self) -> None:
        """Nothing is held open."""


class MemoryDatabase:
    """Collections by name, each there as soon as it is asked for."""

    def __init__(self, client: MemoryClient, name: str) -> None:
        self.client, self.name = client, name
        self.codec_options = None
        self._collections: dict[str, MemoryCollection] = {}

    def __getitem__(self, name: str) -> MemoryCollection:
        return self._collections.setdefault(name, MemoryCollection(name))

    async def command(self, name: str, *, codec_options: Any = None) -> dict[str, Any]:
        await asyncio.sleep(0)
        if name not in ("hello", "ping"):
            raise NotImplementedError(f"the stand-in of MongoDB does not know the command {name}")
        return {"ok": 1.0, "localTime": now()}


class MemorySession:
    """A session without transactions: what needs one is tested on a real server."""

    async def end_session(self) -> None:
        """Nothing is held open."""
