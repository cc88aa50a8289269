"""How records are shown: their state beside id, version and, when asked for, history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, create_model

from services.roster.kinds import KINDS, Kind
from services.roster.people import identifiers
from shared.fields import Body, Reason
from shared.http import etag
from shared.records import Record


class Past(BaseModel):
    """One line of history: what made a version."""

    version: int
    at: datetime
    by: str
    action: str
    why: str


def _view(kind: Kind) -> type[BaseModel]:
    config: Any = kind.body.model_config
    example = dict(config["json_schema_extra"]["examples"][0])
    more: dict[str, Any] = {"identifiers": (list[str], ...)} if kind.name == "student" else {}
    if more:
        example["identifiers"] = identifiers(example)
    example |= {"id": f"{kind.name}-1", "version": 1, "void": False, "updated_at": "2025-05-22T18:00:00Z"}
    shown_as: type[BaseModel] = create_model(
        f"{kind.body.__name__}Record",
        __base__=kind.body,
        __doc__=f"{kind.body.__doc__} As it is kept.",
        id=(str, ...),
        version=(int, ...),
        void=(bool, ...),
        updated_at=(datetime, ...),
        history=(list[Past] | None, Field(default=None, description="with ?history=true")),
        **more,
    )
    shown_as.model_config["json_schema_extra"] = {"examples": [example]}
    return shown_as


def _page(kind: Kind) -> type[BaseModel]:
    view: Any = VIEWS[kind.name]
    return create_model(f"{kind.body.__name__}Page", items=(list[view], ...), next=(str | None, ...))


VIEWS: Mapping[str, type[BaseModel]] = {kind.name: _view(kind) for kind in KINDS.values()}
PAGES: Mapping[str, type[BaseModel]] = {kind.name: _page(kind) for kind in KINDS.values()}


def shown(record: Record, *, history: bool = False) -> dict[str, Any]:
    """The record as JSON."""
    view = {
        **record.state,
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
    return view


def answer(record: Record, *, outcome: str = "", history: bool = False) -> JSONResponse:
    """The record with its ETag; `outcome` says what a write came to."""
    headers = {"ETag": etag(record.version)} | ({"Aurora-Outcome": outcome} if outcome else {})
    status = 201 if outcome == "created" else 200
    return JSONResponse(shown(record, history=history), status_code=status, headers=headers)


class Void(Body):
    """Why a record is taken out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "entered for the wrong student"}]})

    reason: Reason
