"""MongoDB: one client for either driver, majority and journal everywhere, and transactions that happen once."""

import asyncio
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError, WTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.errors import Retryable
from shared.process.settings import Settings

# What the services ask of a collection, as far as a session can be told of it.
READS = ("find", "find_one", "aggregate", "distinct", "count_documents")
WRITES = ("bulk_write", "insert_one", "replace_one", "update_one", "update_many", "find_one_and_update")

# Two drivers with one way of speaking and no type in common.
Client = Any
Database = Any
Collection = Any
Session = Any
MongoError = PyMongoError

T = TypeVar("T")

SNAPSHOT = ReadConcern("snapshot")
JOURNALED = WriteConcern("majority", j=True)
JITTER = random.SystemRandom()
# Stepdown, shutdown, election, network, time limit, write conflict, a snapshot that is gone or not there yet:
# the next try may find a healthy primary.
PASSING = frozenset({6, 7, 50, 64, 89, 91, 112, 134, 189, 239, 246, 262, 9001, 10107, 11600, 11602, 13435, 13436})


def connect(settings: Settings) -> Client:
    """A client whose every write is majority and journaled and whose every read is of majority data.

    What the URL says to the contrary does not count. Nothing is sent before the first use.
    """
    driver: Callable[..., Client] = AsyncMongoClient if settings.mongo_driver == "pymongo" else AsyncIOMotorClient
    wait_ms = int(settings.mongo_timeout_seconds * 1000)
    return driver(
        settings.mongo_url,
        appname="aurora",
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        # A secondary may answer with what was long since changed; tags and staleness belong to it alone.
        readPreference="primary",
        readPreferenceTags="",
        maxStalenessSeconds=-1,
        serverSelectionTimeoutMS=wait_ms,
        connectTimeoutMS=wait_ms,
        socketTimeoutMS=wait_ms,
    )


async def close(client: Client) -> None:
    """Let go of the client's connections."""
    await _settled(client.close())


async def aggregate(
    collection: Collection, pipeline: Sequence[Mapping[str, Any]], **options: Any
) -> AsyncIterator[Any]:
    """The documents that a pipeline yields."""
    cursor = await _settled(collection.aggregate(pipeline, **options))
    try:
        async for document in cursor:
            yield document
    finally:
        await cursor.close()


async def server_time(database: Database) -> datetime:
    """The clock of MongoDB's primary, which every record, mark and heartbeat goes by."""
    hello = await database.command("hello", codec_options=database.codec_options)
    at: datetime = hello["localTime"]
    return at


def unavailable(error: BaseException) -> bool:
    """Whether MongoDB only failed for now, so that the same request, sent later, may succeed."""
    if isinstance(error, ConnectionFailure | WTimeoutError):
        return True
    if isinstance(error, BulkWriteError):
        failed = error.details.get("writeErrors", []) + error.details.get("writeConcernErrors", [])
        return any(one.get("code") in PASSING for one in failed)
    return isinstance(error, OperationFailure) and (error.code in PASSING or _transient(error))


@asynccontextmanager
async def causal(client: Client) -> AsyncIterator[Session]:
    """A session whose reads see at least what went before in it, whichever primary answers.

    A majority read alone may miss acknowledged writes for a moment: a new primary does not know
    at once how far the majority had come. After a majority write in the session, it does.
    """
    session = await _settled(client.start_session(causal_consistency=True))
    try:
        yield session
    finally:
        await session.end_session()


class InSession:
    """A view of a database that reads and writes in one session, whoever is given it."""

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session

    def __getitem__(self, name: str) -> Collection:
        return _CollectionInSession(self._database[name], self._session)


class _CollectionInSession:
    """Raise AttributeError for what could not be asked in the session: it would be asked beside it in silence."""

    def __init__(self, collection: Collection, session: Session) -> None:
        self._collection = collection
        self._session = session

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in (*READS, *WRITES):
            raise AttributeError(f"{name} is not asked of a collection in a session")
        return partial(getattr(self._collection, name), session=self._session)


@asynccontextmanager
async def seeing_all(database: Database) -> AsyncIterator[Database]:
    """A view of the database that sees at least all that was acknowledged before, by whomever."""
    async with causal(database.client) as session:
        view = InSession(database, session)
        await view["looks"].update_one({"_id": "latest"}, {"$currentDate": {"at": True}}, upsert=True)
        yield view


@asynccontextmanager
async def at_one_moment(client: Client) -> AsyncIterator[Session]:
    """A session whose reads, of whatever collection, all show one moment; MongoDB keeps it for five minutes.

    Outside a transaction, so that a long read holds nobody up.
    """
    session = await _settled(client.start_session(snapshot=True))
    try:
        yield session
    finally:
        await session.end_session()


async def in_transaction(
    client: Client, body: Callable[[Session], Awaitable[T]], *, deadline_seconds: float = 8.0
) -> T:
    """Run `body(session)` in one transaction, whose effects happen once or not at all.

    1. Run the body on a snapshot. It may run several times: it must do nothing but
       pass the session to MongoDB.
    2. Commit. When the outcome is unknown, commit again, never run the body again:
       the server knows what it did and answers the same.
    3. When the server says that nothing was kept and another try may work, start over.

    Raise Retryable when the deadline passes; the effects are then there or not, and the
    caller must read before it tries again. Any other error is raised after an abort.
    """
    until = monotonic() + deadline_seconds
    session = await _settled(client.start_session())
    try:
        attempt = 0
        while True:
            try:
                return await _attempt(session, body, until)
            except PyMongoError as error:
                if not _transient(error):
                    raise
                await _pause(attempt, until, "the transaction kept failing", error)
            attempt += 1
    finally:
        await session.end_session()


async def _attempt(session: Session, body: Callable[[Session], Awaitable[T]], until: float) -> T:
    await _settled(session.start_transaction(read_concern=SNAPSHOT, write_concern=JOURNALED))
    try:
        result = await body(session)
        await _commit(session, until)
    finally:
        if session.in_transaction:
            await session.abort_transaction()
    return result


async def _commit(session: Session, until: float) -> None:
    attempt = 0
    while True:
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult"):
                raise
            await _pause(attempt, until, "whether the transaction was committed is unknown", error)
        else:
            return
        attempt += 1


async def _pause(attempt: int, until: float, what: str, error: PyMongoError) -> None:
    """Wait a little longer each time, with jitter, so that rivals for one document part ways.

    There is always a second attempt: a process that was frozen past the deadline then learns
    from the database that it was overtaken, instead of only that it was slow.
    """
    wait = JITTER.uniform(0.5, 1.0) * min(0.5, 0.005 * 2 ** min(attempt, 7))
    if attempt and monotonic() + wait >= until:
        raise Retryable(f"{what}: {error}") from error
    await asyncio.sleep(wait)


def _transient(error: PyMongoError) -> bool:
    return error.has_error_label("TransientTransactionError")


async def _settled(value: Any) -> Any:
    """One driver answers at once where the other wants to be awaited."""
    return await value if inspect.isawaitable(value) else value
