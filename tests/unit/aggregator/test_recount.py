"""Recounting while counting goes on: whatever comes between its pieces, every subject is in once."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.position import LAST
from services.aggregator.counting.reading import read
from services.aggregator.domain.catalogue import Catalogue, draft_of
from services.aggregator.domain.counts import Cell, cells_of
from services.aggregator.domain.differences import recount
from services.aggregator.domain.measures import BY_KEY
from services.aggregator.recount.recount import go_on, sweep
from shared.errors import LostPartition
from tests.examples import examples
from tests.fakes import Kept, MemoryStore
from tests.histories import PARTITION, Log, histories

HEADLINE, COMPLETERS = BY_KEY["W1.headline"], BY_KEY["completers.all"]
# A release that counts the headline otherwise (by the rule of all completers), and one measure newly.
OLD = Catalogue([HEADLINE])
NEW = Catalogue([replace(HEADLINE, version=2, members=COMPLETERS.members), COMPLETERS])


def log_of(told):
    log = Log()
    for said in told:
        log.put(said.topic, said.message())
    return log


def expected(kept, position, catalogue):
    """Recounted from the facts: what must stand in every cell that is counted, be it half-way or whole."""
    sums = {}
    for subject in kept.subjects.values():
        recount([subject], catalogue.named(position.counting(subject.id)), sums)
    return {(cell, side, day): n for cell, days in cells_of(sums).items() for (side, day), n in days.items() if n}


def found(kept, position, catalogue):
    counted = {(one.key, one.version) for one in catalogue.named(position.counting(""))}
    return {
        (cell, side, day): n
        for (cell, _, side, day), n in kept.counts.items()
        if n and (cell.measure, cell.version) in counted
    }


async def live(store, log):
    position = await store.position(PARTITION)
    await aggregate(
        PARTITION, [one for one in log.records if one.offset >= position.next.get(one.topic, 0)], store, read
    )


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(25))
@given(histories(most=8), st.data())
async def test_a_changed_definition_is_counted_exactly_while_facts_go_on_coming(told, data):
    """Some history is counted by an old release; then a new one goes on, piece and batch in any order."""
    log, kept = log_of(told), Kept()
    in_order = sorted(log.records, key=lambda one: one.topic)
    await aggregate(
        PARTITION, in_order[: data.draw(st.integers(0, len(in_order)))], MemoryStore(kept, catalogue=OLD), read
    )
    store = MemoryStore(kept, catalogue=NEW)
    position = await store.load(PARTITION)
    for _ in range(60):
        waiting = [one for one in in_order if one.offset >= position.next.get(one.topic, 0)]
        if not waiting and position.recount is None:
            break
        if data.draw(st.booleans()) and waiting:
            topic = waiting[0].topic
            await aggregate(PARTITION, [one for one in waiting if one.topic == topic][:2], store, read)
        else:
            await go_on(PARTITION, store, at_once=1)
        if data.draw(st.booleans()):
            store.forget(PARTITION)
        position = await store.position(PARTITION)
        assert found(kept, position, NEW) == expected(kept, position, NEW)

    assert position.recount is None
    assert position.definitions == NEW.definitions


async def half_way(told_to):
    """Counted by the old release, the recount of the new one begun."""
    log = log_of(told_to)
    store = MemoryStore(catalogue=OLD)
    await live(store, log)
    return MemoryStore(store.kept, catalogue=NEW), log


def some_history():
    """Two students who completed, so that there is a cell and a next subject."""
    from tests.integration.aggregator.test_store import BEN, awarded, completed  # noqa: PLC0415

    return [completed(), awarded(), completed(BEN)]


async def test_the_old_definition_stands_as_it_was_until_it_is_swept():
    store, _ = await half_way(some_history())
    before = {at: n for at, n in store.kept.counts.items() if at[0].version == 1}

    position = await store.load(PARTITION)
    assert (position.definitions, position.standing) == (frozenset(), OLD.definitions)
    while position.recount:
        position = await go_on(PARTITION, store, at_once=1)
    assert {at: n for at, n in store.kept.counts.items() if at in before} == before
    assert store.kept.recounts["3|W1.headline|2"]["compared_with"] == "W1.headline|1"

    position = await sweep(PARTITION, store)
    assert position.standing == frozenset()
    assert {at[0].version for at in store.kept.counts if at[0].measure == "W1.headline"} == {2}


async def test_a_recount_that_another_process_took_over_cannot_go_on():
    store, _ = await half_way(some_history())
    other = MemoryStore(store.kept, catalogue=NEW)
    await store.load(PARTITION)
    await other.load(PARTITION)
    await go_on(PARTITION, other, at_once=1)

    with pytest.raises(LostPartition):
        await go_on(PARTITION, store, at_once=1)


async def test_a_release_that_goes_back_counts_the_old_definition_anew():
    store, _ = await half_way(some_history())
    while (await store.position(PARTITION)).recount:
        await go_on(PARTITION, store)
    back = MemoryStore(store.kept, catalogue=OLD)

    assert (await back.position(PARTITION)).recount.targets == OLD.definitions
    while (await back.position(PARTITION)).recount:
        await go_on(PARTITION, back)
    position = await back.position(PARTITION)
    assert found(store.kept, position, OLD) == expected(store.kept, position, OLD)


async def test_an_operators_recount_finds_what_is_wrong_mends_it_and_leaves_no_draft():
    log, store = log_of(some_history()), MemoryStore(catalogue=OLD)
    await live(store, log)
    right = +store.kept.counts
    wrong = next(at for at in right if at[0].dimension == "all")
    store.kept.counts[wrong] += 5
    store.kept.counts[Cell("W1.headline", 1, "all", "2024-25", "campus", "nowhere"), PARTITION, "den", 3] = 1
    position = await store.position(PARTITION)
    asked = position.asked_to_recount("try", frozenset(map(draft_of, OLD.definitions)))
    store.kept.positions[PARTITION] = asked
    store.forget(PARTITION)

    while (await store.position(PARTITION)).recount:
        position = await go_on(PARTITION, store, at_once=1)
    report = store.kept.recounts["3|W1.headline|1"]
    assert (report["run"], report["differences"], len(report["first"])) == ("try", 2, 2)
    assert Counter(right) == +store.kept.counts
    assert position.definitions == OLD.definitions


async def test_what_is_too_much_at_once_is_taken_in_smaller_pieces():
    store, _ = await half_way(some_history())
    store.kept.most_at_once = 1
    position = await store.position(PARTITION)
    while position.recount and position.recount.after != LAST:
        position = await go_on(PARTITION, store, at_once=8)

    assert position.recount.done == len(store.kept.subjects)
