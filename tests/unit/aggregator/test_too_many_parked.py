"""A run of records that cannot be counted stops its partition number: a bad release is not parked whole."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.aggregator.counting.aggregate import read_all
from services.aggregator.counting.reading import read
from services.aggregator.counting.unreadable_runs import Limits, run_fields, run_of
from services.aggregator.main import readiness
from shared.contracts.envelope import Message
from shared.process.settings import Settings
from tests.examples import examples
from tests.fakes import Kept
from tests.histories import NOON, PARTITION, Log, Said, people_of
from tests.unit.aggregator.test_consumer import Member, _time_flies, logs_of  # noqa: F401 the fixture is used

PEOPLE = people_of(PARTITION, 4)
BAD = Message(b"student/x", b"{", [("ce_type", b"org.aurora.roster.student.v1")])


def student(person=PEOPLE[0], version=1) -> Said:
    return Said(f"student/{person}", f"student/{person}", version, {"student_id": person, "years": []})


def a_log(*parts) -> Log:
    log = Log()
    for part in parts:
        if part == "heartbeat":
            log.heartbeat("t-roster", NOON + timedelta(seconds=len(log.records)))
        elif isinstance(part, Said):
            log.put(part.topic, part.message())
        else:
            log.put(part if isinstance(part, str) else "t-roster", BAD)
    return log


async def read_by_a_member(log, *, kept=None, most=1000, steps=60) -> Member:
    one = Member(logs_of(log), kept or Kept())
    one.consumer.most = most
    await one.take()
    await one.step(steps)
    return one


async def test_as_many_as_may_come_by_accident_are_parked():
    log = a_log(*[BAD] * 24, *[student()] * 100, *[BAD] * 24)
    one = await read_by_a_member(log)

    assert len(one.store.kept.parked) == 48
    assert one.counting.stopped == {}
    assert one.store.kept.positions[PARTITION].next["t-roster"] == 148


@pytest.mark.parametrize("most", [1, 7, 1000])
async def test_one_more_stops_the_partition_before_it_however_the_log_is_cut(most):
    log = a_log(student(), *[BAD] * 30, student(PEOPLE[1]))
    one = await read_by_a_member(log, most=most, steps=80)

    kept = one.store.kept
    assert sorted(record.record.offset for record in kept.parked.values()) == list(range(1, 25))
    assert kept.positions[PARTITION].next["t-roster"] == 25
    assert kept.subjects.keys() == {student().subject}
    assert set(kept.times.values()) == {1}
    reason = kept.stopped[PARTITION]
    assert f"t-roster-{PARTITION}: 25 records in a row" in reason
    assert "The first: offset 1: org.aurora.roster.student.v1: " in reason
    assert "The latest: offset 25" in reason
    assert "AURORA_PARKED_IN_A_ROW above 25" in reason


async def test_it_is_not_ready_also_while_it_looks_whether_it_is_repaired():
    one = await read_by_a_member(a_log(*[BAD] * 25), steps=4)
    one.counting.due = dict.fromkeys(one.counting.due, 0.0)
    await one.counting._load(one.consumer, [PARTITION])

    assert one.counting.due == {}
    assert "25 records in a row" in readiness(one.counting).reasons[0]


async def test_a_new_process_does_not_begin_to_count_the_run_anew():
    log = a_log(*[BAD] * 30)
    first = await read_by_a_member(log, most=1)
    second = await read_by_a_member(log, kept=first.store.kept)

    assert len(first.store.kept.parked) == 24
    assert second.counting.stopped.keys() == {PARTITION}


async def test_heartbeats_and_the_facts_of_other_logs_do_not_end_a_run():
    award = Said(f"student/{PEOPLE[0]}", "award/a1", 1, None)
    one = await read_by_a_member(a_log(*[BAD, "heartbeat"] * 12, award, *[BAD, "heartbeat"] * 12, BAD), most=3)

    assert len(one.store.kept.parked) == 24
    assert one.counting.stopped.keys() == {PARTITION}


async def test_two_logs_with_a_few_each_are_no_run():
    one = await read_by_a_member(a_log(*["t-credentials"] * 20, *[BAD] * 20))

    assert len(one.store.kept.parked) == 40
    assert one.counting.stopped == {}


async def test_also_what_is_written_in_halves_ends_before_the_one_too_many():
    kept = Kept(most_at_once=1)
    log = a_log(*(student(person) for person in PEOPLE), *[BAD] * 30)
    one = await read_by_a_member(log, kept=kept)

    assert len(kept.parked) == 24
    assert len(kept.subjects) == len(PEOPLE)
    assert one.counting.stopped.keys() == {PARTITION}


async def test_an_operator_may_let_more_be_parked():
    log = a_log(*[BAD] * 30, student())
    stopped = await read_by_a_member(log)
    after = Member(logs_of(log), stopped.store.kept)
    after.counting._settings = Settings(parked_in_a_row=31)
    await after.take()
    await after.step(3)

    assert len(after.store.kept.parked) == 30
    assert after.counting.stopped == {}
    assert student().subject in after.store.kept.subjects
    assert after.store.kept.positions[PARTITION].runs["t-roster"].in_a_row == 0


async def test_a_log_that_is_counted_anew_has_no_run():
    position = (await read_by_a_member(a_log(*[BAD] * 3, "t-credentials"))).store.kept.positions[PARTITION]

    assert position.runs["t-roster"].length == 3
    assert position.anew("t-roster", 0).runs.keys() == {"t-credentials"}


@pytest.mark.parametrize("most", [1, 7, 1000])
async def test_more_than_a_fifth_of_the_last_hundred_stops_it_though_few_come_in_a_row(most):
    log = a_log(*[student(), student(), BAD] * 40)
    one = await read_by_a_member(log, most=most, steps=140)

    kept = one.store.kept
    assert len(kept.parked) == 20
    assert kept.positions[PARTITION].next["t-roster"] == 62, "before the twenty-first"
    reason = kept.stopped[PARTITION]
    assert f"t-roster-{PARTITION}: 21 of the last 61 records cannot be counted" in reason
    assert "The first: offset 2: org.aurora.roster.student.v1: " in reason
    assert "AURORA_PARKED_OF_A_HUNDRED above 21" in reason


async def test_a_fifth_and_no_more_is_parked_for_ever():
    one = await read_by_a_member(a_log(*[*[student()] * 4, BAD] * 60))

    assert len(one.store.kept.parked) == 60
    assert one.counting.stopped == {}


def naive_stop(letters, *, in_a_row=25, of_a_hundred=20) -> int | None:
    """Which bad record must not be parked any more, by looking at the whole list each time."""
    for at in (at for at, letter in enumerate(letters) if letter == "p"):
        seen = letters[: at + 1]
        row = len(seen) - len(seen.rstrip("p"))
        of_last = seen[-100:].count("p")
        if row >= in_a_row or (of_last > of_a_hundred and of_last > row):
            return at
    return None


@settings(max_examples=examples(80))
@given(
    st.lists(st.tuples(st.sampled_from("ffp"), st.integers(1, 9)), max_size=60),
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
)
@example([("p", 1), ("f", 79), ("p", 20)], [7])  # the first is the hundredth from the end, and one too many
@example([("p", 1), ("f", 80), ("p", 20)], [7])  # it is the hundred and first
@example([("p", 24), ("f", 1), ("p", 1)], [9])
@example([("f", 3), ("p", 30)], [4])
def test_the_hundred_are_exact_however_the_log_is_cut_and_whoever_goes_on(runs, cuts):
    """The position is written and read back between any two batches, as by another process."""
    letters = "".join(letter * times for letter, times in runs)
    log = a_log(*(student() if letter == "f" else BAD for letter in letters))
    kept, at, cut = {}, 0, iter(cuts * len(letters))
    stopped = None
    while at < len(letters) and stopped is None:
        batch = log.records[at : at + next(cut)]
        news = read_all(batch, read, runs=kept, limits=Limits(25, 20))
        at += news.length
        stopped = at if news.too_many else None
        kept = {topic: run_of(run_fields(run)) for topic, run in news.runs.items()}

    assert stopped == naive_stop(letters)


@pytest.mark.parametrize(
    "parts",
    [pytest.param([BAD] * 30, id="in a row"), pytest.param([student(), student(), BAD] * 30, id="of the last hundred")],
)
async def test_once_they_are_dealt_with_it_goes_on_by_itself(parts):
    log = a_log(*parts)
    one = await read_by_a_member(log, steps=140)
    kept = one.store.kept
    before = len(kept.parked)
    assert one.counting.stopped

    kept.closed = set(list(kept.parked)[:3])
    await one.step(20)
    assert len(kept.parked) == before + 3, "as many as were dealt with, and no more"
    assert one.counting.stopped.keys() == {PARTITION}
    first = min(parked.record.offset for key, parked in kept.parked.items() if key not in kept.closed)
    assert f"The first: offset {first}: " in kept.stopped[PARTITION]

    kept.closed = set(kept.parked)
    await one.step(20)
    assert len(kept.parked) == sum(part is BAD for part in parts)
    assert one.counting.stopped == {}
    assert PARTITION not in kept.stopped
