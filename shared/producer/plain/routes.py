"""The routes of a plain kind: POST, GET one and many, PATCH, void, and a CSV file; and who may use them."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from shared.csv.cells import decimal, whole
from shared.csv.imports import RowKept, keep_in_parts
from shared.csv.rows import CSV_BODY, ImportReport, Report, Row, read_csv
from shared.doors.auth import Access, Caller, CurrentCaller, Rows
from shared.doors.roles import Role
from shared.errors import Conflict, Refused
from shared.producer.answers import RecordView
from shared.producer.desk import Desk, TheDesk
from shared.producer.plain import commands
from shared.producer.plain.decision import Plain
from shared.producer.routes import (
    KEPT,
    SHOWN,
    Asks,
    CsvBody,
    DryRun,
    History,
    RecordId,
    VoidAction,
    days_between,
    file_entry,
    logged_as,
)
from shared.records.changes import entry_of
from shared.records.keys import derived_id
from shared.records.record import Entry
from shared.roster_copy.patience import Patience
from shared.web.app import AskedPage, IdempotencyKey, digest, page
from shared.web.idempotency import OwnKey
from shared.web.views import Json, answer, shown
from shared.words.as_written import kinds_of
from shared.words.fields import Body, Day, Id, Reason, StudentName

B = TypeVar("B", bound=Body)
PARTS = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,6}")
WORDS = {"true": True, "false": False, "yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None: not by that."""

    student: str | None = None
    program: str | None = None
    organisation: str | None = None
    since: Any = None
    until: Any = None


Program = Annotated[Id | None, Query()]
Organisation = Annotated[Id | None, Query()]
Since = Annotated[Day | None, Query(alias="from", description="on or after")]
Until = Annotated[Day | None, Query(alias="to", description="on or before")]


async def of_students(
    student: Annotated[StudentName | None, Query()] = None,
    program: Program = None,
    organisation: Organisation = None,
    since: Since = None,
    until: Until = None,
) -> Filter:
    """Records of students."""
    return Filter(student, program, organisation, since, until)


async def of_things(
    program: Program = None, organisation: Organisation = None, since: Since = None, until: Until = None
) -> Filter:
    """Records of no student."""
    return Filter(None, program, organisation, since, until)


def access_to(plain: Plain[B], *, log: Mapping[Role, Rows], read: Mapping[Role, Rows]) -> Access:
    """Who may do what with the kind: `log` creates and changes, `read` lists and shows."""
    name = plain.kind.name
    changing = dict.fromkeys((f"record_{name}", f"correct_{name}", f"void_{name}", f"import_{name}"), log)
    return {**changing, f"list_{name}": read, f"get_{name}": read}


def routes_of(plain: Plain[B]) -> APIRouter:
    """The kind's routes, under names such as `record_partner`."""
    router = APIRouter(prefix=f"/v1/{plain.path}", tags=[plain.words])
    view = view_of(plain)
    _creating(router, plain, view)
    _reading(router, plain, view)
    _changing(router, plain, view)
    return router


def view_of(plain: Plain[B]) -> Any:
    """What a record of the kind looks like in an answer."""
    value = plain.value
    fields: dict[str, Any] = {each: (field.annotation, field) for each, field in value.model_fields.items()}
    fields["warnings"] = (list[str], Field(default=[], description="of a POST: what may have been forgotten"))
    doc = f"{value.__doc__ or plain.words} As it is kept."
    return create_model(f"{value.__name__}Record", __base__=RecordView, __doc__=doc, **fields)


def _creating(router: APIRouter, plain: Plain[B], view: Any) -> None:
    name, value = plain.kind.name, plain.value

    @router.post("", name=f"record_{name}", response_model=view, responses=logged_as(view))
    async def record(
        body: value,  # type: ignore[valid-type]
        caller: CurrentCaller,
        key: IdempotencyKey,
        desk: TheDesk,
    ) -> Any:
        """Keep one; the same key and body again answers with it as it stands."""
        return await _record(desk, plain, body, caller, key)

    @router.post("/imports", name=f"import_{name}", response_model=ImportReport, openapi_extra=CSV_BODY)
    async def import_all(
        body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
    ) -> Any:
        """A row each; columns as the fields of POST. The same file again changes nothing."""
        own, entry = file_entry(caller, "import", body, key)
        return await _import(desk, plain, body, caller=caller, entry=entry, key=own, dry_run=dry_run)


def _reading(router: APIRouter, plain: Plain[B], view: Any) -> None:
    name = plain.kind.name
    narrowed = Depends(of_students if plain.kind.filed.student else of_things)
    doc = "Some of them; `next` is the cursor of the page behind."
    listed: Any = create_model(
        f"{plain.value.__name__}Page", __doc__=doc, items=(list[view], ...), next=(str | None, ...)
    )

    @router.get("", name=f"list_{name}", response_model=listed)
    async def list_all(caller: CurrentCaller, paging: AskedPage, desk: TheDesk, wanted: Filter = narrowed) -> Any:
        """Those that are not void and within reach, in the order of their ids."""
        where = await _where(desk, plain, wanted)
        records = await desk.find(name, where, caller=caller, paging=paging)
        return Json(page([shown(one, to=caller) for one in records], paging.limit))

    @router.get("/{id}", name=f"get_{name}", response_model=view, responses=SHOWN)
    async def get(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
        """One, also one that is void."""
        return answer(await desk.get(name, id, caller), history=history, to=caller)


def _changing(router: APIRouter, plain: Plain[B], view: Any) -> None:
    name, change = plain.kind.name, change_of(plain)

    @router.patch("/{id}", name=f"correct_{name}", response_model=view, responses=KEPT)
    async def correct(asked: Asks, body: change) -> Any:  # type: ignore[valid-type]
        """Set right what was logged wrong. Another student's: void it and log it again."""
        sent: Any = body
        changes = {each: getattr(sent, each) for each in sent.model_fields_set - {"reason"}}
        saved = await commands.correct(asked.desk, plain, asked.id, changes, **asked.by("correct", sent))
        return answer(saved.record, outcome=saved.outcome, to=asked.caller)

    @router.post("/{id}/void", name=f"void_{name}", response_model=view, responses=KEPT)
    async def void(asked: Asks, body: VoidAction) -> Any:
        """Take out what should never have been logged."""
        saved = await asked.desk.void(name, asked.id, **asked.by("void", body))
        return answer(saved.record, outcome=saved.outcome, to=asked.caller)


def change_of(plain: Plain[B]) -> type[Body]:
    """What may be set right of a value: any field but whose it is; one that is left out stays as it is."""
    whose = plain.kind.filed.student
    may: dict[str, Any] = {
        name: (_as_strict(field) | None, None) for name, field in plain.value.model_fields.items() if name != whose
    }
    doc = "What is set right; a field that is left out stays as it is, null takes a value away."
    extra: Any = plain.value.model_config.get("json_schema_extra") or {}
    examples: Any = [{name: said for name, said in one.items() if name in may} for one in extra.get("examples", ())]

    class Changing(Body):
        model_config = ConfigDict(json_schema_extra={"examples": examples} if examples else None)

    made: Any = create_model(
        f"{plain.value.__name__}Change", __base__=Changing, __doc__=doc, reason=(Reason | None, None), **may
    )
    changing: type[Body] = made
    return changing


def _as_strict(field: FieldInfo) -> Any:
    """What a field takes, with all that it asks of a value."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


async def _record(desk: Desk, plain: Plain[B], body: B, caller: Caller, key: str) -> Any:
    id = derived_id(caller.sub, key)
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    (logged,) = await commands.log(desk, plain, [(id, body)], caller=caller, entry=entry)
    if logged.refusal:
        raise logged.refusal
    if logged.id != id:
        said = f"{plain.words} {logged.id} says the same already"
        raise Conflict(
            said, existing=logged.id, works=f"PATCH /v1/{plain.path}/{logged.id} if it is wrong", code="taken"
        )
    record = logged.record or await desk.get(plain.kind.name, id, caller)
    return answer(record, outcome=logged.outcome, to=caller, warnings=[one.said for one in logged.warnings])


async def _where(desk: Desk, plain: Plain[B], wanted: Filter) -> dict[str, Any]:
    """A filter on documents; what the kind is not filed under narrows it to nothing."""
    filed = plain.kind.filed
    by = {filed.program or "_no_program": wanted.program, filed.organisation or "_no_place": wanted.organisation}
    where: dict[str, Any] = {f"state.{name}": value for name, value in by.items() if value is not None}
    if wanted.student and filed.student:
        where[f"state.{filed.student}"] = await desk.persons([wanted.student])
    if days := days_between(wanted.since, wanted.until):
        where[f"state.{plain.day or '_no_day'}"] = days
    return where


async def _import(
    desk: Desk, plain: Plain[B], body: bytes, *, caller: Caller, entry: Entry, key: str, dry_run: bool
) -> ImportReport:
    """Keep every row that may be kept, in parts, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read; Retryable when a
    row cannot be judged yet: what earlier parts have kept is unchanged when the file comes again.
    """
    needed = [name for name, field in plain.value.model_fields.items() if field.is_required()]
    others = [name for name in plain.value.model_fields if name not in needed]
    rows = await asyncio.to_thread(read_csv, body, needed, optional=others)
    report, patience = Report(dry_run=dry_run), Patience()

    def read(row: Row) -> tuple[str, B]:
        return derived_id(caller.sub, key, row.number), plain.value.model_validate(cells_of(plain.value, row.cells))

    async def keep(some: list[tuple[str, B]]) -> list[RowKept | Refused]:
        logged = await commands.log(desk, plain, some, caller=caller, entry=entry, dry_run=dry_run, patience=patience)
        return [one.refusal or RowKept(one.outcome, one.warnings) for one in logged]

    await keep_in_parts(rows, report, read=read, keep=keep)
    return report.answer()


def cells_of(value: type[Body], cells: Mapping[str, str | None]) -> dict[str, Any]:
    """The cells as JSON would have them; one that cannot be so is left as text, and refused as such."""
    return {name: _meant(cell, _kinds(value, name)) for name, cell in cells.items() if cell is not None}


def _kinds(value: type[Body], name: str) -> frozenset[str]:
    annotation: Any = value.model_fields[name].annotation
    return kinds_of(annotation)


def _meant(cell: str, kinds: frozenset[str]) -> Any:
    if "list" in kinds:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if "number" in kinds and "text" not in kinds:
        said = whole(decimal(cell))
        return float(said) if isinstance(said, str) and PARTS.fullmatch(said) else said
    if "boolean" in kinds:
        return WORDS.get(cell.casefold(), cell)
    return cell
