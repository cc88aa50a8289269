"""Operators see how counting goes, in plain words, and no number that is about students."""

from datetime import UTC, timedelta

import pytest

from services.aggregator.domain.counts import Cell
from services.aggregator.domain.differences import Difference
from services.aggregator.operating.left_for_operators import leave_audit, leave_lag
from services.aggregator.recount.audit import Audited
from shared.producer.producers import PRODUCERS
from tests.insights_world import NOW
from tests.integration.insights.test_pages import LEADER, Text

OPERATOR = {"roles": ["operator"]}


async def page(ask, **more) -> str:
    answer = await ask(OPERATOR, "/operations", **more)
    assert answer.status_code == 200, answer.text
    return str(Text(answer.text))


def database(world):
    return world.client[world.settings.database("aggregator")]


async def test_who_operates_is_led_there_and_nobody_else_sees_it(look) -> None:
    start = await look(OPERATOR, "/")

    assert (start.status_code, start.headers["location"]) == (303, "/operations")
    for claims in (LEADER, {"roles": ["student"], "student_id": "w0"}, {"roles": ["data_manager"], "districts": ["*"]}):
        assert (await look(claims, "/operations")).status_code == 403
    assert (await look(None, "/operations")).status_code == 401


async def test_who_also_leads_a_district_sees_its_board_and_no_other(look) -> None:
    both = {"roles": ["operator", "leader"], "districts": ["south"]}
    board = await look(both, "/")

    assert board.status_code == 200
    assert "2 of 3" in str(Text(board.text))
    assert "8 of 10" not in str(Text(board.text))


async def test_while_all_is_well_it_says_so(ask, world, clock) -> None:
    clock.now = NOW + timedelta(seconds=3)
    said = await page(ask)

    assert "Now ✓ All is well" in said
    assert "Everything that was written until then is counted: 3 seconds ago." in said
    assert "Set aside Nothing." in said
    services = sorted(one.name for one in PRODUCERS)
    assert " ".join(f"{name} 3 seconds ago 0 –" for name in services) in said
    assert "Lag Not told yet. Set aside" in said
    assert "Last audit None yet. Drift Not known before an audit." in said


async def test_what_the_aggregator_left_is_told(ask, world) -> None:
    await leave_lag(database(world), dict.fromkeys(range(12), 100))
    for number in range(12):
        await leave_audit(database(world), Audited(number, 5, 20, {"W1.headline": 7}))
    said = await page(ask)

    assert "1,200 records wait to be counted; last looked" in said
    assert "12 of 12 partitions within a day. Drift None: the counts equal the facts they were made from." in said
    assert "✓ All is well" in said


async def test_a_stop_a_drift_and_what_is_set_aside_are_what_somebody_must_look_at(ask, world) -> None:
    differs = Difference(Cell("W1.headline", 1, "all", "2024-25", "all", "all"), "num", "0", 4, 5)
    await leave_audit(database(world), Audited(3, 5, 20, {"W1.headline": 7}, differences=(differs,)))
    await world.store.stop(4, "the log is not the one that was counted; aurora repair says how")
    topic = world.settings.topic("roster")
    for number, closed in enumerate((None, None, {"how": "discarded"})):
        parked = {
            "topic": topic,
            "partition": 0,
            "offset": number,
            "at": NOW - timedelta(hours=2),
            "key": b"student/w0",
        }
        await database(world)["parked"].insert_one({**parked, "closed": closed, "reason": "student/w0 is odd"})
    said = await page(ask)

    assert "Somebody must look" in said
    assert "Counting has stopped in partition 4: the log is not the one that was counted" in said
    assert "Some counts differ from the facts; aurora audit names the cells." in said
    assert "1 day of a cell differs from the facts." in said
    assert "2 records that could not be read and that nobody has dealt with." in said
    assert "roster just now 2 2 hours ago" in said
    assert "4 ✕ Stopped" in said
    assert "w0" not in said


@pytest.mark.parametrize(("hours", "told"), [(23, False), (25, True)])
async def test_an_audit_that_has_ended_is_noticed_after_a_day(ask, world, clock, hours, told) -> None:
    await leave_audit(database(world), Audited(3, 5, 20))
    left = await database(world)["watched"].find_one({"_id": 3})
    clock.now = left["audited"]["at"].astimezone(UTC) + timedelta(hours=hours)
    await world.heartbeat(clock.now)

    assert ("Nothing has been audited for more than a day" in await page(ask)) is told


async def test_it_is_told_in_spanish_too(ask, world) -> None:
    said = await page(ask, language="es")

    assert "Todo está bien" in said
    assert "del 2 de noviembre de 2026" in said
