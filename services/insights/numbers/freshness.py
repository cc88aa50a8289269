"""How far the counts reach is measured by the heartbeats that every service writes behind what it has published."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.words.said import said

TopicPartition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A service has held back so many records since then; they are counted as they were before."""

    service: str
    records: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """All that was written before `counted_through` is counted, but what is `withheld`; None: nothing can be said yet.

    `why` says what makes the counts stale; empty while they are fresh.
    """

    counted_through: datetime | None
    seconds_behind: float | None
    why: str = ""
    withheld: tuple[Withheld, ...] = ()

    @property
    def stale(self) -> bool:
        return bool(self.why)


def freshness_of(
    heard: Mapping[TopicPartition, datetime],
    expected: Collection[TopicPartition],
    stopped: Mapping[int, str],
    *,
    now: datetime,
    stale_after_seconds: float,
) -> Freshness:
    """Freshness by the oldest heartbeat of all topics and partitions: the one furthest behind speaks for all."""
    silent = set(expected) - heard.keys()
    through = None if silent else min(heard[one] for one in expected)
    behind = None if through is None else max(0.0, round((now - through).total_seconds(), 3))
    if stopped:
        partition, reason = min(stopped.items())
        stop = {"partition": partition, "reason": reason}
        if len(stopped) == 1:
            return Freshness(
                through, behind, said("counting has stopped in partition %(partition)s: %(reason)s", **stop)
            )
        why = said(
            "counting has stopped in partition %(partition)s (and in %(more)s more): %(reason)s",
            more=len(stopped) - 1,
            **stop,
        )
        return Freshness(through, behind, why)
    if through is None or behind is None:
        topics = ", ".join(sorted({topic for topic, _ in silent}))
        return Freshness(None, None, said("not all of %(topics)s has been heard of yet", topics=topics))
    if behind > stale_after_seconds:
        return Freshness(
            through, behind, said("nothing written in the last %(seconds)s seconds is counted yet", seconds=int(behind))
        )
    return Freshness(through, behind)


def withheld_from(noted: Iterable[Mapping[str, Any]], services: Mapping[str, str]) -> tuple[Withheld, ...]:
    """What the services hold back, by topic, as the latest heartbeat of each says; by the names of the services."""
    latest: dict[str, Mapping[str, Any]] = {}
    for one in noted:
        before = latest.get(one["topic"])
        if before is None or before["through"] < one["through"]:
            latest[one["topic"]] = one
    return tuple(
        Withheld(services[topic], one["held"], one["held_since"] or one["through"])
        for topic, one in sorted(latest.items())
        if topic in services and one.get("held")
    )
