"""What routes of every producer ask for and answer with: ids, dry runs, files, and the headers of what was kept."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from shared.csv.rows import csv_body
from shared.doors.auth import ADMITTED, Caller, CurrentCaller
from shared.errors import Conflict, NotFound, Problem, Refused
from shared.producer.desk import Desk, TheDesk
from shared.producer.refusals import ASK, ELSEWHERE, IN_THE_WAY
from shared.records.changes import entry_of
from shared.records.record import Entry
from shared.web.conditions import IfMatchNeeded
from shared.web.idempotency import OwnKey, once
from shared.web.views import ETAG, OUTCOME
from shared.words.fields import ID_PATTERN, Body, Reason, example

# As `derived_id` makes them: whatever a refusal says of a record, it names the record too.
RECORD_ID = re.compile(r"\b[0-9a-f]{28}\b")
RecordId = Annotated[str, Path(pattern=ID_PATTERN, examples=["4f6a9a513d2f7f0e8c11a3f1c2e4"])]
ProgramId = Annotated[str, Path(pattern=ID_PATTERN, examples=["it-security"])]
DryRun = Annotated[bool, Query(description="Say what would become of it, and keep nothing.")]
History = Annotated[bool, Query(description="With who changed what, when and why.")]
CsvBody = Annotated[bytes, Depends(csv_body)]
SHOWN: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}
KEPT: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG | OUTCOME}}


class VoidAction(Body):
    """The record should never have been logged."""

    model_config = example(reason="logged for the wrong student")

    reason: Reason


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one record that is asked for: of which, decided on what version, by whom, under what key."""

    id: str
    caller: Caller
    version: int | None
    key: str
    desk: Desk

    def by(self, action: str, body: Body) -> dict[str, Any]:
        """What a command is told of it: whose it is, its line of history, and the version that is expected."""
        why = getattr(body, "reason", None) or ""
        entry = entry_of(self.caller, action, **once(action, self.id, self.version, self.key, body), why=why)
        return {"caller": self.caller, "entry": entry, "expected": self.version}


async def change_of(id: RecordId, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk) -> Change:
    """The change of a record that a request asks for."""
    return Change(id, caller, version, key, desk)


Asks = Annotated[Change, Depends(change_of)]


def logged_as(model: type[Any]) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that creates: 200 for a repeat, 201 with this model."""
    return {**KEPT, 201: {"model": model, "headers": ETAG | OUTCOME}}


def file_entry(caller: Caller, action: str, body: bytes, key: str) -> tuple[str, Entry]:
    """The key and the line of history of a file: the same file again is the same import, also without a key."""
    said = hashlib.sha256(body).hexdigest()[:40]
    return key or said, entry_of(caller, action, key=key or said, digest=said)


def days_between(since: Any, until: Any) -> dict[str, str]:
    """A filter on a day that lies between two, both included, as far as they were asked for."""
    limits = {"$gte": since, "$lte": until}
    return {limit: day.isoformat() for limit, day in limits.items() if day}


def narrowed(**wanted: Any) -> dict[str, Any]:
    """A filter on the fields of a state that were asked for."""
    return {f"state.{name}": value for name, value in wanted.items() if value not in (None, {})}


async def within_reach(request: Request, refusal: Refused) -> Refused:
    """The refusal as its reader may read it: quoting no record that the caller does not reach."""
    caller: Caller | None = request.scope.get(ADMITTED)
    ids = _quoted(refusal)
    if caller is None or caller.reach.everything or isinstance(refusal, NotFound) or not ids:
        return refusal
    desk: Desk = request.app.state.desk
    found = [one for kind in desk.producer.student_of for one in (await desk.records.get_many(kind, ids)).values()]
    within = len(await desk.reachable(found, caller.reach)) == len(found)
    return refusal if within else _unquoted(refusal)


def _quoted(refusal: Refused) -> set[str]:
    texts = [refusal.detail, *(each.said for each in refusal.problems)]
    more = {refusal.existing} if isinstance(refusal, Conflict) and refusal.existing else set()
    return {id for text in texts for id in RECORD_ID.findall(text)} | more


def _unquoted(refusal: Refused) -> Refused:
    problems = [Problem(each.pointer, ELSEWHERE, ASK, IN_THE_WAY) for each in refusal.problems]
    kind = Conflict if isinstance(refusal, Conflict) else Refused
    return kind(ELSEWHERE, problems=problems, works=ASK, code=IN_THE_WAY)
