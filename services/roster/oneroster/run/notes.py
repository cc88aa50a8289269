"""Notes of one kind are told as one, with the number of rows and the first of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.roster.oneroster.read.findings import Finding

FIRST_ROWS = 10
MOST_KINDS = 10_000  # notes that each have words of their own are kinds of their own

NoteKind = tuple[str, str, str]


@dataclass(slots=True)
class Notes:
    """The notes found so far, by file, column and kind."""

    _first: dict[NoteKind, Finding] = field(default_factory=dict)
    _rows: dict[NoteKind, list[int]] = field(default_factory=dict)
    _number: dict[NoteKind, int] = field(default_factory=dict)

    def sift(self, findings: Iterable[Finding]) -> list[Finding]:
        """What is to be told at once; notes about rows wait until `gathered`."""
        at_once: list[Finding] = []
        for one in findings:
            kind = (one.file, one.column, one.kind or one.problem)
            if one.effect != "note" or one.row is None or (kind not in self._first and len(self._first) >= MOST_KINDS):
                at_once.append(one)
                continue
            self._first.setdefault(kind, one)
            rows = self._rows.setdefault(kind, [])
            if len(rows) < FIRST_ROWS:
                rows.append(one.row)
            self._number[kind] = self._number.get(kind, 0) + 1
        return at_once

    def gathered(self) -> list[Finding]:
        """One note for each kind, and none of them waits any more."""
        found = [_as_one(one, self._rows[kind], self._number[kind]) for kind, one in self._first.items()]
        for gone in (self._first, self._rows, self._number):
            gone.clear()
        return found


def _as_one(first: Finding, rows: list[int], number: int) -> Finding:
    if number == 1:
        return first
    told = ", ".join(str(row) for row in rows)
    more = f" and {number - len(rows)} more" if number > len(rows) else ""
    return replace(first, problem=f"{first.problem} ({number} rows: {told}{more})", rows=number)
