"""What orgs.csv says of schools and districts, in roster's own words. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.roster.oneroster.findings import Finding
from services.roster.oneroster.layout import ORGS
from services.roster.oneroster.reading import Row
from services.roster.oneroster.students import Home
from services.roster.people import State
from services.roster.values import Organisation
from shared.contracts.roster import OrganisationType
from shared.fields import ID_PATTERN

TYPES: Mapping[str, OrganisationType] = {"school": "school", "district": "district", "local": "district"}
# What OneRoster has no word for: a record that is one of these stays so, and where it is.
MORE_EXACT = ("cted", "central_campus", "satellite_campus")
NOBODY_AT_HOME = ("cted", "district")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of orgs.csv that roster keeps: the row, the organisation's id in roster, and what to keep."""

    row: int
    sourced_id: str
    id: str
    body: Organisation


def organisation_id(source: str, sourced_id: str) -> str:
    """The sourcedId where it can be an id of ours, else one derived from it, always the same."""
    if re.fullmatch(ID_PATTERN, sourced_id):
        return sourced_id
    return f"o{hashlib.sha256(f'{source}:{sourced_id}'.encode()).hexdigest()[:31]}"


def places(rows: Sequence[Row], source: str, known: Mapping[str, State]) -> Iterator[Place | Finding]:
    """Schools and districts; departments, states and nations hold nothing that roster keeps.

    `known` are the organisations that are stored. What is above a school is the nearest above
    it that roster keeps.
    """
    by_id = {row.cells["sourcedId"]: row for row in rows}
    for row in rows:
        kind = TYPES.get(row.cells["type"])
        if kind is None:
            continue
        own = organisation_id(source, row.cells["sourcedId"])
        stored = known.get(own, {})
        exact = stored.get("type") in MORE_EXACT
        above = None if exact else _kept_above(row, by_id)
        told = {"name": row.cells["name"], "type": stored["type"] if exact else kind}
        kept = {name: stored.get(name) for name in ("parent_id", "time_zone", "school_year_starts")}
        if above is not None:
            kept["parent_id"] = organisation_id(source, above)
        try:
            yield Place(row.number, row.cells["sourcedId"], own, Organisation.model_validate(told | kept))
        except ValidationError:
            works = "a name on one line, of at most 200 letters and signs"
            yield Finding(ORGS.file, row.number, "name", row.cells["name"], "roster cannot keep this as name", works)


def _kept_above(row: Row, by_id: Mapping[str, Row]) -> str | None:
    """The sourcedId of the nearest organisation above that roster keeps."""
    above = by_id.get(row.cells.get("parentSourcedId", ""))
    passed: set[str] = set()
    while above is not None and above.cells["type"] not in TYPES:
        if above.cells["sourcedId"] in passed:
            return None  # changes sent one by one may make a circle that no single package has
        passed.add(above.cells["sourcedId"])
        above = by_id.get(above.cells.get("parentSourcedId", ""))
    return above.cells["sourcedId"] if above is not None else None


def homes(kept: Sequence[Place], known: Mapping[str, State]) -> dict[str, Home]:
    """By sourcedId, the organisations that a student can be at home in; `known` as they now stand."""
    return {
        place.sourced_id: Home(place.id, school=known[place.id]["type"] == "school")
        for place in kept
        if place.id in known and known[place.id]["type"] not in NOBODY_AT_HOME
    }
