"""A row is understood cell by cell: a side cell that makes no sense is left out, any other refuses the row. Pure."""

from collections.abc import Sequence

from services.roster.oneroster.read.cells import told_by
from services.roster.oneroster.read.dates import Order
from services.roster.oneroster.read.findings import Finding, left_out
from services.roster.oneroster.read.layout import Column, Layout
from services.roster.oneroster.read.rows import Row


def meant_by(layout: Layout, columns: Sequence[Column], row: Row, order: Order) -> tuple[Row, list[Finding]]:
    """The row as it is understood, and what was found in it. The same row is understood the same at each reading."""
    cells = row.cells
    other: dict[str, str] = {}
    found: list[Finding] = []
    for column in columns:
        value = cells[column.name]
        told, trouble = told_by(column, value, order)
        if told != value:
            other[column.name] = told
        if trouble:
            problem, works, code = trouble
            shown = "" if column.quiet else value
            wrong = Finding(layout.file, row.number, column.name, shown, problem, works, code=code)
            found.append(left_out(wrong) if column.side else wrong)
    if other:
        row = Row(row.number, {**cells, **other})
    return _in_order(layout, columns, row, found)


def _in_order(layout: Layout, columns: Sequence[Column], row: Row, found: list[Finding]) -> tuple[Row, list[Finding]]:
    """The row without periods that end before they begin."""
    cells = row.cells
    for begin, end in layout.periods:
        if cells.get(begin) and cells.get(end) and cells[end] < cells[begin]:
            problem = f"{end} lies before {begin}"
            works = "that day or a later one"
            wrong = Finding(layout.file, row.number, end, cells[end], problem, works, code="wrong_order")
            side = any(column.side for column in columns if column.name == end)
            found.append(left_out(wrong) if side else wrong)
            if side:
                row = Row(row.number, {**cells, begin: "", end: ""})
    return row, found
