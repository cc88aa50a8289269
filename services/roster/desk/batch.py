"""A batch makes rows into records, one or thousands at once: it learns, decides, compares and writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from secrets import token_hex
from typing import Literal

from services.roster.desk.organisation_changes import follow
from services.roster.enrolments.derived import give_way
from services.roster.enrolments.starts import Begin, followed, touched
from services.roster.identity.people import MERGED, TWO_PERSONS, People, State, no_student, not_to_be_kept, outside_ids
from services.roster.identity.whose import Joins, Unlike
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.described import Kind
from services.roster.kinds.enrolment import ENROLMENT
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.rows import Known, ToKeep, Wanted
from services.roster.kinds.student import STUDENT
from services.roster.kinds.table import subject_of
from services.roster.persons.claims import decision_about, id_of, learn_padded, note_claims, refusal
from services.roster.persons.joining import Settled, reaches, settle
from services.roster.persons.moving import elsewhere, follow_names, pend
from services.roster.reach.scope import Scope
from services.roster.reach.writable import Writable
from services.roster.store import Store
from services.roster.values import Completion, DemographicsOfYear, Enrolment, Organisation, Outcome, Student
from shared.errors import Conflict, Problem, Refused, Stale
from shared.records.record import NOTHING_THERE, must_be_at
from shared.records.store import Draft, Entry, Record, Saved
from shared.words.fields import Body

Came = Literal["created", "changed", "unchanged"]
TRIES = 12  # one of all that write to a record at the same moment gets through at each try


@dataclass(frozen=True, slots=True)
class Result:
    """What a row came to, and what is to be said of it although it was kept; the record is None in a dry run."""

    outcome: Came
    id: str
    record: Record | None = None
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What was kept under a key before a row: stored, or told by an earlier row."""

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
    _unlike: dict[str, Unlike] = field(default_factory=dict, init=False)  # by the id under which it is to be listed

    def __post_init__(self) -> None:
        self.known = Known(today=self.today, people=People(new_id=lambda: f"p{token_hex(12)}"))

    async def save(self, kind: Kind, rows: Sequence[Wanted]) -> list[Result | Refused]:
        """Keep every row that may be kept; the answer has one entry a row, in their order.

        1. Decide. Refused rows are out; the others see each other.
        2. Take out what lies beyond the caller's reach.
        3. Write one document a record, however many rows told of it.
        4. Where somebody else wrote in between, decide again on what is there now.
        5. Where a row gives ids of two persons: make them one, or put them on the list (persons/joining.py);
           one that gives the number of a person of another name is put there too (persons/claims.py).
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
        await self._list_unlike()
        results = [self._beside_unlike(result) for result in results]
        self._unlike.clear()
        kept = [result for result in results if isinstance(result, Result)]
        if kind is ORGANISATION and not self.dry_run:
            await follow(self.store, [result.id for result in kept])
        if kind is ENROLMENT and not self.dry_run:
            await give_way(self.store, self.entry.by, [result.record for result in kept if result.record])
        return [
            result or Conflict("others keep changing this record", works="send it again", code="keeps_changing")
            for result in results
        ]

    async def _once(self, kind: Kind, rows: Sequence[Wanted]) -> list[Result | Refused | None]:
        self._fresh.clear()
        self._read(await self.store.learn(self.known, kind, rows))
        aliases = {name for row in rows if isinstance(row.body, Student) for name in (row.id, *outside_ids(row.body))}
        await learn_padded(self.store, self.known.people, aliases, self.scope)
        can = await self._writable(kind, rows)
        decided = self._decide(kind, rows, can)
        wanted = [each for each in decided if isinstance(each, ToKeep)]
        await self._recall(kind, wanted)
        decided = [self._still_under(kind, each) if isinstance(each, ToKeep) else each for each in decided]
        beyond = await self._beyond(kind, rows, decided, can) if can else {}
        decided = [beyond.get(each.id, each) if isinstance(each, ToKeep) else each for each in decided]
        decided = [self._refused_at(kind, row, each) for row, each in zip(rows, decided, strict=True)]
        results = [self._compared(kind, each) if isinstance(each, ToKeep) else each for each in decided]
        settled = [await self._settled(each) for each in results]
        if self.dry_run:
            return settled
        drafts = self._drafts(kind, decided)
        moving = await elsewhere(self.store, self._gained(drafts)) if kind is STUDENT else []
        await pend(self.store, moving, self.entry)
        async with followed(self.store, self._begins(drafts.values()) if kind is ENROLMENT else ()):
            saved = await self._save(drafts)
        if moving:
            await follow_names(self.store, moving, self.entry)
        return [
            None if result is None else self._written(row, result, saved)
            for row, result in zip(rows, settled, strict=True)
        ]

    async def _writable(self, kind: Kind, rows: Sequence[Wanted]) -> Writable | None:
        """What the caller may write, as far as these rows name it; None: everything."""
        if self.scope is None or self.scope.everything:
            return None
        named = {person for row in rows for person in self._named(row)}
        # Made by an earlier row, and so by this caller: a dry run keeps nothing that could be asked for.
        made = {each for each in named if (key := f"student/{each}") in self._before and key not in self._stored}
        can = await self.scope.writable(kind.name, named - made)
        return replace(can, students=can.students | made)

    def _named(self, row: Wanted) -> set[str]:
        """The persons whom a row is about, as far as they are known."""
        body = row.body
        names = {row.id, *outside_ids(body)} if isinstance(body, Student) else {student_named(body)}
        return {person for name in names if (person := self.known.people.find(name))}

    def _refuse_beyond(self, kind: Kind, row: Wanted, can: Writable | None) -> None:
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
        self, kind: Kind, rows: Sequence[Wanted], decided: Sequence[ToKeep | Refused], can: Writable
    ) -> dict[str, Refused]:
        if self.scope is None:
            return {}
        both = [(row, one) for row, one in zip(rows, decided, strict=True) if isinstance(one, ToKeep)]
        names = {one.id: written_as(row) for row, one in both}
        stored = {id: self._before[key].state for id in names if (key := f"{kind.name}/{id}") in self._before}
        return await self.scope.refusals(kind.name, [one for _, one in both], names, stored, can)

    async def _settled(self, result: Result | Refused) -> Result | Refused | None:
        """What a row comes to that may be about two persons; None when that is clear now and it is decided again."""
        people = self.known.people
        if isinstance(result, Unlike):
            return await self._unlike_now(result)
        if not isinstance(result, Joins):
            return result
        settled = await settle(self.store, result, people, self.entry, self.scope, dry_run=self.dry_run)
        if isinstance(settled, Refused):
            return settled
        if settled is Settled.TWO:
            people.decided[result.persons[0], result.persons[1]] = TWO_PERSONS
            return None
        if self.dry_run:
            return Result("changed", result.persons[0])
        for person in result.persons if settled is Settled.ONE else ():
            self._forget(person)
        return None

    async def _unlike_now(self, unlike: Unlike) -> Refused | None:
        claim, people = unlike.claim, self.known.people
        decided = await decision_about(self.store, claim, people.merges)
        if decided == MERGED or (decided == TWO_PERSONS and claim.name != claim.number):
            people.decided[claim.owner, claim.name] = decided
            return None
        if decided is None:
            self._unlike[id_of(claim)] = unlike
        reached = self.scope is None or await reaches(self.store, self.scope, [claim.owner])
        made_here = f"student/{claim.owner}" in self._before and f"student/{claim.owner}" not in self._stored
        return refusal(unlike, reached=reached or made_here, decided=decided)

    async def _list_unlike(self) -> None:
        """Put what was refused on the list; whose number it is may have been written only now."""
        if not self.dry_run and self._unlike:
            await note_claims(self.store, self._unlike.values(), Entry(by=self.entry.by, action="conflict"))

    def _beside_unlike(self, result: Result | Refused | None) -> Result | Refused | None:
        """What came of a row, and whether another one beside it gives its number for somebody else: both are told."""
        owners = {unlike.claim.owner for unlike in self._unlike.values()}
        if not isinstance(result, Result) or self.known.people.merges.survivor(result.id) not in owners:
            return result
        said = "another row gives this state student id for somebody of another name, and was refused"
        noted = Problem("/state_student_id", said, "correct the number where it is wrong", "number_twice")
        return replace(result, notes=(*result.notes, noted))

    def _decide(self, kind: Kind, rows: Sequence[Wanted], can: Writable | None) -> list[ToKeep | Refused]:
        decided: dict[int, ToKeep | Refused] = {}
        for at in _parents_first(rows):
            try:
                one = self._decided_within(kind, rows[at], can)
                self._refuse_second_telling(kind, one)
                self.known.take(kind.name, one)
                decided[at] = one
            except Refused as refused:
                decided[at] = refused
        return [decided[at] for at in range(len(rows))]

    def _decided_within(self, kind: Kind, row: Wanted, can: Writable | None) -> ToKeep:
        """What the rules decide; of somebody out of reach only that, whatever they say.

        A number that is a stranger's, though, is put on the list for somebody who reaches both.
        """
        try:
            one = kind.decide(row, self.known)
        except Unlike:
            raise
        except Refused:
            self._refuse_beyond(kind, row, can)
            raise
        self._refuse_beyond(kind, row, can)
        return one

    def _refuse_second_telling(self, kind: Kind, decided: ToKeep) -> None:
        """Several rows make up a student; of any other record, two rows that differ leave open which is meant."""
        earlier = self._told.setdefault(f"{kind.name}/{decided.id}", decided.state)
        if kind is not STUDENT and {**earlier, "_under": None} != {**decided.state, "_under": None}:
            raise Conflict(
                f"an earlier row says otherwise of {kind.name} {decided.id}",
                works="keep one row",
                code="twice",
                existing=decided.id,
            )

    async def _recall(self, kind: Kind, wanted: Sequence[ToKeep]) -> None:
        ids = {each.id for each in wanted if f"{kind.name}/{each.id}" not in self._before}
        asked = sorted(id for id in ids if f"{kind.name}/{id}" not in self._fresh)
        self._read((await self.store.records.get_many(kind.name, asked)).values())
        for record in (self._stored[key] for id in ids if (key := f"{kind.name}/{id}") in self._fresh):
            self._before[record.key] = Before(record.state, record.void)

    def _read(self, records: Iterable[Record]) -> None:
        for record in records:
            self._stored[record.key] = record
            self._fresh.add(record.key)

    def _compared(self, kind: Kind, decided: ToKeep) -> Result:
        key = f"{kind.name}/{decided.id}"
        before, now = self._before.get(key), Before(decided.state, void=False)
        self._before[key] = now
        outcome: Came = "created" if before is None else "unchanged" if before == now else "changed"
        return Result(outcome, decided.id, notes=decided.notes)

    async def _save(self, drafts: Mapping[str, Draft]) -> dict[str, Saved | Refused]:
        """Write the drafts that differ from what was read a moment ago; the others are unchanged."""
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

    def _drafts(self, kind: Kind, decided: Sequence[ToKeep | Refused]) -> dict[str, Draft]:
        """One draft a record, by its id: the last row about it has taken in what the earlier ones told."""
        return {
            one.id: Draft(
                kind=kind.name,
                id=one.id,
                state=one.state,
                entry=self.entry,
                subjects=(subject_of(kind.name, one.id, one.state),),
                expected=self._version(f"{kind.name}/{one.id}"),
            )
            for one in decided
            if isinstance(one, ToKeep)
        }

    def _version(self, key: str) -> int:
        """The version that a row about it was decided on."""
        stored = self._stored.get(key)
        return stored.version if stored else NOTHING_THERE

    def _refused_at(self, kind: Kind, row: Wanted, decided: ToKeep | Refused) -> ToKeep | Refused:
        """The decision, or the refusal of a row that was to be decided on another version than there is."""
        if row.version is None or isinstance(decided, Refused):
            return decided
        try:
            must_be_at(row.version, self._stored.get(f"{kind.name}/{decided.id}"))
        except Stale as refused:
            return refused
        return decided

    def _still_under(self, kind: Kind, decided: ToKeep) -> ToKeep:
        """What is told again under another id of the same record goes on with the source id that it came under.

        Of the groups of a year, of which several sources tell, it is always the first.
        """
        before = self._before.get(f"{kind.name}/{decided.id}")
        if before is None or "_under" not in before.state or ("_under" in decided.state and kind is not DEMOGRAPHICS):
            return decided
        if before.state["student_id"] != decided.state["student_id"]:
            return decided
        return replace(decided, state={**decided.state, "_under": before.state["_under"]})

    def _gained(self, drafts: Mapping[str, Draft]) -> set[str]:
        """The outside ids that these drafts give to whom they did not belong."""
        return {
            name
            for draft in drafts.values()
            for name in set(draft.state["identifiers"])
            - set(self._stored[draft.key].state.get("identifiers", ()) if draft.key in self._stored else ())
        }

    def _begins(self, drafts: Iterable[Draft]) -> set[Begin]:
        """The begins of enrolments that come or go with these drafts."""
        found: set[Begin] = set()
        for draft in drafts:
            stored = self._stored.get(draft.key)
            found |= touched(None if stored is None or stored.void else stored.state, draft.state)
        return found

    def _written(
        self, row: Wanted, result: Result | Refused, saved: Mapping[str, Saved | Refused]
    ) -> Result | Refused | None:
        """What the row came to; None when somebody else wrote first and it is to be decided again."""
        if isinstance(result, Refused):
            return result
        done = saved[result.id]
        if isinstance(done, Saved):
            self._stored[done.record.key] = done.record
            return replace(result, record=done.record)
        if row.version is not None or not isinstance(done, Stale | Conflict):
            return done
        self._forget(result.id)
        return None

    def _forget(self, record_id: str) -> None:
        """Forget what was read of a record that somebody else changed, so that it is read again."""
        self.known.people.forget(record_id)
        self._fresh = {key for key in self._fresh if key.partition("/")[2] != record_id}
        for remembered in (self._before, self._told, self._stored):
            for key in [key for key in remembered if key.partition("/")[2] == record_id]:
                del remembered[key]


def student_named(body: Body) -> str:
    """The student whom a body names, as the caller did; empty where it names none."""
    return body.student_id if isinstance(body, DemographicsOfYear | Enrolment | Completion | Outcome) else ""


def written_as(row: Wanted) -> str:
    """What the caller calls a record: never by an id that only we know."""
    body = row.body
    return f"{body.student_id}-{body.school_year}" if isinstance(body, DemographicsOfYear) else row.id


def _parents_first(rows: Sequence[Wanted]) -> list[int]:
    """The order to decide in: an organisation's parent may stand further down in the same batch."""
    above = {row.id: row.body.parent_id for row in rows if isinstance(row.body, Organisation)}

    def depth(record_id: str | None, seen: frozenset[str | None]) -> int:
        return 0 if record_id not in above or record_id in seen else 1 + depth(above[record_id], seen | {record_id})

    return sorted(range(len(rows)), key=lambda at: depth(rows[at].id, frozenset()) if above else 0)
