"""A producer that exists for the kit's own suite alone: visits, calls and meetings of students, hosts of none."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from shared.contracts.envelope import Fact
from shared.contracts.roster import Enrolment, Guardian, Organisation, Program, Student
from shared.doors import auth
from shared.errors import Problem, Retryable
from shared.producer.desk import Desk, Producer
from shared.producer.kinds import Kind, each
from shared.producer.plain.decision import Plain
from shared.producer.plain.routes import access_to, routes_of
from shared.records.record import Natural, Record
from shared.roster_copy.students import Filed
from shared.words.fields import Body, Day, Id, Name, StudentName, Whole
from tests.producer_app import Served, started

LOG = {auth.DATA_MANAGER: auth.OWN_DISTRICTS, auth.INSTRUCTOR: auth.OWN_PROGRAMS, auth.COORDINATOR: auth.OWN_CAMPUSES}
READ = {**LOG, auth.STUDENT: auth.SELF}


class Visited(Fact):
    """What is published of a visit; who wrote what about it is not."""

    service, kind = "made_up", "visit"
    student_id: str
    on: date
    minutes: int


class Met(Fact):
    """What is published of a meeting to each student who was there, of that student alone."""

    service, kind = "made_up", "meeting"
    student_ids: tuple[str, ...]
    on: date


class Visit(Body):
    """A student visited somebody for some minutes."""

    student_id: StudentName
    program_id: Id
    on: Day
    minutes: Whole = 0
    note: Name | None = None
    organisation_id: Id | None = None


class Call(Body):
    """A student's family was called, about one program or none."""

    student_id: StudentName
    on: Day
    program_id: Id | None = None
    organisation_id: Id | None = None
    note: Name | None = None


class Meeting(Body):
    """Some students, or nobody whom we know, met at a place."""

    student_ids: Annotated[tuple[StudentName, ...], Field(max_length=6)] = ()
    organisation_id: Id
    on: Day
    note: Name | None = None


class Host(Body):
    """Somebody who can be visited."""

    name: Name
    organisation_id: Id
    since: Day
    topics: tuple[Id, ...] = ()
    open: bool = True


def checked(visit: Visit, today: date) -> Iterator[Problem]:
    if visit.on > today:
        yield Problem("/on", f"on {visit.on} is in the future", "send it on or after that day", "in_future")


def told(record: Record) -> tuple[str, Visited]:
    said = record.state
    fact = Visited(student_id=said["student_id"], on=date.fromisoformat(said["on"]), minutes=said["minutes"])
    return f"student/{said['student_id']}", fact


async def told_of_meeting(_: Desk, records: Sequence[Record]) -> dict[str, list[tuple[str, Met]]]:
    return {
        record.key: [
            (f"student/{id}", Met(student_ids=(id,), on=date.fromisoformat(record.state["on"])))
            for id in record.state["student_ids"]
        ]
        for record in records
    }


VISIT = Plain(
    kind=Kind(
        name="visit",
        naturals=(Natural("visit", ("student_id", "program_id", "on"), name="one_visit_a_day"),),
        filed=Filed(student="student_id", program="program_id", organisation="organisation_id"),
        facts=each(told),
        school_year=True,
    ),
    path="visits",
    value=Visit,
    subjects=lambda _, state: (f"student/{state['student_id']}",),
    check=checked,
    day="on",
)
# Private: nothing is told of a call.
CALL = Plain(
    kind=Kind(
        name="call",
        naturals=(Natural("call", ("student_id", "on"), name="one_call_a_day"),),
        filed=Filed(student="student_id", program="program_id", organisation="organisation_id", by_enrolment=True),
    ),
    path="calls",
    value=Call,
    subjects=lambda _, state: (f"student/{state['student_id']}",),
    day="on",
)
MEETING = Plain(
    kind=Kind(
        name="meeting",
        naturals=(Natural("meeting", ("organisation_id", "on"), name="one_meeting_a_day_and_place"),),
        filed=Filed(student="student_ids", organisation="organisation_id", by_enrolment=True),
        facts=told_of_meeting,
    ),
    path="meetings",
    value=Meeting,
    subjects=lambda _, state: tuple(f"student/{id}" for id in state["student_ids"]),
    day="on",
)
HOST = Plain(
    kind=Kind(
        name="host",
        naturals=(Natural("host", ("name",), name="one_open_host_a_name", when={"state.open": True}),),
        filed=Filed(organisation="organisation_id"),
    ),
    path="hosts",
    value=Host,
    subjects=lambda *_: (),
    day="since",
    holds=lambda state: state["open"],
)


@dataclass
class Followed:
    """What the service was asked to follow, in this order: each desk with the students, or with the day."""

    asked: list[tuple[Desk, Any]] = field(default_factory=list)
    failing: bool = False

    async def students(self, desk: Desk, students: Collection[str]) -> None:
        self.asked.append((desk, sorted(students)))
        if self.failing:
            raise Retryable("made up to be away")

    async def day(self, desk: Desk) -> None:
        await self.students(desk, [str(await desk.today())])


FOLLOWED = Followed()
PLAIN: tuple[Plain[Any], ...] = (VISIT, CALL, MEETING, HOST)
PRODUCER = Producer(
    name="made_up",
    kinds=tuple(plain.kind for plain in PLAIN),
    access={name: roles for plain in PLAIN for name, roles in access_to(plain, log=LOG, read=READ).items()},
    routers=tuple(routes_of(plain) for plain in PLAIN),
    keeps=(Student, Organisation, Program, Enrolment, Guardian),
    students_told=(FOLLOWED.students,),
    each_day=(FOLLOWED.day,),
)


@asynccontextmanager
async def running(settings, keys) -> AsyncIterator[Served]:
    """The made-up service, told of two programs and three students; the caller is a data manager of everything."""
    async with started(PRODUCER, settings, keys) as opened:
        await opened.people()
        await opened.all_heard()
        yield opened
