"""Who is whose guardian, as a source's users and roles say it. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.roster.oneroster.keep.source_rows import KeptRow
from services.roster.oneroster.read.cells import split
from shared.contracts.roster import Relation

AGENTS = "agentSourcedIds"
RELATIONS: tuple[Relation, ...] = ("guardian", "parent", "relative")


@dataclass(frozen=True, slots=True)
class Tie:
    """A guardian and a student of one source, by their sourcedIds there."""

    guardian: str
    student: str
    relation: Relation


def agents_of(row: Mapping[str, str]) -> list[str]:
    """The users to whom a user's row says there is a relationship."""
    return split(row.get(AGENTS, ""))


def guardian_id(source: str, user: str) -> str:
    """The id under which everybody outside of roster knows a guardian: it says nothing of who it is."""
    return f"g{hashlib.sha256(f'{source}:{user}'.encode()).hexdigest()[:31]}"


def tie_id(source: str, tie: Tie) -> str:
    """The id of the record of a tie, always the same."""
    return hashlib.sha256(f"{source}\n{tie.guardian}\n{tie.student}".encode()).hexdigest()[:32]


def ties(users: Iterable[KeptRow], roles: Mapping[str, set[str]]) -> list[Tie]:
    """The ties that hold, by the roles in force of both: OneRoster lets either of the two name the other.

    Who is a student is nobody's guardian, even when a role says so too.
    """
    found: dict[tuple[str, str], Tie] = {}
    for row in users:
        for other in agents_of(row.cells):
            for guardian, student in ((other, row.id), (row.id, other)):
                theirs = roles.get(guardian, set())
                relation = next((word for word in RELATIONS if word in theirs), None)
                if relation and "student" not in theirs and "student" in roles.get(student, set()):
                    found[guardian, student] = Tie(guardian, student, relation)
    return [found[pair] for pair in sorted(found)]
