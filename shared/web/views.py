"""How a record is shown: its state beside id, version and, when asked for, history; and its ETag."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from shared.doors.auth import Caller
from shared.doors.roles import Role
from shared.records.record import Record
from shared.web.conditions import etag

STAFF = "staff"
ETAG: dict[str, Any] = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}
OUTCOME: dict[str, Any] = {
    "Aurora-Outcome": {
        "schema": {"type": "string", "enum": ["created", "changed", "unchanged"]},
        "description": "What came of it.",
    }
}


class Past(BaseModel):
    """One line of history: what made a version."""

    version: int
    at: datetime
    by: str
    action: str
    why: str


def shown(record: Record, *, history: bool = False, to: Caller | None = None, **more: Any) -> dict[str, Any]:
    """The record as JSON; `more` are fields that its state does not hold; its `_fields` are not shown.

    `to` a student, who of the staff did what is left out.
    """
    view = {
        **{name: value for name, value in record.state.items() if not name.startswith("_")},
        **more,
        "id": record.id,
        "version": record.version,
        "void": record.void,
        "updated_at": record.updated_at.isoformat(),
    }
    if history:
        view["history"] = [
            {"version": past.version, "at": past.at.isoformat(), "by": past.by, "action": past.action, "why": past.why}
            for past in record.history
        ]
    only_student = to is not None and to.roles == {Role.STUDENT}
    return {name: _without_staff(value) for name, value in view.items()} if only_student else view


def _without_staff(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: STAFF if name == "by" and one else _without_staff(one) for name, one in value.items()}
    return [_without_staff(one) for one in value] if isinstance(value, list | tuple) else value


class Json(JSONResponse):
    """JSON as msgspec writes it, several times as fast as the standard library."""

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def answer(record: Record, *, outcome: str = "", history: bool = False, to: Caller | None = None, **more: Any) -> Json:
    """The record with its ETag; `outcome` says what a write came to."""
    headers = {"ETag": etag(record.version)} | ({"Aurora-Outcome": outcome} if outcome else {})
    status = 201 if outcome == "created" else 200
    return Json(shown(record, history=history, to=to, **more), status_code=status, headers=headers)
