"""The heartbeats that counting has passed: through when each log is counted, and what its service held back from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from services.aggregator.counting.aggregate import News
from shared.contracts.envelope import NOTHING_HELD, HeldBack

At = tuple[str, int]  # a topic and a partition number


@dataclass(slots=True)
class Passed:
    """What one look at the logs has passed."""

    through: dict[At, datetime] = field(default_factory=dict)
    held_back: dict[At, HeldBack] = field(default_factory=dict)

    def take(self, number: int, news: News) -> None:
        """The heartbeats of one batch of a partition number were passed."""
        self.through |= {(topic, number): through for topic, through in news.heartbeats.items()}
        self.held_back |= {(topic, number): held for topic, held in news.held_back.items()}


def notes(passed: Passed) -> list[UpdateOne]:
    """How far each log is counted, to be kept: only ever forward; what is held back as the latest heartbeat says."""
    return [
        UpdateOne(
            {"_id": f"{topic}-{partition}"},
            [{"$set": {"topic": topic, "partition": partition, **_later(through, passed.held_back.get(at))}}],
            upsert=True,
        )
        for at, through in passed.through.items()
        for topic, partition in [at]
    ]


def _later(through: datetime, held: HeldBack | None) -> Mapping[str, Any]:
    held = held or NOTHING_HELD
    said = {"through": through, "held": held.records, "held_since": held.since}
    later = {"$gte": [through, {"$ifNull": ["$through", through]}]}
    return {name: {"$cond": [later, {"$literal": value}, f"${name}"]} for name, value in said.items()}
