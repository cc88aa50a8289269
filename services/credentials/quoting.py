"""No refusal quotes a record that its reader may not read, whatever it is about."""

import re

from fastapi import Request

from services.credentials.beyond import ASK, ELSEWHERE, IN_THE_WAY
from services.credentials.scope import reachable
from shared.doors.auth import ADMITTED, Caller
from shared.errors import Conflict, NotFound, Problem, Refused

# As `derived_id` makes them: whatever a refusal says of a record, it names the record too.
RECORD_ID = re.compile(r"\b[0-9a-f]{28}\b")


async def within_reach(request: Request, refusal: Refused) -> Refused:
    """The refusal as its reader may read it: quoting no record that the caller does not reach."""
    caller: Caller | None = request.scope.get(ADMITTED)
    ids = _quoted(refusal)
    if caller is None or caller.reach.everything or isinstance(refusal, NotFound) or not ids:
        return refusal
    desk = request.app.state.desk
    records = desk.store.records
    found = [one for kind in ("award", "assessment") for one in (await records.get_many(kind, ids)).values()]
    within = len(await reachable(found, caller.reach, desk.learnt)) == len(found)
    return refusal if within else _unquoted(refusal)


def _quoted(refusal: Refused) -> set[str]:
    texts = [refusal.detail, *(each.said for each in refusal.problems)]
    more = {refusal.existing} if isinstance(refusal, Conflict) and refusal.existing else set()
    return {id for text in texts for id in RECORD_ID.findall(text)} | more


def _unquoted(refusal: Refused) -> Refused:
    problems = [Problem(each.pointer, ELSEWHERE, ASK, IN_THE_WAY) for each in refusal.problems]
    kind = Conflict if isinstance(refusal, Conflict) else Refused
    return kind(ELSEWHERE, problems=problems, works=ASK, code=IN_THE_WAY)
