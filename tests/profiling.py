"""What mongod was asked, as its profiler tells it: in which session, and behind which moment."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

READS = ("find", "aggregate", "distinct", "count")


@dataclass
class Asked:
    """The reads of a block, filled in at its end: collection, session, and whether behind what that session knows."""

    reads: list[tuple[str, Any, bool]] = field(default_factory=list)

    def of(self, *collections: str) -> set[tuple[Any, bool]]:
        """In which sessions these were read, and whether causally."""
        return {(session, behind) for collection, session, behind in self.reads if collection in collections}


@asynccontextmanager
async def profiled(database):
    """Have mongod note all that is asked of this database in the block."""
    asked = Asked()
    await database.command("profile", 2)
    try:
        yield asked
    finally:
        await database.command("profile", 0)
    async for one in database["system.profile"].find():
        command = one.get("command", {})
        name = next((command[verb] for verb in READS if verb in command), None)
        if name and name != "system.profile":
            concern = command.get("readConcern", {})
            session = command.get("lsid", {}).get("id")
            asked.reads.append((name, session, "afterClusterTime" in concern and concern.get("level") == "majority"))
