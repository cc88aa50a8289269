"""What a caller can have done with programs' plans: keep one, and restate what it asks; show, find."""

from functools import partial

from services.family_touchpoints.contact_year.reckoning import reckon_program, would_restate
from services.family_touchpoints.points import PLAN, Plan, plan_of
from services.family_touchpoints.touchpoint_plan.record import plan_draft
from services.family_touchpoints.touchpoint_plan.rules import checked
from shared.errors import NotFound, Retryable, Stale
from shared.producer.answers import Put, would
from shared.producer.desk import Desk
from shared.producer.refusals import no_program
from shared.records.changes import once_seen
from shared.records.record import NOTHING_THERE, Entry, Record, must_be_at
from shared.web.paging import Paging

TRIES = 5


async def put(desk: Desk, wanted: Plan, *, entry: Entry, expected: int | None = None, dry_run: bool = False) -> Put:
    """Keep a program's plan and restate the years of which something else is asked since.

    Raise NotFound, Refused or Stale. A crash between the two is made up for at the next start, and
    by the same plan sent again.
    """
    if wanted.program_id not in await desk.programs([wanted.program_id]):
        raise no_program(wanted.program_id)
    return await once_seen(partial(_put, desk, wanted, entry=entry, expected=expected, dry_run=dry_run))


async def _put(desk: Desk, wanted: Plan, *, entry: Entry, expected: int | None, dry_run: bool) -> Put:
    today = await desk.today()
    for _ in range(TRIES):
        before = await desk.records.get(PLAN, wanted.program_id)
        if expected is not None:
            must_be_at(expected, before)
        plan = checked(wanted, plan_of(before.state) if before else None, today=today)
        draft = plan_draft(plan, entry, expected=before.version if before else NOTHING_THERE)
        if dry_run:
            return Put(would(draft, before), None, await would_restate(desk, plan))
        try:
            saved = await desk.records.put(draft)
        except Stale:
            continue
        return Put(saved.outcome, saved.record, await reckon_program(desk, plan.program_id))
    raise Retryable("others keep changing this plan; send it again")


async def get(desk: Desk, program_id: str) -> Record:
    """One program's plan. Raise NotFound."""
    record = await desk.records.get(PLAN, program_id)
    if record is None:
        works = f"PUT /v1/programs/{program_id}/touchpoint-plan does"
        raise NotFound(f"{program_id} has planned no touch points", works=works, code="nothing_set")
    return record


async def find(desk: Desk, *, paging: Paging) -> list[Record]:
    """Plans in the order of their programs, one more than the page holds."""
    return await desk.records.find(PLAN, {}, after=paging.after, limit=paging.limit + 1)
