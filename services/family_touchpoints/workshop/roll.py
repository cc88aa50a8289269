"""What a caller can have done with a roll: mark who was there, take somebody off it, read it, each within reach."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from services.family_touchpoints.contact.reading import families, same_persons
from services.family_touchpoints.contact.record import PROFILE, Profile, profile_of
from services.family_touchpoints.workshop.attendance import (
    ATTENDANCE,
    Attendance,
    attendance_draft,
    attendance_of,
    present,
)
from services.family_touchpoints.workshop.decision import (
    Marked,
    OnRecord,
    RollGround,
    RowDecision,
    after,
    decide,
    moves,
)
from services.family_touchpoints.workshop.record import WORKSHOP, workshop_draft, workshop_of
from services.family_touchpoints.workshop.restating import follow_change, follow_roll
from services.family_touchpoints.workshop.rules import NOBODY_COUNTED, Heads, Workshop, late, rolled
from shared.doors.auth import Caller
from shared.errors import NotFound, Refused, Retryable, Stale
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void
from shared.records.changes import change
from shared.records.keys import means
from shared.records.record import NOTHING_THERE, Draft, Entry, Record, Saved, was_done
from shared.roster_copy.patience import Hangs, Patience
from shared.roster_copy.reach import reaches
from shared.roster_copy.students import Student

TRIES = 5
CREATED, CHANGED, AURORA = "attend", "mark", "aurora"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """What is asked of a roll: its rows, by the day on which they are said, and how many heads were counted."""

    on: date
    heads: Heads = NOBODY_COUNTED
    rows: Sequence[Marked] = ()


@dataclass(frozen=True, slots=True)
class Rolled:
    """What became of a roll: the record as it stands, what the workshop says after it, and each row's decision."""

    record: Record
    workshop: Workshop
    decisions: Sequence[RowDecision]
    present: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody on a roll as a caller sees them: with the students within reach, and who walked in as they said."""

    record: Record
    student_ids: tuple[str, ...]
    walked_in: Profile | None


async def mark(
    desk: Desk,
    id: str,
    wanted: Roll,
    *,
    caller: Caller,
    entry: Entry,
    dry_run: bool = False,
    patience: Patience | None = None,
) -> Rolled:
    """Keep every row that may be kept, and then the workshop, once for all of them.

    1. Decide on what stands; refuse the whole where a count of everyone is below those named.
    2. Write who walked in, then the rows, each guarded by the version that it was decided on.
    3. Write the workshop, where the roll holds it or counts heads, guarded likewise; else restate it.

    Who was overtaken decides again. A row that this very request has written is known by its key,
    and answered as before: a crash between the steps is finished by sending the same again.
    """
    patience, today, moved = patience or Patience(), await desk.today(), False
    for _ in range(TRIES):
        record = await desk.get(WORKSHOP, id, caller)
        refuse_void(record)
        ground, decisions = await _decided(desk, record, wanted, caller, entry, patience)
        there = present(after(decisions, ground), await same_persons(desk.records))
        workshop = workshop_of(record.state)
        if not was_done(entry, record):
            after_it = rolled(workshop, wanted.on, wanted.heads, today=today, named=there)
            workshop = after_it if _says_something(wanted, decisions) else workshop
        if dry_run:
            return Rolled(record, workshop, decisions, there, late(workshop, today))
        written = await _written(desk, decisions, wanted, entry)
        moved = moved or any(moves(one) for one in decisions)
        kept = await _kept(desk, record, workshop, entry, moved=moved) if written is not None else None
        if written is not None and kept is not None:
            return Rolled(kept, workshop, written, there, late(workshop, today))
    raise Retryable("others keep marking the same roll; send this again")


async def take_off(
    desk: Desk, id: str, attendance: str, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Take somebody off a roll who never stood on it: withdrawn everywhere.

    `expected` may be the version that a person made last. Raise NotFound, Stale or NoVersionGiven.
    """
    await desk.get(WORKSHOP, id, caller)

    async def read() -> Record:
        known = await desk.records.get_many(ATTENDANCE, [attendance])
        found = await seen_of(desk, [one for one in known.values() if one.state["workshop_id"] == id], caller)
        if not found:
            raise NotFound(f"there is no attendance {attendance} at this workshop")
        return found[0].record

    async def decided(record: Record) -> Draft:
        return attendance_draft(attendance_of(record.state), entry, void=True)

    record = await read()
    at = record.version if expected == seen_version(record) else expected
    saved = await change(desk.records, read, entry=entry, expected=at, decide=decided)
    moved = saved.outcome == "changed" and record.state["status"] == "present"
    await follow_roll(desk, id, moved=moved)
    return saved


async def seen_of(desk: Desk, roll: Sequence[Record], caller: Caller) -> list[Seen]:
    """Those on a roll whom the caller sees: by one of their students, or, without any, whoever reaches the workshop."""
    told = (await desk.roster.told({id for one in roll for id in one.state["student_ids"]}, ())).students
    known = await desk.records.get_many(PROFILE, {one.state["guardian_id"] for one in roll})
    profiles = {id: profile_of(one.state) for id, one in known.items() if not one.void}
    seen = []
    for record in roll:
        one = attendance_of(record.state)
        students = [id for id in one.student_ids if reaches(caller.reach, told.get(id, Student(id=id)))]
        profile = profiles.get(one.guardian_id)
        if students or not one.student_ids:
            walked_in = profile if profile and profile.walk_in else None
            seen.append(Seen(record=record, student_ids=tuple(students), walked_in=walked_in))
    return seen


def seen_version(record: Record) -> int:
    """The last version that a person made, and not what follows from another record."""
    return max((past.version for past in record.history if past.by != AURORA), default=record.version)


async def _decided(
    desk: Desk, record: Record, wanted: Roll, caller: Caller, entry: Entry, patience: Patience
) -> tuple[RollGround, list[RowDecision]]:
    names = {name for row in wanted.rows for name in row.student_ids}
    named = {row.guardian_id for row in wanted.rows if row.guardian_id}
    profiles = await desk.records.get_many(PROFILE, named)
    there = {"kind": ATTENDANCE, "state.workshop_id": record.id}
    found = [Record.of(each) async for each in desk.records.collection.find(there)]
    standing = {one.id: _standing(one, entry) for one in found}
    known = [profile_of(one.state) for one in profiles.values() if not one.void]
    walked_in = [one for one in known if one.walk_in]
    of_nobody = {one.state["guardian_id"] for one in found if not one.state["student_ids"]}
    others = {id for one in found for id in one.state["student_ids"]}
    others |= {id for one in walked_in for id in one.student_ids}

    async def read() -> tuple[RollGround, list[RowDecision]]:
        students = (await desk.roster.told(names | others, ())).students

        def sees(one: Profile) -> bool:
            theirs = (students.get(id, Student(id=id)) for id in one.student_ids)
            return one.guardian_id in of_nobody or any(reaches(caller.reach, student) for student in theirs)

        ground = RollGround(
            workshop_id=record.id,
            held_on=workshop_of(record.state).held_on,
            on=wanted.on,
            students=students,
            reaches=lambda student: reaches(caller.reach, student),
            families=await families(desk, names),
            standing=standing,
            walked_in=frozenset(one.guardian_id for one in walked_in if caller.reach.everything or sees(one)),
        )
        return ground, decide(wanted.rows, ground)

    def hangs(found: tuple[RollGround, list[RowDecision]]) -> Hangs:
        unknown = any(one.doubt == "unknown" for one in found[1])
        return Hangs(doubtful=unknown, lacking=unknown)

    return await desk.roster.settled(patience, read, hangs)


def _standing(record: Record, entry: Entry) -> OnRecord:
    """What stands, and what a request with this key has made of it. Raise Refused when that had another body."""
    lines = [past for past in record.history if means(entry.key, past.key, past.by)] if was_done(entry, record) else []
    return OnRecord(
        value=attendance_of(record.state),
        version=record.version,
        seen=seen_version(record),
        void=record.void,
        done=("created" if lines[-1].action == CREATED else "changed") if lines else None,
    )


def _says_something(wanted: Roll, decisions: Sequence[RowDecision]) -> bool:
    """Whether anything of a roll may be kept: one of which all is refused, such as another's, holds nothing."""
    return wanted.heads != NOBODY_COUNTED or any(one.outcome not in ("refused", "conflict") for one in decisions)


async def _written(
    desk: Desk, decisions: Sequence[RowDecision], wanted: Roll, entry: Entry
) -> list[RowDecision] | None:
    """The decisions with what was written of each; None when somebody was faster."""
    kept = {one.id: (one, one.keep) for one in decisions if one.keep is not None}
    await _walked_in(desk, list(kept.values()), wanted.on, entry)
    saved = await desk.records.put_many([_draft(one, keep, entry) for one, keep in kept.values()])
    came = dict(zip(kept, saved, strict=True))
    if any(isinstance(one, Stale) for one in saved):
        return None
    return [_came_to(one, came.get(one.id) if one.keep is not None else None) for one in decisions]


def _came_to(decision: RowDecision, saved: Saved | Refused | None) -> RowDecision:
    if isinstance(saved, Refused):  # such as one that was erased
        return replace(decision, outcome="refused", keep=None, refusal=saved)
    return replace(decision, version=saved.record.version if saved else None)


async def _walked_in(desk: Desk, kept: Sequence[tuple[RowDecision, Attendance]], on: date, entry: Entry) -> None:
    """Write who walked in, as contact keeps them: their name and number stay there. Raise Refused."""
    new = [(one.walk_in, keep) for one, keep in kept if one.walk_in is not None]
    profiles = [
        Profile(
            guardian_id=keep.guardian_id,
            walk_in=True,
            name=walk_in.name,
            phone=walk_in.phone,
            student_ids=keep.student_ids,
            since=on,
        )
        for walk_in, keep in new
    ]
    drafts = [Draft(PROFILE, one.guardian_id, msgspec.to_builtins(one), entry) for one in profiles]
    for came in await desk.records.create_many(drafts):
        if isinstance(came, Refused):
            raise came
    if students := {id for one in profiles for id in one.student_ids}:
        await desk.students_changed(students)


def _draft(decision: RowDecision, keep: Attendance, entry: Entry) -> Draft:
    action = CREATED if decision.outcome == "created" else CHANGED
    expected = decision.stands.version if decision.stands else NOTHING_THERE
    return attendance_draft(keep, replace(entry, action=action), expected=expected)


async def _kept(desk: Desk, before: Record, workshop: Workshop, entry: Entry, *, moved: bool) -> Record | None:
    """The workshop after a roll, restated once; None when somebody was faster."""
    record, told = before, False
    if workshop != workshop_of(before.state):
        try:
            saved = await desk.records.put(workshop_draft(before.id, workshop, entry, expected=before.version))
        except Stale:
            return None
        record, told = saved.record, True
    await follow_change(desk, record, before)
    return await follow_roll(desk, before.id, moved=moved, told=told)
