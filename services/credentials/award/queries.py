"""The kind `award`, and the questions of stored awards that only it asks: what stands beside, renews, has a number."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

from services.credentials.award.record import (
    AWARD,
    INDEXES,
    ONE_ATTEMPT,
    ONE_LINK,
    ONE_RENEWAL,
    award_fact,
    award_of,
)
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.queries import credentials
from shared.contracts.envelope import Outgoing
from shared.producer.decisions import FIRST_LINE, Asked, Stored, stored_of
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.records.record import Record
from shared.roster_copy.students import OF_A_STUDENT


async def award_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """The facts of awards, each with the tiers in force on its day."""
    awards = {record.key: (record.id, award_of(record.state)) for record in records}
    known = await credentials(desk, {award.credential_code for _, award in awards.values()})
    starts = (await desk.roster.calendar()).starts
    return {key: [award_fact(id, one, known[one.credential_code], starts)] for key, (id, one) in awards.items()}


KIND = Kind(
    name=AWARD,
    naturals=(ONE_ATTEMPT, ONE_RENEWAL, ONE_LINK),
    indexes=INDEXES,
    filed=OF_A_STUDENT,
    facts=award_facts,
    school_year=True,
)


class _Beside(NamedTuple):
    """Which awards a decision must know of.

    They are those with these ids, these students' of these credentials, and what renews one of `renewed`.
    """

    ids: Collection[str]
    students: Collection[str]
    codes: Collection[str]
    renewed: Collection[str]


async def beside(
    desk: Desk, asked: Sequence[Asked[Award]], students: Collection[str], digest: str
) -> dict[str, Stored[Award]]:
    """The awards that a decision about these rows must know of, by id.

    They are those with the rows' own ids, those that rows renew, those that renew the same,
    and those of the same students and credentials.
    Raise Refused when a row's id was used under the same key with another body.
    """
    ids = {row.id for row in asked}
    renewed = {row.wanted.renews for row in asked if row.wanted.renews}
    wanted = _Beside(ids | renewed, set(students), {row.wanted.credential_code for row in asked}, renewed)
    return stored_of(await desk.together(_beside_all)(wanted), award_of, ids=ids, digest=digest)


async def _beside_all(desk: Desk, callers: Sequence[_Beside]) -> list[list[Mapping[str, Any]]]:
    """What each of several requests asks, in one read."""
    ids, students, codes, renewed = (set().union(*each) for each in zip(*callers, strict=True))
    ways = [{"_id": {"$in": [f"{AWARD}/{id}" for id in ids]}}, _held(students, codes)]
    where = {"$or": [*ways, _renewing(renewed)] if renewed else ways}
    documents = await desk.records.collection.find(where, FIRST_LINE).to_list(None)
    by_id = {document["_id"].partition("/")[2]: document for document in documents}
    standing: dict[tuple[str, str], list[str]] = {}
    renewals: dict[str, str] = {}
    for id, document in by_id.items():
        if not document["void"]:
            state = document["state"]
            standing.setdefault((state["student_id"], state["credential_code"]), []).append(id)
            renewals[state.get("renews") or ""] = id
    answers = []
    for caller in callers:
        held = (standing.get(pair, ()) for pair in product(caller.students, caller.codes))
        renewing = (renewals.get(each, "") for each in caller.renewed)
        answers.append([by_id[id] for id in dict.fromkeys(chain(caller.ids, renewing, *held)) if id in by_id])
    return answers


async def held(desk: Desk, students: Collection[str], codes: Collection[str]) -> dict[str, Award]:
    """The standing awards of these students and credentials, by id."""
    cursor = desk.records.collection.find(_held(students, codes), {"state": 1})
    return {doc["_id"].partition("/")[2]: award_of(doc["state"]) async for doc in cursor}


async def numbered(desk: Desk, numbers: Collection[str]) -> dict[str, set[str]]:
    """By license number the students whose standing awards have it; those that nobody has are left out."""
    found: dict[str, set[str]] = {}
    if numbers:
        where = {"kind": AWARD, "void": False, "state.license_number": {"$in": sorted(numbers)}}
        fields = {"state.license_number": 1, "state.student_id": 1}
        async for one in desk.records.collection.find(where, fields):
            found.setdefault(one["state"]["license_number"], set()).add(one["state"]["student_id"])
    return found


async def renewals_of(desk: Desk, ids: Collection[str]) -> dict[str, str]:
    """Which standing award renews which of these, by the id of the former one."""
    cursor = desk.records.collection.find(_renewing(ids), {"state.renews": 1})
    return {doc["state"]["renews"]: doc["_id"].partition("/")[2] async for doc in cursor}


def _held(students: Collection[str], codes: Collection[str]) -> dict[str, Any]:
    of = {"state.student_id": {"$in": list(students)}, "state.credential_code": {"$in": sorted(codes)}}
    return {"kind": AWARD, "void": False, **of}


def _renewing(ids: Collection[str]) -> dict[str, Any]:
    return {"kind": AWARD, "void": False, "state.renews": {"$in": list(ids), "$type": "string"}}
