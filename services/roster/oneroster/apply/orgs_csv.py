"""Each row of orgs.csv means an organisation: the source's own, one that it only names, or a new one. Pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from services.roster.identity.names import plain
from services.roster.identity.people import State
from services.roster.kinds.feeds import NAMED_BY, NEVER_FED, FedOrganisation, How, mapping, names_of, spoken
from services.roster.kinds.organisation import district_of
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import ORGS
from services.roster.oneroster.read.rows import Row
from services.roster.oneroster.read.users import Home
from services.roster.values import Source
from shared.contracts.roster import OrganisationType
from shared.words.fields import ID_PATTERN

TYPES: Mapping[str, OrganisationType] = {"school": "school", "district": "district", "local": "district"}
NOBODY_AT_HOME = ("cted", "district")

# What a row's organisation is to its source: its own, by a name noted or from before names were noted; one that it
# only names, as noted or since id, type and name agree; a new one; a new one beside another's of the same id.
Right = Literal["own", "adopted", "named", "agrees", "new", "apart"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The organisations as they are stored.

    `void` ones stand apart. `made`: of records from before names were noted, the source whose feed made them.
    `earlier`: what an earlier turn of this import wrote, with the first version that it made.
    """

    known: Mapping[str, State]
    void: Mapping[str, State] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeantOrg:
    """The organisation that a source means by a sourcedId, and what it is to the source."""

    id: str
    right: Right


@dataclass(frozen=True, slots=True)
class Org:
    """A row of orgs.csv that roster keeps: the row, the organisation's id in roster, and what to keep, if anything."""

    row: int
    sourced_id: str
    id: str
    body: FedOrganisation | None


def organisation_id(source: str, sourced_id: str) -> str:
    """The id of an organisation that only this source can mean, always the same."""
    return f"o{hashlib.sha256(f'{source}:{sourced_id}'.encode()).hexdigest()[:31]}"


def meant(rows: Sequence[Row], source: str, standing: Standing) -> dict[str, MeantOrg]:
    """By sourcedId, the organisation that each school and district of a source is.

    1. What is noted holds: the organisation that the source's feed made, or that a person mapped.
    2. Where no record has the sourcedId as its id, the source gets an organisation of that id.
    3. A record of that id which is no other source's, and of which nobody has said that no source means it, is
       named, not changed, if type and name agree and no district speaks against it.
    4. Whatever else has that id is another organisation: the source gets one of its own, under another id.
    """
    noted = _noted(source, standing)
    found = {sourced_id: MeantOrg(id, "named" if how == "named" else "own") for sourced_id, id, how in noted}
    by_id = {row.cells["sourcedId"]: row for row in rows}
    for row in rows:
        _settle(row, source, standing, by_id, found)
    return found


def _noted(source: str, standing: Standing) -> Iterator[tuple[str, str, str]]:
    """The sourcedIds that the source is known to use; of void records those that its own feed made, to revive."""
    for states, hows in ((standing.void, ("made",)), (standing.known, ("made", "mapped", "named"))):
        for id, state in states.items():
            for name in names_of(state):
                if name["source"] == source and name["how"] in hows:
                    yield name["sourced_id"], id, name["how"]


def _settle(
    row: Row, source: str, standing: Standing, by_id: Mapping[str, Row], found: dict[str, MeantOrg]
) -> MeantOrg | None:
    sourced_id = row.cells["sourcedId"]
    if sourced_id in found or row.cells["type"] not in TYPES:
        return found.get(sourced_id)
    # Of a district nothing above it is asked, so that districts in a circle ask each other nothing.
    asked = _above(row, by_id) if TYPES[row.cells["type"]] != "district" else ()
    above = next((each for each in asked if TYPES.get(each.cells["type"]) == "district"), None)
    district = _settle(above, source, standing, by_id, found) if above is not None else None
    own = organisation_id(source, sourced_id)
    stored = standing.known.get(sourced_id)
    if not re.fullmatch(ID_PATTERN, sourced_id) or own in standing.known or own in standing.void:
        right: Right = "adopted" if own in standing.known else "new"
        found[sourced_id] = MeantOrg(own, right)
    elif stored is None and (sourced_id not in standing.void or standing.made.get(sourced_id) == source):
        found[sourced_id] = MeantOrg(sourced_id, "new")
    elif stored is not None and standing.made.get(sourced_id) == source:
        found[sourced_id] = MeantOrg(sourced_id, "named" if stored["type"] in NEVER_FED else "adopted")
    elif stored is not None and _agrees(row, district, stored, sourced_id, standing):
        found[sourced_id] = MeantOrg(sourced_id, "agrees")
    else:
        found[sourced_id] = MeantOrg(own, "apart")
    return found[sourced_id]


def _agrees(row: Row, district: MeantOrg | None, stored: State, id: str, standing: Standing) -> bool:
    """Whether a row and a record of its id, which is no other source's, are one place by all that is known of both."""
    if id in standing.made or NAMED_BY in stored:
        return False
    if stored["type"] != TYPES[row.cells["type"]] or plain(stored["name"]) != plain(row.cells["name"]):
        return False
    there = district_of(stored.get("parent_id"), standing.known)
    return district is None or there is None or district.id == there


def _above(row: Row, by_id: Mapping[str, Row]) -> Iterator[Row]:
    """The organisations above one, the nearest first; a circle is walked once."""
    seen = {row.cells["sourcedId"]}
    above = by_id.get(row.cells.get("parentSourcedId", ""))
    while above is not None and above.cells["sourcedId"] not in seen:
        seen.add(above.cells["sourcedId"])
        yield above
        above = by_id.get(above.cells.get("parentSourcedId", ""))


def orgs_told(rows: Sequence[Row], source: str, standing: Standing) -> Iterator[Org | Finding]:
    """The schools and districts of orgs.csv; roster keeps nothing of departments, states and nations.

    What is above a school is the nearest above it that roster keeps.
    """
    by_id = {row.cells["sourcedId"]: row for row in rows}
    ids = meant(rows, source, standing)
    for row in (each for each in rows if each.cells["type"] in TYPES):
        one = ids[row.cells["sourcedId"]]
        above = next((each for each in _above(row, by_id) if each.cells["type"] in TYPES), None)
        try:
            body = _body(row, source, one, standing, ids[above.cells["sourcedId"]].id if above is not None else None)
        except ValidationError:
            works = "a name on one line, of at most 200 letters and signs"
            problem = "roster cannot keep this as name"
            yield Finding(ORGS.file, row.number, "name", row.cells["name"], problem, works, code="not_of_form")
            continue
        yield from _notes(row, source, one, standing)
        yield Org(row.number, row.cells["sourcedId"], one.id, body)


def _body(row: Row, source: str, one: MeantOrg, standing: Standing, parent: str | None) -> FedOrganisation | None:
    stored = standing.known.get(one.id, {})
    if one.right == "named" or (one.right == "own" and stored.get("type") in NEVER_FED):
        return None
    told = {"name": row.cells["name"], "type": TYPES[row.cells["type"]]}
    kept = {name: stored.get(name) for name in ("parent_id", "time_zone", "school_year_starts")}
    how: How = "made"
    if one.right == "agrees":
        told, how = {"name": stored["name"], "type": stored["type"]}, "named"
    elif parent is not None:
        kept["parent_id"] = parent
    by = {"source": source, "sourced_id": row.cells["sourcedId"], "how": how, "adopts": one.right == "adopted"}
    return FedOrganisation.model_validate({**told, **kept, **by})


def _notes(row: Row, source: str, one: MeantOrg, standing: Standing) -> Iterator[Finding]:
    """What a data manager is told once, when an organisation of the same id was there before."""
    sourced_id = row.cells["sourcedId"]
    pair = Source(source=source, sourced_id=sourced_id)
    right = _found_first(sourced_id, source, one, standing)
    if right == "agrees":
        problem = f"organisation {sourced_id} was there before, of the same type and name: it is named, and not changed"
        works = f"{mapping(sourced_id, pair)}, and {source} changes it too; if they are two, with an empty list"
        yield Finding(ORGS.file, row.number, "sourcedId", sourced_id, problem, works, "note", code="there_before")
    elif right == "apart":
        there = standing.known.get(sourced_id)
        what = f"a {spoken(there['type'])} that is not {source}'s own" if there else "void"
        problem = f"organisation {sourced_id} is {what}: by this id {source} means one of its own, {one.id}"
        works = mapping(sourced_id, pair)
        yield Finding(ORGS.file, row.number, "sourcedId", sourced_id, problem, works, "note", code="another_of_this_id")


def _found_first(sourced_id: str, source: str, one: MeantOrg, standing: Standing) -> Right:
    """What the organisation was before this import, whose earlier turn may have noted it already."""
    if one.id not in standing.earlier:
        return one.right
    beside = sourced_id in standing.known or sourced_id in standing.void
    if one.id == organisation_id(source, sourced_id) and standing.earlier[one.id] == 1 and beside:
        return "apart"
    return "agrees" if one.right == "named" else one.right


def homes(kept: Iterable[Org], known: Mapping[str, State]) -> dict[str, Home]:
    """By sourcedId, the organisations that a student can be at home in; `known` as they now stand."""
    return {
        place.sourced_id: Home(place.id, school=known[place.id]["type"] == "school")
        for place in kept
        if place.id in known and known[place.id]["type"] not in NOBODY_AT_HOME
    }
