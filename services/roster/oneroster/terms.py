"""When classes meet, by their terms: an enrollment outside of that is worth a note."""

from dataclasses import dataclass, field

from services.roster.oneroster.cells import split
from services.roster.oneroster.findings import Finding
from services.roster.oneroster.layout import ACADEMIC_SESSIONS, CLASSES, ENROLLMENTS, Layout
from services.roster.oneroster.reading import Row

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
            held = [self.sessions[term] for term in split(row.cells["termSourcedIds"])]
            self.classes[row.cells["sourcedId"]] = (min(first for first, _ in held), max(last for _, last in held))

    def outside(self, layout: Layout, row: Row) -> list[Finding]:
        """What a sound enrollment says of days on which its class does not meet."""
        if layout is not ENROLLMENTS:
            return []
        first, last = self.classes[row.cells["classSourcedId"]]
        return [
            Finding(
                layout.file, row.number, name, day, f"the class meets from {first} to {last}", "a day of it", "note"
            )
            for name in ("beginDate", "endDate")
            if (day := row.cells.get(name, "")) and not first <= day <= last
        ]
