"""How far the counts reach: measured by the heartbeats that every service writes behind what it has published."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

Stream = tuple[str, int]  # a topic and one of its partitions


@dataclass(frozen=True, slots=True)
class Freshness:
    """All that was written before `counted_through` is counted; None: nothing can be said yet.

    `why` says what makes the counts stale; empty while they are fresh.
    """

    counted_through: datetime | None
    seconds_behind: float | None
    why: str = ""

    @property
    def stale(self) -> bool:
        return bool(self.why)


def freshness_of(
    heard: Mapping[Stream, datetime],
    expected: Collection[Stream],
    stopped: Mapping[int, str],
    *,
    now: datetime,
    stale_after_seconds: float,
) -> Freshness:
    """The smallest heartbeat over every topic and partition: the one furthest behind speaks for all."""
    silent = set(expected) - heard.keys()
    if silent:
        topics = ", ".join(sorted({topic for topic, _ in silent}))
        return Freshness(None, None, f"not all of {topics} has been heard of yet")
    through = min(heard[one] for one in expected)
    behind = max(0.0, round((now - through).total_seconds(), 3))
    if stopped:
        partition, reason = min(stopped.items())
        more = f" (and in {len(stopped) - 1} more)" if len(stopped) > 1 else ""
        return Freshness(through, behind, f"counting has stopped in partition {partition}{more}: {reason}")
    if behind > stale_after_seconds:
        return Freshness(through, behind, f"nothing written in the last {int(behind)} seconds is counted yet")
    return Freshness(through, behind)
