"""Metrics that several services export are named here; labels name outcomes and parts, never a record or a person."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

HTTP_REQUESTS = Counter(
    "http_requests_total",
    "Requests answered, by operation id, method and status code.",
    ["operation", "method", "status"],
)
HTTP_SECONDS = Histogram(
    "http_request_seconds",
    "Time from a request's first byte to its answer, by operation id. Alert when p99 is above 1.",
    ["operation"],
    buckets=SECONDS,
)

RECORDS_WRITTEN = Counter(
    "records_written_total",
    "Drafts handed to the records, by what came of them: created, changed, unchanged, refused.",
    ["outcome"],
)

RELAY_PUBLISHED = Counter(
    "relay_published_total",
    "Events that Kafka has acknowledged: `state` for facts, `withdrawn`, `heartbeat`.",
    ["service", "what"],
)
RELAY_PUBLISH_SECONDS = Histogram(
    "relay_publish_seconds",
    "Time from handing a batch to Kafka to its last acknowledgement.",
    ["service"],
    buckets=SECONDS,
)
RELAY_UNPUBLISHED = Gauge(
    "relay_unpublished_records",
    "Records that wait to be published, live or again (counted to 100,000).",
    ["service"],
)
RELAY_OLDEST_UNPUBLISHED_SECONDS = Gauge(
    "relay_oldest_unpublished_seconds",
    "How long the oldest unpublished live write has waited; 0 when none waits. Alert above 60.",
    ["service"],
)
RELAY_IS_HOLDER = Gauge(
    "relay_is_holder",
    "1 in the process whose relay is the active one. Alert when a service's sum is not 1 for a minute.",
    ["service"],
)
RELAY_HELD = Gauge(
    "relay_held_records",
    "Records whose facts could not be made, tried again and again while others go on. Alert above 0.",
    ["service"],
)
RELAY_HELD_SINCE = Gauge(
    "relay_held_since_timestamp_seconds",
    "Since when the oldest change of a record that is held back waits; 0 while none is.",
    ["service"],
)
RELAY_FAILURES = Counter(
    "relay_failures_total",
    "Times that the relay had to wait and try again, whatever the reason.",
    ["service"],
)
RELAY_HEARTBEAT_AT = Gauge(
    "relay_heartbeat_timestamp_seconds",
    "All that was acknowledged before this time is in the log. Alert when its age is above 60.",
    ["service"],
)

PROJECTION_PARKED = Counter(
    "projection_parked_total",
    "Records of roster that a service could not read into its copy, and that lie in `parked`. Alert when it rises.",
    ["service"],
)

BACKGROUND_RESTARTS = Counter(
    "background_restarts_total",
    "Times that a task that should run for ever ended and was started again.",
    ["task"],
)
