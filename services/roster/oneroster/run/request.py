"""A request for an import is kept with it, so that another process goes on as if it had been asked itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.doors.auth import Caller, Identity, Reach, Rows
from shared.doors.roles import Role


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: on disk, without a name, gone when it is closed."""

    file: BinaryIO
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a caller wants done with an upload; empty where the file or the calendar decides."""

    caller: Caller
    source: str = ""
    school_year: str = ""
    dry_run: bool = False
    confirm_removals: int | None = None

    def as_document(self) -> dict[str, Any]:
        """For the record of the import: who asked, with which reach, and what for. No token is in it."""
        who = self.caller.who
        return {
            "sub": who.sub,
            "roles": sorted(who.roles),
            "programs": sorted(who.programs),
            "campuses": sorted(who.campuses),
            "districts": sorted(who.districts),
            "student_id": who.student_id,
            "rows": sorted(self.caller.reach.rows),
            "source": self.source,
            "school_year": self.school_year,
            "dry_run": self.dry_run,
            "confirm_removals": self.confirm_removals,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "ImportRequest":
        """What was asked, as it was kept."""
        who = Identity(
            kept["sub"],
            frozenset(Role(each) for each in kept["roles"]),
            frozenset(kept["programs"]),
            frozenset(kept["campuses"]),
            frozenset(kept["districts"]),
            kept["student_id"],
        )
        caller = Caller(who, Reach(who, frozenset(Rows(each) for each in kept["rows"])))
        return cls(caller, kept["source"], kept["school_year"], kept["dry_run"], kept["confirm_removals"])
