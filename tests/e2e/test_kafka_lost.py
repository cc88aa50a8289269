"""All of Kafka lost, and made anew from the services' own records: the same counts, and every fact in its place."""

import asyncio
import shutil
from functools import partial

import pytest

from deploy import topics
from deploy.local import ports, processes
from deploy.local.kafka import Kafka
from services.aggregator.operating.accept_log import accept
from shared.producer.producers import PRODUCERS
from tests.commands import aurora, aurora_json
from tests.e2e.whole_line import WholeLine, patiently

pytestmark = pytest.mark.faults


async def test_all_of_kafka_lost_and_made_anew_ends_with_the_same_counts(settings, keys, start_service, tmp_path):
    broker = Kafka(tmp_path / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=384)
    broker.prepare()
    log = tmp_path / "kafka.log"
    process = processes.start(broker.program(log))
    try:
        await asyncio.to_thread(broker.wait, process, log)
        own = settings.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap})
        await topics.provide(broker.bootstrap, topics.declared(own.topic_prefix))
        line = await asyncio.to_thread(
            WholeLine, own, keys, partial(start_service, kafka_bootstrap_servers=broker.bootstrap)
        )
        await asyncio.to_thread(line.district, students=6)
        for number in range(3):
            assert line.award(f"s{number}", f"key-{number}").status_code == 201
        assert line.ask("roster", "POST", "/persons/s0/merge", json={"other": "s5", "reason": "made up"}).is_success
        await asyncio.to_thread(line.wait_for, (3, 5))

        process.kill()
        process.wait()
        shutil.rmtree(tmp_path / "kafka")
        assert line.award("s3", "while-there-is-none").status_code == 201
        broker.prepare()
        process = processes.start(broker.program(log))
        await asyncio.to_thread(broker.wait, process, log)
        await topics.provide(broker.bootstrap, topics.declared(own.topic_prefix))
        for service in (one.name for one in PRODUCERS):
            await accept(own, own.topic(service))
            await aurora(own, "republish", service)
        await asyncio.to_thread(line.wait_for, (4, 5))
        await asyncio.to_thread(fresh, line)

        audited = await aurora_json(own, "audit")
        assert audited["drift"] == 0
        assert {one["differences"] for one in audited["records"].values()} == {0}
        assert line.award("s4", "afterwards").status_code == 201
        await asyncio.to_thread(line.wait_for, (5, 5))
    finally:
        processes.stop(process)


def fresh(line):
    for _ in patiently():
        if not line.ask("insights", "GET", "/scoreboard", params={"school_year": "2024-25"}).json()["stale"]:
            return
    raise AssertionError("the board is stale")
