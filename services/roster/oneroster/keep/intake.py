"""Once its rows are applied, a package is taken into what its source has: rows are kept, and rows end."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from services.roster.identity.names import name_words
from services.roster.oneroster.check.checked import GONE, Checked, sound_rows
from services.roster.oneroster.keep.endings import Endings
from services.roster.oneroster.keep.source_rows import AT_ONCE, SourceRow, names_in
from services.roster.oneroster.keep.wish import Tell, Wish
from services.roster.oneroster.read.layout import (
    ACADEMIC_SESSIONS,
    CLASSES,
    COURSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    LANGUAGES,
    ORGS,
    REACHED,
    ROLES,
    USERS,
    Layout,
)
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.package import Package
from services.roster.oneroster.read.rows import Row
from services.roster.oneroster.read.users import RELATIONS, contact_of

# Of these nothing else is kept, so that their counts say what became of the row itself.
COUNTED_HERE = (ROLES, ACADEMIC_SESSIONS, COURSES, CLASSES, ENROLLMENTS)
ENDED_IN_TURN = (ENROLLMENTS, ROLES, USERS, CLASSES, ORGS, COURSES, ACADEMIC_SESSIONS)
NOT_CELLS = ("sourcedId", "status", "dateLastModified", *REACHED, *LANGUAGES)


async def keep(wish: Wish, package: Package, manifest: Manifest, checked: Checked, tell: Tell) -> None:
    """Keep every sound row, and count those of which nothing else is kept. Rows that are so already are not written."""
    kept = wish.kept
    for layout in manifest.layouts:
        if layout is DEMOGRAPHICS:  # a record of its own holds all of it, and nothing of it ever ends
            continue
        rows = (row for row in sound_rows(package, layout, checked) if row.cells.get("status") != GONE)
        while some := await asyncio.to_thread(_take, rows):
            before = await kept.some(manifest.source, layout, [row.cells["sourcedId"] for row in some])
            guardians = await _guardians(wish, manifest, checked, some) if layout is USERS else ()
            changed: list[SourceRow] = []
            for row in some:
                now = _kept(layout, row, checked, reached=row.cells["sourcedId"] in guardians)
                stood = before.get(now.id)
                now = _with_days(layout, now, stood)
                now = replace(now, since=stood.since if stood else wish.begun_at, by=wish.id)
                if stood != now:
                    changed.append(now)
                if layout in COUNTED_HERE:
                    checked.tally[layout.file].outcomes[_outcome(stood, now, wish.begun_at)] += 1
            if not wish.dry_run:
                await kept.keep(manifest.source, layout, changed, new={row.id for row in changed} - before.keys())
            await tell(len(some), ())


def _outcome(stood: SourceRow | None, now: SourceRow, begun_at: str) -> str:
    """What became of a row; one that an earlier turn of this import has kept already became that by this import."""
    if stood is None:
        return "created"
    if stood != now:
        return "changed"
    if stood.by != now.by:
        return "unchanged"
    return "created" if stood.since == begun_at else "changed"


async def end(wish: Wish, manifest: Manifest, checked: Checked, ending: Endings) -> None:
    """End what the package ends, today; no student, completion or past year is touched by it.

    What hangs on others ends before them: of what a process that is killed has not ended yet,
    the next one finds again on what it hangs.
    """
    for layout in ENDED_IN_TURN:
        rows = ending.rows.get(layout.name, {})
        before = await wish.kept.ended_by(manifest.source, layout, wish.id) if wish.again else set()
        if not rows and not before:
            continue
        if layout.file not in checked.tally.files:
            checked.tally.begin(layout.file)
        ended = rows.keys() | before
        checked.tally.ended(layout.file, len(ended), told=len(ended & checked.gone.get(layout.name, set())))
        if not wish.dry_run:
            await wish.kept.end(manifest.source, layout, rows, wish.today, by=wish.id)


async def _guardians(wish: Wish, manifest: Manifest, checked: Checked, rows: Sequence[Row]) -> Collection[str]:
    """Those of some users who are guardians, also by roles that the package does not speak of, and no students."""
    users = [row.cells["sourcedId"] for row in rows]
    found = checked.guardians & set(users)
    if manifest.partial and not (ROLES in manifest.layouts and manifest.whole(ROLES)):
        gone = checked.gone.get(ROLES.name, ())
        found |= {
            role.cells["userSourcedId"]
            for role in await wish.kept.of_users(manifest.source, ROLES, users)
            if role.cells["role"] in RELATIONS and role.in_force(wish.today) and role.id not in gone
        }
    return found - checked.schools.keys()


def _kept(layout: Layout, row: Row, checked: Checked, *, reached: bool) -> SourceRow:
    """The row as it is kept; how somebody is reached, and found by name, only of those of whom that is asked."""
    begin, end = checked.terms.span(layout, row) or ("", "")
    cells = {name: value for name, value in row.cells.items() if value and name not in NOT_CELLS}
    words: tuple[str, ...] = ()
    if reached:
        cells |= contact_of(row.cells)
        words = tuple(name_words(names_in(row.cells)))
    return SourceRow(row.cells["sourcedId"], checked.forgotten.left_out(layout, cells), begin, end, words=words)


def _with_days(layout: Layout, now: SourceRow, stood: SourceRow | None) -> SourceRow:
    """The row with the days that it had, when its terms say nothing tonight: a program must not end by that."""
    if layout not in (CLASSES, ENROLLMENTS) or now.begin or stood is None:
        return now
    return replace(now, begin=stood.begin, end=now.end or stood.end)


def _take(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, AT_ONCE))
