"""A door in front of a server, which can be shut, held, slowed, or made to swallow what the server answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from deploy.local.ports import LOOPBACK

Mode = Literal["open", "reset", "held", "slow", "deaf"]
CHUNK = 256 * 1024


class Connection:
    """One client and the server behind it; `meant` once it is known to be one that faults are for."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.meant = False

    def cut(self) -> None:
        """End it as a reset: what was on its way is lost on both sides."""
        for writer in (self.client, self.server):
            writer.transport.abort()


class Proxy:
    """Listens on `port` and speaks to `behind`.

    A connection is meant when the first that its client says contains `only` (empty: all are):
    replica set members speak to each other through the same doors, and are to be left in peace.
    """

    def __init__(self, name: str, port: int, behind: int, *, only: bytes = b"") -> None:
        self.name = name
        self.port = port
        self.behind = behind
        self._only = only
        self._mode: Mode = "open"
        self._slow_seconds = 0.0
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._let_in, LOOPBACK, self.port, limit=CHUNK)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self._may_pass.set()
        while self._connections:
            for connection in list(self._connections):
                connection.cut()
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def being(self, mode: Mode, *, slow_seconds: float = 0.0) -> AsyncIterator[None]:
        """Misbehave until the block ends.

        `reset`: every connection is cut and none is let in. `held`: nothing passes, nothing is
        cut; what was held passes afterwards. `slow`: each chunk is late. `deaf`: the server hears
        everything, its answers are lost, and in the end the connections are cut.
        """
        self._mode, self._slow_seconds = mode, slow_seconds
        if mode == "reset":
            self._cut_meant()
        if mode == "held":
            self._may_pass.clear()
        try:
            yield
        finally:
            self._mode = "open"
            self._may_pass.set()
            if mode == "deaf":
                self._cut_meant()

    def _cut_meant(self) -> None:
        for connection in list(self._connections):
            if connection.meant:
                connection.cut()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # One that is still being let in when the run ends is no news.
        with contextlib.suppress(asyncio.CancelledError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_connection(LOOPBACK, self.behind, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(writer, server)
        self._connections.add(connection)
        pumps = {
            asyncio.create_task(self._pump(connection, reader, server, answering=False)),
            asyncio.create_task(self._pump(connection, answers, writer, answering=True)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            self._connections.discard(connection)
            connection.cut()

    async def _pump(
        self, connection: Connection, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answering: bool
    ) -> None:
        first = not answering
        with contextlib.suppress(OSError):
            while chunk := await source.read(CHUNK):
                if first:
                    first, connection.meant = False, self._only in chunk
                if connection.meant and self._mode != "open":
                    if self._mode == "reset":
                        return
                    if self._mode == "deaf" and answering:
                        continue
                    if self._mode == "slow":
                        await asyncio.sleep(self._slow_seconds)
                    await self._may_pass.wait()
                sink.write(chunk)
                await sink.drain()
