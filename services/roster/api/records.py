"""Every kind of record has the same routes: PUT, GET, list, void, and import of a CSV file."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.roster.api.views import PAGES, VIEWS, Void
from services.roster.desk.csv_files import columns, import_csv
from services.roster.desk.desk import Desk
from services.roster.identity.people import checked_name, is_alias
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.described import Kind
from services.roster.kinds.rows import Wanted
from services.roster.kinds.student import STUDENT
from services.roster.kinds.table import KINDS
from services.roster.reach.search import FOUND_AT_MOST
from services.roster.values import Demographics, DemographicsOfYear, SchoolYear
from shared.csv.rows import CSV_BODY, ImportReport, csv_body
from shared.doors.auth import CurrentCaller
from shared.errors import Malformed
from shared.records.changes import entry_of
from shared.web.app import AskedPage, IfMatch, page
from shared.web.idempotency import OwnKey, digest
from shared.web.paging import Paging
from shared.web.views import answer, shown
from shared.words.fields import ID_PATTERN, IDS_PATTERN, StudentName

IDS_MAX = 200


async def desk_of(request: Request) -> Desk:
    """What the routes work with; made when the service starts."""
    desk: Desk = request.app.state.desk
    return desk


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """The record that a path means, and its name as the caller wrote it: what is not there is told by that alone."""

    id: str
    name: str


TheDesk = Annotated[Desk, Depends(desk_of)]
RecordId = Annotated[str, Path(pattern=ID_PATTERN, examples=["northwest"])]
History = Annotated[bool, Query(description="With who changed what, when and why.")]
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}
OUTCOME = {
    "Aurora-Outcome": {
        "schema": {"type": "string", "enum": ["created", "changed", "unchanged"]},
        "description": "What came of it.",
    }
}


def routers() -> list[APIRouter]:
    """The routes of every kind; imports go first, since `imports` could be taken for an id."""
    return [_import_router(kind) for kind in KINDS.values()] + [_router(kind) for kind in KINDS.values()]


def _router(kind: Kind) -> APIRouter:
    router = APIRouter(tags=[kind.plural])
    view = VIEWS[kind.name]
    kept: dict[int | str, dict[str, Any]] = {
        200: {"model": view, "headers": ETAG | OUTCOME, "description": "Changed, or so already."},
        201: {"model": view, "headers": ETAG | OUTCOME, "description": "Created."},
    }
    one: dict[int | str, dict[str, Any]] = {200: {"model": view, "headers": ETAG}}
    demographics = kind is DEMOGRAPHICS
    path = "/v1/students/{id}/demographics/{school_year}" if demographics else f"/v1/{kind.plural}/{{id}}"
    put = put_demographics if demographics else _put(kind)
    named = _named(kind)
    router.add_api_route(path, put, methods=["PUT"], operation_id=f"put_{kind.name}", responses=kept)
    router.add_api_route(path, _get(kind, named), methods=["GET"], operation_id=f"get_{kind.name}", responses=one)
    router.add_api_route(
        f"{path}/void", _void(kind, named), methods=["POST"], operation_id=f"void_{kind.name}", responses=one
    )
    router.add_api_route(
        f"/v1/{kind.plural}",
        _list(kind),
        methods=["GET"],
        operation_id=f"list_{kind.plural}",
        response_model=PAGES[kind.name],
    )
    return router


async def put_demographics(
    id: StudentName, school_year: SchoolYear, body: Demographics, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> JSONResponse:
    """Keep a student's groups in one school year."""
    whole = DemographicsOfYear(**body.model_dump(), student_id=checked_name(id), school_year=school_year)
    saved = await desk.put(DEMOGRAPHICS, caller, Wanted(id="", body=whole, version=version))
    return answer(saved.record, outcome=saved.outcome)


def _put(kind: Kind) -> Callable[..., Any]:
    async def put(id: Any, body: Any, caller: CurrentCaller, version: IfMatch, desk: TheDesk) -> JSONResponse:
        row = Wanted(id=id, body=body, whole=not is_alias(id), version=version)
        saved = await desk.put(kind, caller, row)
        return answer(saved.record, outcome=saved.outcome, **(await desk.resolved([saved.record]))[0])

    put.__doc__ = PUT_WORDS.get(kind.name, f"Keep one {kind.name}: creates it, or makes it what the body says.")
    put.__annotations__ |= {"id": StudentName if kind is STUDENT else RecordId, "body": kind.body}
    return put


PUT_WORDS: Mapping[str, str] = {
    "student": (
        "Keep one person. By person id the body is all there is to say; by `stateStudentId:...` or "
        "`<source>:<sourcedId>` it is one source's view: it finds the person or makes one, and adds ids and years."
    )
}


def _named(kind: Kind) -> Callable[..., Any]:
    """The dependency that turns a path into the id of the record, and what the caller calls it."""

    async def of_student(id: StudentName, desk: TheDesk) -> NamedRecord:
        return NamedRecord(await desk.record_id(kind, id), id)

    async def of_year(id: StudentName, school_year: SchoolYear, desk: TheDesk) -> NamedRecord:
        return NamedRecord(await desk.record_id(kind, id, school_year), f"{id}-{school_year}")

    async def of_record(id: RecordId) -> NamedRecord:
        return NamedRecord(id, id)

    return of_year if kind is DEMOGRAPHICS else of_student if kind is STUDENT else of_record


def _get(kind: Kind, named: Callable[..., Any]) -> Callable[..., Any]:
    async def get(
        asked: Annotated[NamedRecord, Depends(named)], caller: CurrentCaller, desk: TheDesk, history: History = False
    ) -> JSONResponse:
        record = await desk.get(kind, caller, asked.id, named=asked.name)
        return answer(record, history=history, to=caller, **(await desk.resolved([record]))[0])

    get.__doc__ = f"One of the {kind.plural}, void or not."
    return get


def _void(kind: Kind, named: Callable[..., Any]) -> Callable[..., Any]:
    async def void(
        asked: Annotated[NamedRecord, Depends(named)],
        body: Void,
        caller: CurrentCaller,
        version: IfMatch,
        desk: TheDesk,
        key: OwnKey,
    ) -> JSONResponse:
        # Without a key of its own, the same void of the same version is the same void, whatever its reason.
        known = {"key": key, "digest": digest(body)} if key else {"key": f"void of version {version}", "digest": ""}
        entry = entry_of(caller, "void", **known, why=body.reason)
        saved = await desk.void(kind, caller, asked.id, expected=version, entry=entry, named=asked.name)
        return answer(saved.record, **(await desk.resolved([saved.record]))[0])

    void.__doc__ = "Take a record out, with the reason; refused while others name it. A later PUT brings it back."
    return void


def _list(kind: Kind) -> Callable[..., Any]:
    async def find(caller: CurrentCaller, desk: TheDesk, paging: AskedPage, **asked: str | None) -> JSONResponse:
        given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        if "ids" in given:
            given["ids"] = _ids(given["ids"])
            paging = Paging(after=paging.after, limit=len(given["ids"]))
        if "q" in given:
            paging = Paging(after=None, limit=FOUND_AT_MOST)
        records = await desk.find(kind, caller, given, paging)
        named = await desk.resolved(records)
        views = [shown(record, **more) for record, more in zip(records, named, strict=True)]
        return JSONResponse(page(views, paging.limit))

    find.__doc__ = f"The {kind.plural} within reach that are not void, in the order of their ids."
    _take_filters(find, kind)
    return find


ANY_FILTER = Query(max_length=320)
FILTERS: Mapping[str, Any] = {
    "q": Query(
        max_length=100,
        description="Beginnings of a name, in any order and without accents: each begins a word of the given, "
        f"preferred or family name. At most {FOUND_AT_MOST}, whole words first; there is no next page.",
    )
}


def _ids(text: str) -> list[str]:
    ids = [each for each in text.split(",") if each]
    if len(ids) > IDS_MAX:
        raise Malformed(f"ids names {len(ids)} records", works=f"ask for at most {IDS_MAX} at once", code="too_many")
    return ids


def _take_filters(find: Callable[..., Any], kind: Kind) -> None:
    """Give the function the kind's filters as parameters, so that the API's document names each."""
    plain = inspect.signature(find)
    ids = Query(max_length=65 * IDS_MAX, pattern=IDS_PATTERN, description=f"At most {IDS_MAX}, with commas.")
    filters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, query])
        for name, query in {"ids": ids, **{each: FILTERS.get(each, ANY_FILTER) for each in kind.filters}}.items()
    ]
    own = [each for each in plain.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    find.__signature__ = plain.replace(parameters=[*own, *filters])  # type: ignore[attr-defined]


def _import_router(kind: Kind) -> APIRouter:
    router = APIRouter(tags=[kind.plural])
    must, may = columns(kind)

    async def import_rows(
        caller: CurrentCaller,
        desk: TheDesk,
        body: Annotated[bytes, Depends(csv_body)],
        dry_run: Annotated[bool, Query(description="Say what would come of it, and keep nothing.")] = False,
    ) -> ImportReport:
        return await import_csv(kind, body, await desk.batch(caller, "import", dry_run=dry_run))

    import_rows.__doc__ = (
        f"Keep a CSV file of {kind.plural}, row by row: a refused row stops no other. "
        f"Columns, in any order: {', '.join(must)}; and if there is something to say, {', '.join(may)}."
    )
    router.add_api_route(
        f"/v1/{kind.plural}/imports",
        import_rows,
        methods=["POST"],
        operation_id=f"import_{kind.plural}",
        openapi_extra=CSV_BODY,
        response_model=ImportReport,
    )
    return router
