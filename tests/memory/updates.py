"""What an update makes of a document; an operator or a step that is not known here raises."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from tests.memory.expressions import operators, value_of
from tests.memory.values import MISSING, at, put, rank

Document = dict[str, Any]
Update = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def updated(document: Mapping[str, Any], update: Update, now: datetime, *, inserting: bool) -> Document:
    """The document after an update, given as operators or as steps of a pipeline."""
    after = deepcopy(dict(document))
    if isinstance(update, Mapping):
        for name, changes in update.items():
            if name not in OPERATORS:
                raise _unknown(name)
            for path, operand in changes.items() if inserting or name != "$setOnInsert" else ():
                put(after, path, OPERATORS[name](next(at(after, path)), operand, now))
        return after
    for step in update:
        [(name, operand)] = step.items()
        if name not in STEPS:
            raise _unknown(name)
        after = STEPS[name](after, operand, now)
    return after


def with_set(document: Document, fields: Mapping[str, Any], now: datetime) -> Document:
    """A document with the fields of a `$set` step, each worked out of the document as it came into the step."""
    after = deepcopy(document)
    for path, value in _each(fields, document, now):
        put(after, path, value)
    return after


def _each(fields: Mapping[str, Any], document: Document, now: datetime, before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, expression in fields.items():
        if isinstance(expression, Mapping) and expression and not operators(expression):
            # Fields of a document within are set one by one: what else stood in it stays.
            found += _each(expression, document, now, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", deepcopy(value_of(expression, document, now))))
    return found


def _unset(document: Document, paths: Any, _: datetime) -> Document:
    for path in [paths] if isinstance(paths, str) else paths:
        put(document, path, MISSING)
    return document


def _unknown(name: str) -> NotImplementedError:
    return NotImplementedError(f"the stand-in of MongoDB does not know {name} in an update")


def _added(before: Any, operand: Any, _: datetime) -> list[Any]:
    several = isinstance(operand, Mapping) and "$each" in operand
    there = [] if before is MISSING else list(before)
    for one in operand["$each"] if several else [operand]:
        if rank(one) not in [rank(each) for each in there]:
            there.append(one)
    return there


def _most(before: Any, operand: Any, _: datetime) -> Any:
    return max(before, operand, key=rank)


OPERATORS: dict[str, Callable[[Any, Any, datetime], Any]] = {
    "$set": lambda _, operand, __: operand,
    "$setOnInsert": lambda _, operand, __: operand,
    "$unset": lambda _, __, ___: MISSING,
    "$inc": lambda before, operand, _: (0 if before is MISSING else before) + operand,
    "$max": _most,
    "$addToSet": _added,
    "$currentDate": lambda _, __, now: now,
}
STEPS: dict[str, Callable[[Document, Any, datetime], Document]] = {
    "$set": with_set,
    "$unset": _unset,
    "$replaceWith": lambda document, operand, now: deepcopy(value_of(operand, document, now)),
}
