"""How a fact travels: CloudEvents 1.0 in binary Kafka mode, the state after the change."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import ClassVar, Generic, TypeVar

import msgspec

from shared.contracts.values import RecordId, Version
from shared.errors import Unreadable

Headers = list[tuple[str, bytes]]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A record's state, filed by its owner: it sets, it never adds."""

    service: ClassVar[str]
    kind: ClassVar[str]
    major: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, such as `org.aurora.credentials.award.v1`."""
        return f"org.aurora.{cls.service}.{cls.kind}.v{cls.major}"


F = TypeVar("F", bound=Fact)
# To which subject, and what it is told.
Outgoing = tuple[str, Fact]


class Event(msgspec.Struct, Generic[F], frozen=True, kw_only=True):
    """One version of one record, as it concerns one subject; `state` is None when withdrawn."""

    record_id: RecordId
    version: Version
    state: F | None


class HeldBack(msgspec.Struct, frozen=True):
    """How many records cannot be made into events, and since when the oldest of these changes waits."""

    records: int = 0
    since: datetime | None = None


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """All that the service acknowledged before `through` lies in the log before this record, but what is held back.

    Of `held` records what was written since `held_since` cannot be made into events, and so is not there.

    `number` is kept beside the service's records and raised with every heartbeat, in one write with
    `through`: a later heartbeat with no higher number comes from an older copy of those records.
    0: a release that keeps no number.
    """

    service: str
    through: datetime
    number: int = 0
    held: int = 0
    held_since: datetime | None = None

    @property
    def held_back(self) -> HeldBack:
        """What it says is not in the log."""
        return HeldBack(self.held, self.held_since)


NOTHING_HELD = HeldBack()
HEARTBEAT_TYPE = "org.aurora.heartbeat.v1"
ENCODER = msgspec.json.Encoder()


class Message(msgspec.Struct, frozen=True):
    """What is handed to Kafka: a subject's key (None for a heartbeat), a body and headers."""

    key: bytes | None
    value: bytes
    headers: Headers


class Arrived(msgspec.Struct, frozen=True):
    """One event as read from the log."""

    type: str
    kind: str
    subject: str
    event: Event[Fact]


def fact_message(fact_type: type[Fact], event: Event[Fact], *, subject: str, at: datetime) -> Message:
    """The Kafka message of one event.

    `subject` such as `student/7f3`; `at` is when the version was written, in UTC.
    """
    return Message(
        key=subject.encode(),
        value=ENCODER.encode(event),
        headers=[
            ("ce_specversion", b"1.0"),
            ("ce_id", f"{event.record_id}/{event.version}/{subject}".encode()),
            ("ce_source", f"/aurora/{fact_type.service}".encode()),
            ("ce_type", fact_type.type_name().encode()),
            ("ce_subject", subject.encode()),
            ("ce_time", at.astimezone(UTC).isoformat().encode()),
            ("content-type", b"application/json"),
        ],
    )


def heartbeat_message(service: str, through: datetime, number: int = 0, held_back: HeldBack = NOTHING_HELD) -> Message:
    """The Kafka message that says how far a service has published."""
    at = through.astimezone(UTC).isoformat()
    beat = Heartbeat(
        service=service, through=through, number=number, held=held_back.records, held_since=held_back.since
    )
    return Message(
        key=None,
        value=ENCODER.encode(beat),
        headers=[
            ("ce_specversion", b"1.0"),
            ("ce_id", f"heartbeat/{service}/{at}".encode()),
            ("ce_source", f"/aurora/{service}".encode()),
            ("ce_type", HEARTBEAT_TYPE.encode()),
            ("ce_time", at.encode()),
            ("content-type", b"application/json"),
        ],
    )


def header(headers: Iterable[tuple[str, bytes]], name: str) -> str:
    """One header's text. Raise Unreadable when it is missing, empty or not UTF-8."""
    for key, value in headers:
        if key == name:
            try:
                return value.decode() if value else _missing(name)
            except (UnicodeDecodeError, AttributeError) as error:
                raise Unreadable(f"header {name} is not UTF-8 text") from error
    return _missing(name)


def _missing(name: str) -> str:
    raise Unreadable(f"header {name} is missing")


@cache
def _decoder(fact_type: type[Fact]) -> msgspec.json.Decoder[Event[Fact]]:
    return msgspec.json.Decoder(Event[fact_type])  # type: ignore[valid-type]


# Brackets nested too deep are a RecursionError to msgspec, and to nobody worth stopping for.
NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
HEARTBEATS = msgspec.json.Decoder(Heartbeat)


def read_heartbeat(value: bytes | None) -> Heartbeat:
    """Raise Unreadable unless the body is a heartbeat."""
    try:
        return HEARTBEATS.decode(value or b"")
    except NOT_JSON as error:
        raise Unreadable(f"heartbeat: {error}") from error


def read_fact(
    types: dict[str, type[Fact]],
    *,
    headers: Iterable[tuple[str, bytes]],
    key: bytes | None,
    value: bytes | None,
) -> Arrived:
    """One event, or Unreadable with the reason in words.

    `types` maps CloudEvents types to facts; an unknown optional field is ignored, a missing
    required one, an unknown type or a key that is not the subject is unreadable.
    """
    name = header(headers, "ce_type")
    fact_type = types.get(name)
    if fact_type is None:
        raise Unreadable(f"type {name} is not one that this release reads")
    subject = header(headers, "ce_subject")
    if key is None or key != subject.encode():
        raise Unreadable(f"the key is not the subject {subject}")
    if not value:
        raise Unreadable("the body is empty")
    try:
        event = _decoder(fact_type).decode(value)
    except NOT_JSON as error:
        raise Unreadable(f"{name}: {error}") from error
    return Arrived(type=name, kind=fact_type.kind, subject=subject, event=event)
