"""The aggregator's own loop and store as a candidate: exactly once, with facts; one measure, or the catalogue."""

import asyncio
import gc
import os
import resource
import sys
from collections.abc import Iterator

import uvloop

from services.aggregator.counting.consumer import Counting
from services.aggregator.counting.store import MongoStore
from services.aggregator.domain.catalogue import Catalogue
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures import MEASURES, Measure, Member, Reason
from shared import mongo
from shared.contracts.credentials import Award
from shared.kafka import PARTITIONS
from shared.process import logs
from shared.process.settings import Settings
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
    found_by=(Award.kind,),
    dimensions=("all", "program"),
    members=awards,
)


# What is counted by the name that the bench has for it.
CHOSEN = {
    "one": (ONE,),
    "all": MEASURES,
    "without_g1": tuple(measure for measure in MEASURES if not measure.key.startswith("G1.")),
}


async def main(catalogue: Catalogue, topics: list[str]) -> None:
    settings = Settings()
    client = mongo.connect(settings)
    database, cached = client[settings.database("aggregator")], settings.cache_max_subjects // PARTITIONS
    store = MongoStore(client, database, cache_subjects=cached, catalogue=catalogue)
    await store.prepare(range(PARTITIONS))
    counting = Counting(settings, store, topics)
    clock = told.Clock()
    running = asyncio.create_task(counting.run())
    ended = False
    while not ended:
        await asyncio.sleep(0.01)
        positions = [store.held(number) for number in range(PARTITIONS)]
        ended = clock.done(sum(sum(position.next.values()) for position in positions if position) - clock.read)
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
    uvloop.run(main(Catalogue(CHOSEN[os.environ["BENCH_MEASURES"]]), sys.argv[1].split(",")))
