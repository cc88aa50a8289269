"""How rows become records, one or thousands at once: learn, decide, compare, write."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from secrets import token_hex
from typing import Literal

from services.roster.changes import follow
from services.roster.domain import Decided, Known, Row
from services.roster.kinds import ENROLMENT, ORGANISATION, STUDENT, Kind, subject_of
from services.roster.oneroster.yielding import give_way
from services.roster.people import Joins, People, State, identifiers, no_student, not_to_be_kept
from services.roster.persons.joining import settle
from services.roster.scope import Scope
from services.roster.store import Store
from services.roster.values import Completion, DemographicsOfYear, Enrolment, Organisation, Outcome, Student
from services.roster.writable import Writable
from shared.errors import Conflict, Refused, Stale
from shared.fields import Body
from shared.records import Draft, Entry, Record, Saved

TRIES = 12  # one of all that write to a record at the same moment gets through at each try


@dataclass(frozen=True, slots=True)
class Result:
    """What a row came to; the record is None in a dry run."""

    outcome: Literal["created", "changed", "unchanged"]
    id: str
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What stood under a key before a row, by storage or by an earlier row."""

    state: State
    void: bool


@dataclass(slots=True)
class Batch:
    """Rows that belong together, of one or several kinds: a later row may name what an earlier one made.

    A dry run decides all the same and writes nothing. `scope` None: everything is in reach.
    """

    store: Store
    entry: Entry
    today: date
    dry_run: bool = False
    scope: Scope | None = None
    known: Known = field(init=False)
    _before: dict[str, Before] = field(default_factory=dict, init=False)
    _stored: dict[str, Record] = field(default_factory=dict, init=False)  # by key, as last read or written
    _fresh: set[str] = field(default_factory=set, init=False)  # of these, what was read for the present rows
    _told: dict[str, State] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.known = Known(today=self.today, people=People(new_id=lambda: f"p{token_hex(12)}"))

    async def save(self, kind: Kind, rows: Sequence[Row]) -> list[Result | Refused]:
        """Keep every row that may be kept; the answer has one entry a row, in their order.

        1. Decide. Refused rows are out; the others see each other.
        2. Take out what lies beyond the caller's reach.
        3. Write one document a record, however many rows told of it.
        4. Where somebody else wrote in between, decide again on what is there now.
        5. Where a row gives ids of two persons: make them one, or put them on the list (persons/joining.py).
        6. Let the facts that are made of a changed organisation follow, and what followed from classes
           give way to enrolments that are told.

        A crash after a part of 3 leaves those rows kept; the same rows again find them unchanged.
        """
        results = await self._once(kind, rows)
        for _ in range(TRIES):
            again = [at for at, result in enumerate(results) if result is None]
            if not again:
                break
            renewed = await self._once(kind, [rows[at] for at in again])
            for at, result in zip(again, renewed, strict=True):
                results[at] = result
        kept = [result for result in results if isinstance(result, Result)]
        if kind is ORGANISATION and not self.dry_run:
            await follow(self.store, [result.id for result in kept])
        if kind is ENROLMENT and not self.dry_run:
            await give_way(self.store, self.entry.by, [result.record for result in kept if result.record])
        return [result or Conflict("others keep changing this record; send it again") for result in results]

    async def _once(self, kind: Kind, rows: Sequence[Row]) -> list[Result | Refused | None]:
        self._fresh.clear()
        self._read(await self.store.learn(self.known, kind, rows))
        can = await self._writable(kind, rows)
        decided = self._decide(kind, rows, can)
        wanted = [each for each in decided if isinstance(each, Decided)]
        await self._recall(kind, wanted)
        beyond = await self._beyond(kind, rows, decided, can) if can else {}
        decided = [beyond.get(each.id, each) if isinstance(each, Decided) else each for each in decided]
        results = [self._compared(kind, each) if isinstance(each, Decided) else each for each in decided]
        settled = [await self._settled(each) if isinstance(each, Joins) else each for each in results]
        if self.dry_run:
            return settled
        saved = await self._save(self._drafts(kind, rows, decided))
        return [
            None if result is None else self._written(row, result, saved)
            for row, result in zip(rows, settled, strict=True)
        ]

    async def _writable(self, kind: Kind, rows: Sequence[Row]) -> Writable | None:
        """What the caller may write, as far as these rows name it; None: everything."""
        if self.scope is None or self.scope.everything:
            return None
        named = {person for row in rows for person in self._named(row)}
        # Made by an earlier row, and so by this caller: a dry run keeps nothing that could be asked for.
        made = {each for each in named if (key := f"student/{each}") in self._before and key not in self._stored}
        can = await self.scope.writable(kind.name, named - made)
        return replace(can, students=can.students | made)

    def _named(self, row: Row) -> set[str]:
        """The persons whom a row is about, as far as they are known."""
        if isinstance(row.body, Student):
            names = {row.id, *identifiers(row.body.model_dump())}
        else:
            names = {student_named(row.body)}
        return {person for name in names if (person := self.known.people.find(name))}

    def _refuse_beyond(self, kind: Kind, row: Row, can: Writable | None) -> None:
        """Raise Refused for a row about somebody out of reach, before a rule says anything of them."""
        if can is None:
            return
        if isinstance(row.body, Student):
            places = [year.school_id for year in row.body.years if year.school_id]
            named = self._named(row)
            # Of several persons, one within reach: a conflict, which is decided elsewhere.
            if named and not any(can.about(kind.name, person, places) for person in named):
                raise not_to_be_kept(row.id)
            return
        places = [row.body.organisation_id] if isinstance(row.body, Enrolment | Completion) else []
        if not all(can.about(kind.name, person, places) for person in self._named(row)):
            raise no_student(student_named(row.body))

    async def _beyond(
        self, kind: Kind, rows: Sequence[Row], decided: Sequence[Decided | Refused], can: Writable
    ) -> dict[str, Refused]:
        if self.scope is None:
            return {}
        both = [(row, one) for row, one in zip(rows, decided, strict=True) if isinstance(one, Decided)]
        names = {one.id: written_as(row) for row, one in both}
        stored = {id: self._before[key].state for id in names if (key := f"{kind.name}/{id}") in self._before}
        return await self.scope.refusals(kind.name, [one for _, one in both], names, stored, can)

    async def _settled(self, joins: Joins) -> Result | Refused | None:
        """What a row comes to that gives ids of two persons; None when they are one now and it is decided again."""
        settled = await settle(self.store, joins, self.entry, self.scope, dry_run=self.dry_run)
        if settled is not None:
            return settled
        if self.dry_run:
            return Result("changed", joins.persons[0])
        for person in joins.persons:
            self._forget(person)
        return None

    def _decide(self, kind: Kind, rows: Sequence[Row], can: Writable | None) -> list[Decided | Refused]:
        decided: dict[int, Decided | Refused] = {}
        for at in _parents_first(rows):
            try:
                self._refuse_beyond(kind, rows[at], can)
                one = kind.decide(rows[at], self.known)
                self._refuse_second_telling(kind, one)
                self.known.take(kind.name, one)
                decided[at] = one
            except Refused as refused:
                decided[at] = refused
        return [decided[at] for at in range(len(rows))]

    def _refuse_second_telling(self, kind: Kind, decided: Decided) -> None:
        """Several rows make up a student; of any other record, two rows that differ leave open which is meant."""
        earlier = self._told.setdefault(f"{kind.name}/{decided.id}", decided.state)
        if kind is not STUDENT and earlier != decided.state:
            raise Conflict(
                f"an earlier row says otherwise of {kind.name} {decided.id}; keep one row", existing=decided.id
            )

    async def _recall(self, kind: Kind, wanted: Sequence[Decided]) -> None:
        ids = {each.id for each in wanted if f"{kind.name}/{each.id}" not in self._before}
        asked = sorted(id for id in ids if f"{kind.name}/{id}" not in self._fresh)
        self._read((await self.store.records.get_many(kind.name, asked)).values())
        for record in (self._stored[key] for id in ids if (key := f"{kind.name}/{id}") in self._fresh):
            self._before[record.key] = Before(record.state, record.void)

    def _read(self, records: Iterable[Record]) -> None:
        for record in records:
            self._stored[record.key] = record
            self._fresh.add(record.key)

    def _compared(self, kind: Kind, decided: Decided) -> Result:
        key = f"{kind.name}/{decided.id}"
        before, now = self._before.get(key), Before(decided.state, void=False)
        self._before[key] = now
        return Result("created" if before is None else "unchanged" if before == now else "changed", decided.id)

    async def _save(self, drafts: Mapping[str, Draft]) -> dict[str, Saved | Refused]:
        """Write what is not so already; what is, a moment ago, needs no second look."""
        saved: dict[str, Saved | Refused] = {
            id: Saved("unchanged", self._stored[draft.key]) for id, draft in drafts.items() if self._is_so(draft)
        }
        others = {id: draft for id, draft in drafts.items() if id not in saved}
        return saved | dict(zip(others, await self.store.records.put_many(list(others.values())), strict=True))

    def _is_so(self, draft: Draft) -> bool:
        if draft.key not in self._fresh:
            return False
        stored = self._stored[draft.key]
        return stored.state == draft.state and not stored.void and draft.expected in (None, stored.version)

    def _drafts(self, kind: Kind, rows: Sequence[Row], decided: Sequence[Decided | Refused]) -> dict[str, Draft]:
        """One draft a record, by its id: the last row about it has taken in what the earlier ones told."""
        return {
            one.id: Draft(
                kind=kind.name,
                id=one.id,
                state=one.state,
                entry=self.entry,
                subjects=(subject_of(kind.name, one.id, one.state),),
                expected=row.version or (self._version(one.id) if kind is STUDENT else None),
            )
            for row, one in zip(rows, decided, strict=True)
            if isinstance(one, Decided)
        }

    def _version(self, person: str) -> int | None:
        stored = self._stored.get(f"student/{person}")
        return stored.version if stored else None

    def _written(
        self, row: Row, result: Result | Refused, saved: Mapping[str, Saved | Refused]
    ) -> Result | Refused | None:
        """What the row came to; None when somebody else wrote first and it is to be decided again."""
        if isinstance(result, Refused):
            return result
        done = saved[result.id]
        if isinstance(done, Saved):
            self._stored[done.record.key] = done.record
            return Result(result.outcome, result.id, done.record)
        if row.version is not None or not isinstance(done, Stale | Conflict):
            return done
        self._forget(result.id)
        return None

    def _forget(self, record_id: str) -> None:
        """What was decided did not come about: read all of it again."""
        self.known.people.forget(record_id)
        self._fresh = {key for key in self._fresh if key.partition("/")[2] != record_id}
        for remembered in (self._before, self._told, self._stored):
            for key in [key for key in remembered if key.partition("/")[2] == record_id]:
                del remembered[key]


def student_named(body: Body) -> str:
    """The student whom a body names, as the caller did; empty where it names none."""
    return body.student_id if isinstance(body, DemographicsOfYear | Enrolment | Completion | Outcome) else ""


def written_as(row: Row) -> str:
    """What the caller calls a record: never by an id that only we know."""
    body = row.body
    return f"{body.student_id}-{body.school_year}" if isinstance(body, DemographicsOfYear) else row.id


def _parents_first(rows: Sequence[Row]) -> list[int]:
    """The order to decide in: an organisation's parent may stand further down in the same batch."""
    above = {row.id: row.body.parent_id for row in rows if isinstance(row.body, Organisation)}

    def depth(record_id: str | None, seen: frozenset[str | None]) -> int:
        return 0 if record_id not in above or record_id in seen else 1 + depth(above[record_id], seen | {record_id})

    return sorted(range(len(rows)), key=lambda at: depth(rows[at].id, frozenset()) if above else 0)
