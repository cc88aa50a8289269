"""THE HOT PATH: one partition's batch into facts and counts, exactly once in effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.aggregator.counting import older_copy
from services.aggregator.counting.log_record import Record
from services.aggregator.counting.older_copy import NOTHING_HEARD, Heard
from services.aggregator.counting.position import Position
from services.aggregator.counting.unreadable_runs import NO_RUNS, Limits, Run
from services.aggregator.domain.catalogue import Catalogue
from services.aggregator.domain.counts import Delta, Gathered, Spread, cells_of, change, spread
from services.aggregator.domain.facts import Subject, unknown
from shared.contracts.envelope import Arrived, Heartbeat, HeldBack
from shared.errors import Retryable, Unreadable

NO_LIMITS = Limits()


class TooMuchAtOnce(Retryable):
    """The database cannot hold so large a transaction; the same records in two are accepted."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A record that cannot be counted, kept as it came, and why."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class News:
    """What a batch says, by what is to be done with it.

    `too_many` tells of one more that cannot be read after a long run of such, `older_copy` of a
    heartbeat from older records than were counted: it and all behind it are left unread, so
    `length` may be less than the batch's.
    """

    facts: tuple[Arrived, ...] = ()
    parked: tuple[Parked, ...] = ()
    heartbeats: Mapping[str, datetime] = field(default_factory=dict)
    held_back: Mapping[str, HeldBack] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    heard: Mapping[str, Heard] = field(default_factory=dict)
    too_many: str = ""
    older_copy: str = ""
    length: int = 0

    @property
    def subjects(self) -> list[str]:
        return list(dict.fromkeys(fact.subject for fact in self.facts))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch changes: subjects with the ids of their changed records, and counts by cell."""

    subjects: Mapping[str, tuple[Subject, tuple[str, ...]]] = field(default_factory=dict)
    counts: Delta = field(default_factory=dict)
    news: News = field(default_factory=News)
    applied: int = 0
    written: bool = False

    @property
    def duplicates(self) -> int:
        return len(self.news.facts) - self.applied


Read = Callable[[Record], Arrived | Heartbeat]
Fold = Callable[[Mapping[str, Subject]], Outcome]


class Store(Protocol):
    """Places, facts and counts, kept together; `MongoStore` and the tests' `MemoryStore`."""

    catalogue: Catalogue

    async def position(self, partition: int) -> Position:
        """How far the partition is counted; what was only read since, without news, included."""
        ...

    def passed(self, position: Position) -> None:
        """Remember, until the next turn writes it, that records without news were read."""
        ...

    async def turn(self, position: Position, subjects: Sequence[str], fold: Fold) -> Outcome:
        """In one transaction: take the turn, load the subjects, fold, write.

        Raise LostPartition, changing nothing, unless `position.turn - 1` is what is stored.
        Raise TooMuchAtOnce, changing nothing, when the transaction is too large.
        """
        ...


async def aggregate(
    partition: int,
    batch: Sequence[Record],
    store: Store,
    read: Read,
    *,
    settle: bool = False,
    limits: Limits = NO_LIMITS,
) -> Outcome:
    """Count one partition's batch, exactly once.

    1. Skip what is already counted: records below the next offset of their topic.
    2. Read the rest. What cannot be read is to be parked; heartbeats alone need no turn
       (unless `settle`, which stores how far they reach). One that would be parked beyond
       the `limits`, or tells of a service's older records, ends the batch before it: going on is
       not for us to decide.
    Then, in one transaction that moves the partition's turn by one:
    3. Load the subjects that the batch is about.
    4. Fold: keep the highest version of each fact, sum the changes in contribution.
    5. Write facts, counts, parked records and next offsets.

    A crash before the commit loses nothing and a crash after it repeats nothing. Of two
    consumers that briefly share a partition only one can take the turn, and the facts
    are those of that turn, read under it or cached since the one before.
    """
    position = await store.position(partition)
    fresh = position.not_yet_counted(batch)
    news = read_all(fresh, read, runs=position.runs, heard=position.heard, limits=limits)
    fresh = fresh[: news.length]
    if not (news.facts or news.parked or (settle and fresh)):
        store.passed(position.read(fresh, news.heard))
        return Outcome(news=news)
    try:
        to = position.after(fresh, news.runs, news.heard)
        return await store.turn(to, news.subjects, lambda known: fold(known, news, position, store.catalogue))
    except TooMuchAtOnce:
        if len(fresh) == 1:
            raise
        half = len(fresh) // 2
        first = await aggregate(partition, fresh[:half], store, read, settle=settle)
        second = await aggregate(partition, fresh[half:], store, read, settle=settle)
        return both(first, second, news)


def read_all(
    fresh: Sequence[Record],
    read: Read,
    *,
    runs: Mapping[str, Run] = NO_RUNS,
    heard: Mapping[str, Heard] = NOTHING_HEARD,
    limits: Limits = NO_LIMITS,
) -> News:
    """What the records say; one that cannot be read never stops its neighbours, a whole run of them does."""
    facts: list[Arrived] = []
    parked: list[Parked] = []
    heartbeats: dict[str, datetime] = {}
    held_back: dict[str, HeldBack] = {}
    runs, too_many, older, length = dict(runs), "", "", 0
    for record in fresh:
        try:
            said = read(record)
        except Unreadable as reason:
            run = runs.get(record.topic, Run()).one_more(record, str(reason))
            if run.too_many(limits):
                too_many = run.refusal(record, str(reason))
                break
            runs[record.topic] = run
            parked.append(Parked(record, str(reason)))
        else:
            if isinstance(said, Arrived):
                facts.append(said)
                if runs:
                    _fact_behind(runs, record.topic)
            else:
                if older := older_copy.refusal(heard.get(record.topic), said):
                    break
                heard = older_copy.heard_also(heard, record.topic, said)
                heartbeats[record.topic] = max(said.through, heartbeats.get(record.topic, said.through))
                held_back[record.topic] = said.held_back
        length += 1
    return News(tuple(facts), tuple(parked), heartbeats, held_back, runs, heard, too_many, older, length)


def _fact_behind(runs: dict[str, Run], topic: str) -> None:
    run = runs.pop(topic, None)
    if run and (after := run.fact()):
        runs[topic] = after


def fold(known: Mapping[str, Subject], news: News, position: Position, catalogue: Catalogue) -> Outcome:
    """Keep higher versions; contributions of each subject once before and once after its part of the batch.

    Into which definitions' cells they go is said by the position: a recount may not have come to the subject yet.
    """
    subjects: dict[str, tuple[Subject, tuple[str, ...]]] = {}
    gathered: Gathered = {}
    counts: Spread = {}
    applied = 0
    about: dict[str, list[Arrived]] = {}
    for fact in news.facts:
        about.setdefault(fact.subject, []).append(fact)
    for subject, facts in about.items():
        before = after = known.get(subject) or unknown(subject)
        changed: dict[str, str] = {}
        for fact in facts:
            learnt = after.learn(fact.kind, fact.event)
            if learnt is not after:
                after, applied = learnt, applied + 1
                changed[fact.event.record_id] = fact.kind
        if changed:
            subjects[subject] = (after, tuple(changed))
            woken = catalogue.woken_by(frozenset(changed.values()), position.counting(subject))
            change(before, after, woken, gathered)
    spread(gathered, counts)
    return Outcome(subjects, cells_of(counts), news, applied, written=True)


def both(first: Outcome, second: Outcome, whole: News) -> Outcome:
    """The outcomes of both halves of a batch told as one, for metrics and heartbeats; what they changed is written."""
    news = News(
        first.news.facts + second.news.facts,
        first.news.parked + second.news.parked,
        {**first.news.heartbeats, **second.news.heartbeats},
        {**first.news.held_back, **second.news.held_back},
        too_many=whole.too_many,
        older_copy=whole.older_copy,
    )
    return Outcome(news=news, applied=first.applied + second.applied, written=first.written or second.written)
