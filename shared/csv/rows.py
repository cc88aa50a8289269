"""CSV is read as people send it: by the names in its header, refused in words, numbered as a spreadsheet shows."""

import codecs
import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field, ValidationError

from shared.csv.header import DELIMITERS, Wanted, delimiter_of, read_header
from shared.errors import Malformed, Problem, Refused, WrongMediaType, apart
from shared.words.wording import worded

CELL_MAX = 10_000
ROWS_MAX = 500_000
PROBLEMS_MAX = 1000
NO_COLUMNS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: `number` is what a spreadsheet shows (the header is 1), empty cells are None."""

    number: int
    cells: dict[str, str | None]


class RowProblem(BaseModel):
    """What is wrong in one row, and what would work."""

    row: int
    column: str | None = None
    value: str | None = None
    problem: str
    what_would_work: str = ""
    code: str = Field(default="", description="The kind of trouble, for programs.")


class ImportReport(BaseModel):
    """What became of each row of an import."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    blank: int = Field(default=0, description="Rows of a class list in which nothing was filled in.")
    dry_run: bool = False
    problems: list[RowProblem] = Field(default_factory=list, description=f"The first {PROBLEMS_MAX}.")
    warnings: list[RowProblem] = Field(
        default_factory=list, description=f"Of rows that were taken, what to look at again; the first {PROBLEMS_MAX}."
    )


@dataclass
class Report:
    """The counts of an import while it is read; `answer()` gives what is sent."""

    dry_run: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("created", "changed", "unchanged"), 0))
    refused: set[int] = field(default_factory=set)
    blank: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    def add(self, outcome: str, rows: int = 1) -> None:
        """Note what became of a row: `created`, `changed` or `unchanged`."""
        self.counts[outcome] += rows

    def refuse(
        self,
        row: int,
        problem: str,
        *,
        column: str | None = None,
        value: str | None = None,
        works: str = "",
        code: str = "",
    ) -> None:
        """Note why a row was not taken; a row with several problems is refused once."""
        self.refused.add(row)
        if len(self.problems) < PROBLEMS_MAX:
            told = {"problem": problem, "what_would_work": works, "code": code}
            found = RowProblem(row=row, column=column, value=value, **told)
            self.problems.append(found)

    def warn(self, row: "Row", warnings: Sequence[Problem], *, columns: Mapping[str, str] = NO_COLUMNS) -> None:
        """Note what to look at again in a row that was taken."""
        for one in warnings[: PROBLEMS_MAX - len(self.warnings)]:
            column = _column_of(one, columns)
            told = {"problem": one.detail, "what_would_work": one.works, "code": one.code}
            value = row.cells.get(column) if column else None
            self.warnings.append(RowProblem(row=row.number, column=column, value=value, **told))

    def refuse_invalid(self, row: "Row", error: ValidationError, *, columns: Mapping[str, str] = NO_COLUMNS) -> None:
        """Note what pydantic found wrong with a row; `columns` says where a field stands under another name."""
        for each in error.errors(include_url=False):
            field = next((part for part in reversed(each["loc"]) if isinstance(part, str)), "")
            column = columns.get(field, field) or None
            value = row.cells.get(column) if column else None
            if column and value is None:
                self.refuse(row.number, "is needed", column=column, works="fill in the cell", code="missing")
                continue
            found = worded(each["type"], each["msg"], each.get("ctx", {}), value or each["input"])
            self.refuse(row.number, found.detail, column=column, value=value, works=found.works, code=found.code)

    def refuse_as(self, row: "Row", refusal: Refused, *, columns: Mapping[str, str] = NO_COLUMNS) -> None:
        """Note why a rule refused a row, and what would work."""
        for one in apart(refusal):
            column = _column_of(one, columns)
            value = row.cells.get(column) if column else None
            self.refuse(row.number, one.detail, column=column, value=value, works=one.works, code=one.code)

    def answer(self) -> ImportReport:
        """The report as it is sent, problems in the order of rows."""
        refused = len(self.refused)
        return ImportReport(
            rows=sum(self.counts.values()) + refused + self.blank,
            refused=refused,
            blank=self.blank,
            dry_run=self.dry_run,
            problems=sorted(self.problems, key=lambda one: one.row),
            warnings=self.warnings,
            **self.counts,
        )


def _column_of(one: Problem, columns: Mapping[str, str]) -> str | None:
    """The column of the field that a problem points at."""
    field = next((part for part in reversed(one.pointer.split("/")) if part and not part.isdigit()), "")
    return columns.get(field, field) or None


def read_csv(
    body: bytes, columns: Collection[str], *, optional: Collection[str] = (), ignored: Collection[str] = ()
) -> list[Row]:
    """All rows of a CSV text, or Refused when its form is wrong: then nothing of it is used.

    `columns` must all be there, in any order; `optional` may be; `ignored` and `metadata.*` are passed over.
    """
    return list(iterate_csv(body, columns, optional=optional, ignored=ignored))


def iterate_csv(
    body: bytes, columns: Collection[str], *, optional: Collection[str] = (), ignored: Collection[str] = ()
) -> Iterator[Row]:
    """As `read_csv`, row by row. Raise Refused at the first thing that is not RFC 4180."""
    text, wanted = _text(body), Wanted(columns, optional, ignored)
    delimiter = delimiter_of(text, wanted)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    header = read_header(reader, wanted)
    kept = [(place, name) for place, name in enumerate(header) if not wanted.passes_over(name)]
    number = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refused(
                f"row {number + 1} is not CSV: {error}",
                works="quote a cell that holds a quote, and double it",
                code="not_csv",
            ) from error
        if cells is None:
            return
        number += 1
        if not any(cells):
            continue
        if number > ROWS_MAX + 1:
            raise Refused(f"more than {ROWS_MAX} rows", works="send the file in parts", code="too_many")
        _same_width(number, cells, header, delimiter)
        yield Row(number, {name: cells[place].strip() or None for place, name in kept})


def _text(body: bytes) -> str:
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"the file is not UTF-8: byte {error.start}, in line {line}, cannot be read",
            works="save it as CSV UTF-8",
            code="not_utf8",
        ) from error
    if "\x00" in text:
        raise Refused(
            f"the file holds the character NUL at position {text.index(chr(0))}",
            works="save it as CSV UTF-8",
            code="not_utf8",
        )
    return text


def _same_width(number: int, cells: list[str], header: Sequence[str], delimiter: str) -> None:
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()  # blank columns, which a spreadsheet has behind the last
    if len(cells) != len(header):
        raise Refused(
            f"row {number} has {len(cells)} cells, the header has {len(header)}",
            works=f"nothing was read. The file is written with {DELIMITERS[delimiter]}: a cell that holds one needs "
            "quotes around it",
            code="cells_missing_or_too_many",
        )
    if any(len(cell) > CELL_MAX for cell in cells):
        raise Refused(
            f"row {number} has a cell of more than {CELL_MAX} characters",
            works="is a quote left open?",
            code="too_long",
        )


CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "UTF-8; the first row names the columns.",
        "content": {"text/csv": {"schema": {"type": "string", "minLength": 1}}},
    }
}


async def csv_body(request: Request) -> bytes:
    """The request's CSV. Raise WrongMediaType unless it says text/csv, Malformed when empty.

    Put `openapi_extra=CSV_BODY` on the route that depends on it.
    """
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != "text/csv":
        raise WrongMediaType(f"this route reads text/csv, not {given or 'a body without Content-Type'}")
    body = await request.body()
    if not body:
        raise Malformed("the body is empty", works="send the CSV file itself as the body", code="empty_body")
    return body
