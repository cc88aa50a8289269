"""A package ends rows that are absent from a whole file or to be deleted by a delta, and what hangs on those."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from services.roster.oneroster.check.checked import Checked
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import (
    ACADEMIC_SESSIONS,
    CLASSES,
    COURSES,
    ENROLLMENTS,
    ORGS,
    ROLES,
    USERS,
    Layout,
)
from services.roster.oneroster.read.manifest import Manifest

UNASKED_SHARE = 0.05
UNASKED_ROWS = 4  # so few say nothing about the file: in a school of fifteen, one who leaves is three rows
COUNTED = (USERS, ROLES, ENROLLMENTS)  # a status at the source, at a school, and a seat
WORDS = {USERS.name: "people", ROLES.name: "roles", ENROLLMENTS.name: "class enrollments"}


@dataclass(slots=True)
class Endings:
    """The rows that would end, by file, and how many of the counted files are in force before."""

    rows: dict[str, dict[str, SourceRow]] = field(default_factory=dict)
    in_force: int = 0
    notes: list[Finding] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many people, roles and class enrollments would end."""
        return sum(len(self.rows.get(layout.name, ())) for layout in COUNTED)

    def must_wait(self, confirmed: int | None) -> str:
        """What to say when this is more than goes without asking; empty when it may go on."""
        if confirmed == self.number or self.number <= max(UNASKED_ROWS, UNASKED_SHARE * self.in_force):
            return ""
        counts = Counter({WORDS[layout.name]: len(self.rows.get(layout.name, ())) for layout in COUNTED})
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        was = "" if confirmed is None else f" (confirm_removals={confirmed} was sent)"
        return (
            f"nothing was applied: this would end {self.number} of the {self.in_force} rows that the source has "
            f"in force, more than 5 %: {told}{was}; if that is right, send the same file again with "
            f"?confirm_removals={self.number}"
        )


async def endings(
    kept: SourceRows,
    manifest: Manifest,
    checked: Checked,
    today: str,
    *,
    reachable_users: Collection[str] | None = None,
) -> Endings:
    """What this package would end of what its source has.

    1. Of a whole file: what is in force and on no row of it. A row that is refused keeps what it
       names, and lines that nobody can read keep all of their file.
    2. Of a delta: what it says is to be deleted.
    3. The roles and enrollments of people who end, and the enrollments of classes that end.

    `reachable_users`: the users that the sender reaches; None for all.
    """
    found = Endings()
    source = manifest.source
    for layout in manifest.layouts:
        if manifest.whole(layout) and checked.unread[layout.name]:
            found.notes.append(_all_kept(layout, checked.unread[layout.name]))
    for layout in (*COUNTED, CLASSES, ORGS, COURSES, ACADEMIC_SESSIONS):
        ending: dict[str, SourceRow] = {}
        found.rows[layout.name] = ending
        async for row in kept.every(source, layout):
            if not row.in_force(today):
                continue
            found.in_force += layout in COUNTED
            if _reached(layout, row, reachable_users) and (
                _hangs_on(layout, row, found) or _ends(layout, row, manifest, checked)
            ):
                ending[row.id] = row
    found.rows = {name: rows for name, rows in found.rows.items() if rows}
    if ended := found.rows.get(CLASSES.name):
        where = {"cells.classSourcedId": {"$in": list(ended)}}
        seats = {row.id: row async for row in kept.every(source, ENROLLMENTS, where) if row.in_force(today)}
        found.rows[ENROLLMENTS.name] = found.rows.get(ENROLLMENTS.name, {}) | seats
    return found


def _ends(layout: Layout, row: SourceRow, manifest: Manifest, checked: Checked) -> bool:
    if layout not in manifest.layouts:
        return False
    if row.id in checked.gone[layout.name]:
        return True
    if not manifest.whole(layout):
        return layout is ROLES and manifest.older and _moved(row, checked)
    return not checked.unread[layout.name] and row.id not in checked.ids[layout.name]


def _moved(role: SourceRow, checked: Checked) -> bool:
    """In 1.1 a user's row names all organisations where the user is something: another role has ended."""
    return role.cells["userSourcedId"] in checked.ids[USERS.name] and role.id not in checked.ids[ROLES.name]


def _hangs_on(layout: Layout, row: SourceRow, found: Endings) -> bool:
    """People are looked at first: what they had ends with them."""
    return layout in (ROLES, ENROLLMENTS) and row.cells["userSourcedId"] in found.rows[USERS.name]


def _reached(layout: Layout, row: SourceRow, reachable_users: Collection[str] | None) -> bool:
    if reachable_users is None:
        return True
    return layout in COUNTED and (row.id if layout is USERS else row.cells["userSourcedId"]) in reachable_users


def _all_kept(layout: Layout, lines: int) -> Finding:
    problem = f"{lines} lines cannot be read, so that nobody knows whose they are: nothing of this file was ended"
    works = "put those lines right and send the file again"
    return Finding(layout.file, None, "", "", problem, works, "note", code="nothing_ended")
