"""Databases that tests have one after another: to empty one takes a tenth of what its indexes take to be made anew."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

EMPTIED_WITHIN_SECONDS = 10.0
Shapes = Mapping[tuple[str, str], Any]


class Sweeper:
    """Takes away what a test had of its own while the next one runs."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []

    def later(self, sweep: Callable[[], None]) -> None:
        self._begun.append(self._thread.submit(sweep))

    def done(self) -> None:
        """Return when all is away. Raise what a sweep raised."""
        begun, self._begun = self._begun, []
        for sweep in begun:
            sweep.result()


class Databases:
    """The databases of one replica set, by their prefix: whoever takes one finds all of them empty."""

    def __init__(self, url: str) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(url)
        self._free: list[str] = []
        self._shapes: dict[str, Shapes] = {}

    def take(self) -> str:
        """A prefix that nobody else has."""
        return self._free.pop() if self._free else f"t{uuid4().hex[:10]}"

    def give_back(self, prefix: str) -> None:
        """Empty its databases for the next one, or drop them when a test has left them otherwise than it found them."""
        found, before = self._shapes_of(prefix), self._shapes.get(prefix, {})
        if any(found.get(at, shape) != shape for at, shape in before.items()) or not self._emptied(found):
            self.drop(prefix)
            return
        self._shapes[prefix] = found
        self._free.append(prefix)

    def drop(self, prefix: str) -> None:
        self._shapes.pop(prefix, None)
        for name in self._client.list_database_names():
            if name.startswith(f"{prefix}_"):
                self._client.drop_database(name)

    def close(self) -> None:
        self._client.close()

    def _shapes_of(self, prefix: str) -> Shapes:
        """The options and indexes of every collection, by its database and name."""
        catalogue = [{"$listCatalog": {}}, {"$match": {"db": {"$regex": f"^{prefix}_"}, "type": "collection"}}]
        return {
            (one["db"], one["name"]): (
                {name: value for name, value in one["md"]["options"].items() if name != "uuid"},
                sorted(repr(index["spec"]) for index in one["md"]["indexes"]),
            )
            for one in self._client.admin.aggregate(catalogue)
        }

    def _emptied(self, found: Shapes) -> bool:
        """Whether every collection is empty now, for those too who read what the majority has."""
        try:
            with pymongo.timeout(EMPTIED_WITHIN_SECONDS):
                for database, name in found:
                    self._client[database].get_collection(name, write_concern=WriteConcern(1)).delete_many({})
                for database, name in list(found)[-1:]:
                    self._client[database][name].delete_many({})
        except PyMongoError:  # a test was killed within a transaction, which holds what it wrote for a while
            return False
        return True
