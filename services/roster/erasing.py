"""Everything that roster keeps of a person is erased: records of every id, what sources sent, conflicts."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.kinds.table import GUARDIAN, KINDS
from services.roster.oneroster.read.layout import REACHED, USERS
from services.roster.oneroster.read.users import LANGUAGE
from services.roster.oneroster.run.package_store import Packages
from services.roster.persons.conflicts import CONFLICT
from services.roster.store import Store
from services.roster.transfers import TRANSFER
from shared.contracts.roster import alias_digest
from shared.errors import Conflict, NotFound, Refused
from shared.records.erasing import erase
from shared.records.store import Record

LOOK_AGAIN_SECONDS = 1.0
LISTS = ("roles", "enrollments")
CLAIMED = ("name", "number")  # a row that was refused, by what it may have been this person's
# Of a person and nobody else: what names a student, by the path of the name.
NAMING = [*(name for name, kind in KINDS.items() if "student_id" in kind.names), GUARDIAN]


@dataclass(frozen=True, slots=True)
class Person:
    """Everybody who is one human with the student that was named, as records and as sources know them."""

    ids: tuple[str, ...]
    records: tuple[Record, ...]

    @property
    def aliases(self) -> list[str]:
        """Every id from outside."""
        return sorted({alias for each in self.records for alias in each.state["identifiers"]})

    @property
    def users(self) -> list[tuple[str, str]]:
        """The sources that know the person, and how."""
        return sorted({(one["source"], one["sourced_id"]) for each in self.records for one in each.state["sources"]})

    def named_in(self, text: str) -> bool:
        """Whether a text says who it is."""
        fields = ("given_name", "family_name", "preferred_name", "state_student_id")
        said = {str(each.state[field]) for each in self.records for field in fields if each.state.get(field)}
        said |= {user for _, user in self.users}
        return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in said)


async def person_of(store: Store, id: str) -> Person:
    """The person that a student's id means, merged ids included. Raise NotFound."""
    merges = await store.merges()
    ids = tuple(merges.together(merges.survivor(id)))
    found = await store.records.get_many("student", ids)
    if not found and not await store.raw.count_documents({"_id": f"student/{id}", "gone": "erased"}, limit=1):
        raise NotFound(
            f"there is no student {id}",
            works="name one by person id, as GET /v1/students shows it",
            code="unknown_student",
        )
    return Person(ids, tuple(found.values()))


async def may_erase(store: Store, person: Person, reason: str) -> None:
    """Raise Refused when the reason names the person, Conflict while a source that knows the person is imported."""
    if person.named_in(reason):
        raise Refused(
            "the reason is kept and must not say who it is", works="leave name and ids out of it", code="says_who_it_is"
        )
    if running := await _running(store, person.users):
        raise Conflict(
            f"import {running} of a source that knows the student is running",
            works="wait for its end",
            code="import_running",
        )


async def _running(store: Store, users: Sequence[tuple[str, str]]) -> str:
    """The import of one of these sources that is under way, if any."""
    sources = sorted({source for source, _ in users})
    imports = store.records.database["oneroster_imports"]
    found = await imports.find_one({"source": {"$in": sources}, "running": True}, {"_id": 1})
    return str(found["_id"]) if found else ""


async def erase_person(store: Store, person: Person) -> dict[str, int]:
    """Erase everything that roster keeps of the person, the student's own records last; how many of what there were.

    A crash anywhere leaves who is meant in those, so that the same again does the rest.
    """
    done = await _erase_sent(store, person.users)
    ids = list(person.ids)
    await _forget_contact(store, ids)
    done["records"] = await erase(store.records, {"kind": {"$in": NAMING}, "state.student_id": {"$in": ids}})
    named = [{"state.persons": {"$in": ids}}, *({f"state.claim.{one}": {"$in": person.aliases}} for one in CLAIMED)]
    done["records"] += await erase(store.records, {"kind": CONFLICT, "$or": named})
    asked = [{"state.student_id": {"$in": ids}}, {"state.student": {"$in": [*ids, *person.aliases]}}]
    done["records"] += await erase(store.records, {"kind": TRANSFER, "$or": asked})
    notes = [*(f"merge/{id}" for id in ids), *(f"names/{alias}" for alias in person.aliases)]
    await store.followed.delete_many({"$or": [{"_id": {"$in": notes}}, {"name": {"$in": person.aliases}}]})
    own = {"_id": {"$in": [f"student/{id}" for id in ids]}}
    done["records"] += await erase(store.records, own, aliases=[alias_digest(one) for one in person.aliases])
    # An import that began meanwhile may not have heard of it: what it keeps at its end is erased then.
    while True:
        if not await _running(store, person.users):
            break
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    again = await _erase_sent(store, person.users)
    return {what: number + again.get(what, 0) for what, number in done.items()}


async def _forget_contact(store: Store, ids: Sequence[str]) -> None:
    """Forget how those are reached who answer for nobody but this person: there is nothing to call them about."""
    theirs = store.every(GUARDIAN, {"state.student_id": {"$in": ids}})
    users = {(tie.state["source"], tie.state["sourced_id"]): tie.state["guardian_id"] async for tie in theirs}
    others = {"state.guardian_id": {"$in": sorted(users.values())}, "state.student_id": {"$nin": ids}}
    left = {tie.state["guardian_id"] async for tie in store.every(GUARDIAN, others)}
    keys = [f"{source}/{USERS.name}/{user}" for (source, user), guardian in users.items() if guardian not in left]
    cells = {f"cells.{name}": "" for name in (*REACHED, LANGUAGE)}
    await store.records.database["oneroster_rows"].update_many({"_id": {"$in": keys}}, {"$unset": cells})


async def _erase_sent(store: Store, users: Sequence[tuple[str, str]]) -> dict[str, int]:
    """What the sources' packages left: kept rows, mentions in others' rows, lists of problems, forgotten packages.

    Problems quote cells and do not say whose they are: all of these sources' go, and the next package finds
    again what is still wrong.
    """
    database = store.records.database
    rows, imports = database["oneroster_rows"], database["oneroster_imports"]
    own = [f"{source}/users/{user}" for source, user in users]
    hanging = [f"{source}/{name}/{user}" for source, user in users for name in LISTS]
    done = await rows.delete_many({"$or": [{"_id": {"$in": own}}, {"user": {"$in": hanging}}]})
    for source, user in users:
        named = rf"(^|,\s*){re.escape(user)}(\s*,|$)"
        async for row in rows.find({"agents_of": source, "cells.agentSourcedIds": {"$regex": named}}):
            kept = [one.strip() for one in row["cells"]["agentSourcedIds"].split(",") if one.strip() != user]
            await rows.update_one({"_id": row["_id"]}, {"$set": {"cells.agentSourcedIds": ",".join(kept)}})
    sources = sorted({source for source, _ in users})
    of_sources = [one["_id"] async for one in imports.find({"source": {"$in": sources}}, {"_id": 1})]
    problems = await database["oneroster_problems"].delete_many({"import": {"$in": of_sources}})
    packages = Packages(database)
    for id in of_sources:
        await packages.drop(id)
    return {"rows": int(done.deleted_count), "problems": int(problems.deleted_count)}
