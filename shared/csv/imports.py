"""Rows of a CSV file are kept in parts, each for itself, or all rows of one thing together or not at all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from shared.csv.rows import NO_COLUMNS, Report, Row
from shared.errors import Problem, Refused

AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowKept:
    """What became of a row that was taken: `created`, `changed` or `unchanged`, and what to look at again."""

    outcome: str
    warnings: Sequence[Problem] = ()


async def keep_in_parts(
    rows: Sequence[Row],
    report: Report,
    *,
    read: Callable[[Row], T],
    keep: Callable[[list[T]], Awaitable[Sequence[RowKept | Refused]]],
    columns: Mapping[str, str] = NO_COLUMNS,
) -> None:
    """Keep what can be read of the rows, so many at once, and report of every row what came of it.

    `read` raises pydantic's ValidationError for a row that cannot be; `keep` says of each what
    became of it, or why not. What `keep` raises ends the import: earlier parts are kept by then.
    `columns` says where a field stands under another name.
    """
    for start in range(0, len(rows), AT_ONCE):
        wanted: list[tuple[Row, T]] = []
        for row in rows[start : start + AT_ONCE]:
            try:
                wanted.append((row, read(row)))
            except ValidationError as error:
                report.refuse_invalid(row, error, columns=columns)
        came = await keep([one for _, one in wanted])
        for (row, _), one in zip(wanted, came, strict=True):
            if isinstance(one, Refused):
                report.refuse_as(row, one, columns=columns)
            else:
                report.add(one.outcome)
                report.warn(row, one.warnings, columns=columns)


def by_key(rows: Sequence[Row], column: str) -> dict[str, list[Row]]:
    """Group rows by the thing that the column names; those that name none are under an empty key."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.cells[column] or "", []).append(row)
    return found


def all_right(rows: Sequence[Row], report: Report, *, kind: str) -> bool:
    """Whether no row of a thing is refused yet; else its other rows are too: it is kept whole or not at all."""
    wrong = [row for row in rows if row.number in report.refused]
    for row in rows if wrong else ():
        if row not in wrong:
            said = f"row {wrong[0].number} of the same {kind} is refused"
            works = f"put that right: a {kind} is kept with all its rows or not"
            report.refuse(row.number, said, works=works, code="another_row_refused")
    return not wrong
