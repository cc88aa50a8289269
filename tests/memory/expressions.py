"""What an expression of MongoDB's comes to for a document; an operator that is not known here raises."""

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from bson import Int64

from tests.memory.values import MISSING, rank

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def value_of(expression: Any, document: Mapping[str, Any], now: datetime) -> Any:
    """The value of an expression for a document; MISSING where it has none."""
    if isinstance(expression, str) and expression.startswith("$"):
        return _named(expression, document, now)
    if isinstance(expression, list):
        return [_or_null(value_of(each, document, now)) for each in expression]
    if not isinstance(expression, Mapping):
        return expression
    if operators(expression):
        [(name, operand)] = expression.items()
        return _operated(name, operand, document, now)
    found = {name: value_of(each, document, now) for name, each in expression.items()}
    return {name: each for name, each in found.items() if each is not MISSING}


def operators(expression: Mapping[str, Any]) -> bool:
    """Whether it is an operator, and no document of expressions."""
    return any(name.startswith("$") for name in expression)


def _named(name: str, document: Mapping[str, Any], now: datetime) -> Any:
    if name in ("$$NOW", "$$REMOVE"):
        return now if name == "$$NOW" else MISSING
    # A variable, such as `$$this`, stands beside the fields, whose names begin with no such sign.
    whose, *way = name.split(".") if name.startswith("$$") else ("", *name[1:].split("."))
    if whose and whose not in document:
        raise _unknown(whose)
    found: Any = document[whose] if whose else document
    for part in way:
        if isinstance(found, list):
            raise _unknown(f"the path {name} through an array")
        found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def _operated(name: str, operand: Any, document: Mapping[str, Any], now: datetime) -> Any:
    if name == "$literal":
        return operand
    if name == "$reduce":
        return _reduced(operand, document, now)
    if name not in OPERATORS:
        raise _unknown(name)
    asked = operand if isinstance(operand, list) else [operand]
    return OPERATORS[name]([value_of(each, document, now) for each in asked])


def _reduced(asked: Mapping[str, Any], document: Mapping[str, Any], now: datetime) -> Any:
    value = value_of(asked["initialValue"], document, now)
    for each in value_of(asked["input"], document, now):
        value = value_of(asked["in"], {**document, "$$this": each, "$$value": value}, now)
    return value


def _unknown(what: str) -> NotImplementedError:
    return NotImplementedError(f"the stand-in of MongoDB does not know {what} in an expression")


def _or_null(value: Any) -> Any:
    return None if value is MISSING else value


def _nothing(value: Any) -> bool:
    return value is None or value is MISSING


def _truth(value: Any) -> bool:
    return not (_nothing(value) or value is False or (isinstance(value, int | float) and value == 0))


def _all_there(work_out: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
    """Null as soon as one of the values is nothing."""
    return lambda values: None if any(map(_nothing, values)) else work_out(values)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any]], bool]:
    return lambda values: compare(rank(values[0]), rank(values[1]))


def _added(values: Sequence[Any]) -> Any:
    moments = [each for each in values if isinstance(each, datetime)]
    numbers = sum(each for each in values if not isinstance(each, datetime))
    return moments[0] + numbers * MILLISECOND if moments else numbers


def _subtracted(values: Sequence[Any]) -> Any:
    first, second = values
    if isinstance(first, datetime):
        return Int64((first - second) // MILLISECOND) if isinstance(second, datetime) else first - second * MILLISECOND
    return first - second


def _long(values: Sequence[Any]) -> Int64:
    [value] = values
    return Int64((value - EPOCH) // MILLISECOND if isinstance(value, datetime) else value)


def _most(values: Sequence[Any]) -> Any:
    return max((each for each in values if not _nothing(each)), key=rank, default=None)


def _least(values: Sequence[Any]) -> Any:
    return min((each for each in values if not _nothing(each)), key=rank, default=None)


def _union(values: Sequence[Any]) -> list[Any]:
    return list({rank(each): each for each in chain(*values)}.values())


def _merged(values: Sequence[Any]) -> dict[str, Any]:
    return dict(chain(*(each.items() for each in values if not _nothing(each))))


OPERATORS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "$add": _all_there(_added),
    "$subtract": _all_there(_subtracted),
    "$divide": _all_there(lambda values: values[0] / values[1]),
    "$toLong": _all_there(_long),
    "$max": _most,
    "$min": _least,
    "$ifNull": lambda values: next((each for each in values if not _nothing(each)), values[-1]),
    "$cond": lambda values: values[1] if _truth(values[0]) else values[2],
    "$and": lambda values: all(map(_truth, values)),
    "$or": lambda values: any(map(_truth, values)),
    "$eq": _compared(operator.eq),
    "$ne": _compared(operator.ne),
    "$gt": _compared(operator.gt),
    "$gte": _compared(operator.ge),
    "$lt": _compared(operator.lt),
    "$lte": _compared(operator.le),
    "$concat": _all_there("".join),
    "$indexOfBytes": _all_there(lambda values: values[0].encode().find(values[1].encode())),
    "$objectToArray": _all_there(lambda values: [{"k": name, "v": each} for name, each in values[0].items()]),
    "$setUnion": _all_there(_union),
    "$concatArrays": _all_there(lambda values: list(chain(*values))),
    "$mergeObjects": _merged,
}
