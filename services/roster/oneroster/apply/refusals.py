"""Roster's own refusal of a row, told as a finding in the row's file and column."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.roster.oneroster.read.findings import Finding
from shared.errors import Problem, Refused, apart

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
