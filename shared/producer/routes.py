"""What routes of every producer ask for and answer with: ids, dry runs, files, and the headers of what was kept."""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import ConfigDict

from shared.csv.rows import csv_body
from shared.doors.auth import Caller
from shared.records.changes import entry_of
from shared.records.record import Entry
from shared.web.views import ETAG, OUTCOME
from shared.words.fields import ID_PATTERN, Body, Reason

RecordId = Annotated[str, Path(pattern=ID_PATTERN, examples=["4f6a9a513d2f7f0e8c11a3f1c2e4"])]
ProgramId = Annotated[str, Path(pattern=ID_PATTERN, examples=["it-security"])]
DryRun = Annotated[bool, Query(description="Say what would become of it, and keep nothing.")]
History = Annotated[bool, Query(description="With who changed what, when and why.")]
CsvBody = Annotated[bytes, Depends(csv_body)]
SHOWN: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}
KEPT: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG | OUTCOME}}


class VoidAction(Body):
    """The record should never have been logged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "logged for the wrong student"}]})

    reason: Reason


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
