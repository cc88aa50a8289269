"""Classes meet on the days of their terms; an enrollment outside of those is worth a note."""

from dataclasses import dataclass, field

from services.roster.oneroster.read.cells import split
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import ACADEMIC_SESSIONS, CLASSES, ENROLLMENTS, Layout
from services.roster.oneroster.read.rows import Row

Period = tuple[str, str]


@dataclass(slots=True)
class Terms:
    """The days of sessions and classes, as far as they have been read."""

    sessions: dict[str, Period] = field(default_factory=dict)
    classes: dict[str, Period] = field(default_factory=dict)

    def note(self, layout: Layout, row: Row) -> None:
        """Remember when a sound row's session or class is."""
        if layout is ACADEMIC_SESSIONS:
            self.sessions[row.cells["sourcedId"]] = (row.cells["startDate"], row.cells["endDate"])
        elif layout is CLASSES:
            held = [self.sessions[term] for term in split(row.cells.get("termSourcedIds", "")) if term in self.sessions]
            if held:
                self.classes[row.cells["sourcedId"]] = (min(first for first, _ in held), max(last for _, last in held))

    def span(self, layout: Layout, row: Row) -> Period | None:
        """The days that a sound row is about: its own, else those of its class; None when nothing says."""
        cells = row.cells
        if layout is ACADEMIC_SESSIONS:
            return self.sessions.get(cells["sourcedId"])
        if layout is CLASSES:
            return self.classes.get(cells["sourcedId"])
        if layout is not ENROLLMENTS:
            return cells.get("beginDate", ""), cells.get("endDate", "")
        first, last = self.classes.get(cells["classSourcedId"], ("", ""))
        return cells.get("beginDate") or first, cells.get("endDate") or last

    def outside(self, layout: Layout, row: Row) -> list[Finding]:
        """What a sound enrollment says of days on which its class does not meet."""
        meets = self.classes.get(row.cells["classSourcedId"]) if layout is ENROLLMENTS else None
        if meets is None:
            return []
        first, last = meets
        return [
            Finding(
                layout.file,
                row.number,
                name,
                day,
                f"the class meets from {first} to {last}",
                "a day of it",
                "note",
                kind="outside of the class's days",
                code="outside_of_the_class",
            )
            for name in ("beginDate", "endDate")
            if (day := row.cells.get(name, "")) and not first <= day <= last
        ]
