"""The whole package, row by row: types, duplicates and references, before anything is applied."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.roster.oneroster.cells import trouble_with
from services.roster.oneroster.findings import Finding, NothingApplied
from services.roster.oneroster.forgotten import Forgotten
from services.roster.oneroster.layout import DEMOGRAPHICS, ENROLLMENTS, ROLES, USERS, Column, Layout
from services.roster.oneroster.manifest import Manifest
from services.roster.oneroster.package import Package
from services.roster.oneroster.reading import Header, Row, read_header, read_rows
from services.roster.oneroster.references import References
from services.roster.oneroster.students import Groups, groups_of, state_ids
from services.roster.oneroster.tally import Tally
from services.roster.oneroster.terms import Terms
from services.roster.oneroster.ties import AGENTS, agents_of
from services.roster.oneroster.twins import Twins

ROWS_A_STEP = 2000
NOTHING_BEFORE: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """A little further: rows read since the last step, and what was found in them."""

    rows: int
    findings: tuple[Finding, ...]


class Ids:
    """Very many ids in very little memory: whether one was among them, sure but for one chance in billions."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._hashes = array("q", sorted(hash(each) for each in ids))

    def __contains__(self, id: str) -> bool:
        own = hash(id)
        at = bisect_left(self._hashes, own)
        return at < len(self._hashes) and self._hashes[at] == own


@dataclass(slots=True)
class Checked:
    """What the checking leaves for the applying: which rows are refused, and who is a student where."""

    headers: dict[str, Header] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    schools: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of users with a student role in force
    groups: dict[str, Groups] = field(default_factory=dict)  # of users with a row in demographics.csv
    twins: Twins = field(default_factory=Twins)
    terms: Terms = field(default_factory=Terms)
    ids: dict[str, Ids] = field(default_factory=dict)  # by file: every sourcedId on a row of it
    gone: dict[str, set[str]] = field(default_factory=dict)  # by file: what its rows say is to be deleted
    touched: set[str] = field(default_factory=set)  # users of whom a delta says anything
    unread: dict[str, int] = field(default_factory=dict)  # by file: lines of which nobody knows whose they are
    forgotten: Forgotten = field(default_factory=Forgotten)  # who is not to be kept again
    identifier_is_state_id: bool = False  # as somebody said of the source


def survey(package: Package, manifest: Manifest) -> tuple[Checked, int]:
    """Every header, and the number of lines to read. Raise NothingApplied when a header or the packing is wrong.

    Every file is unpacked to its end here, so that damage in the last one is found before the
    first is applied.
    """
    checked, lines, wrong = Checked(), 0, []
    for layout in manifest.layouts:
        try:
            checked.headers[layout.name] = read_header(package, layout, delta=not manifest.whole(layout))
            lines += max(0, sum(1 for _ in package.lines(layout.file)) - 1)
        except NothingApplied as stopped:
            wrong += stopped.findings
        checked.tally.begin(layout.file)
    if wrong:
        raise NothingApplied(wrong)
    return checked, lines


def check(
    package: Package,
    manifest: Manifest,
    checked: Checked,
    year: tuple[str, str],
    before: Mapping[str, frozenset[str]] = NOTHING_BEFORE,
) -> Iterator[Step]:
    """Read every row once, noting in `checked` what is refused; `year` is the school year's first and last day.

    `before`: by file, what the source has by earlier packages, for files that are not whole here.
    """
    yield Step(0, (*manifest.notes, *(note for header in checked.headers.values() for note in header.notes)))
    checking = _Checking(checked, year, manifest, before)
    for layout in manifest.layouts:
        yield from checking.file(package, layout)


class _Checking:
    """One reading of a package."""

    def __init__(
        self, checked: Checked, year: tuple[str, str], manifest: Manifest, before: Mapping[str, frozenset[str]]
    ) -> None:
        self._checked = checked
        self._year = year
        self._manifest = manifest
        self._references = References(before)
        self._terms = checked.terms
        self._agents: list[tuple[int, str]] = []

    def file(self, package: Package, layout: Layout) -> Iterator[Step]:
        tally = self._checked.tally
        header = self._checked.headers[layout.name]
        there = {name for _, name in header.read}
        columns = [column for column in layout.columns if column.name in there]
        self._references.begin(layout)
        findings: list[Finding] = []
        read = 0
        self._checked.gone[layout.name] = set()
        self._checked.unread[layout.name] = 0
        for read, row in enumerate(read_rows(package, layout, header), 1):
            self._checked.unread[layout.name] += isinstance(row, Finding)
            findings += [row] if isinstance(row, Finding) else self._row(layout, columns, row)
            if read % ROWS_A_STEP == 0:
                tally.refuse(findings)
                yield Step(ROWS_A_STEP, tuple(findings))
                findings = []
        findings += self._end(layout, read)
        findings += self._strangers(layout)
        self._checked.ids[layout.name] = Ids(self._references.seen())
        tally.refuse(findings)
        tally[layout.file].read = read
        yield Step(read % ROWS_A_STEP, tuple(findings))

    def _row(self, layout: Layout, columns: list[Column], row: Row) -> list[Finding]:
        if forgotten := self._checked.forgotten.refusal(layout, row):
            self._references.note(layout, row, sound=False)
            return [forgotten]
        whole = self._manifest.whole(layout)
        if not whole and row.cells["status"] == "tobedeleted":
            wrong = [*_wrong_cells(columns[:3], layout, row), *self._references.repeated(layout, row)]
            self._references.note(layout, row, sound=not wrong, gone=not wrong)
            if not wrong:
                self._checked.gone[layout.name].add(row.cells["sourcedId"])
                _note_touched(layout, row.cells, self._checked)
            return wrong
        wrong = [*_wrong_cells(columns, layout, row), *self._references.wrong(layout, row)]
        wrong += [] if wrong else _wrong_together(layout, row, whole=whole)
        self._references.note(layout, row, sound=not wrong)
        if wrong:
            return wrong
        if self._manifest.deltas:
            _note_touched(layout, row.cells, self._checked)
        _note_student(layout, row, self._checked, self._year)
        if layout is USERS:
            self._agents += [(row.number, sys.intern(agent)) for agent in agents_of(row.cells)]
        self._terms.note(layout, row)
        return self._terms.outside(layout, row)

    def _strangers(self, layout: Layout) -> list[Finding]:
        """Agents whom nobody knows: the tie is left out, and the row is as good as any."""
        problem, advice = "no user has this sourcedId", "the sourcedId of a user, or leave it out"
        return [
            Finding(layout.file, row, AGENTS, agent, problem, advice, "note")
            for row, agent in (self._agents if layout is USERS else ())
            if not self._references.knows(agent)
        ]

    def _end(self, layout: Layout, read: int) -> list[Finding]:
        found = list(self._references.end(layout))
        if read == 0:
            problem, advice = "the file has no rows", "write absent for it in manifest.csv, or send its rows"
            found.append(Finding(layout.file, None, "", "", problem, advice, "note"))
        return found


def _wrong_cells(columns: Sequence[Column], layout: Layout, row: Row) -> list[Finding]:
    return [
        Finding(layout.file, row.number, column.name, row.cells[column.name], *trouble)
        for column in columns
        if (trouble := trouble_with(column, row.cells[column.name]))
    ]


def _wrong_together(layout: Layout, row: Row, *, whole: bool) -> Iterator[Finding]:
    """What sound cells say when they are looked at together, or in this kind of file."""
    cells = row.cells
    if whole and cells.get("status") == "tobedeleted":
        problem, advice = "a bulk file deletes nothing by status", "leave the row out: what is not there has ended"
        yield Finding(layout.file, row.number, "status", "tobedeleted", problem, advice)
    for name, advice in (("status", "active or tobedeleted"), ("dateLastModified", "when the row was changed")):
        if not whole and not cells[name]:
            yield Finding(layout.file, row.number, name, "", f"{name} is empty in a delta file", advice)
    for begin, end in layout.periods:
        if cells.get(begin) and cells.get(end) and cells[end] < cells[begin]:
            problem = f"{end} lies before {begin} {cells[begin]}"
            yield Finding(layout.file, row.number, end, cells[end], problem, "that day or a later one")


def _note_touched(layout: Layout, cells: Mapping[str, str], checked: Checked) -> None:
    user = cells["sourcedId"] if layout in (USERS, DEMOGRAPHICS) else cells.get("userSourcedId", "")
    if user and layout is not ENROLLMENTS:
        checked.touched.add(sys.intern(user))


def _note_student(layout: Layout, row: Row, checked: Checked, year: tuple[str, str]) -> None:
    """Remember who shares a state student id, who is a student at some time of the school year, and the groups."""
    cells = row.cells
    if layout is USERS:
        for state_id in state_ids(cells, identifier=checked.identifier_is_state_id):
            checked.twins.share(state_id, sys.intern(cells["sourcedId"]))
    elif layout is DEMOGRAPHICS:
        checked.groups[sys.intern(cells["sourcedId"])] = groups_of(row)
    elif layout is ROLES and cells["role"] == "student" and in_force(cells, year):
        user, org = sys.intern(cells["userSourcedId"]), sys.intern(cells["orgSourcedId"])
        others = checked.schools.get(user, ())
        if org not in others:
            checked.schools[user] = (*others, org)


def in_force(cells: Mapping[str, str], year: tuple[str, str]) -> bool:
    """Whether a role holds on some day of the school year."""
    first, last = year
    return (cells.get("beginDate") or first) <= last and (cells.get("endDate") or last) >= first


def sound_rows(package: Package, layout: Layout, checked: Checked) -> Iterator[Row]:
    """The rows of a file that the checking did not refuse."""
    refused = checked.tally[layout.file].refused
    for row in read_rows(package, layout, checked.headers[layout.name]):
        if isinstance(row, Row) and row.number not in refused:
            yield row
