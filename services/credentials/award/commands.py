"""What a caller can have done with awards: log one or a class, set right, take out, show, each within reach."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from services.credentials.award import linked as renewing
from services.credentials.award.decision import Asked, Decision, Ground, decide, placed, unknown_program
from services.credentials.award.placement import Student
from services.credentials.award.record import AWARD, Store, award_draft, award_of
from services.credentials.award.rules import Award, correct
from services.credentials.catalogue_entry.rules import Credential, unknown_code
from shared.doors.auth import Caller, Reach
from shared.errors import Conflict, NotFound, Problem, Refused, Retryable, refused
from shared.producer.suggesting import suggesting
from shared.records.changes import Decide
from shared.records.changes import change as change_record
from shared.records.records import Draft, Entry, Record, Saved
from shared.roster_copy.lookup import Calendar, Learnt, Request
from shared.roster_copy.reach import filing, filter_of, reachable, within
from shared.web.paging import Paging

TRIES = 3
Change = Callable[[Award], Award]


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What became of one row; `record` is None in a dry run and where nothing was written."""

    outcome: Literal["created", "unchanged", "refused"]
    id: str
    record: Record | None = None
    refusal: Refused | None = None
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The records, what roster has told, what time it is, and after how many days an award is to be followed up."""

    store: Store
    learnt: Learnt
    now: Callable[[], datetime]
    follow_up_after_days: int

    async def log(
        self,
        asked: Sequence[Asked],
        *,
        caller: Caller,
        entry: Entry,
        dry_run: bool = False,
        request: Request | None = None,
    ) -> list[Logged]:
        """Keep every row that may be kept, with one read of what roster has told and one write.

        Raise Retryable, having kept nothing, when a row cannot be judged before roster's log has
        been read further; Refused when the key was used with another body.
        """
        request = request or Request()
        logged: dict[int, Logged] = {}
        for _ in range(TRIES):
            waiting = [row for row in range(len(asked)) if row not in logged]
            decisions = await self._decided([asked[row] for row in waiting], caller.reach, entry.digest, request)
            if dry_run:
                return [_would(one) for one in decisions]
            written = await self._written(decisions, entry)
            logged |= {row: one for row, one in zip(waiting, written, strict=True) if one is not None}
            if len(logged) == len(asked):
                return [logged[row] for row in range(len(asked))]
        raise Retryable("others keep logging the same awards; send this again")

    async def _decided(self, asked: Sequence[Asked], reach: Reach, digest: str, request: Request) -> list[Decision]:
        async def read() -> list[Decision]:
            return await self._decide(asked, reach, digest)

        found = await self.learnt.settled(
            request,
            read,
            doubtful=lambda found: any(one.doubt != "none" for one in found),
            lacking=lambda found: any(one.doubt == "unknown" for one in found),
            harmless=lambda found: all(one.doubt == "none" or one.refusal is None for one in found),
        )
        return await suggesting(self.learnt, reach, [row.wanted for row in asked], found)

    async def _decide(self, asked: Sequence[Asked], reach: Reach, digest: str) -> list[Decision]:
        named = {row.wanted.student_id for row in asked}
        told = await self.learnt.told(named, {row.wanted.program_id for row in asked if row.wanted.program_id})
        persons = {id for student in told.students.values() for id in student.ids}
        codes = {row.wanted.credential_code for row in asked}
        credentials = await self.store.credentials(codes)
        ground = Ground(
            students=told.students,
            programs=told.programs,
            credentials=credentials,
            codes=await self.store.codes() if codes - credentials.keys() else (),
            awards=await self.store.beside(asked, persons, digest),
            within=lambda student: filing(reach, student),
            reads=lambda student: within(reach, student),
            today=self._day(told.calendar),
            numbered=await self.store.numbered(
                {row.wanted.license_number for row in asked if row.wanted.license_number}
            ),
        )
        return decide(asked, ground)

    async def _written(self, decisions: Sequence[Decision], entry: Entry) -> list[Logged | None]:
        """What came of the rows; None where another writer was first and it is to be decided again."""
        drafts = {one.id: award_draft(one.id, one.award, entry) for one in decisions if one.award}
        saved = dict(zip(drafts, await self.store.records.create_many(list(drafts.values())), strict=True))
        return [_came_to(one, saved.get(one.id) if one.award else None) for one in decisions]

    async def change(
        self, id: str, *, caller: Caller, entry: Entry, expected: int | None, change: Change, void: bool = False
    ) -> Saved:
        """Take an award from one version to the next; a key that was used before is answered first.

        Raise NotFound, Stale, or Refused for an award that is void already.
        """

        async def decide(record: Record) -> Draft:
            if void:
                await renewing.let_go(self.store, [record])
            else:
                _refuse_void(record)
            return award_draft(id, change(award_of(record.state)), entry, void=void)

        return await self._changed(id, caller=caller, entry=entry, expected=expected, decide=decide)

    async def correct(
        self, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
    ) -> Saved:
        """Set some fields of an award right; a program that is named is looked up like a new award's."""

        async def decide(record: Record) -> Draft:
            _refuse_void(record)
            before = award_of(record.state)
            credential = await self._credential(replace(before, **changes).credential_code)

            async def read() -> tuple[Award | Refused, bool]:
                return await self._corrected(before, changes, credential, caller.reach)

            after, _ = await self.learnt.settled(
                Request(), read, doubtful=lambda one: one[1], lacking=lambda one: one[1]
            )
            if isinstance(after, Refused):
                raise after
            await self._hold_together(record, after)
            return award_draft(id, after, entry)

        return await self._changed(id, caller=caller, entry=entry, expected=expected, decide=decide)

    async def _changed(self, id: str, *, caller: Caller, entry: Entry, expected: int | None, decide: Decide) -> Saved:
        async def read() -> Record:
            return await self.award(id, caller)

        return await change_record(self.store.records, read, entry=entry, expected=expected, decide=decide)

    async def _hold_together(self, record: Record, after: Award) -> None:
        before = award_of(record.state)
        persons = (await self.learnt.merges()).together(before.student_id)
        await renewing.hold_together(self.store, persons, record.id, before, after)

    async def _corrected(
        self, before: Award, changes: Mapping[str, Any], credential: Credential, reach: Reach
    ) -> tuple[Award | Refused, bool]:
        """The corrected award or why not, and whether roster may be about to say otherwise."""
        program_id = changes.get("program_id")
        told = await self.learnt.told([before.student_id], [program_id] if program_id else [])
        today = self._day(told.calendar)
        try:
            award = correct(before, changes, credential=credential, today=today)
        except Refused as refusal:
            return refusal, False
        if "program_id" not in changes:
            return award, False
        if program_id and program_id not in told.programs:
            return refused(unknown_program(program_id)), True
        student = told.students.get(before.student_id, Student(id=before.student_id))
        try:
            return placed(award, student, credential, within=filing(reach, student)), False
        except Refused as refusal:
            return refusal, False

    async def _credential(self, code: str) -> Credential:
        found = (await self.store.credentials([code])).get(code)
        if found is None:
            raise refused(unknown_code(code, await self.store.codes()))
        return found

    async def void_batch(self, batch_id: str, *, caller: Caller, entry: Entry) -> tuple[int, int]:
        """Take out every award that came with a class list: how many were, and how many already had been.

        Raise NotFound when the caller reaches none of it.
        """
        voided = 0
        for _ in range(TRIES):
            found = await reachable(await self.store.awards_of_batch(batch_id), caller.reach, self.learnt)
            if not found:
                raise NotFound(f"there is no batch {batch_id}")
            await renewing.let_go(self.store, [one for one in found if not one.void])
            drafts = [
                award_draft(one.id, award_of(one.state), entry, expected=one.version, void=True)
                for one in found
                if not one.void
            ]
            saved = await self.store.records.put_many(drafts)
            voided += sum(isinstance(one, Saved) for one in saved)
            if all(isinstance(one, Saved) for one in saved):
                return voided, len(found) - voided
        raise Retryable("others keep changing awards of this batch; send this again")

    async def award(self, id: str, caller: Caller) -> Record:
        """One award, void or not. Raise NotFound, also for what is out of reach."""
        record = await self.store.award(id)
        if not await reachable([record], caller.reach, self.learnt):
            raise NotFound(f"there is no award {id}")
        return record

    async def find(self, where: Mapping[str, Any], *, caller: Caller, paging: Paging) -> list[Record]:
        """Awards that match and are within reach, one more than the page holds; void ones are left out."""
        asked = {"$and": [dict(where), await filter_of(caller.reach, self.learnt)]}
        return await self.store.records.find(AWARD, asked, after=paging.after, limit=paging.limit + 1)

    async def person(self, name: str) -> dict[str, Any]:
        """A filter on all ids of the person that a name means; the name itself when nobody is meant."""
        return await self.persons([name])

    async def persons(self, names: Sequence[str]) -> dict[str, Any]:
        """The same for several names."""
        found = (await self.learnt.told(names, ())).students
        return {"$in": sorted({id for name in names for id in (found[name].ids if name in found else (name,))})}

    async def programs(self, ids: Collection[str]) -> frozenset[str]:
        """Those of the programs that exist, once roster has had the time to tell. Raise Retryable."""

        async def read() -> frozenset[str]:
            return (await self.learnt.told((), ids)).programs

        def lacking(found: frozenset[str]) -> bool:
            return len(found) < len(ids)

        return await self.learnt.settled(Request(), read, doubtful=lacking, lacking=lacking)

    async def today(self) -> date:
        """The day where the cted is."""
        return self._day((await self.learnt.told((), ())).calendar)

    def _day(self, calendar: Calendar) -> date:
        return self.now().astimezone(calendar.zone).date()


def _refuse_void(record: Record) -> None:
    if record.void:
        raise Refused(f"award {record.id} is void", works="log it again if it was right after all", code="void")


def _would(decision: Decision) -> Logged:
    if decision.refusal:
        return Logged(outcome="refused", id="", refusal=decision.refusal)
    outcome: Literal["created", "unchanged"] = "unchanged" if decision.unchanged else "created"
    return Logged(outcome=outcome, id=decision.id, warnings=decision.warnings)


def _came_to(decision: Decision, saved: Saved | Refused | None) -> Logged | None:
    if saved is None:
        return _would(decision)
    if isinstance(saved, Conflict):
        return None
    if isinstance(saved, Refused):
        return Logged(outcome="refused", id="", refusal=saved)
    outcome: Literal["created", "unchanged"] = "created" if saved.outcome == "created" else "unchanged"
    return Logged(outcome=outcome, id=decision.id, record=saved.record, warnings=decision.warnings)
