"""Are these still the records that were counted? Told by the number of each heartbeat, answered or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from shared.contracts.envelope import Heartbeat


@dataclass(frozen=True, slots=True)
class Heard:
    """The highest number and the latest moment that a log's heartbeats have told, up to a position in it."""

    number: int
    at: datetime

    def after(self, heartbeat: Heartbeat) -> "Heard":
        return Heard(max(self.number, heartbeat.number), max(self.at, heartbeat.through))


NOTHING_HEARD: Mapping[str, Heard] = MappingProxyType({})


def heard_also(heard: Mapping[str, Heard], topic: str, heartbeat: Heartbeat) -> Mapping[str, Heard]:
    """What has been heard of every topic, this heartbeat included; one without a number tells nothing."""
    if not heartbeat.number:
        return heard
    before = heard.get(topic)
    now = before.after(heartbeat) if before else Heard(heartbeat.number, heartbeat.through)
    return {**heard, topic: now}


def refusal(heard: Heard | None, heartbeat: Heartbeat) -> str:
    """What an operator is told when a service goes on from an older copy of its records; empty when it does not.

    A later moment with no higher number: the number was put back, and the records with it. An old
    heartbeat that is read again is none of a later moment, and one of a primary whose clock lags
    has a higher number.
    """
    if heard is None or not heartbeat.number:
        return ""
    if heartbeat.number > heard.number or heartbeat.through <= heard.at:
        return ""
    service = heartbeat.service
    return (
        f"{_begins(service)}: its heartbeat of "
        f"{heartbeat.through:%Y-%m-%d %H:%M:%S} UTC has number {heartbeat.number}, after {heard.number} at "
        f"{heard.at:%Y-%m-%d %H:%M:%S} UTC, as when its database was restored from an older copy. Counted on, what "
        "people do now would be taken for what is known already. Nothing is lost, and nothing of it is counted until "
        f"`aurora republish {service} --raise-versions` has been run"
    )


def _begins(service: str) -> str:
    return f"the records of {service} are older than what was counted from them"


def tells_of(reason: str, service: str) -> bool:
    """Whether a partition is stopped because of this service's older records."""
    return reason.startswith(_begins(service))


def heard_of(document: Mapping[str, Mapping[str, object]]) -> dict[str, Heard]:
    """What was heard, as it stands in a stored position."""
    return {topic: Heard(**one) for topic, one in document.items()}  # type: ignore[arg-type]


def accepted(heard: Mapping[str, Heard], topic: str, until: datetime) -> Mapping[str, Heard]:
    """An operator's word that heartbeats up to this moment are as they should be, whatever their numbers."""
    before = heard.get(topic) or Heard(0, until)
    return {**heard, topic: replace(before, at=max(before.at, until.astimezone(UTC)))}
