"""A data manager says how a source's files are read; a code that differs by case or spaces only is refused."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from services.roster.kinds.feeds import NAMED_BY, IdentifierIs, folded
from services.roster.store import Store
from shared.errors import Problem, refused
from shared.records.store import Draft, Entry, Record, Saved

SOURCE = "source"
NOT_THE_KNOWN = "source_written_otherwise"


def record_id(source: str) -> str:
    """The id of a source's record, made from its code, which may hold signs that an id cannot."""
    return hashlib.sha256(source.encode()).hexdigest()[:32]


async def reading_of(store: Store, source: str) -> Record | None:
    """What was said of a source, if anything."""
    return await store.records.get(SOURCE, record_id(source))


async def identifier_of(store: Store, source: str) -> IdentifierIs:
    """What the source's `identifier` is; a number of its own unless somebody has said otherwise."""
    said = await reading_of(store, source)
    found: IdentifierIs = said.state["identifier_is"] if said else "local_id"
    return found


async def say(store: Store, source: str, identifier_is: IdentifierIs, entry: Entry, *, version: int | None) -> Saved:
    """Keep how a source is read. Raise Refused for a code that differs from a known one by case or spaces only."""
    await must_be_the_known(store, source, "/source")
    state = {"source": source, "identifier_is": identifier_is}
    return await store.records.put(Draft(SOURCE, record_id(source), state, entry, expected=version))


async def must_be_the_known(store: Store, source: str, pointer: str) -> None:
    """Raise Refused for a code that differs from a known one by case or spaces only, naming that."""
    if other := await known_otherwise(store, source):
        said = f"source {source} is known as {other}"
        raise refused(Problem(pointer, said, f"write {other}", NOT_THE_KNOWN))


async def known_otherwise(store: Store, source: str) -> str:
    """The known source from which this one differs by case or spaces only; empty when there is none."""
    return await Codes(store).known_as(source)


@dataclass(slots=True)
class Codes:
    """The codes of all sources, looked up only as far as they are needed, and those that a file brings."""

    store: Store
    known: set[str] = field(default_factory=set)
    folds: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    async def known_as(self, source: str) -> str:
        """The known source from which this one differs by case or spaces only; empty when there is none.

        A source that is new is known from here on. All students are looked through once, and only for a new one.
        """
        for ask in (_told_of, _of_students)[self.asked :]:
            if source in self.known:
                return ""
            self._know(await ask(self.store))
            self.asked += 1
        if source in self.known:
            return ""
        other = self.folds.get(folded(source), "")
        if not other:
            self._know({source})
        return other

    def _know(self, codes: Collection[str]) -> None:
        self.known |= set(codes)
        self.folds |= {folded(code): code for code in sorted(codes)}


def unlike(source: str, other: str) -> dict[str, str]:
    """What is told of a file's row that writes a known source otherwise."""
    problem = f"source {source} differs from {other}, which is known, by case or spaces only"
    return {"problem": problem, "column": "source", "value": source, "works": f"write {other}", "code": NOT_THE_KNOWN}


async def _of_students(store: Store) -> set[str]:
    found: list[Any] = await store.raw.distinct("state.sources.source", {"kind": "student", "void": False})
    return {str(each) for each in found}


async def _told_of(store: Store) -> set[str]:
    """The sources that sent files which were taken, or of which somebody has said something."""
    database, links = store.records.database, f"state.{NAMED_BY}.source"
    taken = {"dry_run": False, "status": {"$ne": "refused"}}
    # "0" is the character that follows "/": the ranges are one kind each.
    organisations = {"_id": {"$gt": "organisation/", "$lt": "organisation0"}, "void": False}
    said = {"_id": {"$gt": f"{SOURCE}/", "$lt": f"{SOURCE}0"}}
    asked = (
        database["oneroster_imports"].distinct("source", taken),
        database["course_programs"].distinct("source", {}),
        store.raw.distinct(links, organisations),
        store.raw.distinct("state.source", said),
    )
    return {str(each) for one in asked for each in await one}
