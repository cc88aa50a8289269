"""The standing audit: counts compared with a recount of the facts they were made from. What differs must be nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, thread_time
from typing import Any, TypeVar

import structlog

from services.aggregator import metrics
from services.aggregator.counting.ledger import cell_of, days_of
from services.aggregator.counting.position import Position
from services.aggregator.counting.store import position_of
from services.aggregator.domain.catalogue import CATALOGUE, Catalogue, Definitions
from services.aggregator.domain.counts import Delta, Spread, cells_of
from services.aggregator.domain.differences import Difference, differences, recount
from services.aggregator.domain.facts import subject_from
from services.aggregator.domain.measures import MEASURES
from shared import mongo

SUBJECTS_AT_ONCE = 20
CELLS_AT_ONCE = 500
# MongoDB keeps a snapshot for 300 seconds: a partition must be through before that.
SNAPSHOT_SECONDS = 200.0
SHORTEST_PAUSE_SECONDS = 5.0
SHOWN = 5

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Audited:
    """One partition number at one moment: how much was compared, and what differs.

    `elsewhere` are cells of definitions that are not counted here: nothing to compare with.
    `recounting` are those that a recount has not come to the end of, compared as far as it has come.
    """

    partition: int
    turn: int
    subjects: int
    cells: Mapping[str, int] = field(default_factory=dict)
    elsewhere: int = 0
    recounting: Definitions = frozenset()
    differences: tuple[Difference, ...] = ()

    @property
    def drift(self) -> dict[str, int]:
        """How many days of cells differ, by measure."""
        found = dict.fromkeys(self.cells, 0)
        for one in self.differences:
            found[one.cell.measure] += 1
        return found


async def audit(
    client: mongo.Client,
    database: mongo.Database,
    partition: int,
    *,
    budget: "Budget",
    catalogue: Catalogue = CATALOGUE,
) -> Audited:
    """Recount one partition number, facts and counts and position as they were at one moment."""
    counted: Delta = {}
    spread: Spread = {}
    async with mongo.at_one_moment(client) as session:
        document = await database["places"].find_one({"_id": partition}, session=session)
        # As it is stored: what this release would make of it is not counted before it takes a turn.
        position = position_of(document, catalogue) if document else Position(partition)
        number = await _subjects_in(database, partition, session)
        done = 0
        async for piece in _pieces(database["subjects"], partition, session, SUBJECTS_AT_ONCE):
            done += len(piece)
            work = partial(_recount, position, catalogue, piece, spread)
            await budget.spend(work, done / max(1, number))
        elsewhere = 0
        compared = {measure.definition for measure in catalogue.named(position.counting(""))}
        async for piece in _pieces(database["counts"], partition, session, CELLS_AT_ONCE):
            elsewhere += await budget.spend(partial(_take_in, piece, compared, counted))
    recounted: Delta = {}
    while spread:
        recounted |= await budget.spend(partial(cells_of, dict([spread.popitem()])))
    cells = dict.fromkeys((measure.key for measure in catalogue.measures), 0)
    found: list[Difference] = []
    every = list(counted.keys() | recounted.keys())
    for start in range(0, len(every), CELLS_AT_ONCE):
        some = every[start : start + CELLS_AT_ONCE]
        for cell in some:
            cells[cell.measure] += 1
        found += await budget.spend(partial(differences, some, counted, recounted))
    recounting = position.recount.targets if position.recount else frozenset()
    return Audited(partition, position.turn, done, cells, elsewhere, recounting, tuple(sorted(found)))


def _recount(position: Position, catalogue: Catalogue, piece: Iterable[Mapping[str, Any]], into: Spread) -> None:
    for subject in map(subject_from, piece):
        recount([subject], catalogue.named(position.counting(subject.id)), into)


async def _subjects_in(database: mongo.Database, partition: int, session: mongo.Session) -> int:
    steps: list[dict[str, Any]] = [{"$match": {"p": partition}}, {"$count": "n"}]
    return sum([one["n"] async for one in mongo.aggregate(database["subjects"], steps, session=session)])


async def _pieces(
    collection: mongo.Collection, partition: int, session: mongo.Session, at_once: int
) -> AsyncIterator[list[Mapping[str, Any]]]:
    cursor = collection.find({"p": partition}, session=session, batch_size=500)
    try:
        while piece := await cursor.to_list(at_once):
            yield piece
    finally:
        await cursor.close()


def _take_in(shares: Iterable[Mapping[str, Any]], compared: Collection[str], counted: Delta) -> int:
    """Add stored shares to what is counted; how many of them belong to other definitions."""
    elsewhere = 0
    for share in shares:
        if f"{share['m']}|{share['v']}" in compared:
            counted[cell_of(share)] = dict(days_of(share))
        else:
            elsewhere += 1
    return elsewhere


class Budget:
    """Keeps the audit to its share of a core: what it has used, it waits for. A share of 1 never waits.

    Within a partition it never waits so long that the snapshot would end; what it owes then,
    it waits for behind it.
    """

    def __init__(self, share: float = 1.0, *, within_seconds: float = SNAPSHOT_SECONDS) -> None:
        self._share = share
        self._within = within_seconds
        self._began = monotonic()
        self._used = 0.0

    async def spend(self, work: Callable[[], T], done: float = 1.0) -> T:
        """Do a short piece of work that waits for nothing, then wait; `done` of the partition is then through."""
        began = thread_time()
        result = work()
        self._used += thread_time() - began
        in_time = self._within * done - (monotonic() - self._began)
        await asyncio.sleep(max(0.0, min(self.owed(), in_time)))
        return result

    def owed(self) -> float:
        """Seconds to be waited until what was used is no more than the share."""
        return self._used / self._share - (monotonic() - self._began)

    async def settle(self) -> None:
        """Wait for all that is owed, and begin anew."""
        await asyncio.sleep(max(SHORTEST_PAUSE_SECONDS, self.owed()))
        self._began, self._used = monotonic(), 0.0


async def stand(
    client: mongo.Client,
    database: mongo.Database,
    assigned: Callable[[], Iterable[int]],
    *,
    share: float,
    leave: Callable[[Audited], Awaitable[None]],
) -> None:
    """Audit the partition numbers of this process for ever, one after the other, and export what differs.

    `leave` puts each audit where operators find it.
    """
    found: dict[int, Audited] = {}
    budget = Budget(share)
    while True:
        for partition in sorted(assigned()):
            try:
                found[partition] = await audit(client, database, partition, budget=budget)
                await leave(found[partition])
            except mongo.MongoError as error:
                metrics.AUDITS.labels("failed").inc()
                log.warning("an audit could not be ended", partition=partition, why=type(error).__name__)
            else:
                tell(found[partition])
            await budget.settle()
            found = {number: one for number, one in found.items() if number in assigned()}
            export(found.values())
        if not assigned():
            await budget.settle()


def tell(audited: Audited) -> None:
    """Log what differs; cells name measures and groups, never a subject."""
    metrics.AUDITS.labels("drift" if audited.differences else "equal").inc()
    if audited.differences:
        first = [str(tuple(one.cell) + one[1:]) for one in audited.differences[:SHOWN]]
        log.error(
            "counts differ from the facts", partition=audited.partition, days=len(audited.differences), first=first
        )


def export(audits: Iterable[Audited]) -> None:
    """The drift of each measure, over the last audit of every partition of this process."""
    drift = dict.fromkeys((measure.key for measure in MEASURES), 0)
    for audited in audits:
        for measure, n in audited.drift.items():
            drift[measure] += n
    for measure, n in drift.items():
        metrics.DRIFT.labels(measure).set(n)
