"""The standing audit: counts compared with a recount of the facts they were made from. What differs must be nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, thread_time
from typing import Any, NamedTuple, TypeVar

import structlog

from services.aggregator import metrics
from services.aggregator.domain.counts import Cell, Delta, lines, spread
from services.aggregator.domain.facts import Subject, subject_from
from services.aggregator.domain.measures import MEASURES, Measure
from services.aggregator.domain.measures.measure import Side
from shared import mongo

SUBJECTS_AT_ONCE = 20
CELLS_AT_ONCE = 500
# MongoDB keeps a snapshot for 300 seconds: a partition must be through before that.
SNAPSHOT_SECONDS = 200.0
SHORTEST_PAUSE_SECONDS = 5.0
SHOWN = 5

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Difference(NamedTuple):
    """One day of one cell that is counted otherwise than the facts say."""

    cell: Cell
    side: Side
    day: int
    counted: int
    recounted: int


@dataclass(frozen=True, slots=True)
class Audited:
    """One partition number at one moment: how much was compared, and what differs.

    `elsewhere` are cells of definitions that this release does not have: nothing to compare with.
    """

    partition: int
    turn: int
    subjects: int
    cells: Mapping[str, int] = field(default_factory=dict)
    elsewhere: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def drift(self) -> dict[str, int]:
        """How many days of cells differ, by measure."""
        found = dict.fromkeys(self.cells, 0)
        for one in self.differences:
            found[one.cell.measure] += 1
        return found


def recount(subjects: Iterable[Subject], measures: Sequence[Measure], into: Delta) -> None:
    """Add what these subjects contribute, from nothing: all that their facts say, and no difference of anything."""
    for subject in subjects:
        spread(lines(subject, measures), into)


def differences(cells: Iterable[Cell], counted: Delta, recounted: Delta) -> list[Difference]:
    """Cell by cell and day by day, what is not the same; a day that is absent is a day of 0."""
    found = []
    for cell in cells:
        stored, expected = counted.get(cell, {}), recounted.get(cell, {})
        for side, day in stored.keys() | expected.keys():
            n, m = stored.get((side, day), 0), expected.get((side, day), 0)
            if n != m:
                found.append(Difference(cell, side, day, n, m))
    return found


async def audit(
    client: mongo.Client,
    database: mongo.Database,
    partition: int,
    *,
    budget: "Budget",
    measures: Sequence[Measure] = MEASURES,
) -> Audited:
    """Recount one partition number, facts and counts and place as they were at one moment."""
    counted: Delta = {}
    recounted: Delta = {}
    async with mongo.at_one_moment(client) as session:
        place = await database["places"].find_one({"_id": partition}, session=session)
        number = await _subjects_in(database, partition, session)
        done = 0
        async for piece in _pieces(database["subjects"], partition, session, SUBJECTS_AT_ONCE):
            done += len(piece)
            await budget.spend(partial(recount, map(subject_from, piece), measures, recounted), done / max(1, number))
        elsewhere = 0
        async for piece in _pieces(database["counts"], partition, session, CELLS_AT_ONCE):
            elsewhere += await budget.spend(partial(_take_in, piece, measures, counted))
    cells = dict.fromkeys((measure.key for measure in measures), 0)
    found: list[Difference] = []
    every = list(counted.keys() | recounted.keys())
    for start in range(0, len(every), CELLS_AT_ONCE):
        some = every[start : start + CELLS_AT_ONCE]
        for cell in some:
            cells[cell.measure] += 1
        found += await budget.spend(partial(differences, some, counted, recounted))
    return Audited(partition, place["turn"] if place else 0, done, cells, elsewhere, tuple(sorted(found)))


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


def _take_in(shares: Iterable[Mapping[str, Any]], measures: Sequence[Measure], counted: Delta) -> int:
    """Add stored shares to what is counted; how many of them belong to other definitions."""
    ours = {(measure.key, measure.version) for measure in measures}
    elsewhere = 0
    for share in shares:
        if (share["m"], share["v"]) in ours:
            cell = Cell(share["m"], share["v"], share["s"], share["y"], share["d"], share["x"])
            counted[cell] = dict(_days(share))
        else:
            elsewhere += 1
    return elsewhere


def _days(share: Mapping[str, Mapping[str, int]]) -> Iterable[tuple[tuple[Side, int], int]]:
    sides: tuple[Side, ...] = ("num", "den")
    for side in sides:
        for day, n in share.get(side, {}).items():
            yield (side, int(day)), n


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
    client: mongo.Client, database: mongo.Database, assigned: Callable[[], Iterable[int]], *, share: float
) -> None:
    """Audit the partition numbers of this process for ever, one after the other, and export what differs."""
    found: dict[int, Audited] = {}
    budget = Budget(share)
    while True:
        for partition in sorted(assigned()):
            try:
                found[partition] = await audit(client, database, partition, budget=budget)
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
