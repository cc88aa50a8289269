"""What is read of documents: which, in which order, how many, and which of their fields."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from tests.memory.expressions import value_of
from tests.memory.filters import checked, matches
from tests.memory.updates import with_set
from tests.memory.values import MISSING, at, place, put, rank

Document = dict[str, Any]
Order = Sequence[tuple[str, int]]
# What a server does when it is asked; the filter, and the least key of which index.
Look = Callable[[Mapping[str, Any], str, Order], list[Document]]


class MemoryCursor:
    """A question that is put when its answer is first read, as the drivers do."""

    def __init__(self, look: Look, where: Mapping[str, Any], fields: Mapping[str, Any] | None) -> None:
        self._look = look
        self._where, self._fields = where, fields
        self._order: Order = ()
        self._skipped = self._most = 0
        self._index, self._least = "", ()

    def sort(self, by: str | Order, direction: int = 1) -> Self:
        self._order = [(by, direction)] if isinstance(by, str) else by
        return self

    def skip(self, count: int) -> Self:
        self._skipped = count
        return self

    def limit(self, count: int) -> Self:
        self._most = count
        return self

    def batch_size(self, _: int) -> Self:
        return self

    def hint(self, index: str) -> Self:
        self._index = index
        return self

    def min(self, least: Order) -> Self:
        self._least = least
        return self

    async def to_list(self, length: int | None = None) -> list[Document]:
        return [one async for one in self][:length]

    async def __aiter__(self) -> AsyncIterator[Document]:
        found = in_order(self._look(self._where, self._index, self._least), self._order)[self._skipped :]
        for one in found[: self._most or None]:
            yield projected(one, self._fields)


def in_order(documents: Sequence[Document], order: Order) -> list[Document]:
    """The documents sorted, the last of the paths first, so that the first of them decides."""
    found = list(documents)
    for path, direction in reversed(order):
        found.sort(key=lambda one: place(_first(one, path)), reverse=direction < 0)
    return found


def _first(document: Document, path: str) -> Any:
    found = list(at(document, path))
    return found[0] if len(found) == 1 else found or MISSING


def projected(document: Document, fields: Mapping[str, Any] | None) -> Document:
    """The fields that were asked for: those named, or all but those named; of an array, a part."""
    if not fields:
        return document
    parts = {name: wanted["$slice"] for name, wanted in fields.items() if isinstance(wanted, Mapping)}
    named = {name: bool(wanted) for name, wanted in fields.items() if name not in parts}
    if any(wanted for name, wanted in named.items() if name != "_id") or (named and not parts and named.get("_id")):
        found = {"_id": document["_id"]} if named.get("_id", True) else {}
        for name in (*(name for name, wanted in named.items() if wanted and name != "_id"), *parts):
            found = _with_path(found, document, name.split("."))
    else:
        found = document
        for name, wanted in named.items():
            if not wanted:
                put(found, name, MISSING)
    for name, part in parts.items():
        if isinstance(found.get(name), list):
            found[name] = found[name][:part] if part >= 0 else found[name][part:]
    return found


def _with_path(found: Any, source: Any, way: list[str]) -> Any:
    """What is found already, and beside it what the source has along the way."""
    head, *rest = way
    if isinstance(source, list):
        inner = [each for each in source if isinstance(each, Mapping)]
        before = found if isinstance(found, list) else [{} for _ in inner]
        return [_with_path(one, each, way) for one, each in zip(before, inner, strict=True)]
    if head not in source:
        return found
    there = source[head]
    if not rest:
        return {**found, head: there}
    if not isinstance(there, Mapping | list):
        return found
    return {**found, head: _with_path(found.get(head, {}), there, rest)}


def piped(documents: Iterable[Document], steps: Iterable[Mapping[str, Any]], now: datetime) -> list[Document]:
    """What a pipeline makes of documents; a step that is not known here raises."""
    found = list(documents)
    for step in steps:
        [(name, operand)] = step.items()
        if name not in STEPS:
            raise NotImplementedError(f"the stand-in of MongoDB does not know {name} in a pipeline")
        found = STEPS[name](found, operand, now)
    return found


def _grouped(documents: list[Document], wanted: Mapping[str, Any], now: datetime) -> list[Document]:
    groups: dict[Any, tuple[Any, list[Document]]] = {}
    for each in documents:
        of = value_of(wanted["_id"], each, now)
        groups.setdefault(rank(of), (None if of is MISSING else of, []))[1].append(each)
    found = []
    for of, members in groups.values():
        one = {"_id": of}
        for name, asked in wanted.items():
            if name != "_id":
                [(operator, expression)] = asked.items()
                values = [value_of(expression, each, now) for each in members]
                one[name] = GATHERED[operator]([each for each in values if each not in (None, MISSING)])
        found.append(one)
    return found


GATHERED: dict[str, Callable[[list[Any]], Any]] = {
    "$sum": sum,
    "$min": lambda values: min(values, default=None),
    "$max": lambda values: max(values, default=None),
}
STEPS: dict[str, Callable[[list[Document], Any, datetime], list[Document]]] = {
    "$match": lambda documents, where, _: [each for each in documents if matches(each, checked(where))],
    "$sort": lambda documents, order, _: in_order(documents, list(order.items())),
    "$limit": lambda documents, most, _: documents[:most],
    "$set": lambda documents, fields, now: [with_set(each, fields, now) for each in documents],
    "$group": _grouped,
}
