"""The indexes of a collection: a unique one knows whose each key is, and refuses a second document with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from tests.memory.filters import matches
from tests.memory.values import MISSING, rank

Key = tuple[tuple[Any, ...], ...]
Document = Mapping[str, Any]
DUPLICATE_KEY = 11000
ASCENDING = 1


@dataclass(slots=True)
class Index:
    """One index, and, if it is unique, which document has which of its keys."""

    name: str
    paths: tuple[str, ...]
    unique: bool = False
    holds_for: Document = field(default_factory=dict)
    sparse: bool = False
    _holders: dict[Key, Any] = field(default_factory=dict)

    def keys(self, document: Document) -> dict[Key, tuple[Any, ...]]:
        """The keys of a document with their values: none where it is not held, several through an array."""
        if not matches(document, self.holds_for):
            return {}
        found = {tuple(rank(one) for one in values): values for values in _values(document, self.paths)}
        empty = tuple(rank(None) for _ in self.paths)
        return {key: values for key, values in found.items() if not (self.sparse and key == empty)}

    def refusal(self, document: Document) -> dict[str, Any] | None:
        """The server's words for a write that would make a second holder of a key."""
        for key, values in self.keys(document).items() if self.unique else ():
            if self._holders.get(key, document["_id"]) != document["_id"]:
                return refused(self.name, self.paths, values)
        return None

    def let_in(self, document: Document) -> None:
        """The document holds its keys."""
        self._holders.update(dict.fromkeys(self.keys(document) if self.unique else (), document["_id"]))

    def let_go(self, document: Document) -> None:
        """The document holds none any more."""
        for key in self.keys(document) if self.unique else ():
            del self._holders[key]


def refused(name: str, paths: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    """A write error as the server tells it."""
    return {
        "code": DUPLICATE_KEY,
        "keyPattern": dict.fromkeys(paths, ASCENDING),
        "keyValue": dict(zip(paths, values, strict=True)),
        "errmsg": f"E11000 duplicate key error collection: memory index: {name} dup key: {values!r}",
    }


def _values(document: Document, paths: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """What stands at the paths; once for each element of the array that they go through, seen in all of them alike."""
    through = next((way for way in (_first_array(document, path) for path in paths) if way is not None), None)
    if through is None:
        yield tuple(None if (one := _one(document, path)) is MISSING else one for path in paths)
        return
    for element in _one(document, through) or (MISSING,):
        yield from _values(_with(document, through.split("."), element), paths)


def _one(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name, MISSING) if isinstance(document, Mapping) else MISSING
    return document


def _first_array(document: Document, path: str) -> str | None:
    parts = path.split(".")
    ways = (".".join(parts[: count + 1]) for count in range(len(parts)))
    return next((way for way in ways if isinstance(_one(document, way), list)), None)


def _with(document: Document, way: list[str], value: Any) -> dict[str, Any]:
    head, *rest = way
    inner = _with(document[head], rest, value) if rest else value
    return dict(chain(document.items(), [(head, inner)]))
