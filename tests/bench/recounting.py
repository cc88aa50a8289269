"""`aurora recount` of the whole catalogue on a generated district, done by an aggregator as it is deployed."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from pymongo import MongoClient

from deploy.cli.mending.recount import _recounted, as_data
from services.aggregator.domain.catalogue import CATALOGUE
from services.aggregator.domain.facts import Known, Subject, fact_document
from shared.contracts.catalogue import BY_KIND
from shared.kafka import partition_of
from shared.process.settings import Settings
from tests.aggregating import District
from tests.bench import servers
from tests.bench.servers import Servers
from tests.bench.table import Row, Runs

STUDENTS, AT_ONCE = 15_000, 1_000
EVENTS_EACH = 20  # of a student: nearly every record of one is then said at least once
GOAL_PER_SECOND = 1_000_000 / 300


def subjects(students: int) -> Iterator[Subject]:
    """Made-up students with completions, awards, assessments, enrolments and demographics."""
    for first in range(0, students, AT_ONCE):
        known: dict[str, dict[str, Known]] = {}
        district = District(seed=first, students=min(AT_ONCE, students - first))
        for said in district.goes_on(district.students * EVENTS_EACH):
            state = None if said.state is None else msgspec.convert(said.state, BY_KIND[said.kind])
            known.setdefault(said.subject, {})[said.record] = Known(said.version, said.kind, state)
        yield from (Subject(f"{name}-of-{first}", facts) for name, facts in known.items())


def furnish(settings: Settings, students: int) -> int:
    """Keep them as the aggregator does, none of them counted yet; how many facts they are."""
    facts = 0
    with MongoClient(settings.mongo_url) as client:
        kept = client[settings.database("aggregator")]["subjects"]
        piece: list[dict[str, Any]] = []
        for one in subjects(students):
            facts += len(one.facts)
            stored = {key: fact_document(known) for key, known in one.facts.items()}
            piece.append({"_id": one.id, "p": partition_of(one.id.encode()), "has": one.has, "facts": stored})
            if len(piece) == AT_ONCE:
                kept.insert_many(piece, ordered=False)
                piece = []
        if piece:
            kept.insert_many(piece, ordered=False)
    return facts


def recounted(settings: Settings, facts: int, pid: int, mongo_pid: int) -> dict[str, Any]:
    """One recount, from asking for it to its last report, and what a fact of it cost."""
    before = servers.cpu_seconds(pid), servers.cpu_seconds(mongo_pid)
    began = time.perf_counter()
    found = as_data(asyncio.run(_recounted(settings, CATALOGUE.definitions)))
    seconds = time.perf_counter() - began
    after = servers.cpu_seconds(pid), servers.cpu_seconds(mongo_pid)
    used = [1e6 * (later - earlier) / facts for earlier, later in zip(before, after, strict=True)]
    return {
        "seconds": seconds,
        "rate": facts / seconds,
        "service_cpu_us": used[0],
        "mongo_cpu_us": used[1],
        "differences": found["differences"],
    }


def recount(here: Servers, _: int, *, students: int = STUDENTS) -> list[Row]:
    """First nothing is counted, and all is mended; then all is right, and proven equal."""
    settings = here.settings()
    log = here.folder / "recount-aggregator.log"
    with servers.service("aggregator", settings, log) as (_url, process):
        facts = furnish(settings, students)
        mended, equal = (recounted(settings, facts, process.pid, here.mongo_pid) for _ in range(2))
    here.clear(settings)
    if equal["differences"] or not mended["differences"]:
        raise RuntimeError(f"recounted twice: {mended['differences']} days differed, then {equal['differences']}")
    runs = {"mended": Runs([mended]), "equal": Runs([equal])}
    return [
        Row(f"recount of {facts:,} facts, whole catalogue, proven equal", runs["equal"].of("rate"),
            goal=GOAL_PER_SECOND, unit="facts/s"),
        Row("the same, all of it mended", runs["mended"].of("rate"), goal=GOAL_PER_SECOND, unit="facts/s"),
        Row("processor time of a fact recounted", runs["equal"].of("service_cpu_us"), unit="µs"),
        Row("the same: mongod's for it", runs["equal"].of("mongo_cpu_us"), unit="µs"),
    ]  # fmt: skip
