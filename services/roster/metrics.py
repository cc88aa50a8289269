"""Roster alone exports these metrics; those that other services export too are in shared/process/metrics.py."""

from prometheus_client import Counter

IMPORTS = Counter(
    "roster_imports_total",
    "OneRoster imports by how they ended: done, waiting, refused, failed. Alert when one failed or was refused.",
    ["status"],
)
for _status in ("done", "waiting", "refused", "failed"):
    IMPORTS.labels(_status)  # there from the start: a first failure is then a rise, and not a new series
