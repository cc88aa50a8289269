"""What of the log can be read, and what is set aside: unreadable records are kept as they came."""

import re
from datetime import date, datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from services.aggregator.counting.aggregate import Parked
from services.aggregator.counting.log_record import Record
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import HEARTBEAT_TYPE, Arrived, Fact, Heartbeat, header, read_fact, read_heartbeat
from shared.errors import Unreadable
from shared.kafka import partition_of
from shared.school_year import is_school_year

# Ids become names of fields in MongoDB, where a dot or a dollar would mean something else.
ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
PLAIN_ID = re.compile(ID)
KIND_AND_ID = re.compile(f"[a-z_]+/{ID}")
HIGHEST_VERSION = 2**53
LONGEST_FACT_BYTES = 64 * 1024
YEARS = range(1900, 2200)


def read(record: Record) -> Arrived | Heartbeat:
    """What a record says. Raise Unreadable, with the reason, when it is none that can be counted.

    Whatever passes here must go through the rules and into MongoDB: a record that failed only
    there would stop its partition for good.
    """
    if header(record.headers, "ce_type") == HEARTBEAT_TYPE:
        return _timed(read_heartbeat(record.value))
    if record.value is not None and len(record.value) > LONGEST_FACT_BYTES:
        raise Unreadable(f"{len(record.value)} bytes; no fact is longer than {LONGEST_FACT_BYTES}")
    fact = read_fact(BY_TYPE, headers=record.headers, key=record.key, value=record.value)
    _check_ids(fact)
    if fact.event.state is not None:
        _check_state(fact.event.state)
    belongs = partition_of(record.key or b"")
    if belongs != record.partition:
        raise Unreadable(f"the key {fact.subject} belongs in partition {belongs}, not {record.partition}")
    return fact


def _timed(heartbeat: Heartbeat) -> Heartbeat:
    if heartbeat.through.tzinfo is None:
        raise Unreadable(f"heartbeat: {heartbeat.through} has no time zone")
    return heartbeat


def _check_ids(fact: Arrived) -> None:
    record_id, version = fact.event.record_id, fact.event.version
    if not KIND_AND_ID.fullmatch(fact.subject):
        raise Unreadable(f"{fact.subject!r} is not the id of a subject, such as student/7f3")
    if not KIND_AND_ID.fullmatch(record_id) or not record_id.startswith(f"{fact.kind}/"):
        raise Unreadable(f"{record_id!r} is not the id of a record of kind {fact.kind}")
    if not 0 < version <= HIGHEST_VERSION:
        raise Unreadable(f"{version} is not a version")


def _check_state(state: Fact) -> None:
    school_year = getattr(state, "school_year", None)
    if school_year is not None and not (is_school_year(school_year) and int(school_year[:4]) in YEARS):
        raise Unreadable(f"school_year {school_year!r} is not one; it is written like 2024-25")
    dates, maps = _fields(type(state))
    for name in dates:
        day = getattr(state, name)
        if day is not None and day.year not in YEARS:
            raise Unreadable(f"{name} {day} is not between {YEARS[0]} and {YEARS[-1]}")
    for name in maps:
        if not all(PLAIN_ID.fullmatch(key) for key in getattr(state, name)):
            raise Unreadable(f"a key of {name} is not an id")


@cache
def _fields(fact: type[Fact]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a fact's fields that hold a date, and of those whose keys are ids."""
    hints = get_type_hints(fact).items()
    dates = tuple(name for name, hint in hints if date in (hint, *get_args(hint)))
    return dates, tuple(name for name, hint in hints if get_origin(hint) is dict)


def parked_document(parked: Parked, at: datetime) -> tuple[str, list[dict[str, Any]]]:
    """The id (its coordinates) and the upsert of a parked record; met again, it only counts up.

    What an operator decided about it stays, unless a log made anew holds another record there.
    """
    record = parked.record
    fields = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "reason": parked.reason,
        "key": record.key,
        "value": record.value,
        "headers": [[key, value] for key, value in record.headers],
    }
    same = {"$eq": ["$timestamp", record.timestamp]}
    update: dict[str, Any] = {name: {"$literal": value} for name, value in fields.items()}
    # Read again, what was erased stays so.
    erased = {"$and": [same, {"$eq": ["$closed.how", "erased"]}]}
    update |= {name: {"$cond": [erased, f"${name}", update[name]]} for name in ("reason", "key", "value", "headers")}
    update["times"] = {"$add": [{"$ifNull": ["$times", 0]}, 1]}
    update["at"] = {"$ifNull": ["$at", at]}
    update["closed"] = {"$cond": [same, {"$ifNull": ["$closed", "$$REMOVE"]}, "$$REMOVE"]}
    return f"{record.topic}-{record.partition}-{record.offset}", [{"$set": update}]
