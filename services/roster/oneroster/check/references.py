"""A sourcedId stands on one row, and whatever a row names by one exists."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from services.roster.oneroster.read.cells import split
from services.roster.oneroster.read.findings import Finding, left_out
from services.roster.oneroster.read.layout import FILES, Column, Layout
from services.roster.oneroster.read.rows import Row

REFERRED_TO = {column.refers for layout in FILES for column in layout.columns if column.refers}


@dataclass(slots=True)
class _FileIds:
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
        self._ids: dict[str, _FileIds] = {name: _FileIds(before=ids) for name, ids in before.items()}
        self._own = _FileIds()
        self.circles: set[int] = set()  # rows of the present file whose parent lies under them

    def begin(self, layout: Layout) -> None:
        """The next file. Only the ids of files that others refer to are kept until the end."""
        self._own = _FileIds(before=self._before.get(layout.name, frozenset()))
        self.circles = set()
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
            works = f"one row for each; row {earlier} was read"
            yield Finding(layout.file, row.number, "sourcedId", value, problem, works, code="twice")

    def _dangling(self, layout: Layout, column: Column, row: Row) -> Iterator[Finding]:
        text = row.cells.get(column.name, "")
        ids = self._ids.get(column.refers)
        if ids is None or not text:  # a file that this one can do without was not sent
            return
        for value in split(text) if column.many else (text,):
            if value in ids.gone:
                problem = f"{column.refers}.csv says that this is to be deleted"
                works = "delete this row too, or keep both"
                wrong = Finding(layout.file, row.number, column.name, value, problem, works, code="to_be_deleted")
                yield left_out(wrong) if column.side else wrong
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

    def row_of_sound(self, file: str, id: str) -> int | None:
        """The row of an id in a file that was read before; None when it has none, or one that is refused."""
        ids = self._ids[file]
        return None if id in ids.refused or id in ids.gone else ids.rows.get(id)

    def seen(self) -> Iterable[str]:
        """The sourcedIds of the present file, refused or not."""
        return self._own.rows

    def end(self, layout: Layout) -> Iterator[Finding]:
        """What rows of the file say of each other: a parent that is missing, refused, or lies below says nothing."""
        ids = self._own
        column = next((column for column in layout.columns if column.refers == layout.name), None)
        if column is None:
            return
        circles = _circles(ids.above) - ids.refused
        for own in sorted(circles, key=lambda each: ids.above[each][0]):
            row, parent = ids.above[own]
            self.circles.add(row)
            problem, works = "it lies under itself", "name the one above it"
            yield left_out(Finding(layout.file, row, column.name, parent, problem, works, code="in_a_circle"))
        for own, (row, parent) in ids.above.items():
            if own in ids.refused or own in circles or parent in ids.before:
                continue
            if parent not in ids.rows or parent in ids.refused:
                yield _names_nobody(layout.file, row, column, parent, there=parent in ids.rows)


def _circles(above: Mapping[str, tuple[int, str]]) -> set[str]:
    """All that lie under themselves; each is looked at once, however long a line of parents is."""
    found: set[str] = set()
    done: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        at = start
        while at in above and at not in done and at not in path:
            path[at] = None
            at = above[at][1]
        if at in path:
            line = list(path)
            found.update(line[line.index(at) :])
        done.update(path)
    return found


def _names_nobody(file: str, row: int, column: Column, value: str, *, there: bool) -> Finding:
    if there:
        problem = f"the row of {value} in {column.refers}.csv is itself refused"
        works = "put that row right first"
        wrong = Finding(
            file, row, column.name, value, problem, works, kind="names a refused row", code="another_row_refused"
        )
    else:
        problem = f"{column.refers}.csv has no row with this sourcedId"
        advice = f"add it to {column.refers}.csv, or name one that is there"
        wrong = Finding(file, row, column.name, value, problem, advice, code="no_such_row")
    return left_out(wrong) if column.side else wrong
