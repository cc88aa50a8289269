"""Who speaks with families reads here who answers for a student, and finds them by name, within reach."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.roster.identity.people import State
from services.roster.kinds.student import STUDENT
from services.roster.kinds.table import GUARDIAN
from services.roster.oneroster.derive.guardians import guardian_id
from services.roster.oneroster.keep.source_rows import NAMES, SourceRows
from services.roster.oneroster.read.layout import REACHED, USERS
from services.roster.reach.scope import Scope
from services.roster.reach.search import FOUND_AT_MOST, asked_words, beginning, search, whole
from services.roster.store import Store
from shared.doors.auth import Reach
from shared.errors import Problem, refused
from shared.records.store import Record

AT_ONCE = 500
LOOKED_AT_MOST = 20_000
SHOWN_NAMES = ("given_name", "family_name")

Shown = dict[str, Any]


async def with_contact(kept: SourceRows, ties: Sequence[Record]) -> list[Shown]:
    """The ties with the guardians' names, as their sources last sent them; nobody keeps those elsewhere.

    How a guardian is reached is told only while the tie holds.
    """
    users: dict[str, set[str]] = {}
    for tie in ties:
        users.setdefault(tie.state["source"], set()).add(tie.state["sourced_id"])
    sent: dict[tuple[str, str], Mapping[str, str]] = {}
    for source, ids in users.items():
        sent |= {(source, id): row.cells for id, row in (await kept.some(source, USERS, ids)).items()}
    return [_with_contact(tie.state, sent.get((tie.state["source"], tie.state["sourced_id"]), {})) for tie in ties]


def _with_contact(state: State, cells: Mapping[str, str]) -> Shown:
    names = {name: cells.get(NAMES[name], "") for name in SHOWN_NAMES}
    reached = {name: cells.get(name) if state["end"] is None else None for name in REACHED}
    return {"preferred_language": None, **state, **names, **reached}


@dataclass(frozen=True, slots=True)
class Families:
    """The ties that hold, and what sources sent of guardians, as far as one caller reaches their students."""

    store: Store
    reach: Reach

    @property
    def kept(self) -> SourceRows:
        return SourceRows(self.store.records.database)

    async def of(self, students: Collection[str]) -> list[Shown]:
        """Those of the students who are within reach, by name, each with those who answer for them today."""
        merges = await self.store.merges()
        persons = await self._reached({merges.survivor(each) for each in students})
        ties = await self._ties({"state.student_id": {"$in": merges.all_together(persons)}})
        theirs: dict[str, dict[str, Shown]] = {id: {} for id in persons}
        for shown in await with_contact(self.kept, ties):
            theirs[merges.survivor(shown["student_id"])].setdefault(shown["guardian_id"], shown)
        items = [_person(one) | {"guardians": _by_name(theirs[one.id].values())} for one in persons.values()]
        return _by_name(items)

    async def called(self, text: str) -> list[Shown]:
        """At most 20 guardians whose own name, or whose student's, has words that begin so; the own names first.

        Raise Refused for too little of a name, and for a name that very many have.
        """
        asked = asked_words(text, parameter="search", whom="a guardian")
        found: dict[str, list[Record]] = {}
        for matching in (whole(asked), beginning(asked)):
            named = iter(await self._named(matching))
            while len(found) < FOUND_AT_MOST and (some := list(islice(named, AT_ONCE))):
                found |= await self._of_guardians([id for id in some if id not in found])
        if len(found) < FOUND_AT_MOST:
            found |= await self._of_children(text, found.keys())
        return await self._shown(dict(list(found.items())[:FOUND_AT_MOST]))

    async def _named(self, matching: Mapping[str, Any]) -> list[str]:
        """The ids of all guardians whose names match, by name, whoever reaches them."""
        found = await self.kept.called(matching, limit=LOOKED_AT_MOST + 1)
        if len(found) > LOOKED_AT_MOST:
            said = "very many people are called so"
            raise refused(Problem("/query/search", said, "write more of the name", "too_many"))
        return [guardian_id(source, user) for source, user in found]

    async def _of_guardians(self, guardians: Sequence[str]) -> dict[str, list[Record]]:
        """By guardian, in this order, the ties to students within reach; nobody without any."""
        merges = await self.store.merges()
        ties = await self._ties({"state.guardian_id": {"$in": list(guardians)}})
        reached = await self._reached({merges.survivor(tie.state["student_id"]) for tie in ties})
        theirs: dict[str, list[Record]] = {}
        for tie in ties:
            if merges.survivor(tie.state["student_id"]) in reached:
                theirs.setdefault(tie.state["guardian_id"], []).append(tie)
        return {id: theirs[id] for id in guardians if id in theirs}

    async def _of_children(self, text: str, but: Collection[str]) -> dict[str, list[Record]]:
        """By guardian the ties of those who answer for the students of this name, and are not found yet."""
        merges = await self.store.merges()
        children = [one.id for one in await search(self.store, self.reach, text, {})]
        ties = await self._ties({"state.student_id": {"$in": merges.all_together(children)}})
        place = {id: at for at, id in enumerate(children)}
        named = _by_name(await with_contact(self.kept, ties))
        named.sort(key=lambda one: place[merges.survivor(one["student_id"])])
        guardians = dict.fromkeys(one["guardian_id"] for one in named)
        return await self._of_guardians([id for id in guardians if id not in but])

    async def _shown(self, found: Mapping[str, Sequence[Record]]) -> list[Shown]:
        merges = await self.store.merges()
        named = {
            one["guardian_id"]: {name: one[name] for name in SHOWN_NAMES}
            for one in await with_contact(self.kept, [ties[0] for ties in found.values()])
        }
        of = {id: {merges.survivor(tie.state["student_id"]) for tie in ties} for id, ties in found.items()}
        students = await self.store.records.get_many(STUDENT.name, sorted({one for ids in of.values() for one in ids}))
        return [
            {"guardian_id": id, **named[id], "students": _by_name([_person(students[one]) for one in of[id]])}
            for id in found
        ]

    async def _reached(self, persons: Collection[str]) -> dict[str, Record]:
        within = await Scope(self.reach, self.store).filter(STUDENT.name, among=persons)
        where = {"$and": [{"_id": {"$in": [f"student/{each}" for each in persons]}}, within]}
        return {record.id: record async for record in self.store.every(STUDENT.name, where)}

    async def _ties(self, where: Mapping[str, Any]) -> list[Record]:
        return [tie async for tie in self.store.every(GUARDIAN, {**where, "state.end": None})]


def _person(student: Record) -> Shown:
    return {"person_id": student.id, **{name: student.state[name] for name in SHOWN_NAMES}}


def _by_name(items: Collection[Shown]) -> list[Shown]:
    return sorted(items, key=lambda one: (one["family_name"].casefold(), one["given_name"].casefold(), str(one)))
