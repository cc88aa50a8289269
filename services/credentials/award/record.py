"""The credentials' records in MongoDB: natural key, indexes, and the questions that only it asks."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

import msgspec

from services.credentials.assessment import record as keeping
from services.credentials.assessment.cuts import Cuts
from services.credentials.assessment.record import CUTS, cuts_of, hidden_under
from services.credentials.award.decision import Asked, Stored
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.errors import NotFound, Refused
from shared.mongo import Database
from shared.process.grouped import Grouped
from shared.records.records import Draft, Entry, Natural, Record, Records

AWARD, CATALOGUE = "award", "catalogue"
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


class _Beside(NamedTuple):
    """Which awards a decision must know of.

    They are those with these ids, these students' of these credentials, and what renews one of `renewed`.
    """

    ids: Collection[str]
    students: Collection[str]
    codes: Collection[str]
    renewed: Collection[str]


class Store:
    """What the service keeps: `award/<id>`, `catalogue/<code>`, `assessment/<id>` and `cuts/<program>`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        naturals = [ONE_ATTEMPT, ONE_RENEWAL, ONE_LINK, keeping.ONE_ATTEMPT]
        self.records = Records(database, naturals=naturals, indexes=INDEXES)
        self.raw = self.records.collection
        self._beside = Grouped(self._beside_all)

    async def prepare(self) -> None:
        """Make the indexes; harmless when they are there."""
        await self.records.prepare()

    async def award(self, id: str) -> Record:
        """One award, void or not. Raise NotFound."""
        record = await self.records.get(AWARD, id)
        if record is None:
            raise NotFound(f"there is no award {id}")
        return record

    async def awards(self, ids: Collection[str]) -> dict[str, Record]:
        """Those of the awards that exist, void or not, by id."""
        return await self.records.get_many(AWARD, ids)

    async def awards_of_batch(self, batch_id: str) -> list[Record]:
        """The awards that came with one class list, void ones too."""
        cursor = self.raw.find({"kind": AWARD, "state.batch_id": batch_id})
        return [Record.of(document) async for document in cursor]

    async def beside(self, asked: Sequence[Asked], students: Collection[str], digest: str) -> dict[str, Stored]:
        """The awards that a decision about these rows must know of, by id.

        They are those with the rows' own ids, those that rows renew, those that renew the same,
        and those of the same students and credentials.
        Raise Refused when a row's id was used under the same key with another body.
        """
        ids = {row.id for row in asked}
        renewed = {row.wanted.renews for row in asked if row.wanted.renews}
        wanted = _Beside(ids | renewed, set(students), {row.wanted.credential_code for row in asked}, renewed)
        found: dict[str, Stored] = {}
        for id, document in (await self._beside(wanted)).items():
            if "gone" in document:
                continue  # what may be kept under its id is said when it is written
            if id in ids and document["history"][0]["digest"] != digest:
                raise Refused(
                    "this Idempotency-Key was used with another body",
                    works="send another key with another body",
                    code="key_used",
                )
            found[id] = Stored(award_of(document["state"]), document["void"])
        return found

    async def _beside_all(self, callers: Sequence[_Beside]) -> list[dict[str, Mapping[str, Any]]]:
        """What each of several requests asks, by id, in one read."""
        ids, students, codes, renewed = (set().union(*each) for each in zip(*callers, strict=True))
        ways = [{"_id": {"$in": [f"{AWARD}/{id}" for id in ids]}}, _held(students, codes)]
        where = {"$or": [*ways, _renewing(renewed)] if renewed else ways}
        fields = {"state": 1, "void": 1, "gone": 1, "history": {"$slice": 1}}
        documents = await self.raw.find(where, fields).to_list(None)
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
            answers.append({id: by_id[id] for id in chain(caller.ids, renewing, *held) if id in by_id})
        return answers

    async def held(self, students: Collection[str], codes: Collection[str]) -> dict[str, Award]:
        """The standing awards of these students and credentials, by id."""
        cursor = self.raw.find(_held(students, codes), {"state": 1})
        return {doc["_id"].partition("/")[2]: award_of(doc["state"]) async for doc in cursor}

    async def numbered(self, numbers: Collection[str]) -> dict[str, set[str]]:
        """By license number the students whose standing awards have it; those that nobody has are left out."""
        found: dict[str, set[str]] = {}
        if numbers:
            where = {"kind": AWARD, "void": False, "state.license_number": {"$in": sorted(numbers)}}
            async for one in self.raw.find(where, {"state.license_number": 1, "state.student_id": 1}):
                found.setdefault(one["state"]["license_number"], set()).add(one["state"]["student_id"])
        return found

    async def renewals(self, ids: Collection[str]) -> dict[str, str]:
        """Which standing award renews which of these, by the id of the former one."""
        cursor = self.raw.find(_renewing(ids), {"state.renews": 1})
        return {doc["state"]["renews"]: doc["_id"].partition("/")[2] async for doc in cursor}

    async def credentials(self, codes: Collection[str]) -> dict[str, Credential]:
        """Those of the catalogue's entries that exist, by code."""
        return {code: credential_of(record) for code, record in (await self.entries(codes)).items()}

    async def entries(self, codes: Collection[str]) -> dict[str, Record]:
        """Those of the catalogue's records that exist, by code."""
        return await self.records.get_many(CATALOGUE, codes)

    async def cuts(self, programs: Collection[str]) -> dict[str, Cuts]:
        """What these programs ask, by program; the defaults for one that has said nothing."""
        known = await self.records.get_many(CUTS, programs)
        return {id: cuts_of(known[id]) if id in known else Cuts(program_id=id) for id in programs}

    async def codes(self) -> list[str]:
        """Every code of the catalogue."""
        cursor = self.raw.find({"kind": CATALOGUE, "void": False}, {"_id": 1})
        return sorted([document["_id"].partition("/")[2] async for document in cursor])


def _held(students: Collection[str], codes: Collection[str]) -> dict[str, Any]:
    of = {"state.student_id": {"$in": list(students)}, "state.credential_code": {"$in": sorted(codes)}}
    return {"kind": AWARD, "void": False, **of}


def _renewing(ids: Collection[str]) -> dict[str, Any]:
    return {"kind": AWARD, "void": False, "state.renews": {"$in": list(ids), "$type": "string"}}


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


def catalogue_draft(credential: Credential, entry: Entry, *, expected: int | None = None) -> Draft:
    """A catalogue entry's wanted next state."""
    state = msgspec.to_builtins(credential)
    del state["code"]
    return Draft(CATALOGUE, credential.code, state, entry, (f"credential/{credential.code}",), expected=expected)


def credential_of(record: Record) -> Credential:
    """The catalogue entry that a record holds."""
    tiers = msgspec.convert(record.state["tiers"], tuple[DatedTier, ...])
    return Credential(**{**record.state, "code": record.id, "tiers": tiers})
