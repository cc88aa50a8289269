"""Roster's own refusal of a row, told as a finding in the row's file and column."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.roster.oneroster.findings import Finding
from shared.errors import Problem, Refused

SEND_AGAIN = "put it right and send the file again"


def findings_of(
    refused: Refused, file: str, row: int, cells: Mapping[str, str], column_of: Mapping[str, str]
) -> list[Finding]:
    """One finding for each thing that is refused: what is wrong, and what would work, which may follow a `;`."""
    told = [(each.pointer, each.said) for each in refused.problems] or [("", refused.detail)]
    return [_finding(detail, _column(pointer, column_of), file, row, cells) for pointer, detail in told]


def notes_of(
    notes: Iterable[Problem], file: str, row: int, cells: Mapping[str, str], column_of: Mapping[str, str]
) -> list[Finding]:
    """What is to be said of a row that was taken."""
    found = [_finding(each.said, _column(each.pointer, column_of), file, row, cells) for each in notes]
    return [replace(each, effect="note") for each in found]


def _finding(said: str, column: str, file: str, row: int, cells: Mapping[str, str]) -> Finding:
    problem, _, works = said.partition("; ")
    return Finding(file, row, column, cells.get(column, ""), problem, works or SEND_AGAIN)


def _column(pointer: str, column_of: Mapping[str, str]) -> str:
    field = next((part for part in reversed(pointer.split("/")) if part and not part.isdigit()), "")
    return column_of.get(field, "sourcedId")
