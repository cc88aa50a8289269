"""The whole package is inspected row by row, for types, duplicates and references, before anything is applied."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.roster.oneroster.check.checked import GONE, Checked, Ids, in_force
from services.roster.oneroster.check.references import References
from services.roster.oneroster.read.dates import Order
from services.roster.oneroster.read.findings import Finding, NothingApplied, left_out, stops
from services.roster.oneroster.read.layout import DEMOGRAPHICS, ENROLLMENTS, ROLES, USERS, Column, Layout
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.meaning import meant_by
from services.roster.oneroster.read.older import COLUMN_IN
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import Header, Row, read_header, read_rows
from services.roster.oneroster.read.users import AGENTS, RELATIONS, agents_of, groups_of, state_ids

ROWS_A_STEP = 2000
MOST_ROWS = 5_000_000  # of the largest district's roster, twice
MOST_REFUSED = 200_000  # of one file: with so many rows wrong, the file is
PLACE_OF_ROLE = "orgSourcedId"
NOTHING_BEFORE: Mapping[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """A little further: rows read since the last step, and what was found in them."""

    rows: int
    findings: tuple[Finding, ...]


def survey(package: Package, manifest: Manifest) -> tuple[Checked, int]:
    """Every header, and the number of lines to read. Raise NothingApplied when a header or the packing is wrong.

    Every file is unpacked to its end here, so that damage in the last one is found before the
    first is applied.
    """
    checked, lines, wrong = Checked(), 0, []
    for layout in manifest.layouts:
        try:
            checked.headers[layout.name] = read_header(package, layout, delta=layout.name in manifest.deltas)
            lines += _surveyed(package, layout, checked.order, MOST_ROWS - lines)
        except NothingApplied as stopped:
            wrong += stopped.findings
        checked.tally.begin(layout.file)
    if wrong:
        raise NothingApplied(wrong)
    return checked, lines


def _surveyed(package: Package, layout: Layout, order: Order, most: int) -> int:
    """The rows of a file; what its dates show is noted in `order`. Raise NothingApplied when there are too many."""
    lines = 0
    for line in package.lines(layout.file):
        lines += 1
        if lines > most:
            problem = f"the package has more than {MOST_ROWS:,} rows"
            works = "send its schools as packages of their own sources"
            raise NothingApplied([stops(layout.file, problem, works, code="too_many_rows")])
        if b"/" in line:
            order.look_at(line)
    return max(0, lines - 1)


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
        header = self._checked.headers[layout.name]
        columns = self._columns(layout, header)
        self._references.begin(layout)
        findings: list[Finding] = []
        read = 0
        self._checked.gone[layout.name] = set()
        self._checked.unread[layout.name] = self._checked.unread[USERS.name] if self._out_of_users(layout) else 0
        for read, row in enumerate(read_rows(package, layout, header), 1):
            self._checked.unread[layout.name] += isinstance(row, Finding)
            findings += [row] if isinstance(row, Finding) else self._row(layout, columns, row)
            if read % ROWS_A_STEP == 0:
                self._count(layout, read, findings)
                yield Step(ROWS_A_STEP, tuple(findings))
                findings = []
        findings += self._end(layout, read)
        findings += self._strangers(layout)
        self._checked.circles[layout.name] = self._references.circles
        self._checked.ids[layout.name] = Ids(self._references.seen())
        self._count(layout, read, findings)
        yield Step(read % ROWS_A_STEP, tuple(findings))

    def _columns(self, layout: Layout, header: Header) -> list[Column]:
        """The columns that are there; of a file of changes a row says nothing without its status."""
        there = {name for _, name in header.read}
        return [
            replace(column, side=False) if column.name == "status" and layout.name in self._manifest.deltas else column
            for column in layout.columns
            if column.name in there
        ]

    def _out_of_users(self, layout: Layout) -> bool:
        return layout is ROLES and self._manifest.older

    def _count(self, layout: Layout, read: int, findings: list[Finding]) -> None:
        """Count what was read so far. Raise NothingApplied when hardly a row of the file can be right."""
        tally = self._checked.tally[layout.file]
        tally.read = read
        self._checked.tally.refuse(findings)
        if len(tally.refused) > MOST_REFUSED:
            problem = f"more than {MOST_REFUSED:,} rows are refused, so that the file as a whole must be wrong"
            works = "put right what its first problems say"
            raise NothingApplied([*findings, stops(layout.file, problem, works, code="too_many_refused")])

    def _row(self, layout: Layout, columns: list[Column], row: Row) -> list[Finding]:
        if forgotten := self._checked.forgotten.refusal(layout, row):
            self._references.note(layout, row, sound=False)
            return [forgotten]
        as_sent = row
        row, found = meant_by(layout, columns, row, self._checked.order)
        if row is not as_sent:
            self._checked.otherwise.add(layout.name)
        if row.cells.get("status") == GONE:
            return self._gone(layout, row, found)
        found += self._references.wrong(layout, row)
        if layout.name in self._manifest.deltas and not as_sent.cells["status"]:
            problem, advice = "status is empty in a delta file", "active or tobedeleted"
            found.append(Finding(layout.file, row.number, "status", "", problem, advice, code="missing"))
        wrong = {one.column for one in found if one.effect != "note"}
        self._references.note(layout, row, sound=not wrong)
        if not wrong or wrong == {PLACE_OF_ROLE}:
            if self._manifest.partial:
                _note_touched(layout, row.cells, self._checked)
            _note_student(layout, row, self._checked, self._year, placed=not wrong)
        if layout is DEMOGRAPHICS and not wrong:
            odd = {one.column for one in found}
            self._checked.groups[sys.intern(row.cells["sourcedId"])] = groups_of(row, odd)
        if wrong:
            return self._told_in_users(row, found) if self._out_of_users(layout) else found
        if layout is USERS:
            self._agents += [(row.number, sys.intern(agent)) for agent in agents_of(row.cells)]
        self._terms.note(layout, row)
        return [*found, *self._terms.outside(layout, row)]

    def _gone(self, layout: Layout, row: Row, found: list[Finding]) -> list[Finding]:
        """A row that is to be deleted: nothing of it is looked at but its id."""
        wrong = [one for one in found if one.column in ("sourcedId", "status") and one.effect != "note"]
        wrong += self._references.repeated(layout, row)
        self._references.note(layout, row, sound=not wrong, gone=not wrong)
        if wrong:
            return wrong
        self._checked.gone[layout.name].add(row.cells["sourcedId"])
        if self._manifest.partial:
            _note_touched(layout, row.cells, self._checked)
        if not self._manifest.whole(layout):
            return []
        problem, advice = "a bulk file says what is there: this row was read as not there", "leave the row out"
        return [Finding(layout.file, row.number, "status", GONE, problem, advice, "note", code="read_as_absent")]

    def _told_in_users(self, row: Row, found: list[Finding]) -> list[Finding]:
        """A role of 1.1 that cannot be kept, told on the user's own row; of a user who is refused no more is said."""
        self._checked.tally[ROLES.file].refused.add(row.number)
        user = self._references.row_of_sound(USERS.name, row.cells["userSourcedId"])
        return [
            left_out(replace(one, file=USERS.file, row=user, column=COLUMN_IN[one.column]))
            for one in found
            if user is not None and one.column in COLUMN_IN
        ]

    def _strangers(self, layout: Layout) -> list[Finding]:
        """Agents whom nobody knows: the tie is left out, and the row is as good as any."""
        problem, advice = "no user has this sourcedId", "the sourcedId of a user, or leave it out"
        return [
            Finding(layout.file, row, AGENTS, agent, problem, advice, "note", code="no_such_row")
            for row, agent in (self._agents if layout is USERS else ())
            if not self._references.knows(agent)
        ]

    def _end(self, layout: Layout, read: int) -> list[Finding]:
        found = list(self._references.end(layout))
        if read == 0:
            problem, advice = "the file has no rows", "write absent for it in manifest.csv, or send its rows"
            found.append(Finding(layout.file, None, "", "", problem, advice, "note", code="no_rows"))
        return found


def _note_touched(layout: Layout, cells: Mapping[str, str], checked: Checked) -> None:
    user = cells["sourcedId"] if layout in (USERS, DEMOGRAPHICS) else cells.get("userSourcedId", "")
    if user and layout is not ENROLLMENTS:
        checked.touched.add(sys.intern(user))


def _note_student(layout: Layout, row: Row, checked: Checked, year: tuple[str, str], *, placed: bool) -> None:
    """Remember who shares a state student id, who is a guardian, and who is a student at some time of the school year.

    A role at a school that nobody knows is no role, but says that its user is a student.
    """
    cells = row.cells
    if layout is USERS:
        for state_id in state_ids(cells, identifier=checked.identifier_is_state_id):
            checked.twins.share(state_id, sys.intern(cells["sourcedId"]))
    elif layout is ROLES and cells["role"] in RELATIONS:
        checked.guardians.add(sys.intern(cells["userSourcedId"]))
    elif layout is ROLES and cells["role"] == "student":
        checked.students += 1
        if not in_force(cells, year):
            return
        user, org = sys.intern(cells["userSourcedId"]), sys.intern(cells["orgSourcedId"])
        others = checked.schools.setdefault(user, ())
        if placed and org not in others:
            checked.schools[user] = (*others, org)


def nobody_in(manifest: Manifest, checked: Checked, school_year: str) -> Finding | None:
    """Why no student could be taken of a package that holds users; None when there are some, or it need hold none."""
    if USERS not in manifest.layouts or USERS.name in manifest.deltas or checked.schools:
        return None
    users = checked.tally[USERS.file]
    if not users.read:
        return stops(
            USERS.file, "the file has no rows: nobody could be taken", "export the users again", code="no_rows"
        )
    if len(users.refused) == users.read:
        return None  # each row says why
    if ROLES not in manifest.layouts or not checked.tally[ROLES.file].read:
        problem = "nobody could be taken: no row says who is a student"
        works = "send roles.csv too, or users.csv as in version 1.1, with role and orgSourcedIds"
        return stops(ROLES.file, problem, works, code="nobody_taken")
    if checked.students:
        problem = f"nobody could be taken: no student's role holds on any day of {school_year}"
        advice = "send it again with the school year that it is about, such as ?school_year=2024-25"
        return stops(ROLES.file, problem, advice, code="nobody_taken", column="endDate")
    if len(checked.tally[ROLES.file].refused) == checked.tally[ROLES.file].read:
        return None
    problem = "no row says that anybody is a student: none was taken"
    works = "write student as the role of students"
    return Finding(ROLES.file, None, "role", "", problem, works, "note", code="nobody_taken")
