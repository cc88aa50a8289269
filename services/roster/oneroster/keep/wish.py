"""A wish says who wants what applied of a package, and what an earlier turn of the import has done already."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from services.roster.desk.batch import Batch, Result
from services.roster.oneroster.keep.source_rows import SourceRows
from services.roster.oneroster.read.findings import Finding
from services.roster.store import Store

WHY = "OneRoster import "

Tell = Callable[[int, Sequence[Finding]], Awaitable[None]]  # so many rows more are done, and this was found


def why_of(id: str) -> str:
    """What the history of a record says of the import that changed it."""
    return f"{WHY}{id}"


def import_of(why: str) -> str:
    """The import that a line of history tells of; empty when it tells of none."""
    return why.removeprefix(WHY) if why.startswith(WHY) else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what applied, under which source's name and to which school year.

    `again`: an earlier turn of the import, in a process that was stopped, may have done some of it.
    """

    id: str
    source: str
    school_year: str
    dry_run: bool
    store: Store
    kept: SourceRows
    derive: Callable[[], Awaitable[Mapping[str, int]]]
    today: str
    reachable_users: Callable[
        [], Awaitable[Collection[str] | None]
    ]  # those of whom the sender may end anything; None: all
    new_batch: Callable[[], Awaitable[Batch]]  # one for each part: what a batch has learnt stays in memory
    begun_at: str = ""
    again: bool = False

    def came_of(self, result: Result) -> str:
        """What became of a row by this import, in whichever of its turns."""
        if not self.again or result.outcome != "unchanged" or result.record is None:
            return result.outcome
        mine = [past.version for past in result.record.history if past.why == why_of(self.id)]
        return "unchanged" if not mine else "created" if mine[0] == 1 else "changed"
