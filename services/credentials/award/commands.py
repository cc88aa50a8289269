"""What a caller can have done with awards: log one or a class, set right, celebrate, take out, each within reach."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.credentials.award import renewals
from services.credentials.award.celebrations import Celebration, opted_out
from services.credentials.award.decision import Ground, decide, placed, taken_by
from services.credentials.award.queries import beside, held, numbered, renewals_of
from services.credentials.award.record import AWARD, award_draft, award_of
from services.credentials.award.rules import Award, celebrate, correct, refuse
from services.credentials.catalogue_entry.queries import codes_of, credentials
from services.credentials.catalogue_entry.rules import Credential, unknown_code
from shared.doors.auth import Caller, Reach
from shared.errors import Problem, Refused, refused
from shared.producer.decisions import Asked, Decision
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void, unknown_program
from shared.producer.rows import RowsOf, void_all
from shared.producer.suggesting import Named
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.reach import filing, within
from shared.roster_copy.students import Student


async def _decided(desk: Desk, asked: Sequence[Asked[Award]], reach: Reach, digest: str) -> list[Decision[Award]]:
    wanted = [row.wanted for row in asked]
    told = await desk.roster.told(
        {award.student_id for award in wanted}, {award.program_id for award in wanted if award.program_id}
    )
    codes = {award.credential_code for award in wanted}
    known = await credentials(desk, codes)
    ground = Ground(
        students=told.students,
        programs=told.programs,
        credentials=known,
        codes=await codes_of(desk) if codes - known.keys() else (),
        awards=await beside(desk, asked, {id for one in told.students.values() for id in one.ids}, digest),
        within=lambda student: filing(reach, student),
        reads=lambda student: within(reach, student),
        today=told.calendar.day(desk.now()),
        numbered=await numbered(desk, {award.license_number for award in wanted if award.license_number}),
    )
    return decide(asked, ground)


AWARDS = RowsOf(decide=_decided, named=lambda award: Named(award.student_id, award.program_id), draft=award_draft)


async def act(
    desk: Desk, id: str, *, caller: Caller, entry: Entry, expected: int | None, become: Callable[[Award], Award]
) -> Saved:
    """Take an award from one version to the next; a key that was used before is answered first.

    Raise NotFound, Stale, or Refused for an award that is void already.
    """

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        return award_draft(id, become(award_of(record.state)), entry)

    return await desk.change(AWARD, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def void(desk: Desk, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Take out an award that should never have been logged. Raise NotFound, Stale, or Refused while one renews it."""

    async def decided(record: Record) -> Draft:
        await let_go(desk, [record])
        return award_draft(id, award_of(record.state), entry, void=True)

    return await desk.change(AWARD, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def void_batch(desk: Desk, batch_id: str, *, caller: Caller, entry: Entry) -> tuple[int, int]:
    """Take out every award that came with a class list: how many were, and how many already had been."""

    def draft(record: Record) -> Draft:
        return award_draft(record.id, award_of(record.state), entry, expected=record.version, void=True)

    async def first(standing: Sequence[Record]) -> None:
        await let_go(desk, standing)

    return await void_all(desk, AWARD, batch_id, caller=caller, draft=draft, first=first)


async def set_right(
    desk: Desk, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Set some fields of an award right; a program that is named is looked up like a new award's."""

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        before = award_of(record.state)
        credential = await _credential(desk, replace(before, **changes).credential_code)

        async def read() -> tuple[Award | Refused, Hangs]:
            return await _corrected(desk, before, changes, credential, caller.reach)

        after, _ = await desk.roster.settled(Patience(), read, lambda found: found[1])
        if isinstance(after, Refused):
            raise after
        persons = (await desk.roster.merges()).together(before.student_id)
        await hold_together(desk, persons, id, before, after)
        return award_draft(id, after, entry)

    return await desk.change(AWARD, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def _corrected(
    desk: Desk, before: Award, changes: Mapping[str, Any], credential: Credential, reach: Reach
) -> tuple[Award | Refused, Hangs]:
    """The corrected award or why not, and whether roster may be about to say otherwise."""
    program_id = changes.get("program_id")
    told = await desk.roster.told([before.student_id], [program_id] if program_id else [])
    try:
        award = correct(before, changes, credential=credential, today=told.calendar.day(desk.now()))
        if "program_id" not in changes:
            return award, SETTLED
        if program_id and program_id not in told.programs:
            return refused(unknown_program(program_id)), LACKING
        student = told.students.get(before.student_id, Student(id=before.student_id))
        return placed(award, student, credential, within=filing(reach, student)), SETTLED
    except Refused as refusal:
        return refusal, SETTLED


async def _credential(desk: Desk, code: str) -> Credential:
    found = (await credentials(desk, [code])).get(code)
    if found is None:
        raise refused(unknown_code(code, await codes_of(desk)))
    return found


async def celebrated(
    desk: Desk, id: str, one: Celebration, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Note where and when an award was announced: what the family has said in roster decides first.

    Raise Refused when the student has opted out of directory information, Retryable while
    roster has not told of the student: nobody is announced on a guess.
    """
    record = await desk.get(AWARD, id, caller)
    student = await _student(desk, record.state["student_id"])
    today = await desk.today()

    def become(award: Award) -> Award:
        if student.directory_opt_out:
            refuse([opted_out()])
        return celebrate(award, one, today=today)

    return await act(desk, id, caller=caller, entry=entry, expected=expected, become=become)


async def _student(desk: Desk, id: str) -> Student:
    """The student as roster has told."""

    async def read() -> Student | None:
        return (await desk.roster.told([id], ())).students.get(id)

    found = await desk.roster.settled(Patience(), read, lambda found: LACKING if found is None else SETTLED)
    if found is None:
        raise Refused(
            f"roster knows no student {id} any more",
            works="have the student put into roster first",
            code="unknown_student",
        )
    return found


async def hold_together(desk: Desk, persons: Collection[str], id: str, before: Award, after: Award) -> None:
    """Raise Refused when a corrected award cannot renew what it names, or is no more what another renews.

    `persons` are all ids of the person whose award it is. Raise Conflict when it would record
    once more what another record of that person says.
    """
    others = await held(desk, persons, {before.credential_code, after.credential_code})
    same = {key: one for key, one in others.items() if one.credential_code == after.credential_code}
    # What stands is not held against a former award that was revoked since.
    new = _linked(before) != _linked(after)
    broken = await _in_the_way(desk, id, after, same) if new and after.renews else []
    refuse([*broken, *renewals.held_fast(id, before, after, others)])
    moved = (after.credential_code, after.which) != (before.credential_code, before.which)
    if twin := next((key for key, one in same.items() if moved and key != id and one.which == after.which), None):
        raise taken_by(twin, after)


async def _in_the_way(desk: Desk, id: str, after: Award, same: Mapping[str, Award]) -> list[Problem]:
    """What is wrong with the award that a corrected one names; another person's may renew it too."""
    former = after.renews or ""
    void = await _taken_out(desk, former) if former not in same else ()
    by = (await renewals_of(desk, [former])).get(former)
    renewing = await desk.records.get_many(AWARD, [by]) if by and by not in same else {}
    others = {**same, **{key: award_of(one.state) for key, one in renewing.items()}}
    return list(renewals.in_the_way(id, after, others, void))


async def let_go(desk: Desk, records: Sequence[Record]) -> None:
    """Raise Refused when an award that would stay renews one of these, which are to be taken out."""
    going = {record.id: award_of(record.state) for record in records}
    staying = [by for by in (await renewals_of(desk, going)).values() if by not in going]
    if not staying:
        return
    others = {id: award_of(record.state) for id, record in (await desk.records.get_many(AWARD, staying)).items()}
    refuse([problem for id, award in going.items() for problem in renewals.held_fast(id, award, None, others)])


async def _taken_out(desk: Desk, id: str) -> list[str]:
    found = await desk.records.get_many(AWARD, [id])
    return [id for id, record in found.items() if record.void]


def _linked(award: Award) -> tuple[object, ...]:
    return (award.renews, award.day, award.credential_code, award.result)
