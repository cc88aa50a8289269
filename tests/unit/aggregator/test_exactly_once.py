"""However the log is cut, repeated, reordered, interrupted or shared, the counts are those of a recount."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.position import Gap
from services.aggregator.counting.reading import read
from services.aggregator.domain.counts import day_number
from services.aggregator.domain.measures import MEASURES
from shared.contracts.envelope import Message
from shared.errors import LostPartition
from tests.examples import examples
from tests.fakes import Kept, MemoryStore
from tests.histories import NOON, PARTITION, Log, Said, histories, log_of
from tests.history_days import AS_OF
from tests.oracle import final, tally

# The reasons of members that are counted, and of no others.
COUNTED = {"earned", "awarded", "passed", "completed", "attempted", "reached", "not_measurable"} | {
    *("validated", "celebrated", "approved"),
    *("missed", "not_made", "language_met", "excused", "held", "planned", "present", "answered", "published"),
}
CAREFULLY = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def expected(told, as_of):
    return tally(final((said.subject, said.record, said.version, said.state) for said in told), as_of)


def counted(kept: Kept, as_of):
    """What the store holds, read by its one rule: the sum of the days not after `as_of`."""
    num, den = Counter(), Counter()
    for (cell, _, side, day), n in kept.counts.items():
        if day <= day_number(cell.school_year, as_of):
            (num if side == "num" else den)[cell] += n
    return {
        (cell.measure, cell.series, cell.school_year, cell.dimension, cell.value): (num[cell], den[cell])
        for cell in num.keys() | den.keys()
        if num[cell] or den[cell]
    }


def with_noise(draw, told: list[Said]) -> Log:
    """The log of a history, with heartbeats and records that nobody can read in between."""
    log = Log()
    for n, said in enumerate(told):
        log.put(said.topic, said.message())
        noise = draw(st.sampled_from((None, None, None, "heartbeat", "poison")))
        if noise == "heartbeat":
            log.heartbeat(said.topic, NOON + timedelta(seconds=n))
        if noise == "poison":
            log.put(said.topic, Message(b"student/x", b"{", [("ce_type", b"org.aurora.roster.student.v1")]))
    return log


def in_topic_order(records):
    return sorted(records, key=lambda record: (record.topic, record.offset))


class Interrupted(Exception):
    """The process was killed, or the answer to its commit was lost."""


class Fragile(MemoryStore):
    """A store whose turns fail as told: before anything is kept, or when all of it is kept already."""

    fails = ""
    counted = 0

    async def turn(self, position, subjects, fold):
        fails, self.fails = self.fails, ""
        if fails == "before":
            raise Interrupted
        before = self.kept.positions[position.partition]
        outcome = await super().turn(position, subjects, fold)
        assert all(position.next[topic] >= offset for topic, offset in before.next.items())
        self.counted += len(outcome.news.facts) + len(outcome.news.parked)
        if fails == "after":
            raise Interrupted
        return outcome


@CAREFULLY
@given(histories(), st.data())
async def test_live_counts_equal_a_recount(told, data):
    """Any batches, any redelivery, any crash: each topic's log is read on from the stored position."""
    log, store = with_noise(data.draw, told), Fragile()
    topics = sorted(log.ends)
    for round_ in count():
        position = await store.position(PARTITION)
        if position.next == log.ends:
            break
        assert round_ < 40, f"the position {position.next} never becomes {log.ends}"
        batch = []
        for topic in topics:
            of_topic = [record for record in log.records if record.topic == topic]
            start = position.next.get(topic, 0) - data.draw(st.integers(0, position.next.get(topic, 0)))
            held_back = data.draw(st.integers(0, len(of_topic) - start)) if round_ < 20 else 0
            batch += of_topic[start : len(of_topic) - held_back]
        store.fails = data.draw(st.sampled_from(("", "", "before", "after"))) if round_ < 20 else ""
        store.kept.most_at_once = data.draw(st.sampled_from((1, 2, 1000)))
        try:
            await aggregate(PARTITION, batch, store, read, settle=data.draw(st.booleans()))
        except Interrupted:
            store.forget(PARTITION)
        store.fails = ""

    for as_of in AS_OF:
        assert counted(store.kept, as_of) == expected(told, as_of)
    assert store.counted == sum(record.key is not None for record in log.records)
    assert set(store.kept.parked) == {f"{r.topic}-{PARTITION}-{r.offset}" for r in log.records if r.value == b"{"}


@CAREFULLY
@given(histories(most=3), st.data())
async def test_of_two_consumers_of_one_partition_one_is_refused(told, data):
    """Each reads on from where it believes to be, with its own cache, however stale; the loser starts over."""
    log, kept = log_of(told), Kept()
    stores = (MemoryStore(kept), MemoryStore(kept))
    for round_ in count():
        if PARTITION in kept.positions and kept.positions[PARTITION].next == log.ends:
            break
        assert round_ < 200, f"the position {kept.positions[PARTITION].next} never becomes {log.ends}"
        store = stores[data.draw(st.integers(0, 1))]
        position = await store.position(PARTITION)
        behind = sorted(topic for topic, end in log.ends.items() if position.next.get(topic, 0) < end)
        if not behind:
            store.forget(PARTITION)
            continue
        topic = data.draw(st.sampled_from(behind))
        of_topic = [record for record in log.records if record.topic == topic][position.next.get(topic, 0) :]
        try:
            await aggregate(PARTITION, of_topic[: 5 - data.draw(st.integers(1, 4))], store, read)
        except LostPartition:
            store.forget(PARTITION)

    for as_of in (AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(told, as_of)


@CAREFULLY
@given(histories(), st.sampled_from(AS_OF))
async def test_counted_members_are_the_numerator_and_all_members_the_denominator(told, as_of):
    store = MemoryStore()
    await aggregate(PARTITION, in_topic_order(log_of(told).records), store, read)

    numerators, denominators = Counter(), Counter()
    for subject in store.kept.subjects.values():
        for measure in MEASURES:
            for member in measure.members(subject):
                if not member.is_member(as_of):
                    continue
                assert (member.why(as_of).code in COUNTED) == member.is_counted(as_of)
                assert subject.id.partition("/")[0] in measure.subjects
                found_by = {f"{kind}|{member.school_year}" for kind in measure.found_by}
                assert measure.shape == "in_force" or found_by.intersection(subject.has)
                for at in measure.places(member).items():
                    for series in ("all", "matured") if member.is_matured(as_of) else ("all",):
                        cell = (measure.key, series, member.school_year, *at)
                        numerators[cell] += member.n * member.is_counted(as_of)
                        denominators[cell] += member.n * (member.cohort_day is not None)
    assert counted(store.kept, as_of) == {
        cell: (numerators[cell], denominators[cell])
        for cell in numerators.keys() | denominators.keys()
        if numerators[cell] or denominators[cell]
    }


@CAREFULLY
@given(histories(), st.sampled_from(AS_OF))
async def test_the_groups_of_every_dimension_add_up_to_all(told, as_of):
    store = MemoryStore()
    await aggregate(PARTITION, in_topic_order(log_of(told).records), store, read)

    sums = {}
    for (measure, series, year, dimension, _), (num, den) in counted(store.kept, as_of).items():
        before = sums.setdefault((measure, series, year), {}).get(dimension, (0, 0))
        sums[measure, series, year][dimension] = (before[0] + num, before[1] + den)
    for by_dimension in sums.values():
        assert len(set(by_dimension.values())) == 1


async def test_a_record_missing_from_the_log_is_never_skipped_over():
    log = log_of([Said("student/x", "student/x", 1, None)] * 3)

    with pytest.raises(Gap):
        await aggregate(PARTITION, [log.records[0], log.records[2]], store := MemoryStore(), read)
    assert (await store.load(PARTITION)).next == {}


async def test_heartbeats_alone_take_no_turn_until_they_are_settled():
    log, store = Log(), MemoryStore()
    log.heartbeat("t-roster", NOON)
    log.heartbeat("t-roster", NOON + timedelta(seconds=2))

    outcome = await aggregate(PARTITION, log.records, store, read)
    assert outcome.news.heartbeats == {"t-roster": NOON + timedelta(seconds=2)}
    assert store.kept.positions[PARTITION].turn == 0
    assert (await store.position(PARTITION)).next == {"t-roster": 2}

    log.heartbeat("t-roster", NOON + timedelta(seconds=4))
    await aggregate(PARTITION, log.records, store, read, settle=True)
    assert store.kept.positions[PARTITION].turn == 1
    assert store.kept.positions[PARTITION].next == {"t-roster": 3}
