"""The aggregator on a backlog, against peers that count the same events with fewer promises."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from deploy.local.processes import ROOT
from deploy.local.state import environment
from shared.process.settings import Settings
from tests.bench import log, servers
from tests.bench.servers import Servers
from tests.bench.table import Row, Runs, alternating

WAIT_SECONDS = 900.0
FEW, MANY, MOST = 5_000, 100_000, 1_000_000


def run(
    here: Servers, settings: Settings, command: list[str], events: int, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One candidate from its start until it has dealt with `events`: its rate and what an event cost."""
    group = uuid4().hex[:8]
    told = {
        **environment(settings),
        "BENCH_KAFKA": here.kafka,
        "BENCH_MONGO_URL": here.mongo_url,
        "BENCH_DATABASE": f"{settings.database_prefix}_{group}_peer",
        "BENCH_TOPIC": settings.topic("credentials"),
        "BENCH_GROUP": group,
        "BENCH_EVENTS": str(events),
        **(environ or {}),
    }
    before = servers.cpu_seconds(here.mongo_pid)
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
        cwd=ROOT,
        env={**os.environ, **told},
    )
    lines = [line for line in ran.stdout.splitlines() if line.startswith('{"events"')]
    if not lines:
        raise RuntimeError(f"{command}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    found["rate"] = found["events"] / found["seconds"]
    found["service_cpu_us"] = 1e6 * found["cpu"] / found["events"]
    found["mongo_cpu_us"] = 1e6 * (servers.cpu_seconds(here.mongo_pid) - before) / events
    memory = [line for line in ran.stderr.splitlines() if line.startswith("memory ")]
    found["memory_mb"] = int(memory[-1].split()[1]) / 1024 if memory else 0.0
    return found


def ours(
    here: Servers, settings: Settings, events: int, *, measures: str = "one", prefix: str = "", **environ: str
) -> dict[str, Any]:
    """Our loop over topics that are already full, with a database (and so a place in the log) of its own."""
    services = ("credentials",) if measures == "one" else ("credentials", "roster")
    topics = ",".join(settings.topic(service) for service in services)
    named = prefix or f"{settings.database_prefix}_{uuid4().hex[:8]}"
    told = {"BENCH_MEASURES": measures, "AURORA_DATABASE_PREFIX": named, "AURORA_TOPIC_PREFIX": f"{named}-", **environ}
    return run(here, settings, ["tests.bench.ours", topics], events, told)


def one_measure(here: Servers, runs: int) -> list[Row]:
    """The floor, both peers and ours on the same events; then ours with twenty times the subjects."""
    few, many = here.settings(), here.settings()
    events = log.publish(few, "credentials", log.awards(60_000, FEW))
    log.publish(many, "credentials", log.awards(2 * MANY, MANY))
    found = alternating(
        runs,
        {
            "floor": lambda: run(here, few, ["tests.bench.peers.floor"], events),
            "each": lambda: run(here, few, ["tests.bench.peers.each_message"], 2_500),
            "batches": lambda: run(here, few, ["tests.bench.peers.batches"], events),
            "ours": lambda: ours(here, few, events),
            "many": lambda: ours(here, many, 2 * MANY),
        },
    )
    here.clear(few)
    here.clear(many)
    rate, events_each = found["ours"].of("rate"), "events/s"
    return [
        Row("floor: aiokafka getmany and msgspec, nothing counted", found["floor"].of("rate"), unit=events_each),
        Row("aggregator, one measure, 5,000 subjects", rate, unit=events_each),
        Row(
            "against FastStream per message, Motor `$inc`", rate, found["each"].of("rate"), goal=65.0, unit=events_each
        ),
        Row(
            "against FastStream batch, msgspec, bulk_write", rate, found["batches"].of("rate"), goal=0.45,
            unit=events_each,
        ),
        Row("100,000 subjects, against 5,000", found["many"].of("rate"), rate, goal=0.5, unit=events_each),
        Row("aggregator's memory at 100,000 subjects", found["many"].of("memory_mb"), unit="MB"),
        Row("processor time of an event: ours", found["ours"].of("service_cpu_us"), unit="µs"),
        Row("the same: mongod's for it", found["ours"].of("mongo_cpu_us"), unit="µs"),
    ]  # fmt: skip


def whole_catalogue(here: Servers, runs: int) -> list[Row]:
    """Every measure of the day with all its dimensions, every kind of fact."""
    settings = here.settings()
    events = log.whole_district(settings, 20_000, FEW)
    found = alternating(
        runs, {name: partial(ours, here, settings, events, measures=name) for name in ("all", "without_g1")}
    )
    here.clear(settings)
    every, without = found["all"], found["without_g1"]
    return [
        Row("whole catalogue, all dimensions, backlog", every.of("rate"), goal=4_000, unit="events/s"),
        Row("processor time of such an event, against the catalogue without G1", every.of("service_cpu_us"),
            without.of("service_cpu_us"), unit="µs"),
        Row("the same: mongod's for it", every.of("mongo_cpu_us"), without.of("mongo_cpu_us"), unit="µs"),
    ]  # fmt: skip


def growth(here: Servers, _: int) -> list[Row]:
    """The same number of events on subjects that are already there: 100,000 of them, then 1,000,000."""
    found = {}
    for subjects in (MANY, MOST):
        settings = here.settings()
        log.publish(settings, "credentials", log.awards(subjects, subjects))
        named = f"{settings.database_prefix}_g"
        ours(here, settings, subjects, prefix=named)
        log.publish(settings, "credentials", log.awards(MANY, subjects, turn=1))
        found[subjects] = ours(here, settings, subjects + MANY, prefix=named, BENCH_ALREADY=str(subjects))
        here.clear(settings)
    rates = {subjects: Runs([one]).of("rate") for subjects, one in found.items()}
    memory = Runs([found[MOST]]).of("memory_mb")
    return [
        Row("1,000,000 subjects, against 100,000", rates[MOST], rates[MANY], goal=0.5, unit="events/s"),
        Row("aggregator's memory at 1,000,000 subjects", memory, unit="MB"),
    ]
