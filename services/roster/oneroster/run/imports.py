"""Each import has a record: what was sent, how far it is, what became of it, and what is wrong with it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Literal

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.roster import metrics
from services.roster.oneroster.read.findings import Finding
from shared.errors import Conflict
from shared.mongo import Database

ImportStatus = Literal["checking", "applying", "done", "waiting", "refused", "failed"]
Document = dict[str, Any]

SILENT_SECONDS = 15
MOST_TURNS = 5  # a package that ends every process that takes it up must not go on for ever
SILENT = {"$lt": ["$beat_at", {"$subtract": ["$$NOW", SILENT_SECONDS * 1000]}]}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN_PROBLEMS = 1000
KEPT_PROBLEMS = 10_000  # of one import: whoever has more puts these right and sends it again
DAYS_KEPT = 90
SEND_AGAIN = "send it again: what was applied is found unchanged"
GOES_ON = "its service was stopped in the middle of it; another one goes on with it"
WENT_ON = "it was taken up again after its service had stopped"


class Overtaken(Exception):
    """Somebody else goes on with this import, or has declared it dead; nothing more may be applied by this one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One process's turn at an import: the second and later ones go on where an earlier one was stopped."""

    id: str
    number: int = 1

    @property
    def holds(self) -> Document:
        """The filter of the import's record that is met as long as nobody else has a turn."""
        return {"_id": self.id, "running": True, "turn": self.number}

    @property
    def prefix(self) -> str:
        """What the ids of the problems found in this turn begin with."""
        return _prefix(self.id, self.number)


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent, and what for."""

    source: str
    school_year: str
    dry_run: bool
    by: str
    bytes: int
    sha256: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    today: str = ""


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
        await self._imports.create_index(
            [("running", 1), ("beat_at", 1)], name="silent", partialFilterExpression={"running": True}
        )
        # Problems quote cells of persons, so they go when nobody can be working on them any more.
        await self._problems.create_index([("at", 1)], name="expires", expireAfterSeconds=DAYS_KEPT * 86400)
        self._prepared = True

    async def begin(self, sent: Sent) -> Turn:
        """The first turn of a new import. Raise Conflict, naming it, while another one of the same source runs."""
        if not self._prepared:
            await self.prepare()
        await self.bury()
        id = token_hex(8)
        try:
            more = {"status": "checking", "running": True, "asked": dict(sent.asked), "today": sent.today}
            await self._imports.insert_one(_new(id, sent) | more)
        except DuplicateKeyError as error:
            running = await self._imports.find_one({"source": sent.source, "running": True}, {"_id": 1})
            existing = str(running["_id"]) if running else ""
            detail, works = (
                f"import {existing} of source {sent.source} is still running",
                "wait for it, then send this again",
            )
            raise Conflict(detail, existing=existing, works=works, code="import_running") from error
        turn = Turn(id)
        await self.go_on(turn)
        return turn

    async def refuse_at_once(self, sent: Sent, findings: Sequence[Finding]) -> str:
        """The id of a new import of which nothing can be read."""
        id = token_hex(8)
        await self.note(Turn(id), 0, findings)
        ended = {"status": "refused", "finished_at": datetime.now(UTC), "problems_total": len(findings)}
        await self._imports.insert_one(_new(id, sent) | ended)
        metrics.IMPORTS.labels("refused").inc()
        return id

    async def go_on(self, turn: Turn, **changes: Any) -> None:
        """Note that the import is alive, and how far. Raise Overtaken when it is another's or was declared dead."""
        told = {name: {"$literal": value} for name, value in changes.items()}
        done = await self._imports.update_one(turn.holds, [{"$set": {**told, "beat_at": "$$NOW"}}])
        if not done.matched_count:
            raise Overtaken(turn.id)

    async def end(self, turn: Turn, status: ImportStatus, *, says: str = "", **changes: Any) -> None:
        """Note that the import runs no more. Raise Overtaken when it is in other hands or was declared dead."""
        told = {name: {"$literal": value} for name, value in {**changes, "status": status, "says": says}.items()}
        steps = [{"$set": {**told, "finished_at": "$$NOW"}}, {"$unset": ["running", "asked"]}]
        done = await self._imports.update_one(turn.holds, steps)
        if not done.matched_count:
            raise Overtaken(turn.id)
        metrics.IMPORTS.labels(status).inc()

    async def leave(self, turn: Turn) -> None:
        """Let another process go on with it at once: this one stops."""
        await self._imports.update_one(turn.holds, {"$set": {"beat_at": LONG_AGO, "says": GOES_ON}})

    async def take_over(self) -> tuple[Turn, Mapping[str, Any]] | None:
        """A turn at an import that has fallen silent and whose package is kept, if there is one, and its record.

        What was found wrong before is forgotten, since all of it is found again. From here on the
        process that had the import before can do nothing more to it.
        """
        where = {"running": True, "kept": True, "turn": {"$lt": MOST_TURNS}, "$expr": SILENT}
        agreed = {"$or": ["$agreed", {"$eq": ["$status", "applying"]}]}
        taken = {"turn": {"$add": ["$turn", 1]}, "agreed": agreed, "says": GOES_ON, "beat_at": "$$NOW"}
        found = await self._imports.find_one_and_update(
            where, [{"$set": taken}], sort=[("beat_at", 1)], return_document=ReturnDocument.AFTER
        )
        if found is None:
            return None
        turn = Turn(found["_id"], found["turn"])
        await self._problems.delete_many({"_id": {"$gte": f"{turn.id}-", "$lt": turn.prefix}})
        return turn, found

    async def bury(self) -> None:
        """Declare dead what is silent and cannot be gone on with."""
        hopeless = {"$or": [{"kept": {"$ne": True}}, {"turn": {"$gte": MOST_TURNS}}]}
        ended = {"status": "failed", "says": f"the service was stopped in the middle of this import; {SEND_AGAIN}"}
        steps = [{"$set": {**ended, "finished_at": "$$NOW"}}, {"$unset": ["running", "asked"]}]
        dead = await self._imports.update_many({"running": True, "$expr": SILENT, **hopeless}, steps)
        metrics.IMPORTS.labels("failed").inc(dead.modified_count)

    async def note(self, turn: Turn, already: int, findings: Sequence[Finding]) -> None:
        """Keep problems; `already` is how many this turn has kept before."""
        if findings:
            at = datetime.now(UTC)
            documents = [
                {"_id": f"{turn.prefix}{number:08d}", "import": turn.id, "at": at, **one.as_document()}
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

    async def problems(self, found: Mapping[str, Any], *, limit: int = 0) -> AsyncIterator[Mapping[str, Any]]:
        """The problems of an import, in the order of their finding; all of them with limit 0."""
        prefix = _prefix(found["_id"], found.get("turn", 1))
        span = {"_id": {"$gte": prefix, "$lt": f"{prefix[:-1]}."}}
        async for each in self._problems.find(span, {"at": 0, "import": 0}).sort("_id", 1).limit(limit):
            yield {"code": "", **each}  # what was found before there were codes has none


def _prefix(id: str, turn: int) -> str:
    return f"{id}-{turn}-"


def _new(id: str, sent: Sent) -> Document:
    now = datetime.now(UTC)
    return {
        "_id": id,
        "turn": 1,
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
