"""The aggregator's own loop and store as a candidate: exactly once, with facts; one measure, or the catalogue."""

import asyncio
import gc
import os
import resource
import sys
import time
from collections.abc import Iterator

import uvloop

from services.aggregator import aggregate
from services.aggregator.consumer import Counting
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures import MEASURES, Measure, Member, Reason
from services.aggregator.main import opened
from shared import logs, mongo
from shared.contracts.credentials import Award
from shared.kafka import PARTITIONS
from shared.settings import Settings
from tests.bench.peers import told


def awards(subject: Subject) -> Iterator[Member]:
    """What the peers count too: an award on its day, in all and in its program."""
    for key, award in subject.of(Award):
        yield Member(
            school_year=award.school_year,
            unit=key,
            where=("all", award.program_id or "none"),
            cohort_day=None,
            counted_day=award.awarded_on,
            matured_day=None,
            why=lambda _: Reason("awarded", "awarded"),
        )


ONE = Measure(
    key="bench",
    version=1,
    title="Awards",
    unit="award",
    population="awards",
    rule="each",
    window="the year",
    reads=frozenset({Award.kind}),
    found_by=Award.kind,
    dimensions=("all", "program"),
    members=awards,
)


async def main(measures: tuple[Measure, ...], topics: list[str]) -> None:
    aggregate.MEASURES = measures
    settings = Settings()
    client = mongo.connect(settings)
    store = opened(settings, client)
    await store.prepare(range(PARTITIONS))
    counting = Counting(settings, store, topics)
    clock = told.Clock()
    running = asyncio.create_task(counting.run())
    ended = False
    while not ended:
        await asyncio.sleep(0.01)
        places = [store.held(number) for number in range(PARTITIONS)]
        ended = clock.done(sum(sum(place.next.values()) for place in places if place) - clock.read)
        if running.done():
            running.result()
    clock.tell()
    sys.stderr.write(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB\n")
    await counting.stop(within_seconds=10)
    await running
    await mongo.close(client)


if __name__ == "__main__":
    logs.configure("aggregator")
    gc.set_threshold(100_000, 50, 100)  # as services.aggregator.main has it
    chosen = (ONE,) if os.environ["BENCH_MEASURES"] == "one" else MEASURES
    began = time.perf_counter()
    uvloop.run(main(chosen, sys.argv[1].split(",")))
