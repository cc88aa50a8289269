"""From an HTTP write to the number on the board, with parts killed on the way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from deploy import topics
from deploy.local import ports, processes
from deploy.local.kafka import Kafka
from tests.e2e.whole_line import WholeLine, patiently

pytestmark = pytest.mark.faults


@pytest.fixture
def line(settings, keys, start_service):
    return WholeLine(settings, keys, start_service)


def test_a_write_becomes_a_number_and_every_correction_moves_it(line):
    line.district(students=3)

    answer = line.award("s0", "first")
    assert answer.status_code == 201, answer.text
    line.wait_for((1, 3))
    assert line.award("s0", "first").json()["id"] == answer.json()["id"], "the same key is the same award"

    one, match = answer.json()["id"], answer.headers["ETag"]
    for day, shown in (("2026-05-21", 0), ("2026-05-20", 1), ("2023-08-06", 0), ("2023-08-07", 1)):
        moved = line.ask(
            "credentials", "PATCH", f"/awards/{one}", json={"awarded_on": day}, headers={"If-Match": match}
        )
        assert moved.status_code == 200, moved.text
        line.wait_for((shown, 3))
        assert line.recount() == (shown, 3)
        match = moved.headers["ETag"]

    match = {"If-Match": match}
    gone = line.ask("credentials", "POST", f"/awards/{one}/void", json={"reason": "a mistake"}, headers=match)
    assert gone.status_code == 200, gone.text
    line.wait_for((0, 3))
    assert line.headline() == line.recount()


def test_a_call_to_the_mother_of_two_is_a_touch_of_each(line):
    """Two in two terms: of the first call there is one, of the second two; of one taken out there is one again."""
    line.district(students=2)
    line.put("family_touchpoints", "/guardians/w-mother", name="Sample Mother", student_ids=["s0", "s1"])
    call = {"students": ["s0", "s1"], "guardian_ids": ["w-mother"], "method": "Phone", "purpose": "progress"}
    read = ("G7.two_in_two_terms", "G7.one", "G7.touches")

    def shows(*wanted):
        for _ in patiently():
            shown = line.readings("G7")
            if tuple(shown.get(name) for name in read) == wanted:
                return
        raise AssertionError(f"the board shows {shown}, not {wanted}")

    line.post("family_touchpoints", "/touchpoints", **call, held_on="2024-10-09", outcome="reached")
    shows((0, 2), (2, 2), (2, 0))
    spring = line.post("family_touchpoints", "/touchpoints", **call, held_on="2025-02-03", outcome="reached")
    shows((2, 2), (2, 2), (4, 0))
    one = spring["touchpoints"][0]
    gone = {"json": {"reason": "another family"}, "headers": {"If-Match": f'"{one["version"]}"'}}
    assert line.ask("family_touchpoints", "POST", f"/touchpoints/{one['id']}/void", **gone).status_code == 200
    shows((1, 2), (2, 2), (3, 0))


def test_a_producer_killed_between_write_and_publish_loses_nothing(line, start_service):
    """It writes while no broker answers it, and is killed before anything could be published."""
    line.district(students=4)
    line.services["credentials"].kill()
    nowhere = f"{ports.LOOPBACK}:{ports.any_free()}"
    line.services["credentials"] = start_service("credentials", kafka_bootstrap_servers=nowhere)
    for number in range(4):
        assert line.award(f"s{number}", f"key-{number}").status_code == 201
    line.services["credentials"].kill()
    assert line.headline() == (0, 4)

    line.services["credentials"] = start_service("credentials")

    line.wait_for((4, 4))
    assert line.recount() == (4, 4)


@pytest.mark.slow  # the minute of faults kills the broker under writes, always
def test_kafka_killed_under_writes_costs_none_of_them(settings, keys, start_service, tmp_path):
    broker = Kafka(tmp_path / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=384)
    broker.prepare()
    log = tmp_path / "kafka.log"
    process = processes.start(broker.program(log))
    try:
        broker.wait(process, log)
        own = settings.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap})
        topics_made(own)
        line = WholeLine(own, keys, partial(start_service, kafka_bootstrap_servers=broker.bootstrap))
        line.district(students=12)

        process.kill()
        process.wait()
        with ThreadPoolExecutor(4) as clients:
            answers = list(clients.map(lambda n: line.award(f"s{n}", f"key-{n}"), range(12)))
        assert [answer.status_code for answer in answers] == [201] * 12
        assert line.awards_kept() == 12

        process = processes.start(broker.program(log))
        broker.wait(process, log)
        line.wait_for((12, 12))
        assert line.recount() == (12, 12)
    finally:
        processes.stop(process)


def topics_made(settings):
    asyncio.run(topics.provide(settings.kafka_bootstrap_servers, topics.declared(settings.topic_prefix)))
