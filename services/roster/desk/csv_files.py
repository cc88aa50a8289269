"""A CSV file has a row for each record of a kind, and for students a row for each record, source and year."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, get_args

from pydantic import StrictBool, ValidationError

from services.roster.desk.batch import Batch
from services.roster.identity.people import STATE_STUDENT_ID
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.described import Kind
from services.roster.kinds.rows import Wanted
from services.roster.kinds.student import STUDENT
from services.roster.sources import Codes, unlike
from services.roster.values import Source, Student, YearAtSchool
from shared.csv import rows as csv_rows
from shared.csv.cells import school_year
from shared.csv.rows import ImportReport, Report, iterate_csv
from shared.errors import Refused

Cells = dict[str, str | None]
AT_ONCE = 250  # while these are decided, nobody else is answered
WRITTEN = {"true": True, "false": False}


def columns(kind: Kind) -> tuple[list[str], list[str]]:
    """Which columns a file must have, and which it may have."""
    if kind is STUDENT:
        own = [name for name in Student.model_fields if name not in ("sources", "years")]
        names = ["id", *own, *Source.model_fields, *YearAtSchool.model_fields]
    else:
        names = [*([] if kind is DEMOGRAPHICS else ["id"]), *kind.body.model_fields]
    needed = {name for name, field in kind.body.model_fields.items() if field.is_required()}
    if kind is not STUDENT:
        needed.add("id")
    return [name for name in names if name in needed], [name for name in names if name not in needed]


async def import_csv(kind: Kind, body: bytes, batch: Batch) -> ImportReport:
    """Keep every row that may be kept, and say of every other what would work.

    Raise Refused, having kept nothing, when the file as a whole cannot be read.
    """
    must, may = columns(kind)
    # Read once to its end before anything is kept: a quote left open would else be found half way.
    await asyncio.to_thread(_exhaust, iterate_csv(body, must, optional=may))
    report = Report(dry_run=batch.dry_run)
    lines = iterate_csv(body, must, optional=may)
    codes = Codes(batch.store)
    while some := list(islice(lines, AT_ONCE)):
        if kind is STUDENT:
            some = [line for line in some if await _of_a_known_source(line, codes, report)]
        await _import_some(kind, some, batch, report)
    return report.answer()


async def _of_a_known_source(line: csv_rows.Row, codes: Codes, report: Report) -> bool:
    """Whether the row writes its source, if it names one, as everybody does: else it would double its people."""
    source = line.cells.get("source")
    other = await codes.known_as(source) if source else ""
    if source and other:
        report.refuse(line.number, **unlike(source, other))
    return not other


def _exhaust(lines: Iterator[Any]) -> None:
    for _ in lines:
        pass


async def _import_some(kind: Kind, lines: Sequence[csv_rows.Row], batch: Batch, report: Report) -> None:
    read: dict[int, Wanted] = {}
    cells = {line.number: line.cells for line in lines}
    for number, line in cells.items():
        try:
            read[number] = _row(kind, line)
        except ValidationError as error:
            report.refuse_invalid(csv_rows.Row(number, line), error)
        except Refused as refused:
            report.refuse_as(csv_rows.Row(number, line), refused)
    results = await batch.save(kind, list(read.values()))
    for number, result in zip(read, results, strict=True):
        if isinstance(result, Refused):
            report.refuse_as(csv_rows.Row(number, cells[number]), result)
        else:
            report.add(result.outcome)
            report.warn(csv_rows.Row(number, dict(cells[number])), result.notes)


def _row(kind: Kind, cells: Cells) -> Wanted:
    values = {name: _value(kind, name, cell) for name, cell in cells.items() if cell is not None and name != "id"}
    if kind is STUDENT:
        return _student_row(cells, values)
    return Wanted(id=cells.get("id") or "", body=kind.body.model_validate(values))


def _value(kind: Kind, name: str, cell: str) -> Any:
    field = kind.body.model_fields.get(name)
    if field is not None and StrictBool in get_args(field.annotation):
        return WRITTEN.get(cell.lower(), cell)
    return school_year(cell) if name == "school_year" else cell


def _student_row(cells: Cells, values: dict[str, Any]) -> Wanted:
    """One source's view of one student in one year; other rows add to it."""
    source = {name: values.pop(name) for name in Source.model_fields if name in values}
    year = {name: values.pop(name) for name in YearAtSchool.model_fields if name in values}
    lists = {"sources": [source] if source else [], "years": [year] if year else []}
    body = Student.model_validate({**values, **lists})
    named = [f"{STATE_STUDENT_ID}:{body.state_student_id}"] if body.state_student_id else []
    named += [f"{each.source}:{each.sourced_id}" for each in body.sources]
    name = cells.get("id") or next(iter(named), None)
    if name is None:
        raise Refused(
            "the row names nobody", works="fill in id, state_student_id, or source and sourced_id", code="names_nobody"
        )
    return Wanted(id=name, body=body, whole=False)
