"""A person says on which days the terms of a school year begin at an organisation."""

from collections.abc import Sequence
from contextlib import suppress

from services.roster.desk.desk import Desk
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.terms import with_terms
from services.roster.values import TermBegins
from shared.doors.auth import Caller
from shared.errors import Conflict, Retryable, Stale
from shared.records.record import must_be_at
from shared.records.store import Draft, Entry, Saved
from shared.school_year import DEFAULT_START, parse_start

TRIES = 5
ACTION = "terms"


async def put_terms(
    desk: Desk, caller: Caller, id: str, school_year: str, wanted: Sequence[TermBegins], *, version: int | None
) -> Saved:
    """Make these the organisation's terms of a year; none take the year's table away.

    Raise NotFound, Conflict for one that is void, Stale, Refused.
    """
    calendar = await desk.store.calendar()
    told = calendar["school_year_starts"] if calendar else None
    starts = parse_start(told) if told else DEFAULT_START
    for _ in range(TRIES):
        record = await desk.get(ORGANISATION, caller, id)
        if record.void:
            works = f"PUT /v1/organisations/{id} brings it back"
            raise Conflict(f"organisation {id} is void", works=works, code="void", existing=id)
        if version is not None:
            must_be_at(version, record)
        state = with_terms(record.state, school_year, wanted, starts)
        entry = Entry(by=caller.sub, action=ACTION)
        with suppress(Stale):  # somebody else wrote in between: look again
            return await desk.store.records.put(
                Draft(record.kind, record.id, state, entry, record.subjects, expected=record.version)
            )
    raise Retryable("others keep changing this organisation; send this again")
