"""An aggregator that is wedged ends itself with the reason, its lock never let go; the next one counts on."""

import asyncio
import sys

import pytest

from deploy.local import ports, processes
from deploy.local.processes import Program
from deploy.local.state import environment
from shared.process.warden import STUCK
from tests.aggregating import District, assert_exact, publish, wait_counted

pytestmark = pytest.mark.faults
BOUND_SECONDS = 4


async def test_a_wedged_aggregator_ends_with_its_reason_and_another_counts_on(settings, start_service, tmp_path):
    district, log = District(seed=51), tmp_path / "wedged.log"
    told = settings.model_copy(update={"http_port": ports.any_free(), "stuck_after_seconds": BOUND_SECONDS})
    command = (sys.executable, "-m", "tests.wedged_aggregator")
    process = processes.start(Program("aggregator", command, log, environment(told)))
    try:
        await publish(settings, district.goes_on(200))
        code = await asyncio.to_thread(process.wait, 60)
    finally:
        processes.stop(process)

    assert code == STUCK, processes.last_lines(log)
    words = processes.last_words(log)
    assert "the loop count" in words
    assert "consumer.py" in words, "the line where it stands"
    start_service("aggregator", stuck_after_seconds=BOUND_SECONDS)
    await wait_counted(settings)
    await assert_exact(settings, district.told)
