"""The whole package, row by row: types, duplicates and references, before anything is applied."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from services.roster.oneroster.cells import trouble_with
from services.roster.oneroster.findings import Finding, NothingApplied
from services.roster.oneroster.layout import DEMOGRAPHICS, ROLES, Column, Layout
from services.roster.oneroster.manifest import Manifest
from services.roster.oneroster.package import Package
from services.roster.oneroster.reading import Header, Row, read_header, read_rows
from services.roster.oneroster.references import References
from services.roster.oneroster.students import Groups, groups_of
from services.roster.oneroster.terms import Terms

ROWS_A_STEP = 2000


@dataclass(slots=True)
class Counts:
    """What became of one file's rows: `checked` ones are sound and hold nothing that roster keeps (yet)."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    refused: int = 0
    checked: int = 0

    def as_document(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """A little further: rows read since the last step, and what was found in them."""

    rows: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Checked:
    """What the checking leaves for the applying: which rows are refused, and who is a student where."""

    headers: dict[str, Header] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    refused: dict[str, set[int]] = field(default_factory=dict)
    schools: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of users with a student role in force
    groups: dict[str, Groups] = field(default_factory=dict)  # of users with a row in demographics.csv


def survey(package: Package, manifest: Manifest) -> tuple[Checked, int]:
    """Every header, and the number of lines to read. Raise NothingApplied when a header or the packing is wrong.

    Every file is unpacked to its end here, so that damage in the last one is found before the
    first is applied.
    """
    checked, lines, wrong = Checked(), 0, []
    for layout in manifest.layouts:
        try:
            checked.headers[layout.name] = read_header(package, layout)
            lines += max(0, sum(1 for _ in package.lines(layout.file)) - 1)
        except NothingApplied as stopped:
            wrong += stopped.findings
        checked.counts[layout.name] = Counts()
        checked.refused[layout.name] = set()
    if wrong:
        raise NothingApplied(wrong)
    return checked, lines


def check(package: Package, manifest: Manifest, checked: Checked, year: tuple[str, str]) -> Iterator[Step]:
    """Read every row once, noting in `checked` what is refused; `year` is the school year's first and last day."""
    yield Step(0, (*manifest.notes, *(note for header in checked.headers.values() for note in header.notes)))
    checking = _Checking(checked, year)
    for layout in manifest.layouts:
        yield from checking.file(package, layout)


class _Checking:
    """One reading of a package."""

    def __init__(self, checked: Checked, year: tuple[str, str]) -> None:
        self._checked = checked
        self._year = year
        self._references = References()
        self._terms = Terms()

    def file(self, package: Package, layout: Layout) -> Iterator[Step]:
        counts, refused = self._checked.counts[layout.name], self._checked.refused[layout.name]
        header = self._checked.headers[layout.name]
        there = {name for _, name in header.read}
        columns = [column for column in layout.columns if column.name in there]
        self._references.begin(layout)
        findings: list[Finding] = []
        for row in read_rows(package, layout, header):
            counts.read += 1
            findings += [row] if isinstance(row, Finding) else self._row(layout, columns, row)
            if counts.read % ROWS_A_STEP == 0:
                refused.update(_rows_refused(findings))
                yield Step(ROWS_A_STEP, tuple(findings))
                findings = []
        findings += self._end(layout, counts)
        refused.update(_rows_refused(findings))
        counts.refused = len(refused)
        counts.checked = counts.read - counts.refused
        yield Step(counts.read % ROWS_A_STEP, tuple(findings))

    def _row(self, layout: Layout, columns: list[Column], row: Row) -> list[Finding]:
        wrong = [*_wrong_cells(layout, columns, row), *self._references.wrong(layout, row)]
        self._references.note(layout, row, sound=not wrong)
        if wrong:
            return wrong
        if layout in (ROLES, DEMOGRAPHICS):
            _note_student(layout, row, self._checked, self._year)
        self._terms.note(layout, row)
        return self._terms.outside(layout, row)

    def _end(self, layout: Layout, counts: Counts) -> list[Finding]:
        found = list(self._references.end(layout))
        if counts.read == 0:
            problem, advice = "the file has no rows", "write absent for it in manifest.csv, or send its rows"
            found.append(Finding(layout.file, None, "", "", problem, advice, "note"))
        return found


def _rows_refused(findings: list[Finding]) -> Iterator[int]:
    return (finding.row for finding in findings if finding.effect == "refuses_row" and finding.row is not None)


def _wrong_cells(layout: Layout, columns: list[Column], row: Row) -> list[Finding]:
    cells = row.cells
    found = [
        Finding(layout.file, row.number, column.name, cells[column.name], *trouble)
        for column in columns
        if (trouble := trouble_with(column, cells[column.name]))
    ]
    if found:
        return found
    if cells.get("status") == "tobedeleted":
        problem, advice = "a bulk file deletes nothing by status", "leave the row out: what is not there has ended"
        found.append(Finding(layout.file, row.number, "status", "tobedeleted", problem, advice))
    for begin, end in layout.periods:
        if cells.get(begin) and cells.get(end) and cells[end] < cells[begin]:
            problem = f"{end} lies before {begin} {cells[begin]}"
            found.append(Finding(layout.file, row.number, end, cells[end], problem, "that day or a later one"))
    return found


def _note_student(layout: Layout, row: Row, checked: Checked, year: tuple[str, str]) -> None:
    """Remember where a user is a student, when the role is in force at some time of the school year, and the groups."""
    if layout is DEMOGRAPHICS:
        checked.groups[sys.intern(row.cells["sourcedId"])] = groups_of(row)
        return
    begun, ended = row.cells.get("beginDate") or year[0], row.cells.get("endDate") or year[1]
    if row.cells["role"] == "student" and begun <= year[1] and ended >= year[0]:
        user, org = sys.intern(row.cells["userSourcedId"]), sys.intern(row.cells["orgSourcedId"])
        others = checked.schools.get(user, ())
        if org not in others:
            checked.schools[user] = (*others, org)


def sound_rows(package: Package, layout: Layout, checked: Checked) -> Iterator[Row]:
    """The rows of a file that the checking did not refuse."""
    refused = checked.refused[layout.name]
    for row in read_rows(package, layout, checked.headers[layout.name]):
        if isinstance(row, Row) and row.number not in refused:
            yield row
