"""What a caller can have done with workshops: plan, hold, cancel, reopen, set right, take out, each within reach."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.workshop.attendance import attendance_of, present
from services.family_touchpoints.workshop.queries import on_rolls
from services.family_touchpoints.workshop.record import WORKSHOP, workshop_draft, workshop_of
from services.family_touchpoints.workshop.restating import follow_change, follow_roll
from services.family_touchpoints.workshop.rules import Action, Workshop, corrected, follow
from shared.doors.auth import Caller
from shared.errors import Conflict, Problem, refused
from shared.producer.desk import Desk
from shared.producer.refusals import refuse_void, unknown_organisation, unknown_program
from shared.records.changes import Decide
from shared.records.record import Draft, Entry, Record, Saved
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.reach import at_any


async def plan(desk: Desk, id: str, wanted: Workshop, *, caller: Caller, entry: Entry) -> Saved:
    """Plan a workshop; the same key and body again answers with it as it stands.

    Raise Refused for places or programs that roster does not know or the caller does not reach,
    Conflict when another is held there then.
    """
    await _known(desk, wanted, caller)
    try:
        saved = await desk.records.create(workshop_draft(id, wanted, entry))
    except Conflict as conflict:
        raise await _taken(desk, conflict, caller) from conflict
    await follow_change(desk, saved.record)
    return saved


async def act(
    desk: Desk,
    id: str,
    action: Action,
    *,
    caller: Caller,
    entry: Entry,
    expected: int | None,
    on: date | None = None,
    as_held: bool = False,
) -> Saved:
    """Take a workshop from one version to the next, and restate its roll. Raise NotFound, Stale or Refused."""
    today = await desk.today()

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        after = follow(workshop_of(record.state), action, today=today, on=on, as_held=as_held)
        return workshop_draft(id, after, entry)

    return await _changed(desk, id, decided, caller=caller, entry=entry, expected=expected)


async def set_right(
    desk: Desk, id: str, changes: Mapping[str, Any], *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Set some fields right, and restate the roll; heads that are counted anew are held against who is present."""
    today = await desk.today()

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        named = await named_on(desk, id)
        after = corrected(workshop_of(record.state), changes, today=today, named=named)
        if {"organisation_ids", "program_ids"} & changes.keys():
            await _known(desk, after, caller)
        return workshop_draft(id, after, entry)

    return await _changed(desk, id, decided, caller=caller, entry=entry, expected=expected)


async def void(desk: Desk, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Take out a workshop that should never have been planned; nothing is told of its roll any more."""

    async def decided(record: Record) -> Draft:
        return workshop_draft(id, workshop_of(record.state), entry, void=True)

    return await _changed(desk, id, decided, caller=caller, entry=entry, expected=expected)


async def named_on(desk: Desk, id: str) -> int:
    """How many guardians the roll of a workshop marks present, each once."""
    roll = (await on_rolls(desk, [id])).get(id, ())
    return present([attendance_of(one.state) for one in roll], await same_persons(desk.records))


async def _changed(
    desk: Desk, id: str, decided: Decide, *, caller: Caller, entry: Entry, expected: int | None
) -> Saved:
    """Write what is decided, and have the roll follow it; also what an earlier try has written and nothing followed."""
    before: list[Record] = []

    async def noted(record: Record) -> Draft:
        before[:] = [record]
        return await decided(record)

    try:
        saved = await desk.change(WORKSHOP, id, caller=caller, entry=entry, expected=expected, decide=noted)
    except Conflict as conflict:
        raise await _taken(desk, conflict, caller) from conflict
    await follow_change(desk, saved.record, *before)
    await follow_roll(desk, id, told=True)
    return saved


async def _known(desk: Desk, wanted: Workshop, caller: Caller) -> None:
    """Raise Refused unless roster knows all places and programs, and one of them is the caller's own."""

    async def read() -> tuple[list[Problem], bool]:
        organisations = await desk.roster.organisations()
        programs = (await desk.roster.told((), wanted.program_ids)).programs
        lacking = [
            unknown_organisation(one, f"/organisation_ids/{at}")
            for at, one in enumerate(wanted.organisation_ids)
            if one not in organisations
        ]
        lacking += [
            unknown_program(one, f"/program_ids/{at}")
            for at, one in enumerate(wanted.program_ids)
            if one not in programs
        ]
        return lacking, at_any(caller.reach, organisations, wanted.organisation_ids, wanted.program_ids)

    def hangs(found: tuple[list[Problem], bool]) -> Hangs:
        return LACKING if found[0] else SETTLED

    lacking, reached = await desk.roster.settled(Patience(), read, hangs)
    if lacking:
        raise refused(*lacking)
    if not reached:
        works = "name one of your own too, or ask a data manager"
        raise refused(Problem("/organisation_ids", "none of these lies within your reach", works, "beyond_reach"))


async def _taken(desk: Desk, conflict: Conflict, caller: Caller) -> Conflict:
    """The refusal of a second workshop of one kind, at one place and hour; it names the first to who reaches that."""
    found = [*(await desk.records.get_many(WORKSHOP, [conflict.existing])).values()]
    existing = conflict.existing if await desk.reachable(found, caller.reach) else ""
    said = "another workshop of this kind is held there on that day, at that hour"
    works = "say starts_at, if there are two, or PATCH the one that is there"
    problem = Problem("/starts_at", said, works, "one_workshop_at_a_time")
    return Conflict(problem.said, existing=existing, problems=[problem])
