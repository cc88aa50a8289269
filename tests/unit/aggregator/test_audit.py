"""What the audit finds, and what it costs."""

import asyncio
import time

import pytest

from services.aggregator.domain.counts import Cell
from services.aggregator.domain.differences import Difference, differences
from services.aggregator.recount import audit
from services.aggregator.recount.audit import Audited, Budget

CELL = Cell("W1.headline", 1, "all", "2024-25", "campus", "north")
OTHER = CELL._replace(value="south")


@pytest.mark.parametrize(
    ("counted", "recounted", "found"),
    [
        pytest.param({CELL: {("num", 3): 1}}, {CELL: {("num", 3): 1}}, [], id="equal"),
        pytest.param({CELL: {("num", 3): 0}}, {}, [], id="a day of 0 is no day"),
        pytest.param({CELL: {("num", 3): 2}}, {CELL: {("num", 3): 1}}, [(CELL, "num", 3, 2, 1)], id="too many"),
        pytest.param({}, {CELL: {("den", 3): 1}}, [(CELL, "den", 3, 0, 1)], id="a lost cell"),
        pytest.param({CELL: {("den", 3): 1}}, {}, [(CELL, "den", 3, 1, 0)], id="an invented cell"),
        pytest.param(
            {CELL: {("num", 3): 1}}, {OTHER: {("num", 3): 1}}, [(CELL, "num", 3, 1, 0), (OTHER, "num", 3, 0, 1)],
            id="in another group",
        ),
        pytest.param(
            {CELL: {("num", 3): 1}}, {CELL: {("num", 4): 1}}, [(CELL, "num", 3, 1, 0), (CELL, "num", 4, 0, 1)],
            id="on another day: the sum is the same, the number on a day between is not",
        ),
    ],
)  # fmt: skip
def test_cells_are_compared_day_by_day(counted, recounted, found):
    assert sorted(differences(counted.keys() | recounted.keys(), counted, recounted)) == [Difference(*f) for f in found]


def test_drift_is_counted_by_measure_and_one_too_many_does_not_make_up_for_one_too_few():
    wrong = (Difference(CELL, "num", 3, 2, 1), Difference(CELL, "num", 4, 0, 1))

    assert Audited(3, 1, 1, {"W1.headline": 2, "other": 1}, differences=wrong).drift == {"W1.headline": 2, "other": 0}


def busy(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def spent(budget, pieces, monkeypatch):
    """How long a budget waits for pieces of 2 ms each, by a clock of its own."""
    waits = []
    now = [0.0]

    async def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(audit, "monotonic", lambda: now[0])
    monkeypatch.setattr(audit.asyncio, "sleep", sleep)
    budget._began = 0.0
    for n in range(pieces):
        await budget.spend(lambda: busy(0.002), (n + 1) / pieces)
    return sum(waits), budget


async def test_it_waits_for_what_it_uses(monkeypatch):
    waited, _ = await spent(Budget(0.02), 10, monkeypatch)

    assert waited == pytest.approx(10 * 0.002 / 0.02, rel=0.3)


async def test_a_share_of_one_never_waits(monkeypatch):
    budget = Budget(1.0)
    budget._used = -1.0
    assert (await spent(budget, 3, monkeypatch))[0] == 0


async def test_it_ends_before_the_snapshot_does_and_waits_for_the_rest_behind(monkeypatch):
    waited, budget = await spent(Budget(0.02, within_seconds=0.5), 10, monkeypatch)

    assert waited == pytest.approx(0.5, rel=0.01)
    assert budget.owed() == pytest.approx(0.5, rel=0.6)
    await budget.settle()
    assert budget._used == 0


async def test_others_get_their_turn_between_pieces():
    order = []

    async def other():
        order.append("other")

    task = asyncio.create_task(other())
    await Budget().spend(lambda: order.append("audit"))
    await task
    assert order == ["audit", "other"]
