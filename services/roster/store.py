"""Roster's records are in MongoDB, with these natural keys, these indexes and the questions that only roster asks."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from services.roster.identity.names import name_words
from services.roster.identity.people import identifiers, is_alias
from services.roster.kinds.described import Kind
from services.roster.kinds.feeds import NAMED_BY
from services.roster.kinds.organisation import CTED, DISTRICT, ancestors
from services.roster.kinds.rows import Known, Wanted
from services.roster.values import Completion, Student
from shared.contracts.roster import alias_digest
from shared.mongo import Collection as MongoCollection
from shared.mongo import Database, aggregate
from shared.records.store import Natural, Record, Records
from shared.roster_copy.merges import Merges

NATURALS = (
    # An empty array would stand in the index as one value, which only one student could have.
    Natural("student", ("identifiers",), "one_person_per_outside_id", when={"state.identifiers.0": {"$exists": True}}),
    Natural("organisation", ("type",), "one_cted", when={"state.type": CTED}),
    Natural(
        "organisation",
        (f"{NAMED_BY}.source", f"{NAMED_BY}.sourced_id"),
        "one_organisation_per_sourced_id",
        when={f"state.{NAMED_BY}.0": {"$exists": True}},
    ),
)
# What lists, scopes and the checks before a void ask for; `_id` last gives a page in its order.
INDEXES = (
    ("state.student_id", "_id"),
    ("state.organisation_id", "_id"),
    ("state.program_id", "state.organisation_id", "_id"),
    ("state.parent_id", "_id"),
    ("state.years.school_id", "_id"),
    ("state.merged_into", "_id"),
    ("state._under", "_id"),
    ("state.guardian_id", "_id"),
)
AT_ONCE = 1000


class Store:
    """The records, and what is asked of them besides."""

    def __init__(self, database: Database) -> None:
        beside = {"student": lambda state: {"words": name_words(state)}}
        self.records = Records(database, naturals=NATURALS, indexes=INDEXES, beside=beside)
        self.raw: MongoCollection = database["records"]
        self.followed: MongoCollection = database["followed"]
        self.prepared = False

    async def prepare(self) -> None:
        """Make the indexes."""
        await self.records.prepare()
        await self.raw.create_index([("aliases", 1)], sparse=True)
        await self.raw.create_index([("words", 1)], sparse=True)
        self.prepared = True

    async def ping(self) -> None:
        """Return when MongoDB answers."""
        await self.records.database.command("ping")

    async def every(self, kind: str, where: Mapping[str, Any], *, include_void: bool = False) -> AsyncIterator[Record]:
        """All records of a kind that match, in the order of their ids."""
        after: str | None = None
        while found := await self.records.find(kind, where, after=after, limit=AT_ONCE, include_void=include_void):
            for record in found:
                yield record
            if len(found) < AT_ONCE:
                return
            after = found[-1].id

    async def organisations(self) -> list[Record]:
        """All of them, void ones too."""
        return [record async for record in self.every("organisation", {}, include_void=True)]

    async def named_by(self, source: str) -> dict[str, str]:
        """The organisations that a source names and that are not void, by its sourcedId."""
        # "0" is the character that follows "/": the range is one kind.
        where = {"_id": {"$gt": "organisation/", "$lt": "organisation0"}, "void": False}
        found = self.raw.find({**where, f"state.{NAMED_BY}.source": source}, {f"state.{NAMED_BY}": 1})
        return {
            name["sourced_id"]: str(each["_id"]).partition("/")[2]
            async for each in found
            for name in each["state"][NAMED_BY]
            if name["source"] == source
        }

    async def merges(self) -> Merges:
        """Which persons were merged into which."""
        where = {"state.merged_into": {"$gt": ""}, "kind": "student", "void": False}
        found = self.raw.find(where, {"state.merged_into": 1})
        return Merges({each["_id"].partition("/")[2]: each["state"]["merged_into"] async for each in found})

    async def people(self, names: Collection[str], merges: Merges | None = None) -> list[Record]:
        """The standing students who have one of these ids, their own or from outside, and their survivors."""
        asked = sorted(names)
        found: dict[str, Record] = {}
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            found |= await self.records.get_many("student", [name for name in some if not is_alias(name)])
            aliases = [name for name in some if is_alias(name)]
            # The whole condition of the natural key's index, without which it is not used.
            where = {"kind": "student", "void": False, "state.identifiers.0": {"$exists": True}}
            named = {"state.identifiers": {"$exists": True, "$in": aliases}}
            async for document in self.raw.find({**where, **named}):
                record = Record.of(document)
                found[record.id] = record
        merges = await self.merges() if merges is None else merges
        survivors = {merges.survivor(each) for each in found} - found.keys()
        found |= await self.records.get_many("student", sorted(survivors)) if survivors else {}
        return [record for record in found.values() if not record.void]

    async def erased(self, names: Collection[str]) -> dict[str, str]:
        """Those of these ids, own or from outside, under which somebody was erased, and on which day."""
        if not names:
            return {}
        digests = {alias_digest(name): name for name in names if is_alias(name)}
        own = {f"student/{name}": name for name in names if not is_alias(name)}
        ways = [{"aliases": {"$in": sorted(digests)}}, {"_id": {"$in": sorted(own)}, "gone": "erased"}]
        found: dict[str, str] = {}
        async for each in self.raw.find({"$or": ways}, {"aliases": 1, "updated_at": 1}):
            meant = [digests[one] for one in each.get("aliases", ()) if one in digests]
            meant += [own[each["_id"]]] if each["_id"] in own else []
            found |= dict.fromkeys(meant, f"{each['updated_at']:%Y-%m-%d}")
        return found

    async def all_erased(self) -> frozenset[str]:
        """The digests of every outside id under which somebody was erased."""
        found = self.raw.find({"aliases": {"$exists": True}}, {"aliases": 1})
        return frozenset([one async for each in found for one in each["aliases"]])

    async def learn(self, known: Known, kind: Kind, rows: Sequence[Wanted]) -> list[Record]:
        """Read what these rows name into `known`, without overwriting what earlier rows decided.

        The answer gives the persons and the organisations that were read and that the rows are about.
        """
        named = _named_by(kind, rows)
        about: list[Record] = []
        if kind.name == "organisation":
            everywhere = await self.organisations()
            states = {each.id: each.state for each in everywhere if not each.void}
            ids = {row.id for row in rows}
            about = [each for each in everywhere if each.id in ids]
        else:
            states = await self._standing("organisation", named["organisation"] - known.organisations.keys())
        # What a row is about is as it was read just now: on that version it is written, or decided again.
        known.organisations = states | known.organisations | {each.id: each.state for each in about if not each.void}
        known.programs |= await self._standing("program", named["program"] - known.programs.keys())
        known.people.merges = await self.merges()
        people = await self.people(
            {name for name in named["student"] if known.people.find(name) is None}, known.people.merges
        )
        for person in people:
            if person.id not in known.people.states:
                known.people.know(person.id, person.state)
        known.people.erased |= await self.erased([name for name in named["student"] if known.people.find(name) is None])
        if kind.body is Completion:
            await self._learn_begins(known, rows)
        return [*people, *about]

    async def _standing(self, kind: str, ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
        found = await self.records.get_many(kind, sorted(ids)) if ids else {}
        return {record.id: record.state for record in found.values() if not record.void}

    async def _learn_begins(self, known: Known, rows: Sequence[Wanted]) -> None:
        open_rows = [row.body for row in rows if isinstance(row.body, Completion) and row.body.started_on is None]
        people = {person for body in open_rows if (person := known.people.find(body.student_id))}
        if not people:
            return
        merges = known.people.merges
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"kind": "enrolment", "void": False, "state.student_id": {"$in": merges.all_together(people)}}},
            {
                "$group": {
                    "_id": {"student": "$state.student_id", "program": "$state.program_id"},
                    "begin": {"$min": "$state.begin"},
                }
            },
        ]
        async for found in aggregate(self.raw, pipeline):
            for person in merges.together(found["_id"]["student"]):
                at = (person, found["_id"]["program"])
                known.begun[at] = min(found["begin"], known.begun.get(at, found["begin"]))

    async def count_naming(self, kind: Kind, record_id: str) -> dict[str, int]:
        """How many records that are not void name this one, by kind."""
        return {
            other: await self.raw.count_documents({"kind": other, "void": False, path: record_id})
            for other, path in kind.named_by
        }

    async def among(self, kind: str, ids: Sequence[str], where: Mapping[str, Any]) -> set[str]:
        """Those of the records that match, void or not."""
        asked = {"_id": {"$in": [f"{kind}/{each}" for each in ids]}}
        found = self.raw.find({"$and": [asked, where]}, {"_id": 1})
        return {str(each["_id"]).partition("/")[2] async for each in found}

    async def students_enrolled(self, where: Mapping[str, Any]) -> list[str]:
        """The students of the enrolments that match."""
        found = self.raw.distinct("state.student_id", {"$and": [{"kind": "enrolment", "void": False}, where]})
        return [str(each) for each in await found]

    async def students_at(self, where: Mapping[str, Any]) -> list[str]:
        """The ids of the students that match."""
        found = self.raw.find({"$and": [{"kind": "student", "void": False}, where]}, {"_id": 1})
        return [str(each["_id"]).partition("/")[2] async for each in found]

    async def transfers(self, students: Collection[str], places: Collection[str]) -> list[tuple[str, str]]:
        """The students whom a home district has let into one of these places, each with the place."""
        where = {"state.student_id": {"$in": sorted(students)}, "state.organisation_id": {"$in": sorted(places)}}
        found = self.raw.find({"kind": "transfer", "void": False, "state.status": "accepted", **where})
        return [(each["state"]["student_id"], each["state"]["organisation_id"]) async for each in found]

    async def has_other_sources(self, source: str) -> bool:
        """Whether any student is known by another source than this one."""
        other = {"state.sources": {"$elemMatch": {"source": {"$ne": source}}}}
        return await self.raw.find_one({"kind": "student", "void": False, **other}, {"_id": 1}) is not None

    async def users_of(self, source: str, where: Mapping[str, Any]) -> set[str]:
        """The sourcedIds by which a source knows the students that match."""
        mine = {"kind": "student", "void": False, "state.sources.source": source}
        found = self.raw.find({"$and": [mine, where]}, {"state.sources": 1})
        return {
            pair["sourced_id"] async for each in found for pair in each["state"]["sources"] if pair["source"] == source
        }

    async def organisations_under(self, districts: Collection[str]) -> list[str]:
        """These districts and all that lies in them."""
        states = {each.id: each.state for each in await self.organisations() if not each.void}
        own = {each for each in districts if states.get(each, {}).get("type") == DISTRICT}
        return sorted(each for each in states if own & {each, *ancestors(each, states)})

    async def calendar(self) -> Mapping[str, Any] | None:
        """The state of the cted, which sets time zone and start of the school year."""
        found = await self.raw.find_one({"kind": "organisation", "void": False, "state.type": CTED})
        return found["state"] if found else None


def _named_by(kind: Kind, rows: Sequence[Wanted]) -> dict[str, set[str]]:
    """Ids of other records that the rows name, by kind."""
    named: dict[str, set[str]] = {"organisation": set(), "program": set(), "student": set()}
    for row in rows:
        if isinstance(row.body, Student):
            named["student"] |= {row.id, *identifiers(row.body.model_dump())}
            named["organisation"] |= {year.school_id for year in row.body.years if year.school_id}
            continue
        for name, other in kind.names.items():
            value = getattr(row.body, name)
            if value is not None:
                named[other].add(value)
    return named
