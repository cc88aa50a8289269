"""The record of an import: what was sent, how far it is, what became of it and what is wrong with it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Literal

from pymongo.errors import DuplicateKeyError

from services.roster.oneroster.findings import Finding
from shared.errors import Conflict
from shared.mongo import Database

Status = Literal["checking", "applying", "done", "waiting", "refused", "failed"]
Document = dict[str, Any]

SILENT_SECONDS = 15
SHOWN_PROBLEMS = 1000
DAYS_KEPT = 90
SEND_AGAIN = "send it again: what was applied is found unchanged"


class Overtaken(Exception):
    """Somebody else has declared this import dead; nothing more of it may be applied."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent, and what for."""

    source: str
    school_year: str
    dry_run: bool
    by: str
    bytes: int
    sha256: str


class Imports:
    """The imports of roster's database, and their problems. Times are the database's own."""

    def __init__(self, database: Database) -> None:
        self._imports = database["oneroster_imports"]
        self._problems = database["oneroster_problems"]
        self._prepared = False

    async def prepare(self) -> None:
        """Make the indexes; harmless when they are there."""
        await self._imports.create_index(
            [("source", 1)], name="one at a time", unique=True, partialFilterExpression={"running": True}
        )
        # Problems quote cells of persons, so they go when nobody can be working on them any more.
        await self._problems.create_index([("at", 1)], name="expires", expireAfterSeconds=DAYS_KEPT * 86400)
        self._prepared = True

    async def begin(self, sent: Sent) -> str:
        """The id of a new import, which runs. Raise Conflict, naming it, while one of the same source does."""
        if not self._prepared:
            await self.prepare()
        await self.bury()
        id = token_hex(8)
        try:
            await self._imports.insert_one(_new(id, sent) | {"status": "checking", "running": True})
        except DuplicateKeyError as error:
            running = await self._imports.find_one({"source": sent.source, "running": True}, {"_id": 1})
            existing = str(running["_id"]) if running else ""
            detail = f"import {existing} of source {sent.source} is still running; wait for it, then send this again"
            raise Conflict(detail, existing=existing) from error
        await self.go_on(id)
        return id

    async def refuse_at_once(self, sent: Sent, findings: Sequence[Finding]) -> str:
        """The id of a new import of which nothing can be read."""
        id = token_hex(8)
        await self.note(id, 0, findings)
        ended = {"status": "refused", "finished_at": datetime.now(UTC), "problems_total": len(findings)}
        await self._imports.insert_one(_new(id, sent) | ended)
        return id

    async def go_on(self, id: str, **changes: Any) -> None:
        """Say that the import is alive, and how far. Raise Overtaken when it was declared dead."""
        told = {name: {"$literal": value} for name, value in changes.items()}
        alive = {"_id": id, "running": True}
        done = await self._imports.update_one(alive, [{"$set": {**told, "beat_at": "$$NOW"}}])
        if not done.matched_count:
            raise Overtaken(id)

    async def end(self, id: str, status: Status, *, says: str = "", **changes: Any) -> None:
        """The import runs no more. Raise Overtaken when it was declared dead."""
        told = {name: {"$literal": value} for name, value in {**changes, "status": status, "says": says}.items()}
        steps = [{"$set": {**told, "finished_at": "$$NOW"}}, {"$unset": "running"}]
        done = await self._imports.update_one({"_id": id, "running": True}, steps)
        if not done.matched_count:
            raise Overtaken(id)

    async def bury(self) -> None:
        """Declare dead what has been silent: its service was stopped in the middle of it."""
        silent = {"$lt": ["$beat_at", {"$subtract": ["$$NOW", SILENT_SECONDS * 1000]}]}
        ended = {"status": "failed", "says": f"the service was stopped in the middle of this import; {SEND_AGAIN}"}
        steps = [{"$set": {**ended, "finished_at": "$$NOW"}}, {"$unset": "running"}]
        await self._imports.update_many({"running": True, "$expr": silent}, steps)

    async def note(self, id: str, already: int, findings: Sequence[Finding]) -> None:
        """Keep problems; `already` is how many were kept before."""
        if findings:
            at = datetime.now(UTC)
            documents = [
                {"_id": f"{id}-{number:08d}", "import": id, "at": at, **one.as_document()}
                for number, one in enumerate(findings, already)
            ]
            await self._problems.insert_many(documents)

    async def get(self, id: str) -> Mapping[str, Any] | None:
        """One import as it stands."""
        await self.bury()
        found: Mapping[str, Any] | None = await self._imports.find_one({"_id": id})
        return found

    async def latest_year(self, source: str) -> str:
        """The school year of the source's packages that were applied, the last one; empty when there is none."""
        where = {"source": source, "status": "done", "dry_run": False}
        found = await self._imports.find(where, {"school_year": 1}).sort("school_year", -1).to_list(1)
        return str(found[0]["school_year"]) if found else ""

    async def latest(self, where: Mapping[str, Any], limit: int) -> list[Mapping[str, Any]]:
        """Imports, the last begun first."""
        await self.bury()
        return [each async for each in self._imports.find(where).sort([("begun_at", -1), ("_id", 1)]).limit(limit)]

    async def problems(self, id: str, *, limit: int = 0) -> AsyncIterator[Mapping[str, Any]]:
        """The problems of an import, in the order of their finding; all of them with limit 0."""
        span = {"_id": {"$gte": f"{id}-", "$lt": f"{id}."}}
        async for each in self._problems.find(span, {"at": 0, "import": 0}).sort("_id", 1).limit(limit):
            yield each


def _new(id: str, sent: Sent) -> Document:
    now = datetime.now(UTC)
    return {
        "_id": id,
        "source": sent.source,
        "school_year": sent.school_year,
        "dry_run": sent.dry_run,
        "by": sent.by,
        "bytes": sent.bytes,
        "sha256": sent.sha256,
        "begun_at": now,
        "beat_at": now,
        "finished_at": None,
        "says": "",
        "progress": {"done": 0, "total": 0},
        "counts": {},
        "problems_total": 0,
    }
