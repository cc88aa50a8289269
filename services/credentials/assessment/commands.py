"""What a caller can have done with assessments: log one or a class, set right, take out, show, each within reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.credentials.assessment.decision import Asked, Decision, Ground, Stored, decide, placed, taken_by
from services.credentials.assessment.record import ASSESSMENT, assessment_draft, assessment_of
from services.credentials.assessment.rules import Assessment, correct, same_sitting
from services.credentials.award.commands import Desk, Logged
from services.credentials.award.decision import unknown_program
from services.credentials.award.placement import Student
from shared.doors.auth import Caller, Reach
from shared.errors import Conflict, NotFound, Refused, Retryable, refused
from shared.producer.suggesting import suggesting
from shared.records.changes import Decide, change
from shared.records.records import Draft, Entry, Record, Saved
from shared.roster_copy.lookup import Calendar, Request
from shared.roster_copy.reach import filing, filter_of, reachable, within
from shared.web.paging import Paging

TRIES = 3


@dataclass(frozen=True, slots=True)
class AssessmentDesk:
    """The service's desk, for assessments."""

    desk: Desk

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
        raise Retryable("others keep logging the same assessments; send this again")

    async def _decided(self, asked: Sequence[Asked], reach: Reach, digest: str, request: Request) -> list[Decision]:
        async def read() -> list[Decision]:
            told = await self.desk.learnt.told(
                {row.wanted.student_id for row in asked}, {row.wanted.program_id for row in asked}
            )
            persons = {id for student in told.students.values() for id in student.ids}
            ground = Ground(
                students=told.students,
                programs=told.programs,
                stored=await self._beside(asked, persons, digest),
                within=lambda student: filing(reach, student),
                reads=lambda student: within(reach, student),
                today=self._day(told.calendar),
            )
            return decide(asked, ground)

        found = await self.desk.learnt.settled(
            request,
            read,
            doubtful=lambda found: any(one.doubt != "none" for one in found),
            lacking=lambda found: any(one.doubt == "unknown" for one in found),
            harmless=lambda found: all(one.doubt == "none" or one.refusal is None for one in found),
        )
        return await suggesting(self.desk.learnt, reach, [row.wanted for row in asked], found)

    async def _beside(self, asked: Sequence[Asked], students: set[str], digest: str) -> dict[str, Stored]:
        """The assessments with the rows' own ids and those of the same students, by id.

        Raise Refused when a row's id was used under the same key with another body.
        """
        ids = {row.id for row in asked}
        of_students = {"kind": ASSESSMENT, "void": False, "state.student_id": {"$in": sorted(students)}}
        where = {"$or": [{"_id": {"$in": [f"{ASSESSMENT}/{id}" for id in ids]}}, of_students]}
        found: dict[str, Stored] = {}
        fields = {"state": 1, "void": 1, "gone": 1, "history": {"$slice": 1}}
        async for document in self.desk.store.raw.find(where, fields):
            if "gone" in document:
                continue  # what may be kept under its id is said when it is written
            id = document["_id"].partition("/")[2]
            if id in ids and document["history"][0]["digest"] != digest:
                raise Refused(
                    "this Idempotency-Key was used with another body",
                    works="send another key with another body",
                    code="key_used",
                )
            found[id] = Stored(assessment_of(document["state"]), document["void"])
        return found

    async def _written(self, decisions: Sequence[Decision], entry: Entry) -> list[Logged | None]:
        """What came of the rows; None where another writer was first and it is to be decided again."""
        drafts = {one.id: assessment_draft(one.id, one.assessment, entry) for one in decisions if one.assessment}
        saved = dict(zip(drafts, await self.desk.store.records.create_many(list(drafts.values())), strict=True))
        return [_came_to(one, saved.get(one.id) if one.assessment else None) for one in decisions]

    async def correct(
        self, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
    ) -> Saved:
        """Set some fields right; it is placed anew by what roster tells. Raise NotFound, Stale or Refused."""

        async def decide(record: Record) -> Draft:
            if record.void:
                raise Refused(f"assessment {id} is void", works="log it again if it was right after all", code="void")
            one = await self._corrected(id, assessment_of(record.state), changes, caller.reach)
            return assessment_draft(id, one, entry)

        return await self._changed(id, caller=caller, entry=entry, expected=expected, decide=decide)

    async def _changed(self, id: str, *, caller: Caller, entry: Entry, expected: int | None, decide: Decide) -> Saved:
        async def read() -> Record:
            return await self.assessment(id, caller)

        return await change(self.desk.store.records, read, entry=entry, expected=expected, decide=decide)

    async def _corrected(self, id: str, before: Assessment, changes: Mapping[str, Any], reach: Reach) -> Assessment:
        if (program := changes.get("program_id")) and program not in await self.desk.programs([program]):
            raise refused(unknown_program(program))
        told = await self.desk.learnt.told([before.student_id], ())
        one = correct(before, changes, today=self._day(told.calendar))
        student = told.students.get(before.student_id, Student(id=before.student_id))
        if not same_sitting(one, before):
            await self._refuse_twin(id, one, student)
        if not {"program_id", "taken_on"} & changes.keys():
            return one
        return placed(one, student, within=filing(reach, student))

    async def _refuse_twin(self, id: str, one: Assessment, student: Student) -> None:
        """Raise Conflict when another record of the person, under whichever id, is of the same sitting."""
        for key, stored in (await self._beside((), set(student.ids), "")).items():
            if key != id and same_sitting(replace(stored.assessment, student_id=one.student_id), one):
                raise taken_by(key, one)

    async def void(self, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
        """Take out an assessment that should never have been logged."""

        async def decide(record: Record) -> Draft:
            return assessment_draft(id, assessment_of(record.state), entry, void=True)

        return await self._changed(id, caller=caller, entry=entry, expected=expected, decide=decide)

    async def void_batch(self, batch_id: str, *, caller: Caller, entry: Entry) -> tuple[int, int]:
        """Take out every assessment that came with a class list: how many were, and how many had been.

        Raise NotFound when the caller reaches none of it.
        """
        store, voided = self.desk.store, 0
        for _ in range(TRIES):
            cursor = store.raw.find({"kind": ASSESSMENT, "state.batch_id": batch_id})
            found = await reachable([Record.of(document) async for document in cursor], caller.reach, self.desk.learnt)
            if not found:
                raise NotFound(f"there is no batch {batch_id}")
            drafts = [
                assessment_draft(one.id, assessment_of(one.state), entry, expected=one.version, void=True)
                for one in found
                if not one.void
            ]
            saved = await store.records.put_many(drafts)
            voided += sum(isinstance(one, Saved) for one in saved)
            if all(isinstance(one, Saved) for one in saved):
                return voided, len(found) - voided
        raise Retryable("others keep changing assessments of this batch; send this again")

    async def assessment(self, id: str, caller: Caller) -> Record:
        """One assessment, void or not. Raise NotFound, also for what is out of reach."""
        record = await self.desk.store.records.get(ASSESSMENT, id)
        if record is None or not await reachable([record], caller.reach, self.desk.learnt):
            raise NotFound(f"there is no assessment {id}")
        return record

    async def places(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """Of what type the place of each is now, beside what the record itself says."""
        at = [record.state["organisation_id"] for record in records]
        types = await self.desk.learnt.organisation_types({one for one in at if one}) if any(at) else {}
        return [{"organisation_type": types.get(one)} for one in at]

    async def find(self, where: Mapping[str, Any], *, caller: Caller, paging: Paging) -> list[Record]:
        """Assessments that match and are within reach, one more than the page holds; void ones are left out."""
        asked = {"$and": [dict(where), await filter_of(caller.reach, self.desk.learnt)]}
        return await self.desk.store.records.find(ASSESSMENT, asked, after=paging.after, limit=paging.limit + 1)

    def _day(self, calendar: Calendar) -> date:
        return self.desk.now().astimezone(calendar.zone).date()


def _would(decision: Decision) -> Logged:
    if decision.refusal:
        return Logged(outcome="refused", id="", refusal=decision.refusal)
    outcome = Logged(outcome="unchanged", id=decision.id, warnings=decision.warnings)
    return outcome if decision.unchanged else replace(outcome, outcome="created")


def _came_to(decision: Decision, saved: Saved | Refused | None) -> Logged | None:
    if saved is None:
        return _would(decision)
    if isinstance(saved, Conflict):
        return None
    if isinstance(saved, Refused):
        return Logged(outcome="refused", id="", refusal=saved)
    done = Logged(outcome="created", id=decision.id, record=saved.record, warnings=decision.warnings)
    return done if saved.outcome == "created" else replace(done, outcome="unchanged")
