"""The kind `touchpoint`, who reads what of it, what stands beside new ones, and in which term each lies."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.family_touchpoints.access import READ, is_liaison
from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.terms import TermOf, Terms
from services.family_touchpoints.touchpoint.record import (
    FILED,
    ONE_PART,
    TOUCHPOINT,
    touchpoint_fact,
    touchpoint_of,
)
from services.family_touchpoints.touchpoint.rules import Touchpoint
from shared.contracts.envelope import Outgoing
from shared.doors.auth import NOTHING, Caller, Reach, Rows
from shared.doors.roles import Role
from shared.errors import NotFound
from shared.producer.decisions import FIRST_LINE, Asked, Stored, stored_of
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.records.record import Record

THEIR_MATTER = "work_based_learning"  # what a coordinator speaks with families about


def reach_about(reach: Reach, purpose: str) -> Reach | None:
    """The rows within reach for a purpose: a coordinator's role opens one alone. None: no row at all."""
    roles = {role for role in reach.who.roles if role != Role.COORDINATOR or purpose == THEIR_MATTER}
    rows = frozenset(READ[role] for role in roles if role in READ) & reach.rows
    return Reach(reach.who, rows) if rows else None


async def of_age(desk: Desk, student_id: str | None) -> bool:
    """Whether the student is known to be 18, and so has the rights to what is kept of them."""
    if student_id is None:
        return False
    sharing = (await families(desk, [student_id]))[student_id].sharing
    return sharing is not None and sharing.of_age(await desk.today())


async def seen_by(desk: Desk, caller: Caller) -> dict[str, Any]:
    """A filter on what the caller reads: a coordinator of one matter, a student the own from 18 on."""
    ways: list[dict[str, Any]] = []
    for role in sorted(caller.roles & READ.keys()):
        if role == Role.STUDENT and not await of_age(desk, caller.student_id):
            continue
        way = await desk.within(TOUCHPOINT, Reach(caller.who, frozenset([READ[role]])))
        ways.append({"$and": [way, {"state.purpose": THEIR_MATTER}]} if role == Role.COORDINATOR else way)
    return {"$or": ways} if ways else dict(NOTHING)


async def get(desk: Desk, id: str, caller: Caller) -> Record:
    """One touchpoint, void or not. Raise NotFound, also for what the caller does not read."""
    record = await desk.get(TOUCHPOINT, id, caller)
    for role in caller.roles & READ.keys():
        if role == Role.STUDENT and not await of_age(desk, caller.student_id):
            continue
        if role == Role.COORDINATOR and record.state["purpose"] != THEIR_MATTER:
            continue
        if await desk.reachable([record], Reach(caller.who, frozenset([READ[role]]))):
            return record
    raise NotFound(f"there is no touchpoint {id}")


def reads_note(state: Mapping[str, Any], caller: Caller) -> bool:
    """Whether the caller, who reads the touchpoint, reads its note: an instructor of own programs, a leader none."""
    roles = caller.roles
    if is_liaison(caller) or roles == {Role.STUDENT}:
        return True
    if Role.COORDINATOR in roles and state["purpose"] == THEIR_MATTER:
        return True
    own = Reach(caller.who, frozenset([Rows.OWN_PROGRAMS]))
    taught = own.allows(program=state["program_id"], organisation=state["organisation_id"])
    return Role.INSTRUCTOR in roles and (taught or state["staff"] == caller.sub)


async def beside(
    desk: Desk, asked: Sequence[Asked[Touchpoint]], students: Collection[str], digest: str
) -> dict[str, Stored[Touchpoint]]:
    """The touchpoints with the rows' own ids, and those of the same students on the same days or occasions, by id.

    Raise Refused when a row's id was used under the same key with another body.
    """
    ids = {row.id for row in asked}
    days = sorted({row.wanted.on.isoformat() for row in asked})
    near: dict[str, Any] = {
        "kind": TOUCHPOINT,
        "void": False,
        "state.student_id": {"$in": sorted(students)},
        "$or": [
            {"state.occasion_id": {"$in": sorted({row.wanted.occasion_id for row in asked})}},
            {"state.steps.on": {"$in": days}},
        ],
    }
    where = {"$or": [{"_id": {"$in": [f"{TOUCHPOINT}/{id}" for id in ids]}}, near]}
    documents = await desk.records.collection.find(where, FIRST_LINE).to_list(None)
    return stored_of(documents, touchpoint_of, ids=ids, digest=digest)


async def terms_of(desk: Desk, records: Sequence[Record]) -> dict[str, TermOf]:
    """The term in which each lies, by record key, as the tables of terms say now."""
    terms = Terms(await desk.roster.organisations(), (await desk.roster.calendar()).starts)
    found = {record.key: touchpoint_of(record.state) for record in records}
    return {key: terms.of(one.day, one.term_at) for key, one in found.items()}


async def in_year_of(desk: Desk, term: str) -> dict[str, Any]:
    """A filter on the days of the school year of a term, such as `2025-26.1`: all others need not be looked at."""
    month, day = (await desk.roster.calendar()).starts
    first, following = (f"{int(term[:4]) + years:04d}-{month:02d}-{day:02d}" for years in (0, 1))
    return {"state.day": {"$gte": first, "$lt": following}}


async def in_term(desk: Desk, records: Sequence[Record], term: str) -> list[Record]:
    """Those that lie in a term, such as `2025-26.1`."""
    terms = await terms_of(desk, records)
    return [one for one in records if f"{terms[one.key].school_year}.{terms[one.key].number}" == term]


async def touchpoint_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """The facts of touchpoints, each in the term of its day."""
    terms = await terms_of(desk, records)
    starts = (await desk.roster.calendar()).starts
    told = {
        record.key: touchpoint_fact(record.id, touchpoint_of(record.state), terms[record.key], starts)
        for record in records
    }
    return {key: [fact] for key, fact in told.items() if fact is not None}


KIND = Kind(
    name=TOUCHPOINT,
    naturals=(ONE_PART,),
    indexes=(("kind", "state.status", "state.day"), ("kind", "state.day")),
    filed=FILED,
    facts=touchpoint_facts,
    school_year=True,
)
