"""A loop that gets on, waits or is stuck; and what a process does about it that cannot go on."""

import asyncio
import json
import os
import signal
from contextlib import suppress

import pytest
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import InvalidOperation, OperationFailure, ServerSelectionTimeoutError

from shared.errors import Retryable, Stopped
from shared.process.progress import START_WITHIN_SECONDS, Loop, Progress, named
from shared.process.warden import END_WITHIN_SECONDS, STUCK, TOO_LATE, Warden

WITHIN = 120.0
AN_HOUR = 3600


class Clock:
    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture(params=[0.0, 1e9], ids=["on a machine just started", "on one up for years"])
def clock(request):
    return Clock(request.param)


@pytest.fixture
def loop(clock):
    found = Loop("relay", within_seconds=WITHIN, clock=clock)
    found.turned()
    return found


def passes(clock, seconds, each=1.0, doing=lambda: None):
    for _ in range(int(seconds / each)):
        clock.now += each
        doing()


def test_a_loop_that_turns_and_has_nothing_to_do_is_well(loop, clock):
    passes(clock, AN_HOUR, doing=loop.well)

    assert loop.trouble() == ""


def test_a_loop_that_does_not_turn_is_stuck_not_before_its_bound(loop, clock):
    passes(clock, WITHIN)
    assert loop.trouble() == ""

    passes(clock, 1)
    assert "the loop relay has not turned for 121 s" in loop.trouble()


def test_one_that_turns_and_commits_nothing_of_what_there_is_to_do_is_stuck(loop, clock):
    loop.has(7)
    passes(clock, WITHIN, doing=loop.turned)
    assert loop.trouble() == ""

    passes(clock, 1, doing=loop.turned)
    assert "has 7 to do and has committed nothing for 121 s" in loop.trouble()


def test_time_without_a_commit_counts_from_when_there_was_something_to_do(loop, clock):
    passes(clock, AN_HOUR, doing=loop.turned)
    loop.has(1)
    passes(clock, WITHIN, doing=lambda: (loop.turned(), loop.has(2)))

    assert loop.trouble() == ""


def test_one_that_commits_is_well_however_much_there_is_to_do(loop, clock):
    loop.has(1_000_000)
    passes(clock, AN_HOUR, each=100, doing=loop.committed)

    assert loop.trouble() == ""


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ServerSelectionTimeoutError("no primary"), id="MongoDB away"),
        pytest.param(OperationFailure("no space left", 14031), id="MongoDB refuses"),
        pytest.param(KafkaConnectionError(), id="Kafka away"),
        pytest.param(Retryable("the topic is not there yet"), id="something else by name"),
        pytest.param(Stopped("another log"), id="an operator"),
    ],
)
def test_an_hour_without_what_a_new_process_would_miss_too_is_no_reason_to_end(loop, clock, error):
    loop.has(5)
    passes(clock, AN_HOUR, each=30, doing=lambda: loop.failed(error))

    assert loop.trouble() == ""
    assert loop.waiting_for


@pytest.mark.parametrize("error", [LookupError("a bug"), InvalidOperation("a closed client")])
def test_an_error_that_names_nothing_does_not_count_as_waiting(loop, clock, error):
    passes(clock, WITHIN + 1, doing=lambda: loop.failed(error))

    assert not named(error)
    assert f"it last failed with {type(error).__name__}" in loop.trouble()
    assert str(error) not in loop.trouble(), "what somebody typed may stand in it"


def test_a_wait_that_is_over_does_not_excuse_what_comes_after(loop, clock):
    loop.waits_for("Kafka")
    loop.has(5)
    passes(clock, WITHIN + 1, doing=loop.turned)

    assert "committed nothing" in loop.trouble()


def test_a_start_has_longer(clock):
    loop = Loop("relay", within_seconds=WITHIN, clock=clock)
    passes(clock, START_WITHIN_SECONDS)
    assert loop.trouble() == ""

    passes(clock, 1)
    assert "has not turned" in loop.trouble()


def test_one_that_rests_need_not_turn_until_it_begins_again(loop, clock):
    loop.rests()
    passes(clock, AN_HOUR)
    assert loop.trouble() == ""
    loop.afresh()
    passes(clock, AN_HOUR)
    assert loop.trouble() == ""

    loop.turned()
    passes(clock, WITHIN + 1)
    assert loop.trouble()


async def test_the_reason_names_the_line_that_is_waited_at(loop, clock):
    async def inner():
        await asyncio.Event().wait()

    async def work():
        await inner()

    loop.task = asyncio.create_task(work())
    await asyncio.sleep(0)
    passes(clock, WITHIN + 1)
    said = loop.trouble()
    loop.task.cancel()

    assert "test_progress.py" in said
    assert said.index("inner") < said.index(" work")


@pytest.fixture
def warden(clock, capfd):
    left = []
    found = Warden("tiny", leave=left.append, clock=clock)
    found.left = left
    found.progress = Progress(within_seconds=WITHIN, clock=clock)
    return found


def last_line(capfd):
    return json.loads(capfd.readouterr().err.strip().splitlines()[-1])


def test_a_stuck_process_says_why_and_asks_itself_to_end_once(warden, clock, capfd):
    warden.progress.loop("relay").turned()
    asked = []
    warden.look(lambda: asked.append(1))
    assert asked == []

    clock.now += WITHIN + 1
    warden.look(lambda: asked.append(1))
    warden.look(lambda: asked.append(1))

    assert asked == [1]
    said = last_line(capfd)
    assert (said["service"], said["level"]) == ("tiny", "critical")
    assert "the loop relay has not turned" in said["event"]
    warden.last_words()
    assert warden.left == [STUCK]
    assert last_line(capfd)["event"] == said["event"]


@pytest.mark.parametrize("full", [True, False], ids=["nobody reads what is said", "nobody can read it any more"])
def test_a_stuck_process_is_asked_to_end_though_it_cannot_say_why(warden, clock, monkeypatch, full):
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with suppress(BlockingIOError):
        while full:
            os.write(writes, b"-" * 4096)
    os.set_blocking(writes, True)
    os.close(reads) if not full else None
    monkeypatch.setattr("shared.process.warden.SAY_WITHIN_SECONDS", 0.05)
    asked = []
    with os.fdopen(writes, "wb", buffering=0) as deaf, monkeypatch.context() as told:
        told.setattr("sys.__stderr__", deaf)
        warden.progress.loop("relay").turned()
        clock.now += WITHIN + 1
        warden.look(lambda: asked.append(1))
        warden.last_words()
    if full:
        os.close(reads)

    assert (asked, warden.left) == ([1], [STUCK])


def test_a_signal_that_does_not_end_the_first_process_of_a_container_ends_it_all_the_same(warden, monkeypatch):
    monkeypatch.setattr("shared.process.warden.signal.raise_signal", lambda _: None)
    monkeypatch.setattr("shared.process.warden.signal.signal", lambda *_: None)

    warden.ended_by(signal.SIGTERM, None)

    assert warden.left == [143]


def test_an_end_that_takes_too_long_is_cut_short(warden, clock, capfd):
    warden.ending()
    clock.now += END_WITHIN_SECONDS
    warden.look(lambda: None)
    assert warden.left == []

    warden.ending()
    clock.now += 0.1
    warden.look(lambda: None)
    assert warden.left == [TOO_LATE], "a second request to end gives no more time"
    assert "cut short" in last_line(capfd)["event"]


def test_one_that_is_well_ends_without_last_words(warden, capfd):
    warden.last_words()

    assert warden.left == []
    assert capfd.readouterr().err == ""


def test_a_computer_that_slept_has_no_stuck_loops(warden, clock):
    warden.progress.loop("relay").turned()
    clock.now += AN_HOUR
    warden.progress.afresh()

    assert warden.progress.troubles() == []
