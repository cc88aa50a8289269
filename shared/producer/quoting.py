"""No refusal quotes a record that its reader may not read, whatever it is about."""

import re
from collections.abc import AsyncIterator

from fastapi import Request

from shared.doors.auth import CurrentCaller
from shared.errors import Conflict, NotFound, Problem, Refused
from shared.producer.desk import Desk
from shared.producer.refusals import ASK, ELSEWHERE, IN_THE_WAY

# As `derived_id` makes them: whatever a refusal says of a record, it names the record too.
RECORD_ID = re.compile(r"\b[0-9a-f]{28}\b")


async def tells_within_reach(request: Request, caller: CurrentCaller) -> AsyncIterator[None]:
    """Let no refusal of a change quote a record that the caller does not reach."""
    try:
        yield
    except Refused as refusal:
        ids = _quoted(refusal)
        if caller.reach.everything or isinstance(refusal, NotFound) or not ids:
            raise
        desk: Desk = request.app.state.desk
        kinds = desk.producer.student_of
        found = [one for kind in kinds for one in (await desk.records.get_many(kind, ids)).values()]
        if len(await desk.reachable(found, caller.reach)) == len(found):
            raise
        raise _unquoted(refusal) from refusal


def _quoted(refusal: Refused) -> set[str]:
    texts = [refusal.detail, *(each.said for each in refusal.problems)]
    more = {refusal.existing} if isinstance(refusal, Conflict) and refusal.existing else set()
    return {id for text in texts for id in RECORD_ID.findall(text)} | more


def _unquoted(refusal: Refused) -> Refused:
    problems = [Problem(each.pointer, ELSEWHERE, ASK, IN_THE_WAY) for each in refusal.problems]
    kind = Conflict if isinstance(refusal, Conflict) else Refused
    return kind(ELSEWHERE, problems=problems, works=ASK, code=IN_THE_WAY)
