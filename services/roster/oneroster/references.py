"""What rows say of each other: a sourcedId stands once, and whatever is named by one exists."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.roster.oneroster.cells import split
from services.roster.oneroster.findings import Finding
from services.roster.oneroster.layout import FILES, Column, Layout
from services.roster.oneroster.reading import Row

REFERRED_TO = {column.refers for layout in FILES for column in layout.columns if column.refers}


@dataclass(slots=True)
class _Ids:
    """The sourcedIds of one file: the row each stands on, those whose row was refused, and who lies under whom."""

    rows: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)  # said to be deleted
    before: frozenset[str] = frozenset()  # what the source has of this file by earlier packages
    above: dict[str, tuple[int, str]] = field(default_factory=dict)


class References:
    """All sourcedIds of a package, as far as it has been read.

    Files come in an order in which whatever is named was read before; only inside a file may a
    row name a later one, so that these are looked at when the file has been read to its end.
    """

    def __init__(self, before: Mapping[str, frozenset[str]]) -> None:
        """`before`: what rows may name without its being in the package, by file; not that of whole files."""
        self._before = before
        self._ids: dict[str, _Ids] = {name: _Ids(before=ids) for name, ids in before.items()}
        self._own = _Ids()

    def begin(self, layout: Layout) -> None:
        """The next file. Only the ids of files that others refer to are kept until the end."""
        self._own = _Ids(before=self._before.get(layout.name, frozenset()))
        if layout.name in REFERRED_TO:
            self._ids[layout.name] = self._own

    def wrong(self, layout: Layout, row: Row) -> Iterator[Finding]:
        """A sourcedId for the second time, and names of what is not there."""
        yield from self.repeated(layout, row)
        for column in layout.columns:
            if column.refers and column.refers != layout.name:
                yield from self._dangling(layout, column, row)

    def repeated(self, layout: Layout, row: Row) -> Iterator[Finding]:
        """A sourcedId for the second time."""
        earlier = self._own.rows.get(row.cells["sourcedId"])
        if earlier is not None:
            problem, value = f"this sourcedId stands on row {earlier} already", row.cells["sourcedId"]
            yield Finding(
                layout.file, row.number, "sourcedId", value, problem, f"one row for each; row {earlier} was read"
            )

    def _dangling(self, layout: Layout, column: Column, row: Row) -> Iterator[Finding]:
        text = row.cells.get(column.name, "")
        ids = self._ids.get(column.refers)
        if ids is None or not text:  # a file that this one can do without was not sent
            return
        for value in split(text) if column.many else (text,):
            if value in ids.gone:
                problem = f"{column.refers}.csv says that this is to be deleted"
                yield Finding(layout.file, row.number, column.name, value, problem, "delete this row too, or keep both")
            elif value not in ids.before and (value not in ids.rows or value in ids.refused):
                yield _names_nobody(layout.file, row.number, column, value, there=value in ids.rows)

    def note(self, layout: Layout, row: Row, *, sound: bool, gone: bool = False) -> None:
        """The row has been looked at; the first of its sourcedId counts."""
        own = row.cells["sourcedId"]
        if own in self._own.rows:
            return
        self._own.rows[own] = row.number
        if gone:
            self._own.gone.add(own)
            return
        if not sound:
            self._own.refused.add(own)
        for column in layout.columns:
            if column.refers == layout.name and row.cells.get(column.name):
                self._own.above[own] = (row.number, sys.intern(row.cells[column.name]))

    def knows(self, id: str) -> bool:
        """Whether the present file, or an earlier package where this one holds changes, has a row of this id."""
        return id in self._own.rows or id in self._own.before

    def seen(self) -> Iterable[str]:
        """The sourcedIds of the present file, refused or not."""
        return self._own.rows

    def end(self, layout: Layout) -> Iterator[Finding]:
        """What rows of the file say of each other: no parent may be missing, refused, or a circle."""
        ids = self._own
        column = next((column for column in layout.columns if column.refers == layout.name), None)
        if column is None:
            return
        circles = [own for own in ids.above if own not in ids.refused and _in_a_circle(own, ids)]
        for own in circles:
            row, parent = ids.above[own]
            yield Finding(layout.file, row, column.name, parent, "it lies under itself", "name the one above it")
        ids.refused.update(circles)
        waiting = True
        while waiting:
            waiting = False
            for own, (row, parent) in ids.above.items():
                if own in ids.refused or parent in ids.before:
                    continue
                if parent not in ids.rows or parent in ids.refused:
                    yield _names_nobody(layout.file, row, column, parent, there=parent in ids.rows)
                    ids.refused.add(own)
                    waiting = True


def _in_a_circle(own: str, ids: _Ids) -> bool:
    seen: set[str] = set()
    at = ids.above.get(own, (0, ""))[1]
    while at and at != own and at not in seen:
        seen.add(at)
        at = ids.above.get(at, (0, ""))[1]
    return at == own


def _names_nobody(file: str, row: int, column: Column, value: str, *, there: bool) -> Finding:
    if there:
        problem = f"the row of {value} in {column.refers}.csv is itself refused"
        return Finding(file, row, column.name, value, problem, "put that row right first")
    problem = f"{column.refers}.csv has no row with this sourcedId"
    return Finding(file, row, column.name, value, problem, f"add it to {column.refers}.csv, or name one that is there")
