"""The routes of sources say how a source's files are read, and which organisations a source means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.roster.api.records import ETAG, OUTCOME, History, RecordId, TheDesk
from services.roster.desk.organisation_sources import map_organisation
from services.roster.kinds.feeds import How, IdentifierIs, names_of
from services.roster.kinds.organisation import ORGANISATION
from services.roster.sources import reading_of, record_id, say
from services.roster.values import SOURCE, Source
from shared.doors.auth import CurrentCaller
from shared.errors import Forbidden
from shared.records.store import Entry, Record
from shared.web.app import IfMatch
from shared.web.conditions import etag
from shared.web.views import Past, answer
from shared.words.fields import Body, example

SourceCode = Annotated[str, Path(pattern=SOURCE, examples=["north-sis"])]


class SourceReading(Body):
    """How a source's files are read: whether `identifier` in users.csv is the state student id, or its own number."""

    model_config = example(identifier_is="state_id")

    identifier_is: IdentifierIs


class SourceRecord(SourceReading):
    """A source as roster reads it; version 0 while nobody has said anything of it."""

    id: str
    source: str
    version: int
    void: bool
    updated_at: datetime | None
    history: list[Past] | None = Field(default=None, description="with ?history=true")


class OrganisationSources(Body):
    """By which sourcedIds sources mean an organisation; all of them."""

    model_config = example(sources=[{"source": "north-sis", "sourced_id": "nw"}])

    sources: Annotated[tuple[Source, ...], Field(max_length=200)]


class NamedBy(Source):
    """`made`: the source's feed made the organisation; `mapped`: a person said so; `named`: id, type and name agree."""

    how: How


class OrganisationNames(BaseModel):
    """The sources that mean an organisation, and how we know; feeds change what they made and what is mapped."""

    id: str
    version: int
    sources: list[NamedBy]


KEPT: dict[int | str, dict[str, Any]] = {
    200: {"model": SourceRecord, "headers": ETAG | OUTCOME, "description": "Changed, or so already."},
    201: {"model": SourceRecord, "headers": ETAG | OUTCOME, "description": "Created."},
}
NAMES: dict[int | str, dict[str, Any]] = {200: {"model": OrganisationNames, "headers": ETAG}}
router = APIRouter(tags=["sources"])


@router.put("/v1/sources/{source}", responses=KEPT)
async def put_source(
    source: SourceCode, body: SourceReading, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> JSONResponse:
    """Say how a source's files are read, from its next import on."""
    if not caller.reach.everything:
        raise Forbidden(
            "a source's ids belong to all districts",
            works="ask a data manager of all of them to send this",
            code="beyond_reach",
        )
    entry = Entry(by=caller.sub, action="put")
    saved = await say(desk.store, source, body.identifier_is, entry, version=version)
    return answer(saved.record, outcome=saved.outcome)


@router.get("/v1/sources/{source}", response_model=SourceRecord)
async def get_source(source: SourceCode, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """How a source's files are read."""
    del caller  # nothing of a person is in it
    said = await reading_of(desk.store, source)
    if said is not None:
        return answer(said, history=history)
    unsaid: Mapping[str, Any] = {"source": source, "identifier_is": "local_id", "version": 0, "void": False}
    return JSONResponse({**unsaid, "id": record_id(source), "updated_at": None})


@router.put("/v1/organisations/{id}/sources", responses=NAMES)
async def put_organisation_sources(
    id: RecordId, body: OrganisationSources, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> JSONResponse:
    """Say by which sourcedIds sources mean an organisation, all of them; what meant another by one means this now."""
    saved = await map_organisation(desk, caller, id, body.sources, version=version)
    return _names(saved.record, {"Aurora-Outcome": saved.outcome})


@router.get("/v1/organisations/{id}/sources", responses=NAMES)
async def get_organisation_sources(id: RecordId, caller: CurrentCaller, desk: TheDesk) -> JSONResponse:
    """The sources that mean an organisation, and how we know."""
    return _names(await desk.get(ORGANISATION, caller, id), {})


def _names(record: Record, headers: Mapping[str, str]) -> JSONResponse:
    view = {"id": record.id, "version": record.version, "sources": [dict(each) for each in names_of(record.state)]}
    return JSONResponse(view, headers={"ETag": etag(record.version), **headers})
