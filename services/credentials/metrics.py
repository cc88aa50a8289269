"""What credentials alone exports; everything that other services export too is in shared/process/metrics.py."""

from prometheus_client import Counter

PROJECTION_PARKED = Counter(
    "credentials_projection_parked_total",
    "Records of roster that could not be read and lie in `parked`. Alert when it rises.",
)
