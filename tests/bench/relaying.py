"""The relay: records a second on a backlog, and how old a steady stream of writes is when a consumer has it."""

import json
import os
import subprocess
import sys
from typing import Any

from deploy.local.processes import ROOT
from deploy.local.state import environment
from shared.process.settings import Settings
from tests.bench import backlog, servers
from tests.bench.servers import Servers
from tests.bench.table import Row, alternating

WAIT_SECONDS = 180


def candidate(here: Servers, settings: Settings, what: str, first: int = 0) -> dict[str, Any]:
    """One run of the relay in a process of its own."""
    before = servers.cpu_seconds(here.mongo_pid)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.backlog", what, str(first)],
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment(settings)},
    )
    if ran.returncode:
        raise RuntimeError(f"{what}: {ran.stdout[-1000:]}{ran.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    if what == "backlog":
        found["mongo_cpu_us"] = 1e6 * (servers.cpu_seconds(here.mongo_pid) - before) / backlog.RECORDS
    return found


def backlogged(here: Servers, settings: Settings) -> dict[str, Any]:
    """Every record is marked again, as if it had just been written, before the relay begins."""
    candidate(here, settings, "mark")
    return candidate(here, settings, "backlog")


def to_kafka(here: Servers, settings: Settings, first: int) -> dict[str, Any]:
    """A steady stream of writes beside a consumer of the topic."""
    told = {
        "BENCH_KAFKA": here.kafka,
        "BENCH_TOPIC": settings.topic("credentials"),
        "BENCH_EVENTS": str(backlog.RATE * backlog.SECONDS),
    }
    consumer = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.peers.reading"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **told},
    )
    try:
        if consumer.stdout is None or consumer.stdout.readline() != "ready\n":
            raise RuntimeError("the consumer did not start")
        written = candidate(here, settings, "steady", first)
        said, _ = consumer.communicate(timeout=60)
    finally:
        consumer.kill()
        consumer.wait()
    found: dict[str, Any] = json.loads(said)
    return found | {"written": written["rate"]}


def relay(here: Servers, runs: int) -> list[Row]:
    """The same records, marked again for each run; then new ones at 2,000 a second."""
    settings = here.settings()
    candidate(here, settings, "furnish")
    first = iter(range(10**6, 10**9, 10**6))
    found = alternating(
        runs,
        {
            "backlog": lambda: backlogged(here, settings),
            "steady": lambda: to_kafka(here, settings, next(first)),
        },
    )
    here.clear(settings)
    behind, steady = found["backlog"], found["steady"]
    return [
        Row("relay on a backlog", behind.of("rate"), goal=20_000, unit="records/s"),
        Row("processor time of a record", behind.of("service_cpu_us"), unit="µs"),
        Row("the same: mongod's for it", behind.of("mongo_cpu_us"), unit="µs"),
        Row("write to Kafka at 2,000 writes/s, p99", steady.of("p99_ms"), goal=60, most=True, unit="ms"),
        Row("the same, median", steady.of("p50_ms"), unit="ms"),
        Row("writes a second that were kept up meanwhile", steady.of("written"), unit="writes/s"),
    ]
