"""Every metric of the aggregator; labels name topics and outcomes, never a subject."""

from prometheus_client import Counter, Gauge, Histogram

from services.aggregator.counting.aggregate import Outcome
from shared.process.metrics import SECONDS

FACTS = Counter(
    "aggregator_facts_total",
    "Facts read and committed, by what they did: applied, or duplicate (that version, or a higher one, was known).",
    ["outcome"],
)
BATCHES = Counter(
    "aggregator_batches_total",
    "Batches of one partition number, by how they ended: counted, quiet, overtaken, failed, stopped.",
    ["outcome"],
)
TURN_SECONDS = Histogram(
    "aggregator_turn_seconds",
    "Time from a batch's arrival to its commit. Alert when p99 is above 2.",
    buckets=SECONDS,
)
PARKED = Counter(
    "aggregator_parked_total",
    "Records that could not be read and were set aside. Alert when it rises.",
    ["topic"],
)
PARKED_RECORDS = Gauge(
    "aggregator_parked_records",
    "Parked records that nobody replayed or discarded, of all partitions (the same in each process). Alert above 0.",
)
LAG_RECORDS = Gauge(
    "aggregator_lag_records",
    "Records in the log, heartbeats included, that this process has not counted yet.",
    ["topic"],
)
SECONDS_BEHIND = Gauge(
    "aggregator_seconds_behind",
    "Age of the oldest heartbeat that this process's partitions have passed. Alert above 60.",
)
LAST_COMMIT = Gauge(
    "aggregator_last_commit_timestamp_seconds",
    "When this process last wrote a batch. Alert when that is long ago and there is lag.",
)
COUNTED_THROUGH = Gauge(
    "aggregator_counted_through_timestamp_seconds",
    "All that was written before this time is counted, as far as this process's partitions go.",
)
PARTITIONS = Gauge(
    "aggregator_partitions",
    "Partition numbers of this process, by state: counting, loading, stopped. Alert when any is stopped.",
    ["state"],
)
RECOUNTING = Gauge(
    "aggregator_recounting_partitions",
    "Partition numbers of this process in which a definition is being counted from the facts.",
)
DRIFT = Gauge(
    "aggregator_drift",
    "Days of cells that differed from a recount of the facts when they were last audited. Alert unless 0.",
    ["measure"],
)
AUDITS = Counter(
    "aggregator_audits_total",
    "Partition numbers that the standing audit has recounted, by what came of it: equal, drift, failed.",
    ["outcome"],
)


def tell(outcome: Outcome) -> None:
    """Count what a batch did, once it is committed."""
    FACTS.labels("applied").inc(outcome.applied)
    FACTS.labels("duplicate").inc(outcome.duplicates)
    for parked in outcome.news.parked:
        PARKED.labels(parked.record.topic).inc()
    BATCHES.labels("counted" if outcome.written else "quiet").inc()
    if outcome.written:
        LAST_COMMIT.set_to_current_time()
