"""Where a student is or was taught, kept beside what roster has told, so that whom a caller reaches is one look-up."""

from collections.abc import Iterator
from typing import Any

from shared.doors.auth import Reach, Rows
from shared.doors.roles import ALL_OF_THEM

Expression = dict[str, Any]
# An id of the contract holds no such character: two of them never run together.
BETWEEN = "|"
KIND = "enrolment/"


def _place(program: Any, organisation: Any) -> Expression:
    return {"$concat": [program, BETWEEN, organisation]}


_PROGRAM, _ORGANISATION = "$$this.v.s.program_id", "$$this.v.s.organisation_id"
_STANDS: Expression = {"$and": [{"$eq": [{"$indexOfBytes": ["$$this.k", KIND]}, 0]}, {"$gt": ["$$this.v.s", None]}]}
_PLACES = [_place(_PROGRAM, _ORGANISATION), _place(_PROGRAM, ALL_OF_THEM), _place(ALL_OF_THEM, _ORGANISATION)]

# Of a document of `known`, as it is now: `program|organisation` of each enrolment that stands, and each half with `*`.
TAUGHT: Expression = {
    "$reduce": {
        "input": {"$objectToArray": {"$ifNull": ["$facts", {}]}},
        "initialValue": [],
        "in": {"$cond": [_STANDS, {"$setUnion": ["$$value", _PLACES]}, "$$value"]},
    }
}


def taught_within(reach: Reach) -> list[str]:
    """What the document of a student has one of when the caller reaches an enrolment; `*` in a claim is all of them."""
    return sorted(set(_ways(reach)))


def _ways(reach: Reach) -> Iterator[str]:
    who = reach.who
    if Rows.OWN_PROGRAMS in reach.rows:
        yield from (f"{program}{BETWEEN}{campus}" for program in who.programs for campus in who.campuses)
    if Rows.OWN_CAMPUSES in reach.rows:
        yield from (f"{ALL_OF_THEM}{BETWEEN}{campus}" for campus in who.campuses)
