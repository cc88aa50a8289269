"""How an award is kept and published: its state, natural keys, indexes, fact, and the questions that only it asks."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

import msgspec

from services.credentials.award.celebrations import first_day
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.record import credentials
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts import credentials as contract
from shared.producer.decisions import Asked, Stored
from shared.producer.desk import Desk, Kind
from shared.producer.rows import FIRST_LINE, stored_of
from shared.records.record import Draft, Entry, Natural, Record
from shared.records.relay import Outgoing
from shared.roster_copy.given_ids import hidden_under
from shared.roster_copy.reach import OF_A_STUDENT
from shared.school_year import school_year_of

AWARD = "award"
ONE_ATTEMPT = Natural(
    AWARD,
    ("student_id", "credential_code", "day", "result"),
    name="one_award_an_attempt",
    maybe=("attempt",),
    instead_of="one_award_a_day",
)
ONE_RENEWAL = Natural(AWARD, ("renews",), name="one_renewal", when={"state.renews": {"$type": "string"}})
# An award is either void or renewed: whichever is written first, the database refuses the other.
LINK = "_link"
ONE_LINK = Natural(AWARD, (LINK,), name="void_or_renewed", when={f"state.{LINK}": {"$type": "string"}}, void_too=True)
# What is not written into a state: so is what older states lack.
USUAL = {"attempt": 1, "program_named": True}
INDEXES = (
    ("state.student_id", "state.credential_code"),
    ("state.program_id",),
    ("state.credential_code", "state.day"),
    ("state.batch_id",),
    ("state.license_number",),
    ("state.awarded_on", "_id"),
    ("state.expires_on", "_id"),
    ("state._under",),
)


def award_draft(id: str, award: Award, entry: Entry, *, expected: int | None = None, void: bool = False) -> Draft:
    """An award's wanted next state; its link is the award that it renews, of a void one itself."""
    subjects, link = (f"student/{award.student_id}",), id if void else award.renews
    state = state_of(award) | ({LINK: link} if link else {})
    return Draft(AWARD, id, state, entry, subjects, void=void, expected=expected)


def state_of(award: Award) -> dict[str, Any]:
    """An award as it is kept; `day` stands for the natural key."""
    state = {**msgspec.to_builtins(award), "day": award.day.isoformat()}
    for name, usual in USUAL.items():
        if state[name] == usual:
            del state[name]
    return hidden_under(state)


def award_of(state: Mapping[str, Any]) -> Award:
    """The award that a state holds."""
    return msgspec.convert({**state, "under": state.get("_under")}, Award)


def award_fact(id: str, award: Award, credential: Credential, starts: tuple[int, int]) -> Outgoing:
    """One award, filed under its student; licence number and link stay in the service."""
    return f"student/{award.student_id}", contract.Award(
        award_id=id,
        student_id=award.student_id,
        credential_code=award.credential_code,
        credential_type=credential.type,
        result=award.result,
        school_year=school_year_of(award.day, starts),
        program_id=award.program_id,
        organisation_id=award.organisation_id,
        taken_on=award.taken_on,
        awarded_on=award.awarded_on,
        expires_on=award.expires_on,
        revoked_on=award.revoked_on,
        tiers=credential.tiers_on(award.day),
        verifications=tuple(look.told() for look in award.verifications),
        celebrated_on=first_day(award.celebrations),
        renews=award.renews,
        attempt=award.attempt,
        program_named=award.program_named,
    )


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
