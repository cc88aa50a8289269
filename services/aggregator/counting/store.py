"""Facts, counts, parked records and positions in MongoDB: all of a batch, or nothing of it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import DocumentTooLarge, OperationFailure

from services.aggregator.counting.aggregate import Fold, Outcome, TooMuchAtOnce
from services.aggregator.counting.heartbeats import Passed, notes
from services.aggregator.counting.ledger import COUNTS_OF, Ledger
from services.aggregator.counting.older_copy import heard_of
from services.aggregator.counting.position import Position, Recount
from services.aggregator.counting.reading import parked_document
from services.aggregator.counting.unreadable_runs import run_fields, run_of
from services.aggregator.domain.catalogue import CATALOGUE, Catalogue
from services.aggregator.domain.facts import Subject, fact_document, subject_from, unknown
from services.aggregator.operating.parked import OPEN
from shared import mongo
from shared.errors import LostPartition

# A position is a document of `places`, which is what the collection has always been called.
COLLECTIONS = ("places", "subjects", "counts", "parked", "progress", "recounts")
TRANSACTION_TOO_LARGE_FOR_CACHE = 388
TRANSACTION_TOO_LARGE = 257
NAMESPACE_EXISTS = 48


@dataclass(slots=True)
class Held:
    """A partition's position as last written or read on from, and the subjects read under its turn."""

    position: Position
    cache: OrderedDict[str, Subject] = field(default_factory=OrderedDict)


class MongoStore:
    """What the aggregator keeps. Every write to a partition's facts or counts takes its turn."""

    def __init__(
        self,
        client: mongo.Client,
        database: mongo.Database,
        *,
        cache_subjects: int,
        catalogue: Catalogue = CATALOGUE,
    ) -> None:
        self.catalogue = catalogue
        self._client = client
        self._db = database
        self._cache_subjects = cache_subjects
        self._held: dict[int, Held] = {}

    async def prepare(self, partitions: Iterable[int]) -> None:
        """Make what a transaction cannot make: collections, indexes and the positions themselves."""
        existing = set(await self._db.list_collection_names())
        for name in COLLECTIONS:
            if name not in existing:
                await _created(self._db, name)
        # With the value in the index, one campus or district costs the board no more than the whole.
        by_cell = [(name, ASCENDING) for name in ("m", "v", "s", "y", "d", "x")]
        # Named by what they index: one that a later release defines otherwise cannot meet its own name.
        await self._db["counts"].create_index(by_cell)
        await self._db["counts"].create_index([(name, ASCENDING) for name in COUNTS_OF])
        await self._db["subjects"].create_index([("has", ASCENDING), ("_id", ASCENDING)])
        await self._db["subjects"].create_index([("p", ASCENDING), ("_id", ASCENDING)])
        await self._db["parked"].create_index([("closed.how", ASCENDING), ("at", ASCENDING)])
        await self._db["parked"].create_index([(name, ASCENDING) for name in ("topic", "partition", "offset")])
        for partition in partitions:
            first = {"turn": 0, "next": {}, "last": {}}
            await self._db["places"].update_one({"_id": partition}, {"$setOnInsert": first}, upsert=True)

    async def position(self, partition: int) -> Position:
        held = self._held.get(partition)
        return held.position if held else await self.load(partition)

    async def load(self, partition: int) -> Position:
        """The stored position. A cache survives only when nobody has taken a turn since it was read."""
        document = await self._db["places"].find_one({"_id": partition})
        if document is None:
            await self.prepare([partition])
            document = await self._db["places"].find_one({"_id": partition})
        position = position_of(document, self.catalogue).under(self.catalogue)
        held = self._held.get(partition)
        cache = held.cache if held and held.position.turn == position.turn else OrderedDict()
        self._held[partition] = Held(position, cache)
        return position

    def held(self, partition: int) -> Position | None:
        """The position as this process knows it, if it is counting the partition."""
        held = self._held.get(partition)
        return held.position if held else None

    def forget(self, partition: int) -> None:
        """After any failure: what is held may be other than what is stored."""
        self._held.pop(partition, None)

    def passed(self, position: Position) -> None:
        self._held[position.partition].position = position

    async def turn(self, position: Position, subjects: Sequence[str], fold: Fold) -> Outcome:
        held = self._held[position.partition]

        async def body(session: mongo.Session) -> tuple[Outcome, dict[str, Subject]]:
            await self._take(position, session)
            known = await self._known(held, subjects, session)
            outcome = fold(known)
            await self._write(position.partition, outcome, known, session)
            return outcome, known

        try:
            outcome, known = await mongo.in_transaction(self._client, body)
        except (OperationFailure, DocumentTooLarge) as error:
            if _too_large(error):
                raise TooMuchAtOnce(f"{len(subjects)} subjects in one transaction: {error}") from error
            raise
        held.position = position
        self._remember(held, known, outcome)
        return outcome

    async def step(self, partition: int, work: Callable[[Position, Ledger], Awaitable[Position]]) -> Position:
        """In one transaction: do the work on what is counted, and take the turn with the position that it answers.

        Raise LostPartition or TooMuchAtOnce, changing nothing, as `turn` does.
        """
        before = await self.position(partition)

        async def body(session: mongo.Session) -> Position:
            after = replace(await work(before, Ledger(self._db, session)), turn=before.turn + 1)
            await self._take(after, session)
            return after

        try:
            after = await mongo.in_transaction(self._client, body)
        except (OperationFailure, DocumentTooLarge) as error:
            if _too_large(error):
                raise TooMuchAtOnce(f"partition {partition}: {error}") from error
            raise
        self._held[partition].position = after
        return after

    async def everywhere(self) -> bool:
        """Whether every partition number counts all of this release's definitions, and recounts none."""
        wanted = self.catalogue.definitions
        found = [position_of(one, self.catalogue).under(self.catalogue) async for one in self._db["places"].find()]
        return all(position.recount is None and position.definitions >= wanted for position in found)

    async def turns(self) -> dict[int, int]:
        """The turn of every partition number, by whomever it was taken."""
        return {one["_id"]: one["turn"] async for one in self._db["places"].find({}, {"turn": 1})}

    async def _take(self, position: Position, session: mongo.Session) -> None:
        moved = await self._db["places"].update_one(
            {"_id": position.partition, "turn": position.turn - 1},
            {"$set": {**position_fields(position), "at": datetime.now(UTC)}, "$unset": {"stopped": ""}},
            session=session,
        )
        if moved.matched_count == 0:
            raise LostPartition(f"partition {position.partition}: somebody else has taken turn {position.turn}")

    async def _known(self, held: Held, wanted: Sequence[str], session: mongo.Session) -> dict[str, Subject]:
        known = {subject: held.cache[subject] for subject in wanted if subject in held.cache}
        missing = [subject for subject in wanted if subject not in known]
        if missing:
            async for document in self._db["subjects"].find({"_id": {"$in": missing}}, session=session):
                known[document["_id"]] = subject_from(document)
        return known

    async def _write(
        self, partition: int, outcome: Outcome, known: Mapping[str, Subject], session: mongo.Session
    ) -> None:
        facts = _fact_updates(partition, outcome, known)
        if facts:
            await self._db["subjects"].bulk_write(facts, ordered=False, session=session)
        if outcome.counts:
            await Ledger(self._db, session).add(partition, outcome.counts)
        if outcome.news.parked:
            now = datetime.now(UTC)
            updates = [parked_document(parked, now) for parked in outcome.news.parked]
            upserts = [UpdateOne({"_id": key}, update, upsert=True) for key, update in updates]
            await self._db["parked"].bulk_write(upserts, ordered=False, session=session)

    def _remember(self, held: Held, known: Mapping[str, Subject], outcome: Outcome) -> None:
        """Keep what was read and what became of it; the longest unused goes first."""
        latest = {**known, **{subject: after for subject, (after, _) in outcome.subjects.items()}}
        for subject, now in latest.items():
            held.cache[subject] = now
            held.cache.move_to_end(subject)
        while len(held.cache) > self._cache_subjects:
            held.cache.popitem(last=False)

    async def note(self, passed: Passed) -> None:
        """How far each topic is counted by time; only after what came before is counted."""
        if passed.through:
            await self._db["progress"].bulk_write(notes(passed), ordered=False)

    async def progress(self, partition: int) -> dict[tuple[str, int], datetime]:
        """How far each topic of a partition number was counted by time when somebody last noted it."""
        noted = self._db["progress"].find({"partition": partition})
        return {(one["topic"], partition): one["through"] async for one in noted}

    async def stop(self, partition: int, reason: str) -> None:
        """Leave word, for whoever shows numbers, that this partition is not counted on and why."""
        await self._db["places"].update_one({"_id": partition}, {"$set": {"stopped": reason}})

    async def dealt_with(self, position: Position) -> dict[str, set[int]]:
        """Which of the parked records that a position's runs speak of were replayed or discarded, by topic."""
        found: dict[str, set[int]] = {}
        for topic, run in position.runs.items():
            where = {"topic": topic, "partition": position.partition, "offset": {"$gte": run.begins}}
            closed = self._db["parked"].find({**where, "closed.how": {"$ne": None}}, {"offset": 1})
            found[topic] = {one["offset"] async for one in closed}
        return found

    async def ping(self) -> None:
        """Raise when MongoDB does not answer."""
        await self._db.command("ping")

    async def parked_records(self) -> int:
        """How many records are set aside and not dealt with."""
        return int(await self._db["parked"].count_documents(OPEN))


def _fact_updates(partition: int, outcome: Outcome, known: Mapping[str, Subject]) -> list[UpdateOne]:
    updates = []
    for subject, (after, changed) in outcome.subjects.items():
        fields: dict[str, Any] = {f"facts.{key}": fact_document(after.facts[key]) for key in changed}
        before = known.get(subject) or unknown(subject)
        if not before.facts or before.has != after.has:
            fields |= {"p": partition, "has": after.has}
        updates.append(UpdateOne({"_id": subject}, {"$set": fields}, upsert=True))
    return updates


def position_of(document: Mapping[str, Any], catalogue: Catalogue) -> Position:
    """A stored position. What an older release left without saying what it counted must be recounted."""
    recount = document.get("recount")
    return Position(
        document["_id"],
        document["turn"],
        document["next"],
        document["last"],
        {topic: run_of(run) for topic, run in document.get("runs", {}).items()},
        frozenset(document.get("definitions", ())) if document["turn"] else catalogue.definitions,
        frozenset(document.get("standing", ())),
        Recount(**{**recount, "targets": frozenset(recount["targets"])}) if recount else None,
        heard_of(document.get("heard", {})),
    )


def position_fields(position: Position) -> dict[str, Any]:
    """All that a turn writes of a position."""
    recount = position.recount
    return {
        "turn": position.turn,
        "next": position.next,
        "last": position.last,
        "runs": {topic: run_fields(run) for topic, run in position.runs.items()},
        "definitions": sorted(position.definitions),
        "standing": sorted(position.standing),
        "recount": {**asdict(recount), "targets": sorted(recount.targets)} if recount else None,
        "heard": {topic: asdict(one) for topic, one in position.heard.items()},
    }


def _too_large(error: OperationFailure | DocumentTooLarge) -> bool:
    if isinstance(error, DocumentTooLarge):
        return True
    too_large = (TRANSACTION_TOO_LARGE_FOR_CACHE, TRANSACTION_TOO_LARGE)
    written = (error.details or {}).get("writeErrors", [])
    return error.code in too_large or any(one.get("code") in too_large for one in written)


async def _created(database: mongo.Database, name: str) -> None:
    try:
        await database.create_collection(name)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise
