"""Guardians are tied to students by records that begin when a source first tells of them, and end with it."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.roster.kinds.table import GUARDIAN, subject_of
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.layout import ROLES, USERS
from services.roster.oneroster.read.users import LANGUAGE, RELATIONS, agents_of
from services.roster.store import Store
from shared.contracts.roster import Relation
from shared.records.store import Draft, Entry, Record

AT_ONCE = 500
PREFERRED = "preferred_language"


@dataclass(frozen=True, slots=True)
class Tie:
    """A guardian and a student of one source, by their sourcedIds there."""

    guardian: str
    student: str
    relation: Relation


def guardian_id(source: str, user: str) -> str:
    """The id under which everybody outside of roster knows a guardian: it says nothing of who it is."""
    return f"g{hashlib.sha256(f'{source}:{user}'.encode()).hexdigest()[:31]}"


def tie_id(source: str, tie: Tie) -> str:
    """The id of the record of a tie, always the same."""
    return hashlib.sha256(f"{source}\n{tie.guardian}\n{tie.student}".encode()).hexdigest()[:32]


def ties(users: Iterable[SourceRow], roles: Mapping[str, set[str]]) -> list[Tie]:
    """The ties that hold, by the roles in force of both: OneRoster lets either of the two name the other.

    Who is a student is nobody's guardian, even when a role says so too.
    """
    found: dict[tuple[str, str], Tie] = {}
    for row in users:
        for other in agents_of(row.cells):
            for guardian, student in ((other, row.id), (row.id, other)):
                theirs = roles.get(guardian, set())
                relation = next((word for word in RELATIONS if word in theirs), None)
                if relation and "student" not in theirs and "student" in roles.get(student, set()):
                    found[guardian, student] = Tie(guardian, student, relation)
    return [found[pair] for pair in sorted(found)]


@dataclass(frozen=True, slots=True)
class Guardians:
    """What is needed to see who is whose guardian by a source's rows."""

    store: Store
    kept: SourceRows
    entry: Entry
    today: str

    async def run(self, source: str) -> None:
        """Make the ties what the source's rows say.

        A tie ends on the day on which the source has it, the guardian, the student or the role
        of one of them no more. One that is told again goes on since it began. A crash in between
        leaves whole records; the next turn, or the next import, does the rest.
        """
        telling = [row async for row in self.kept.with_agents(source)]
        stored = await self._stored(source)
        wanted = {tie_id(source, tie): tie for tie in ties(telling, await self._roles(source, telling))}
        persons = await self._persons(source, wanted)
        languages = await self._languages(source, {tie.guardian for tie in wanted.values()})
        drafts = [
            self._draft(id, self._state(source, tie, persons[tie.student], stored.get(id)) | languages[tie.guardian])
            for id, tie in wanted.items()
            if tie.student in persons
        ]
        standing = {draft.id for draft in drafts}
        drafts += [
            self._draft(record.id, {**record.state, "end": self.today})
            for record in stored.values()
            if record.id not in standing and record.state["end"] is None
        ]
        for start in range(0, len(drafts), AT_ONCE):
            await self.store.records.put_many(drafts[start : start + AT_ONCE])

    async def _roles(self, source: str, telling: list[SourceRow]) -> dict[str, set[str]]:
        users = {user for row in telling for user in (row.id, *agents_of(row.cells))}
        roles: dict[str, set[str]] = {}
        for role in await self.kept.of_users(source, ROLES, sorted(users)):
            if role.in_force(self.today):
                roles.setdefault(role.cells["userSourcedId"], set()).add(role.cells["role"])
        return roles

    async def _stored(self, source: str) -> dict[str, Record]:
        return {record.id: record async for record in self.store.every(GUARDIAN, {"state.source": source})}

    async def _persons(self, source: str, wanted: Mapping[str, Tie]) -> dict[str, str]:
        """The person that each student is, by sourcedId."""
        found = await self.store.people({f"{source}:{tie.student}" for tie in wanted.values()})
        prefix = f"{source}:"
        return {
            name.removeprefix(prefix): person.id
            for person in found
            for name in person.state["identifiers"]
            if name.startswith(prefix)
        }

    async def _languages(self, source: str, guardians: Collection[str]) -> dict[str, dict[str, str]]:
        """What each of the guardians' own rows adds to their ties; nothing where it says no language."""
        found: dict[str, dict[str, str]] = {user: {} for user in guardians}
        asked = iter(sorted(guardians))
        while part := list(islice(asked, AT_ONCE)):
            for user, row in (await self.kept.some(source, USERS, part)).items():
                if LANGUAGE in row.cells:
                    found[user] = {PREFERRED: row.cells[LANGUAGE]}
        return found

    def _state(self, source: str, tie: Tie, person: str, stored: Record | None) -> dict[str, Any]:
        return {
            "student_id": person,
            "_under": f"{source}:{tie.student}",
            "guardian_id": guardian_id(source, tie.guardian),
            "relation": tie.relation,
            "source": source,
            "sourced_id": tie.guardian,
            "begin": stored.state["begin"] if stored else self.today,
            "end": None,
        }

    def _draft(self, id: str, state: dict[str, Any]) -> Draft:
        return Draft(GUARDIAN, id, state, self.entry, (subject_of(GUARDIAN, id, state),))
