"""A completed program was begun on the day that its completion gives, else with the student's earliest enrolment in it.

What is worked out of enrolments is stored nowhere. It is looked up when the completion is published, and when an
enrolment changes, exactly the completions that hang on it are published again.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.roster.identity.people import State
from services.roster.kinds.completion import begun_on
from services.roster.store import Store
from shared.errors import Refused
from shared.mongo import seeing_all, server_time
from shared.process.progress import Loop
from shared.records.store import Entry, Record
from shared.roster_copy.merges import Merges

# A student as the enrolment names them, its program, and its begin.
Begin = tuple[str, str, str]
NOTE = "begins/"
LOOK_SECONDS = 10.0
# Longer than any write in the block takes: what is older was left by a process that is no more.
LEFT_AFTER_SECONDS = 120.0
WHY = Entry(by="aurora", action="reference_changed", why="an enrolment from which its start is taken changed")


def touched(before: State | None, after: State | None) -> set[Begin]:
    """The begins that come or go when an enrolment's state changes; None stands for one that does not hold."""
    said = [(state["student_id"], state["program_id"], state["begin"]) for state in (before, after) if state]
    return set(said) if len(said) < 2 or said[0] != said[1] else set()


async def starts(store: Store, completions: Iterable[Record], merges: Merges) -> dict[str, str]:
    """By record key, the begin of the person's earliest enrolment in the program, if it had begun when completed.

    Only of completions that say no start themselves; one that is absent from the answer has none that is known.
    """
    asked = [one for one in completions if one.kind == "completion" and one.state["started_on"] is None]
    programs = {one.state["program_id"] for one in asked}
    earliest = await _earliest(store, {one.state["student_id"] for one in asked}, programs, merges)
    at = {one.key: (merges.survivor(one.state["student_id"]), one.state["program_id"]) for one in asked}
    begun = {one.key: begun_on(one.state, earliest.get(at[one.key])) for one in asked}
    return {key: day for key, day in begun.items() if day}


async def without_start(store: Store) -> list[str]:
    """The keys of all standing completions of which it is not known when the program was begun."""
    merges, found = await store.merges(), []
    some: list[Record] = []
    async for one in store.every("completion", {"state.started_on": None}):
        some.append(one)
        if len(some) == 1000:
            found += _lacking(some, await starts(store, some, merges))
            some = []
    return found + _lacking(some, await starts(store, some, merges))


def _lacking(completions: Sequence[Record], known: Mapping[str, str]) -> list[str]:
    return [one.key for one in completions if one.key not in known]


@asynccontextmanager
async def followed(store: Store, begins: Collection[Begin]) -> AsyncIterator[None]:
    """Write enrolments in this block, and publish the completions again that take their start from these begins.

    1. Note the begins that will come or go.
    2. The block writes.
    3. Raise the versions of the completions whose start may be another now.
    4. Take the note away.

    A crash after 1 leaves the note: another process does 3 within minutes (`go_on`). When the
    block is refused, nothing was written and nothing is raised.
    """
    if not begins:
        yield
        return
    id = f"{NOTE}{uuid4().hex}"
    at = await server_time(store.records.database)
    await store.followed.insert_one({"_id": id, "at": at, "begins": sorted(begins)})
    try:
        yield
    except Refused:
        await store.followed.delete_one({"_id": id})
        raise
    await restate(store, begins)
    await store.followed.delete_one({"_id": id})


async def restate(store: Store, begins: Collection[Begin]) -> int:
    """Publish the completions again whose start is, or was, one of these begins; how many. Safe to repeat.

    A begin behind another that stands decides nothing. Of two that are written at the same moment, the
    writer of the earlier one, at the latest, sees what it must raise.
    """
    async with seeing_all(store.records.database) as view:
        seen = Store(view)
        merges = await seen.merges()
        at = [(merges.survivor(student), program, begin) for student, program, begin in begins]
        programs = {program for _, program, _ in at}
        hanging = await _without_own(seen, {person for person, _, _ in at}, programs, merges)
        if not hanging:
            return 0
        earliest = await _earliest(seen, {person for person, _, _ in at}, programs, merges)
    decide = {(person, program) for person, program, begin in at if begin <= earliest.get((person, program), begin)}
    return await _raise(store, [key for key, whose in hanging.items() if whose in decide])


async def restate_all_of(store: Store, person: str, others: Collection[str]) -> int:
    """Publish completions of `others` again, in the programs of a person who was merged with them or is one no more."""
    of_person = {"kind": "enrolment", "void": False, "state.student_id": person}
    async with seeing_all(store.records.database) as view:
        seen = Store(view)
        programs = await seen.raw.distinct("state.program_id", of_person)
        merges = await seen.merges()
        hanging = list(await _without_own(seen, set(others), set(programs), merges))
    return await _raise(store, hanging)


async def finish_left(store: Store, *, older_than: float = LEFT_AFTER_SECONDS) -> int:
    """Publish what processes that are no more had noted and not done; how many notes that were."""
    until = await server_time(store.records.database) - timedelta(seconds=older_than)
    left = await store.followed.find({"_id": {"$gt": NOTE, "$lt": "begins0"}, "at": {"$lte": until}}).to_list(None)
    for note in left:
        await restate(store, [(student, program, begin) for student, program, begin in note["begins"]])
        await store.followed.delete_one({"_id": note["_id"]})
    return len(left)


async def go_on(store: Store, loop: Loop) -> None:
    """For as long as the service runs: finish what others were stopped in the middle of."""
    while True:
        await finish_left(store)
        loop.well()
        await asyncio.sleep(LOOK_SECONDS)


async def _earliest(
    store: Store, persons: Collection[str], programs: Collection[str], merges: Merges
) -> dict[tuple[str, str], str]:
    """By person (the survivor's id) and program the first begin of the enrolments that stand."""
    if not persons or not programs:
        return {}
    where = {"kind": "enrolment", "void": False, **_of(persons, programs, merges)}
    cursor = store.raw.find(where, {"state.student_id": 1, "state.program_id": 1, "state.begin": 1})
    found: dict[tuple[str, str], str] = {}
    async for each in cursor:
        state = each["state"]
        at = (merges.survivor(state["student_id"]), state["program_id"])
        found[at] = min(state["begin"], found.get(at, state["begin"]))
    return found


async def _without_own(
    store: Store, persons: Collection[str], programs: Collection[str], merges: Merges
) -> dict[str, tuple[str, str]]:
    """The standing completions of these persons and programs that give no start; by key, the person and the program."""
    where = {"kind": "completion", "void": False, "state.started_on": None, **_of(persons, programs, merges)}
    cursor = store.raw.find(where, {"state.student_id": 1, "state.program_id": 1})
    return {
        each["_id"]: (merges.survivor(each["state"]["student_id"]), each["state"]["program_id"])
        async for each in cursor
    }


def _of(persons: Collection[str], programs: Collection[str], merges: Merges) -> dict[str, Any]:
    students = {"$in": merges.all_together(persons)}
    return {"state.student_id": students, "state.program_id": {"$in": sorted(programs)}}


async def _raise(store: Store, keys: list[str]) -> int:
    if not keys:
        return 0
    return await store.records.raise_versions({"_id": {"$in": keys}, "void": False, "state.started_on": None}, WHY)
