"""What comes of keeping something that facts are made of, also in a dry run: the outcome, and what is restated."""

from dataclasses import dataclass
from typing import Any, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.records.record import Draft, Record, may_put
from shared.web.views import ETAG, OUTCOME, answer

Outcome = Literal["created", "changed", "unchanged"]
RESTATED: dict[str, Any] = {
    "Aurora-Restated": {
        "schema": {"type": "string"},
        "description": "How many records say something else since, and are published again; in a dry run, would.",
    }
}
HEADERS: dict[str, Any] = ETAG | OUTCOME | RESTATED


@dataclass(frozen=True, slots=True)
class Put:
    """What became of it; `restated` records are published again. No record in a dry run."""

    outcome: Outcome
    record: Record | None
    restated: int = 0


class WouldRestate(BaseModel):
    """What would become of it; nothing was written."""

    outcome: Outcome
    restated: int = Field(description="records that would say something else, and be published again")
    dry_run: bool


def would(draft: Draft, now: Record | None) -> Outcome:
    """What a put of this draft would come to. Raise Stale when it was decided on another version."""
    unchanged = may_put(draft.readied(), now)
    if now is None:
        return "created"
    return "unchanged" if unchanged else "changed"


def put_answer(done: Put, **more: Any) -> JSONResponse:
    """The record as it is kept, or what would become of it; both say how many others that restates."""
    if done.record is None:
        said = {**more, "outcome": done.outcome, "restated": done.restated, "dry_run": True}
        response = JSONResponse(said, headers={"Aurora-Outcome": done.outcome})
    else:
        response = answer(done.record, outcome=done.outcome, restated=done.restated, **more)
    response.headers["Aurora-Restated"] = str(done.restated)
    return response
