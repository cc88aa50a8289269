"""A collection without a server: every call is one moment, and others come between two calls, as they do with one."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from tests.memory.filters import checked, equalities, matches
from tests.memory.indexes import Index, refused
from tests.memory.reading import MemoryCursor, Order, in_order, piped, projected
from tests.memory.updates import Update, updated
from tests.memory.values import MISSING, at, kept, now, put, rank

Document = dict[str, Any]
Where = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What a write came to, in the drivers' words."""

    matched_count: int = 0
    modified_count: int = 0
    deleted_count: int = 0
    upserted_id: Any = None


class Taken(DuplicateKeyError):
    """A key that another document holds."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(told["errmsg"], told["code"], dict(told))


class MemoryCollection:
    """Documents by id, under indexes. What it is not asked for by the services it does not have."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._documents: dict[Any, Document] = {}
        self._indexes: dict[str, Index] = {}

    def find(self, where: Where | None = None, fields: Where | None = None, *, session: Any = None) -> MemoryCursor:
        return MemoryCursor(self._look, where or {}, fields)

    async def find_one(self, where: Where, fields: Where | None = None, *, session: Any = None) -> Document | None:
        await asyncio.sleep(0)
        return next(iter([projected(one, fields) for one in self._look(where)]), None)

    async def count_documents(self, where: Where, *, limit: int = 0, session: Any = None) -> int:
        await asyncio.sleep(0)
        return len(self._look(where)[: limit or None])

    async def estimated_document_count(self) -> int:
        await asyncio.sleep(0)
        return len(self._documents)

    async def distinct(self, path: str, where: Where | None = None, *, session: Any = None) -> list[Any]:
        await asyncio.sleep(0)
        values = [value for one in self._look(where or {}) for value in at(one, path)]
        each = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return [one for _, one in sorted({rank(one): one for one in each if one is not MISSING}.items())]

    def aggregate(self, steps: Iterable[Where], *, session: Any = None, hint: str = "") -> "Piped":
        return Piped(piped(self._look({}), steps, now()))

    async def insert_one(self, document: Document, *, session: Any = None) -> Done:
        return await self._alone(InsertOne(document))

    async def replace_one(self, where: Where, document: Document, upsert: bool = False, *, session: Any = None) -> Done:
        return await self._alone(ReplaceOne(where, document, upsert))

    async def update_one(self, where: Where, update: Update, upsert: bool = False, *, session: Any = None) -> Done:
        return await self._alone(UpdateOne(where, update, upsert))

    async def update_many(self, where: Where, update: Update, upsert: bool = False, *, session: Any = None) -> Done:
        return await self._alone(UpdateMany(where, update, upsert))

    async def delete_one(self, where: Where, *, session: Any = None) -> Done:
        return await self._alone(DeleteOne(where))

    async def delete_many(self, where: Where, *, session: Any = None) -> Done:
        return await self._alone(DeleteMany(where))

    async def find_one_and_update(
        self,
        where: Where,
        update: Update,
        *,
        sort: Order = (),
        upsert: bool = False,
        session: Any = None,
        return_document: bool = False,
    ) -> Document | None:
        await asyncio.sleep(0)
        before = next(iter(in_order(self._look(where), sort)), None)
        done = self._do(UpdateOne({"_id": before["_id"]} if before else where, update, upsert))
        id = before["_id"] if before else done.upserted_id
        return self._copy(id) if return_document and id in self._documents else before

    async def insert_many(self, documents: Sequence[Document], *, ordered: bool = True, session: Any = None) -> Done:
        return await self.bulk_write([InsertOne(one) for one in documents], ordered=ordered)

    async def bulk_write(self, writes: Sequence[Any], *, ordered: bool = True, session: Any = None) -> Done:
        """All of the writes; what cannot be encoded is found before any is done.

        Where the order is left to them, the drivers send what inserts first and what deletes last.
        """
        for one in writes:
            if isinstance(one, InsertOne):
                kept(one._doc)
        await asyncio.sleep(0)
        errors: list[Document] = []
        matched = modified = deleted = 0
        for index, one in sorted(enumerate(writes), key=lambda each: 0 if ordered else _turn(each[1])):
            try:
                done = self._do(one)
            except Taken as error:
                errors.append({"index": index, **(error.details or {})})
                if ordered:
                    break
                continue
            matched, modified = matched + done.matched_count, modified + done.modified_count
            deleted += done.deleted_count
        if errors:
            raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})
        return Done(matched, modified, deleted)

    async def create_index(
        self,
        by: str | Order,
        *,
        name: str = "",
        unique: bool = False,
        sparse: bool = False,
        expireAfterSeconds: int = 0,  # noqa: N803
        partialFilterExpression: Where | None = None,  # noqa: N803
    ) -> None:
        """Nothing expires: no test is so long."""
        await asyncio.sleep(0)
        order = [(by, 1)] if isinstance(by, str) else by
        paths = tuple(path for path, _ in order)
        name = name or "_".join(f"{path}_{direction}" for path, direction in order)
        if name in self._indexes:
            return
        index = Index(name, paths, unique, partialFilterExpression or {}, sparse)
        for one in self._documents.values():
            if told := index.refusal(one):
                raise Taken(told)
            index.let_in(one)
        self._indexes[name] = index

    async def index_information(self) -> dict[str, Document]:
        await asyncio.sleep(0)
        return {name: {"key": [(path, 1) for path in index.paths]} for name, index in self._indexes.items()}

    async def drop_index(self, name: str) -> None:
        await asyncio.sleep(0)
        del self._indexes[name]

    async def _alone(self, write: Any) -> Done:
        await asyncio.sleep(0)
        return self._do(write)

    def _look(self, where: Where, index: str = "", least: Order = ()) -> list[Document]:
        """Copies of the documents that match, in the order of their keys in the index where one is entered."""
        if index and index not in self._indexes:
            raise OperationFailure(f"there is no index {index}")
        found = self._matching(where)
        if least:
            begin = tuple(rank(value) for _, value in least)
            keys = {id: [key for key in self._indexes[index].keys(self._documents[id]) if key >= begin] for id in found}
            found = sorted((id for id in found if keys[id]), key=lambda id: min(keys[id]))
        return [self._copy(id) for id in found]

    def _matching(self, where: Where) -> list[Any]:
        asked = checked(where)
        return [one["_id"] for one in self._candidates(asked) if matches(one, asked)]

    def _candidates(self, where: Where) -> list[Document]:
        """The documents that a filter on ids leaves, without looking at all there are."""
        ids = where.get("_id")
        if isinstance(ids, Mapping) and ids.keys() == {"$in"}:
            return [self._documents[id] for id in dict.fromkeys(ids["$in"]) if id in self._documents]
        if isinstance(ids, str):
            return [self._documents[ids]] if ids in self._documents else []
        return list(self._documents.values())

    def _copy(self, id: Any) -> Document:
        return kept(self._documents[id])

    def _do(self, write: Any) -> Done:
        if isinstance(write, InsertOne):
            return self._inserted(write._doc)
        found = self._matching(write._filter)
        if not isinstance(write, UpdateMany | DeleteMany):
            found = found[:1]
        if isinstance(write, DeleteOne | DeleteMany):
            for id in found:
                self._forget(id)
            return Done(deleted_count=len(found))
        if not found:
            return self._begun(write) if write._upsert else Done()
        at_once, modified = now(), 0
        for id in found:
            before = self._documents[id]
            if isinstance(write, ReplaceOne):
                after = {"_id": id, **write._doc}
            else:
                after = updated(before, write._doc, at_once, inserting=False)
            modified += self._write({"_id": id, **after})
        return Done(matched_count=len(found), modified_count=modified)

    def _begun(self, write: Any) -> Done:
        document: Document = {}
        for path, value in equalities(write._filter).items():
            put(document, path, value)
        if isinstance(write, ReplaceOne):
            document = {**({"_id": document["_id"]} if "_id" in document else {}), **write._doc}
        else:
            document = updated(document, write._doc, now(), inserting=True)
        return self._inserted(document)

    def _inserted(self, document: Mapping[str, Any]) -> Done:
        whole = {"_id": ObjectId(), **document}
        if whole["_id"] in self._documents:
            raise Taken(refused("_id_", ("_id",), (whole["_id"],)))
        self._write(whole)
        return Done(upserted_id=whole["_id"])

    def _write(self, document: Document) -> bool:
        """Whether this has changed the document with its id. Raise Taken, having changed nothing."""
        after, before = kept(document), self._documents.get(document["_id"])
        if after == before:
            return False
        for index in self._indexes.values():
            if told := index.refusal(after):
                raise Taken(told)
        if before is not None:
            self._forget(before["_id"])
        self._documents[after["_id"]] = after
        for index in self._indexes.values():
            index.let_in(after)
        return True

    def _forget(self, id: Any) -> None:
        before = self._documents.pop(id)
        for index in self._indexes.values():
            index.let_go(before)


def _turn(write: Any) -> int:
    return 0 if isinstance(write, InsertOne) else 2 if isinstance(write, DeleteOne | DeleteMany) else 1


class Piped:
    """What a pipeline yields."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents

    async def __aiter__(self) -> AsyncIterator[Document]:
        for one in self._documents:
            yield one

    async def close(self) -> None:
        """Nothing is held open."""
