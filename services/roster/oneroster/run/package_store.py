"""Packages are kept until their imports end, so that any process can go on with one."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import BinaryIO

from shared.mongo import Database

PIECE_BYTES = 1 << 20
DAYS_KEPT = 1


class Packages:
    """Packages are kept in pieces in roster's own database, since they hold names, until their import ends.

    A process that is killed between the end of an import and its removal leaves pieces behind:
    those the database removes by itself, a day later.
    """

    def __init__(self, database: Database) -> None:
        self._pieces = database["oneroster_packages"]

    async def prepare(self) -> None:
        """Make the index by which forgotten pieces go."""
        await self._pieces.create_index([("at", 1)], name="expires", expireAfterSeconds=DAYS_KEPT * 86400)

    async def keep(self, id: str, file: BinaryIO, after_each_piece: Callable[[], Awaitable[None]]) -> None:
        """Keep the package of an import, calling `after_each_piece` as it goes."""
        await asyncio.to_thread(file.seek, 0)
        number = 0
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            await self._pieces.insert_one({"_id": f"{id}-{number:06d}", "at": datetime.now(UTC), "bytes": piece})
            await after_each_piece()
            number += 1

    async def opened(self, id: str) -> BinaryIO:
        """The package as a file without a name, gone when it is closed."""
        with ExitStack() as until_handed_on:
            file = until_handed_on.enter_context(tempfile.TemporaryFile())
            async for piece in self._pieces.find(_of(id)).sort("_id", 1).batch_size(8):
                await asyncio.to_thread(file.write, piece["bytes"])
            until_handed_on.pop_all()  # closed when the import has ended
        return file

    async def drop(self, id: str) -> None:
        """Remove the package of an import that has ended."""
        await self._pieces.delete_many(_of(id))


def _of(id: str) -> dict[str, object]:
    return {"_id": {"$gte": f"{id}-", "$lt": f"{id}."}}
