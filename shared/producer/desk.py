"""What a service is made of, and what its commands work with: its records, what roster has told, what time it is."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request

from shared.contracts.envelope import Fact
from shared.doors.auth import Access, Caller, Reach
from shared.errors import NotFound
from shared.mongo import Database
from shared.pages.page import Pages
from shared.process.grouped import Grouped
from shared.process.settings import Settings
from shared.producer.kinds import Kind
from shared.records.changes import Decide, change
from shared.records.outbox import Outbox
from shared.records.record import Draft, Entry, Record, Saved
from shared.records.store import Records
from shared.roster_copy import reach as reaching
from shared.roster_copy.log_reached import UNKNOWN, LogEnd
from shared.roster_copy.lookup import RosterCopy
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.students import UNDER
from shared.web.paging import Paging

TOLD_BY = "roster"
Question = TypeVar("Question")
Answer = TypeVar("Answer")


Follow = Callable[["Desk"], Awaitable[object]]
# The same, of the students with these ids.
FollowStudents = Callable[["Desk", Collection[str]], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """A service that is the authority on some kinds of records; its `main.py` has one, and builds it.

    `access` says which role reaches what by which route; `public` names the routes that are open to
    everybody, which let in by something else than a token of ours.
    `keeps` are the facts of roster that it has a use for, `pages` where the pages lie that write to
    it. `at_start` finishes what a crash may have left between a write and what follows from it;
    `organisations_told` is done after news of organisations, by a desk that sees them, and
    `students_told` after news of students, whatever was told of them. `each_day` is done at the
    start, and when the day where the cted is has become another. Each may be done again for what
    it has done before. Routes are looked through in the order of `routers`.
    """

    name: str
    kinds: tuple[Kind, ...]
    access: Access
    routers: tuple[APIRouter, ...]
    keeps: tuple[type[Fact], ...] = ()
    public: frozenset[str] = frozenset()
    pages: Pages | None = None
    at_start: tuple[Follow, ...] = ()
    organisations_told: tuple[Follow, ...] = ()
    students_told: tuple[FollowStudents, ...] = ()
    each_day: tuple[Follow, ...] = ()

    @property
    def student_of(self) -> dict[str, str]:
        """By kind, the field of its state that names a student, or several; kinds without students are left out."""
        return {kind.name: kind.filed.student for kind in self.kinds if kind.filed.student}


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """One service at work, or the same over another view of its database."""

    producer: Producer
    settings: Settings
    records: Records
    roster: RosterCopy
    now: Callable[[], datetime] = now
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    _groups: dict[object, Any] = field(default_factory=dict, init=False)

    def over(self, view: Database) -> "Desk":
        """The same, by what this view of the database says."""
        return desk_over(self.producer, view, self.settings, now=self.now, log_end=self.roster.log_end)

    async def today(self) -> date:
        """The day where the cted is."""
        return (await self.roster.calendar()).day(self.now())

    async def get(self, kind: str, id: str, caller: Caller) -> Record:
        """One record, void or not. Raise NotFound, also for what is out of reach."""
        record = await self.records.get(kind, id)
        if record is None or not await self.reachable([record], caller.reach):
            raise NotFound(f"there is no {kind.replace('_', ' ')} {id}")
        return record

    async def find(self, kind: str, where: Mapping[str, Any], *, caller: Caller, paging: Paging) -> list[Record]:
        """Records that match and are within reach, one more than the page holds; void ones are left out."""
        asked = {"$and": [dict(where), await self.within(kind, caller.reach)]}
        return await self.records.find(kind, asked, after=paging.after, limit=paging.limit + 1)

    async def change(
        self, kind: str, id: str, *, caller: Caller, entry: Entry, expected: int | None, decide: Decide
    ) -> Saved:
        """Take a record within reach from one version to the next; a key that was used before is answered first.

        Raise NotFound, also for what is out of reach, Stale, or whatever `decide` refuses with.
        """

        async def read() -> Record:
            return await self.get(kind, id, caller)

        return await change(self.records, read, entry=entry, expected=expected, decide=decide)

    async def void(self, kind: str, id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
        """Take out a record within reach, which goes on saying what it said. Raise NotFound or Stale."""

        async def decided(record: Record) -> Draft:
            return Draft(kind, id, record.state, entry, void=True)

        return await self.change(kind, id, caller=caller, entry=entry, expected=expected, decide=decided)

    async def reachable(self, records: Sequence[Record], reach: Reach) -> list[Record]:
        """Those of the records, of whatever kinds, that lie within reach, in their order."""
        found: set[str] = set()
        for kind in {record.kind for record in records}:
            alike = [record for record in records if record.kind == kind]
            within = await reaching.reachable(alike, reach, self.roster, self.kinds[kind].filed)
            found |= {record.key for record in within}
        return [record for record in records if record.key in found]

    async def within(self, kind: str, reach: Reach) -> dict[str, Any]:
        """A filter on the records of a kind within reach."""
        return await reaching.filter_of(reach, self.roster, self.kinds[kind].filed)

    async def students_changed(self, students: Collection[str]) -> None:
        """Have done what follows from news of these students, be they roster's or the service's own."""
        for follow in self.producer.students_told:
            await follow(self, students)

    async def persons(self, names: Sequence[str]) -> dict[str, Any]:
        """A filter on all ids of the persons that names mean; the name itself when nobody is meant."""
        found = (await self.roster.told(names, ())).students
        return {"$in": sorted({id for name in names for id in (found[name].ids if name in found else (name,))})}

    async def programs(self, ids: Collection[str]) -> frozenset[str]:
        """Those of the programs that exist, once roster has had the time to tell. Raise Retryable."""

        async def read() -> frozenset[str]:
            return (await self.roster.told((), ids)).programs

        def hangs(found: frozenset[str]) -> Hangs:
            return LACKING if len(found) < len(ids) else SETTLED

        return await self.roster.settled(Patience(), read, hangs)

    def together(
        self, ask: Callable[["Desk", Sequence[Question]], Awaitable[Sequence[Answer]]]
    ) -> Grouped[Question, Answer]:
        """What asks a question of the database together with those of other requests that come meanwhile."""
        if ask not in self._groups:

            async def ask_all(questions: Sequence[Question]) -> Sequence[Answer]:
                return await ask(self, questions)

            self._groups[ask] = Grouped(ask_all)
        found: Grouped[Question, Answer] = self._groups[ask]
        return found


def desk_over(
    producer: Producer,
    database: Database,
    settings: Settings,
    *,
    now: Callable[[], datetime] = now,
    log_end: LogEnd = UNKNOWN,
    wait_seconds: float | None = None,
) -> Desk:
    """A desk of the service over its database; `wait_seconds` None: as long as the settings say."""
    kinds = {kind.name: kind for kind in producer.kinds}
    records = Records(
        database,
        naturals=[natural for kind in producer.kinds for natural in kind.naturals],
        indexes=_indexes(producer),
    )
    roster = RosterCopy(
        database,
        topic=settings.topic(TOLD_BY),
        wait_seconds=settings.projection_wait_seconds if wait_seconds is None else wait_seconds,
        server_time=Outbox(records).server_time,
        log_end=log_end,
    )
    return Desk(producer, settings, records, roster, now, kinds)


def _indexes(producer: Producer) -> list[tuple[str, ...]]:
    """The kinds' own, and what merges, lists and ids that go over to others look for, where no other begins with it."""
    indexes = [paths for kind in producer.kinds for paths in kind.indexes]
    fields = {kind.filed.student for kind in producer.kinds if kind.filed.student}
    wanted = [f"state.{field}" for field in sorted(fields)] + ([f"state.{UNDER}"] if fields else [])
    return indexes + [(path,) for path in wanted if not any(paths[0] == path for paths in indexes)]


async def desk_of(request: Request) -> Desk:
    """What the routes work with; made when the service starts."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]
