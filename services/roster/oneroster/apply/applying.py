"""Roster applies a package's organisations first, then its students with their groups."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from services.roster.desk.batch import Batch, Result
from services.roster.identity import weighing
from services.roster.identity.people import State
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.rows import Wanted
from services.roster.kinds.student import STUDENT
from services.roster.oneroster.apply.orgs import keep_orgs
from services.roster.oneroster.apply.orgs_csv import homes
from services.roster.oneroster.apply.owners import Owned, as_owned, owned_by_others
from services.roster.oneroster.check.checked import Checked, sound_rows
from services.roster.oneroster.check.tally import FileTally
from services.roster.oneroster.check.twins import made_one, told_apart
from services.roster.oneroster.keep.delta import NO_ROW, unsent_users, with_unsent_orgs
from services.roster.oneroster.keep.wish import Tell, Wish
from services.roster.oneroster.read import layout
from services.roster.oneroster.read.findings import Finding, findings_of, notes_of
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import Row
from services.roster.oneroster.read.users import (
    COLUMN_OF,
    Groups,
    Home,
    Seen,
    has_local_id,
    joined_groups,
    local_ids,
    seen,
    student_of,
)
from services.roster.store import Store
from services.roster.values import DemographicsOfYear
from shared.errors import Refused, Stale
from shared.records.store import Record

ROWS_AT_ONCE = 500
TRIES = 3

T = TypeVar("T")
SeenUser = tuple[Seen | None, list[Finding]]  # None: of whom nothing can be kept; and what was found


@dataclass(slots=True)
class Applying:
    """One package on its way into the roster. In a dry run the batches write nothing, and all else is the same."""

    wish: Wish
    package: Package
    manifest: Manifest
    checked: Checked
    tell: Tell
    organisations: dict[str, State] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    several_sources: bool = False
    local_ids: int = 0  # students whose `identifier` is no state student id, as far as anybody has said

    async def run(self) -> None:
        """Apply what roster keeps of the package.

        1. Schools and districts.
        2. Students, some hundreds at a time, each with the groups of the year.
        3. Students who have several users here, each as a whole.

        A crash anywhere leaves whole records. The same package again finds them unchanged and
        does the rest.
        """
        await self._places()
        self.several_sources = await self.wish.store.has_other_sources(self.wish.source)
        async for users, state_id in _stored_users(self.wish.store, self.wish.source):
            self.checked.twins.know(users, state_id)
        groups = self.checked.twins.groups(self.checked.schools.keys())
        held: dict[str, list[Seen]] = {}
        rows = self._students()
        async for some in self._parts(rows):
            alone: list[Seen] = []
            for student, _ in some:
                if student is not None and student.user in groups:
                    held.setdefault(groups[student.user], []).append(student)
                elif student is not None:
                    alone.append(student)
            await self._people([[one] for one in alone], [finding for _, found in some for finding in found])
        together = iter(held.values())
        while several := list(islice(together, ROWS_AT_ONCE // 2)):
            await self._twins(several)
        if self.local_ids:
            await self.tell(0, [local_ids(self.local_ids, self.wish.source)])

    async def _parts(self, rows: Iterator[SeenUser]) -> AsyncIterator[list[SeenUser]]:
        while some := await asyncio.to_thread(_take, rows):
            yield some
        async for unsent in unsent_users(self.wish.kept, self.manifest, self.checked):
            yield [told for row in unsent if (told := self._told(row)) is not None]

    def to_do(self) -> int:
        """How many rows there are to apply: those that may become records."""
        demographics = sum(user in self.checked.schools for user in self.checked.groups)
        orgs = self.checked.tally.files.get(layout.ORGS.file, FileTally())
        return orgs.read - len(orgs.refused) + len(self.checked.schools) + demographics

    async def _places(self) -> None:
        rows: list[Row] = []
        if layout.ORGS.name in self.checked.headers:
            rows = await asyncio.to_thread(lambda: list(self._rows(layout.ORGS)))
        rows = await with_unsent_orgs(self.wish.kept, self.manifest, rows)
        placed = await keep_orgs(self.wish, rows)
        found = list(placed.findings)
        for one, result in placed.results:
            found += self._count(layout.ORGS.file, one.row, result, {"sourcedId": one.sourced_id})
        found = [_placed(one) for one in found]
        self.checked.tally.refuse(found)
        self.organisations = placed.organisations
        self.homes = homes([one for one, _ in placed.results], self.organisations)
        await self.tell(len(rows), found)

    def _students(self) -> Iterator[SeenUser]:
        """The users who are students, as roster sees them, and what is to be said of them."""
        if layout.USERS.name not in self.checked.headers:
            return
        for row in self._rows(layout.USERS):
            told = self._told(row)
            if told is not None:
                yield told

    def _told(self, row: Row) -> SeenUser | None:
        roles = self.checked.schools.get(row.cells["sourcedId"])
        if roles is None:
            return None
        identifier = self.checked.identifier_is_state_id
        self.local_ids += not identifier and has_local_id(row.cells)
        student, found = seen(row, roles, self.homes, identifier=identifier)
        groups = self.checked.groups.get(row.cells["sourcedId"])
        born = groups.birth_date if groups else None
        return replace(student, birth_date=born) if student and born else student, found

    def _rows(self, of: layout.Layout) -> Iterator[Row]:
        """The sound rows of a file but those that say that something is to be deleted."""
        gone = self.checked.gone[of.name]
        return (row for row in sound_rows(self.package, of, self.checked) if row.cells["sourcedId"] not in gone)

    async def _twins(self, several: Sequence[Sequence[Seen]]) -> None:
        names = {name for rows in several for one in rows for name in one.names(self.wish.source)}
        stored = await self.wish.store.people(names)
        merges = await self.wish.store.merges()
        owners = {name: merges.survivor(person.id) for person in stored for name in person.state["identifiers"]}
        known: dict[str, list[weighing.Told]] = {}
        for person in stored:
            known.setdefault(merges.survivor(person.id), []).append(weighing.told_by(person.state))
        apart = [part for rows in several for part in told_apart(rows, self.wish.source, owners, known)]
        joined = [made_one(rows, self.homes, self.wish.source) for rows in apart]
        await self._people([rows for rows, _ in joined], [finding for _, found in joined for finding in found])

    async def _people(self, persons: Sequence[Sequence[Seen]], found: list[Finding]) -> None:
        """Keep these persons, each as told by one or several rows, and their groups."""
        wanted: list[tuple[Seen, Wanted]] = []
        owned: dict[str, Owned] = {}
        if self.several_sources:
            everyone = [one for rows in persons for one in rows]
            owned = await owned_by_others(self.wish.store, self.wish.kept, self.wish.source, everyone)
            year = self.wish.school_year
            told = {
                one.user: as_owned(one, owned[one.user], self.wish.source, year)
                for one in everyone
                if one.user in owned
            }
            persons = [[told[one.user][0] if one.user in told else one for one in rows] for rows in persons]
            found += [note for _, notes in told.values() for note in notes]
        for one in (one for rows in persons for one in rows):
            body = student_of(one, self.wish.source, self.wish.school_year)
            if isinstance(body, list):
                found += body
            else:
                wanted.append((one, Wanted(id=f"{self.wish.source}:{one.user}", body=body, whole=False, told=one.told)))
        batch = await self.wish.new_batch()
        batch.known.organisations = self.organisations
        results = await batch.save(STUDENT, [row for _, row in wanted])
        ids: dict[str, str] = {}
        for (one, _), result in zip(wanted, results, strict=True):
            columns = {**COLUMN_OF, "state_student_id": one.state_column}
            found += self._count(layout.USERS.file, one.row, result, _cells(one), columns)
            if isinstance(result, Result):
                ids[one.user] = result.id
        found += await self._groups(batch, persons, ids, owned)
        found = [_placed(one) for one in found]
        self.checked.tally.refuse(found)
        rows = sum(len(rows) + sum(one.user in self.checked.groups for one in rows) for rows in persons)
        await self.tell(rows, found)

    async def _groups(
        self, batch: Batch, persons: Sequence[Sequence[Seen]], ids: dict[str, str], owned: Mapping[str, Owned]
    ) -> list[Finding]:
        """Keep the demographics of these persons' year, and leave alone what other files tell of it."""
        found: list[Finding] = []
        rows_of: dict[str, list[Groups]] = {}
        names: dict[str, str] = {}  # of those of whom one user alone tells, so that it goes with that one
        for user in (one.user for rows in persons for one in rows if one.user in self.checked.groups):
            groups = self.checked.groups[user]
            if user in ids:
                rows_of.setdefault(ids[user], []).append(groups)
                names[ids[user]] = ids[user] if ids[user] in names else f"{self.wish.source}:{user}"
            else:
                found.append(_without_student(user, groups))
        theirs = {ids[user] for user in owned if user in ids}
        joined = {person: joined_groups(groups) for person, groups in rows_of.items()}
        found += [note for _, notes in joined.values() for note in notes]
        first = {person: groups for person, (groups, _) in joined.items()}
        results = await self._save_groups(batch, first, theirs, names)
        for _ in range(TRIES):
            again = {person: joined[person][0] for person, result in results.items() if isinstance(result, Stale)}
            if not again:
                break
            results |= await self._save_groups(await self.wish.new_batch(), again, theirs, names)
        for person, result in results.items():
            found += self._count_groups(rows_of[person], result)
        return found

    async def _save_groups(
        self, batch: Batch, wanted: dict[str, Groups], theirs: Collection[str], names: Mapping[str, str]
    ) -> dict[str, Result | Refused]:
        """Keep these groups; those of another source's persons (`theirs`) only where nobody has told of the year."""
        year = self.wish.school_year
        stored = await self.wish.store.records.get_many("demographics", [f"{person}-{year}" for person in wanted])
        wanted = {
            person: Groups(one.row, None, None) if person in theirs and f"{person}-{year}" in stored else one
            for person, one in wanted.items()
        }
        rows = [
            _demographics(names[person], year, one, stored.get(f"{person}-{year}")) for person, one in wanted.items()
        ]
        return dict(zip(wanted, await batch.save(DEMOGRAPHICS, rows), strict=True)) if rows else {}

    def _count_groups(self, rows: list[Groups], result: Result | Refused) -> list[Finding]:
        """The first row makes the record, the others said the same."""
        others = result if isinstance(result, Refused) else Result("unchanged", result.id)
        told = [result, *(others for _ in rows[1:])]
        return [
            finding
            for one, outcome in zip(rows, told, strict=True)
            for finding in self._count(layout.DEMOGRAPHICS.file, one.row, outcome, {})
        ]

    def _count(
        self,
        file: str,
        row: int,
        result: Result | Refused,
        cells: Mapping[str, str],
        columns: Mapping[str, str] = COLUMN_OF,
    ) -> list[Finding]:
        """Count what became of a row; the answer is what is to be said of it."""
        if isinstance(result, Refused):
            return findings_of(result, file, row, cells, columns)
        if row != NO_ROW:
            self.checked.tally[file].outcomes[self.wish.came_of(result)] += 1
        return notes_of(result.notes, file, row, cells, columns)


def _placed(found: Finding) -> Finding:
    """The finding, without a row number where the row is not in the package."""
    return replace(found, row=None) if found.row == NO_ROW else found


def _take(rows: Iterator[T]) -> list[T]:
    return list(islice(rows, ROWS_AT_ONCE))


def _cells(one: Seen) -> dict[str, str]:
    return {"sourcedId": one.user, one.state_column: one.state_id or "", "primaryOrgSourcedId": one.home or ""}


def _without_student(user: str, one: Groups) -> Finding:
    problem = "the student of this row was refused in users.csv"
    works = "put that row right first"
    return Finding(layout.DEMOGRAPHICS.file, one.row, "sourcedId", user, problem, works, code="another_row_refused")


def _demographics(name: str, year: str, told: Groups, stored: Record | None) -> Wanted:
    before: State = stored.state if stored and not stored.void else {}
    body = DemographicsOfYear(
        student_id=name,
        school_year=year,
        sex=told.sex or before.get("sex", "not_reported"),
        race_ethnicity=told.race_ethnicity or before.get("race_ethnicity", "not_reported"),
        low_income=before.get("low_income"),
        rural=before.get("rural"),
        disability=before.get("disability"),
        english_learner=before.get("english_learner"),
    )
    return Wanted(id="", body=body, version=stored.version if stored else None)


async def _stored_users(store: Store, source: str) -> AsyncIterator[tuple[list[str], str | None]]:
    """Of every stored student whom this source knows: its users, and the state student id."""
    where = {"kind": "student", "void": False, "state.sources.source": source}
    found = store.raw.find(where, {"state.sources": 1, "state.state_student_id": 1}).batch_size(ROWS_AT_ONCE)
    async for record in found:
        state = record["state"]
        users = [each["sourced_id"] for each in state["sources"] if each["source"] == source]
        yield users, state.get("state_student_id")
