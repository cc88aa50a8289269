"""What MongoDB makes of values: which are the same, which comes first, and what stands at a path."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bson import CodecOptions, ObjectId, decode, encode

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


class Nothing(Enum):
    """What stands nowhere: another thing than null, though a filter on null finds both."""

    MISSING = "missing"


MISSING = Nothing.MISSING
PLAIN = ((bool, 7), (int | float, 1), (str, 2), (ObjectId, 6), (datetime, 8))
NUMBER_OF_TYPE = {"null": 0, "number": 1, "string": 2, "object": 3, "array": 4, "bool": 7, "date": 8}


def kept(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as it would come back. Raise OverflowError or InvalidDocument for one that cannot be stored."""
    return decode(encode(document), CODEC)


def now() -> datetime:
    """The server's clock, which counts milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rank(value: Any) -> tuple[Any, ...]:
    """Where a value stands among all others, the same for those that are equal: first by type, then by size."""
    if value is MISSING:
        return (-1,)
    if value is None:
        return (0,)
    for kind, number in PLAIN:
        if isinstance(value, kind):
            return (number, value)
    if isinstance(value, Mapping):
        return (3, tuple((rank(each)[0], name, rank(each)) for name, each in value.items()))
    if isinstance(value, list | tuple):
        return (4, tuple(rank(each) for each in value))
    if isinstance(value, bytes):
        return (5, len(value), value)
    raise TypeError(f"the stand-in of MongoDB cannot compare {type(value).__name__}")


def place(value: Any) -> tuple[Any, ...]:
    """Where a document with this value is sorted in: behind no values what lacks one, with those that say null."""
    if isinstance(value, list) and not value:
        return (-1,)
    least = [rank(each) for each in value] if isinstance(value, list) else [rank(value)]
    return max(min(least), (0,))


def at(value: Any, path: str) -> Iterator[Any]:
    """What stands at a path: one value, or one for each element of an array on the way."""
    head, _, rest = path.partition(".")
    if isinstance(value, Mapping):
        found = value.get(head, MISSING)
        if rest and found is not MISSING:
            yield from at(found, rest)
        else:
            yield found
    elif isinstance(value, list):
        if head.isdecimal() and int(head) < len(value):
            found = value[int(head)]
            if not rest:
                yield found
            elif isinstance(found, Mapping | list):
                yield from at(found, rest)
        for each in value:
            if isinstance(each, Mapping):
                yield from at(each, path)
    else:
        yield MISSING


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Have a value stand at a path, or nothing."""
    *way, last = path.split(".")
    inner: Any = document
    for name in way:
        if isinstance(inner, list):
            inner = inner[int(name)]
            continue
        if value is MISSING and not isinstance(inner.get(name), dict):
            return
        inner = inner.setdefault(name, {})
    if not isinstance(inner, dict):
        raise NotImplementedError(f"the stand-in of MongoDB writes nothing to {path} in {type(inner).__name__}")
    if value is MISSING:
        inner.pop(last, None)
    else:
        inner[last] = value
