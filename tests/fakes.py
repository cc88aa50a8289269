"""Stand-ins for real parts; each passes the suite that the real one passes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from services.aggregator.counting.aggregate import Fold, Outcome, Parked, TooMuchAtOnce
from services.aggregator.counting.heartbeats import Passed
from services.aggregator.counting.position import Position
from services.aggregator.counting.reading import parked_document
from services.aggregator.domain.catalogue import CATALOGUE, Catalogue, Definitions, key_and_version
from services.aggregator.domain.counts import Cell, Delta
from services.aggregator.domain.facts import Subject
from shared.contracts.envelope import NOTHING_HELD
from shared.errors import LostPartition
from shared.kafka import PARTITIONS, partition_of


@dataclass
class Kept:
    """What a database would keep: several stores may share it, as several consumers share MongoDB."""

    positions: dict[int, Position] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    counts: Counter[tuple[Cell, int, str, int]] = field(default_factory=Counter)
    parked: dict[str, Parked] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    times: Counter[str] = field(default_factory=Counter)
    progress: dict[tuple[str, int], datetime] = field(default_factory=dict)
    held_back: dict[tuple[str, int], Any] = field(default_factory=dict)
    stopped: dict[int, str] = field(default_factory=dict)
    recounts: dict[str, Any] = field(default_factory=dict)
    most_at_once: int = 1_000_000


class MemoryStore:
    """The aggregator's store without a database: the same turns, the same refusals, the same cache."""

    def __init__(
        self, kept: Kept | None = None, *, cache_subjects: int = 1_000_000, catalogue: Catalogue = CATALOGUE
    ) -> None:
        self.kept = kept or Kept()
        self.catalogue = catalogue
        self._cache_subjects = cache_subjects
        self._positions: dict[int, Position] = {}
        self._cached: dict[int, dict[str, Subject]] = {}

    async def position(self, partition: int) -> Position:
        return self._positions.get(partition) or await self.load(partition)

    async def load(self, partition: int) -> Position:
        stored = self.kept.positions.setdefault(partition, Position(partition, definitions=self.catalogue.definitions))
        if stored.turn == 0:
            stored = replace(stored, definitions=self.catalogue.definitions)
        stored = stored.under(self.catalogue)
        held = self._positions.get(partition)
        if held is None or held.turn != stored.turn:
            self._cached[partition] = {}
        self._positions[partition] = stored
        return stored

    def forget(self, partition: int) -> None:
        self._positions.pop(partition, None)
        self._cached.pop(partition, None)

    def passed(self, position: Position) -> None:
        self._positions[position.partition] = position

    def held(self, partition: int) -> Position | None:
        return self._positions.get(partition)

    async def step(self, partition: int, work: Any) -> Position:
        before = await self.position(partition)
        ledger = MemoryLedger(self.kept)
        after = replace(await work(before, ledger), turn=before.turn + 1)
        if self.kept.positions[partition].turn != before.turn:
            raise LostPartition(f"partition {partition}")
        if ledger.subjects_read > self.kept.most_at_once:
            raise TooMuchAtOnce(f"{ledger.subjects_read} subjects")
        self.kept.counts, self.kept.recounts = ledger.counts, ledger.recounts
        self.kept.positions[partition] = self._positions[partition] = after
        return after

    async def turns(self) -> dict[int, int]:
        return {number: position.turn for number, position in self.kept.positions.items()}

    async def everywhere(self) -> bool:
        return all(position.definitions >= self.catalogue.definitions for position in self.kept.positions.values())

    async def turn(self, position: Position, subjects: Sequence[str], fold: Fold) -> Outcome:
        if self.kept.positions[position.partition].turn != position.turn - 1:
            raise LostPartition(f"partition {position.partition}")
        if len(subjects) > self.kept.most_at_once:
            raise TooMuchAtOnce(f"{len(subjects)} subjects")
        cache = self._cached[position.partition]
        known = {key: self.kept.subjects[key] for key in subjects if key in self.kept.subjects}
        known |= {key: cache[key] for key in subjects if key in cache}
        outcome = fold(known)
        self._write(position, outcome)
        self._positions[position.partition] = position
        cache |= known | {key: after for key, (after, _) in outcome.subjects.items()}
        for key in list(cache)[: max(0, len(cache) - self._cache_subjects)]:
            del cache[key]
        return outcome

    def _write(self, position: Position, outcome: Outcome) -> None:
        self.kept.positions[position.partition] = position
        self.kept.stopped.pop(position.partition, None)
        for key, (after, changed) in outcome.subjects.items():
            before = self.kept.subjects.get(key, Subject(key, {}))
            # As `$set` of single facts does: what the writer did not change stays as it is stored.
            self.kept.subjects[key] = Subject(key, {**before.facts, **{one: after.facts[one] for one in changed}})
        for cell, days in outcome.counts.items():
            for (side, day), n in days.items():
                self.kept.counts[cell, position.partition, side, day] += n
        for parked in outcome.news.parked:
            key, _ = parked_document(parked, datetime.min)  # noqa: DTZ901
            self.kept.parked[key] = parked
            self.kept.times[key] += 1

    async def note(self, passed: Passed) -> None:
        for at, through in passed.through.items():
            if through >= self.kept.progress.get(at, through):
                self.kept.held_back[at] = passed.held_back.get(at, NOTHING_HELD)
            self.kept.progress[at] = max(through, self.kept.progress.get(at, through))

    async def progress(self, partition: int) -> dict[tuple[str, int], datetime]:
        return {at: through for at, through in self.kept.progress.items() if at[1] == partition}

    async def dealt_with(self, position: Position) -> dict[str, set[int]]:
        closed = [parked.record for key, parked in self.kept.parked.items() if key in self.kept.closed]
        return {topic: {one.offset for one in closed if one.topic == topic} for topic in position.runs}

    async def stop(self, partition: int, reason: str) -> None:
        self.kept.stopped[partition] = reason


class MemoryLedger:
    """The facts and cells of one partition number, written to copies that the step keeps or drops."""

    def __init__(self, kept: Kept) -> None:
        self.counts, self.recounts = Counter(kept.counts), dict(kept.recounts)
        self.subjects_read = 0
        self._subjects = kept.subjects

    async def how_many(self, partition: int) -> int:
        return sum(partition_of(key.encode()) == partition for key in self._subjects)

    async def subjects_behind(self, partition: int, after: str, limit: int) -> list[Subject]:
        ours = sorted(key for key in self._subjects if partition_of(key.encode()) == partition and key > after)
        self.subjects_read += len(ours[:limit])
        return [self._subjects[key] for key in ours[:limit]]

    async def clear(self, partition: int, definitions: Definitions, limit: int) -> int:
        filed = set(map(key_and_version, definitions))
        return self._delete(partition, lambda cell: (cell.measure, cell.version) in filed, limit)

    async def clear_all_but(self, partition: int, definitions: Definitions, limit: int) -> int:
        filed = set(map(key_and_version, definitions))
        return self._delete(partition, lambda cell: (cell.measure, cell.version) not in filed, limit)

    def _delete(self, partition: int, wanted: Any, limit: int) -> int:
        cells = sorted({cell for cell, p, _, _ in self.counts if p == partition and wanted(cell)})[:limit]
        for at in [at for at in self.counts if at[0] in cells and at[1] == partition]:
            del self.counts[at]
        return len(cells)

    async def cells(self, partition: int, definition: str) -> Delta:
        found: Delta = {}
        for (cell, p, side, day), n in self.counts.items():
            if p == partition and (cell.measure, cell.version) == key_and_version(definition):
                found.setdefault(cell, {})[side, day] = n
        return found

    async def add(self, partition: int, delta: Delta) -> None:
        for cell, days in delta.items():
            for (side, day), n in days.items():
                self.counts[cell, partition, side, day] += n

    async def put(self, partition: int, cells: Mapping[Cell, Any]) -> None:
        for cell, days in cells.items():
            for at in [at for at in self.counts if at[:2] == (cell, partition)]:
                del self.counts[at]
            for (side, day), n in (days or {}).items():
                self.counts[cell, partition, side, day] = n

    async def tell(self, id: str, report: Any) -> None:
        self.recounts[id] = report


@dataclass
class FakeConsumer:
    """One member's view of the logs of one partition number, with aiokafka's words for it."""

    logs: dict[TopicPartition, list[Any]]
    begin: dict[TopicPartition, int] = field(default_factory=dict)
    partitions: int = PARTITIONS
    most: int = 1000
    _assigned: set[TopicPartition] = field(default_factory=set)
    _paused: set[TopicPartition] = field(default_factory=set)
    _positions: dict[TopicPartition, int] = field(default_factory=dict)

    def assign(self, assigned: set[TopicPartition]) -> None:
        """As after a rebalance: nothing paused, and reading would begin anywhere."""
        self._assigned, self._paused, self._positions = set(assigned), set(), {}

    def assignment(self) -> set[TopicPartition]:
        return self._assigned

    def pause(self, *some: TopicPartition) -> None:
        assert self._assigned.issuperset(some)
        self._paused.update(some)

    def resume(self, *some: TopicPartition) -> None:
        assert self._assigned.issuperset(some)
        self._paused.difference_update(some)

    def seek(self, one: TopicPartition, offset: int) -> None:
        assert one in self._assigned
        self._positions[one] = offset

    def partitions_for_topic(self, _: str) -> set[int]:
        return set(range(self.partitions))

    async def beginning_offsets(self, some: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {one: self.begin.get(one, 0) for one in some}

    async def end_offsets(self, some: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {one: len(self.logs[one]) for one in some}

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        assert timeout_ms > 0
        found = {}
        for one in sorted(self._assigned - self._paused):
            start = self._positions.get(one, 0)
            if start > len(self.logs[one]) or start < self.begin.get(one, 0):
                start = self.begin.get(one, 0)  # out of range: aiokafka goes to the beginning without a word
            records = self.logs[one][start:][: min(self.most, max_records)]
            self._positions[one] = start + len(records)
            if records:
                found[one] = records
        return found


class FixedEnds:
    """What Kafka answers to whoever asks anew where logs end: so much in every one, or nothing."""

    def __init__(self, answer: int | Exception) -> None:
        self.answer = answer

    async def of(self, logs: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict.fromkeys(logs, self.answer)
