"""What callers are answered, alike in every service: records, rows of a list, what was taken out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from shared.errors import Conflict, Refused, apart
from shared.producer.rows import Logged
from shared.web.views import Past


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
