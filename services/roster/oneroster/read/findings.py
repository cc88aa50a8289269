"""A finding tells what is wrong with a package so that a data manager finds the cell by the message alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from shared.errors import Problem, Refused, apart

Effect = Literal["stops_all", "refuses_row", "note"]
LONGEST_VALUE = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: where, what stands there, and what would work.

    `row` is as a spreadsheet shows it (the header is 1), None for a whole file. `effect` says
    what came of it: nothing at all was applied, this row was not, or it is only worth knowing. `code`
    names the kind of trouble for programs, and stays the same when its words change.
    """

    file: str
    row: int | None
    column: str
    value: str
    problem: str
    what_would_work: str
    effect: Effect = "refuses_row"
    rows: int = 1
    kind: str = ""
    code: str = field(kw_only=True)

    def as_document(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value[:LONGEST_VALUE],
            "problem": self.problem,
            "what_would_work": self.what_would_work,
            "effect": self.effect,
            "rows": self.rows,
            "code": self.code,
        }


class NothingApplied(Exception):
    """The package as a whole cannot be used: a damaged zip, a wrong manifest or a wrong header."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].problem)
        self.findings = findings


def stops(file: str, problem: str, what_would_work: str, *, code: str, column: str = "", value: str = "") -> Finding:
    """A finding for which nothing is applied."""
    return Finding(file, None, column, value, problem, what_would_work, "stops_all", code=code)


def left_out(wrong: Finding) -> Finding:
    """The finding as a note: the row is taken, without this cell."""
    kind = wrong.kind or wrong.problem
    return replace(wrong, problem=f"{wrong.problem}; the cell was left out", effect="note", kind=kind)


SEND_AGAIN = "put it right and send the file again"


def findings_of(
    refused: Refused, file: str, row: int, cells: Mapping[str, str], column_of: Mapping[str, str]
) -> list[Finding]:
    """One finding for each thing that is refused: what is wrong, what would work, and the code."""
    return [_finding(each, file, row, cells, column_of) for each in apart(refused)]


def notes_of(
    notes: Iterable[Problem], file: str, row: int, cells: Mapping[str, str], column_of: Mapping[str, str]
) -> list[Finding]:
    """What is to be said of a row that was taken."""
    return [replace(_finding(each, file, row, cells, column_of), effect="note") for each in notes]


def _finding(one: Problem, file: str, row: int, cells: Mapping[str, str], column_of: Mapping[str, str]) -> Finding:
    field = next((part for part in reversed(one.pointer.split("/")) if part and not part.isdigit()), "")
    column = column_of.get(field, "sourcedId")
    return Finding(file, row, column, cells.get(column, ""), one.detail, one.works or SEND_AGAIN, code=one.code)
