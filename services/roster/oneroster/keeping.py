"""After its rows are applied, a package becomes part of what its source has: rows kept, and rows ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from services.roster.oneroster.checking import Checked, sound_rows
from services.roster.oneroster.endings import Endings
from services.roster.oneroster.findings import Finding
from services.roster.oneroster.kept import AT_ONCE, Kept, KeptRow
from services.roster.oneroster.layout import (
    ACADEMIC_SESSIONS,
    BY_NAME,
    CLASSES,
    COURSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    ROLES,
    Layout,
)
from services.roster.oneroster.manifest import Manifest
from services.roster.oneroster.package import Package
from services.roster.oneroster.reading import Row

# Of these nothing else is kept, so that their counts say what became of the row itself.
COUNTED_HERE = (ROLES, ACADEMIC_SESSIONS, COURSES, CLASSES, ENROLLMENTS)
NOT_CELLS = ("sourcedId", "status", "dateLastModified")

Tell = Callable[[int, Sequence[Finding]], Awaitable[None]]


async def keep(
    kept: Kept, package: Package, manifest: Manifest, checked: Checked, tell: Tell, *, dry_run: bool
) -> None:
    """Keep every sound row, and count those of which nothing else is kept. Rows that are so already are not written."""
    at = datetime.now(UTC).isoformat()
    for layout in manifest.layouts:
        if layout is DEMOGRAPHICS:  # a record of its own holds all of it, and nothing of it ever ends
            continue
        rows = (row for row in sound_rows(package, layout, checked) if not _deleted(row, manifest, layout))
        while some := await asyncio.to_thread(_take, rows):
            before = await kept.some(manifest.source, layout, [row.cells["sourcedId"] for row in some])
            changed: list[KeptRow] = []
            for row in some:
                now = _kept(layout, row, checked)
                stood = before.get(now.id)
                now = replace(now, since=stood.since if stood else at)
                if stood != now:
                    changed.append(now)
                if layout in COUNTED_HERE:
                    outcome = "created" if stood is None else "unchanged" if stood == now else "changed"
                    checked.tally[layout.file].outcomes[outcome] += 1
            if not dry_run:
                await kept.keep(manifest.source, layout, changed)
            await tell(len(some), ())


async def end(kept: Kept, manifest: Manifest, checked: Checked, ending: Endings, today: str, *, dry_run: bool) -> None:
    """End what the package ends, today; no student, completion or past year is touched by it."""
    for name, rows in ending.rows.items():
        layout = BY_NAME[name]
        if layout.file not in checked.tally.files:
            checked.tally.begin(layout.file)
        checked.tally.ended(layout.file, len(rows), told=len(rows.keys() & checked.gone.get(layout.name, set())))
        if not dry_run:
            await kept.end(manifest.source, layout, rows, today)


def _deleted(row: Row, manifest: Manifest, layout: Layout) -> bool:
    return not manifest.whole(layout) and row.cells["status"] == "tobedeleted"


def _kept(layout: Layout, row: Row, checked: Checked) -> KeptRow:
    begin, end = checked.terms.span(layout, row) or ("", "")
    cells = {name: value for name, value in row.cells.items() if value and name not in NOT_CELLS}
    return KeptRow(row.cells["sourcedId"], cells, begin, end)


def _take(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, AT_ONCE))
