"""Every row is counted once by what became of it, file by file, whatever the number of its faults."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from services.roster.oneroster.read.findings import Finding

Outcome = Literal["created", "changed", "unchanged", "ended"]
OUTCOMES: tuple[Outcome, ...] = ("created", "changed", "unchanged", "ended")


@dataclass(slots=True)
class FileTally:
    """The rows of one file."""

    read: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: set[int] = field(default_factory=set)
    absent: int = 0  # rows that have ended by not being there

    def as_document(self) -> dict[str, int]:
        """`checked` rows are sound and hold nothing that roster keeps, or keeps yet."""
        told: dict[str, int] = {outcome: self.outcomes[outcome] for outcome in OUTCOMES}
        checked = max(0, self.read - sum(told.values()) - len(self.refused))
        told["ended"] += self.absent
        return {"read": self.read, **told, "refused": len(self.refused), "checked": checked}


@dataclass(slots=True)
class Tally:
    """All files of a package, by their names such as `users.csv`."""

    files: dict[str, FileTally] = field(default_factory=dict)

    def __getitem__(self, file: str) -> FileTally:
        return self.files[file]

    def begin(self, file: str) -> None:
        self.files[file] = FileTally()

    def ended(self, file: str, rows: int, *, told: int) -> None:
        """Count rows that have ended, `told` of them by a row of the file."""
        self.files[file].outcomes["ended"] += told
        self.files[file].absent += rows - told

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Count the rows that these findings refuse."""
        for one in findings:
            if one.effect == "refuses_row" and one.row is not None:
                self.files[one.file].refused.add(one.row)

    def as_document(self) -> dict[str, dict[str, int]]:
        return {file: tally.as_document() for file, tally in self.files.items()}
