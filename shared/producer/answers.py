"""What callers are answered, alike in every service: records, rows of a list, what was taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.errors import Conflict, Refused, apart
from shared.producer.rows import Logged
from shared.records.record import Draft, Record, may_put
from shared.web.views import ETAG, OUTCOME, Past, answer

Outcome = Literal["created", "changed", "unchanged"]
RESTATED: dict[str, Any] = {
    "Aurora-Restated": {
        "schema": {"type": "string"},
        "description": "How many records say something else since, and are published again; in a dry run, would.",
    }
}
HEADERS: dict[str, Any] = ETAG | OUTCOME | RESTATED


class RecordView(BaseModel):
    """What every record has."""

    id: str
    version: int
    void: bool
    updated_at: datetime
    history: list[Past] | None = Field(default=None, description="with ?history=true")


class Pointed(BaseModel):
    """One thing wrong, and where."""

    pointer: str
    detail: str
    what_would_work: str = ""
    code: str = Field(default="", description="The kind of trouble, for programs.")


class RowAnswer(BaseModel):
    """What became of one row of a list."""

    row: int = Field(description="as in the request, from 0")
    outcome: Literal["created", "unchanged", "refused"]
    warnings: list[str]
    problem: str | None = Field(description="why the row was refused, and what would work")
    existing: str | None = Field(description="the record that stands in the way")
    errors: list[Pointed]


class ListAnswer(BaseModel):
    """What became of a class list; each service adds its rows."""

    batch_id: str
    dry_run: bool
    created: int
    unchanged: int
    refused: int


class BatchVoided(BaseModel):
    """How many records of a class list were taken out, and how many already had been."""

    batch_id: str
    voided: int
    unchanged: int


def list_answer(batch_id: str, logged: Sequence[Logged], *, id_as: str, dry_run: bool) -> dict[str, Any]:
    """The answer to a class list, row by row; `id_as` names the field with a row's record."""
    outcomes = [one.outcome for one in logged]
    return {
        "batch_id": batch_id,
        "dry_run": dry_run,
        "created": outcomes.count("created"),
        "unchanged": outcomes.count("unchanged"),
        "refused": outcomes.count("refused"),
        "rows": [_row_answer(row, one, id_as) for row, one in enumerate(logged)],
    }


def pointed(row: int, refusal: Refused | None) -> list[Pointed]:
    """What is wrong with a row of a list, each thing with its pointer into the request."""
    return [
        Pointed(pointer=f"/rows/{row}{one.pointer}", detail=one.detail, what_would_work=one.works, code=one.code)
        for one in (apart(refusal) if refusal else ())
    ]


def _row_answer(row: int, logged: Logged, id_as: str) -> dict[str, Any]:
    refusal = logged.refusal
    return {
        "row": row,
        "outcome": logged.outcome,
        id_as: logged.id or None,
        "warnings": [one.said for one in logged.warnings],
        "problem": refusal.detail if refusal else None,
        "existing": refusal.existing or None if isinstance(refusal, Conflict) else None,
        "errors": [one.model_dump() for one in pointed(row, refusal)],
    }


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
