"""The smallest service that uses all that shared/web/app.py offers."""

from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, FastAPI, Query, Response
from pydantic import BaseModel
from pymongo.errors import AutoReconnect, DuplicateKeyError

from shared.csv.rows import CSV_BODY, ImportReport, Report, csv_body, read_csv
from shared.doors import local_key
from shared.doors.auth import ALL, DATA_MANAGER, INSTRUCTOR, OWN_PROGRAMS, SELF, STUDENT, CurrentCaller
from shared.errors import Conflict, NotFound, NoVersionGiven, Retryable, Stale
from shared.process.settings import Settings
from shared.web.app import (
    AskedPage,
    IdempotencyKey,
    IfMatch,
    IfMatchNeeded,
    Readiness,
    derived_id,
    digest,
    etag,
    new_app,
    page,
)
from shared.words.fields import Body, Id, Name, Whole

MANAGER = {"sub": "manager-1", "roles": ["data_manager"]}


class ThingBody(Body):
    name: Name
    program_id: Id
    size: Whole = 0
    on: date | None = None


class Thing(ThingBody):
    id: Id
    version: int


class Things(BaseModel):
    items: list[Thing]
    next: str | None


ACCESS = {
    "put_thing": {DATA_MANAGER: ALL},
    "get_thing": {DATA_MANAGER: ALL, INSTRUCTOR: OWN_PROGRAMS, STUDENT: SELF},
    "create_thing": {DATA_MANAGER: ALL},
    "change_thing": {DATA_MANAGER: ALL},
    "list_things": {DATA_MANAGER: ALL, INSTRUCTOR: OWN_PROGRAMS},
    "import_things": {DATA_MANAGER: ALL},
    "break_thing": {DATA_MANAGER: ALL},
}


class Broken(Exception):
    """Stands for a mistake of ours whose message quotes what somebody typed."""


BREAKS = {
    "unexpected": Broken("Ada Sample"),
    "mongo-away": AutoReconnect("not answering"),
    "mongo-other": DuplicateKeyError("dup key: Ada Sample"),
    "retryable": Retryable("roster is behind", retry_after_seconds=7),
    "conflict": Conflict("taken", existing="thing-9"),
    "overflow": OverflowError("MongoDB can only handle up to 8-byte ints"),
}


def things() -> APIRouter:
    kept: dict[str, Thing] = {}
    router = APIRouter(tags=["things"])
    router.include_router(kept_things(kept))
    router.include_router(changed_things(kept))
    router.include_router(odd_things())
    return router


def kept_things(kept: dict[str, Thing]) -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.put("/{id}", responses={201: {"model": Thing}})
    async def put_thing(id: Id, body: ThingBody, expected: IfMatch, response: Response) -> Thing:
        """Keep a thing."""
        before = kept.get(id)
        if expected is not None and (before is None or before.version != expected):
            raise Stale(f"thing {id} is at another version; read it again")
        kept[id] = Thing(id=id, version=before.version + 1 if before else 1, **body.model_dump())
        response.status_code = 200 if before else 201
        response.headers["ETag"] = etag(kept[id].version)
        return kept[id]

    @router.get("/{id}")
    async def get_thing(id: Id, caller: CurrentCaller) -> Thing:
        """One thing."""
        found = kept.get(id)
        if found is None:
            raise NotFound(f"there is no thing {id}")
        caller.reach.require(f"thing {id}", program=found.program_id, organisation="north", student=id)
        return found

    return router


def changed_things(kept: dict[str, Thing]) -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.post("", status_code=201)
    async def create_thing(body: ThingBody, key: IdempotencyKey, caller: CurrentCaller) -> dict[str, str]:
        """A new thing."""
        return {"id": derived_id(caller.sub, key), "digest": digest(body)}

    @router.post("/{id}/change")
    async def change_thing(id: Id, body: ThingBody, key: IdempotencyKey, expected: IfMatchNeeded) -> Thing:
        """Another state."""
        if id not in kept:
            raise NotFound(f"there is no thing {id}")
        if expected is None:
            raise NoVersionGiven("send If-Match")
        return kept[id]

    @router.get("")
    async def list_things(
        caller: CurrentCaller,
        asked: AskedPage,
        program: Annotated[list[Id] | None, Query()] = None,
        since: date | None = None,
    ) -> Things:
        """Things, in pages."""
        found = [kept[id] for id in sorted(kept) if asked.after is None or id > asked.after]
        return Things(**page([one.model_dump() for one in found], asked.limit))

    return router


def odd_things() -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.post("/imports", openapi_extra=CSV_BODY)
    async def import_things(body: Annotated[bytes, Depends(csv_body)], dry_run: bool = False) -> ImportReport:
        """Many things."""
        report = Report(dry_run=dry_run)
        for _ in read_csv(body, ["id", "name"]):
            report.add("created")
        return report.answer()

    @router.get("/broken/{how}")
    async def break_thing(how: str) -> dict[str, Any]:
        """Break in a way that a test asks for."""
        if how in BREAKS:
            raise BREAKS[how]
        raise NotFound("no such way")

    return router


@asynccontextmanager
async def nothing_to_open(_: FastAPI):
    yield


async def always_ready() -> Readiness:
    return Readiness()


def tiny_app(settings: Settings, **changes: Any) -> FastAPI:
    given: dict[str, Any] = {
        "settings": settings,
        "access": ACCESS,
        "lifespan": nothing_to_open,
        "ready": always_ready,
        "routers": [things()],
        **changes,
    }
    return new_app("tiny", **given)


def settings_with(keys: Path, **changes: Any) -> Settings:
    return Settings(jwks=str(keys / "jwks.json"), **changes)


def signed(keys: Path, claims: dict[str, Any] = MANAGER) -> dict[str, str]:
    return {"Authorization": f"Bearer {local_key.sign(keys, claims)}"}


def client_of(app: FastAPI, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tiny", headers=headers)
