"""A database kept as it is now, and put back later, as a dump is: every collection, and nothing that came since."""

from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient

Copy = Mapping[str, list[dict[str, Any]]]


def copied(url: str, database: str) -> Copy:
    """Every document of every collection."""
    with MongoClient(url, tz_aware=True) as client:
        return {name: list(client[database][name].find()) for name in client[database].list_collection_names()}


def put_back(url: str, database: str, copy: Copy, *, only: str | None = None) -> None:
    """As `mongorestore --drop`: what the copy holds, and no document beside it; the indexes stay.

    `only` one collection, as somebody does who thinks that it alone is damaged.
    """
    with MongoClient(url, tz_aware=True) as client:
        for name in [only] if only else client[database].list_collection_names():
            client[database][name].delete_many({})
            if copy.get(name):
                client[database][name].insert_many(copy[name])
