"""Rows about somebody who was erased are refused, in words that say nothing of the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.roster.identity.people import STATE_STUDENT_ID
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import DEMOGRAPHICS, ENROLLMENTS, ROLES, USERS, Layout
from services.roster.oneroster.read.rows import Row
from services.roster.oneroster.read.users import AGENTS, agents_of, state_ids
from shared.contracts.roster import alias_digest

USER_IN: Mapping[Layout, str] = {
    USERS: "sourcedId",
    DEMOGRAPHICS: "sourcedId",
    ROLES: "userSourcedId",
    ENROLLMENTS: "userSourcedId",
}
PROBLEM, ADVICE = "the student of this row was erased and is not kept again", "leave the student out of the export"


@dataclass(slots=True)
class Forgotten:
    """Digests of the ids of all who were erased, for one package; `users` are those that it brings again."""

    source: str = ""
    digests: frozenset[str] = frozenset()
    users: set[str] = field(default_factory=set)
    identifier_is_state_id: bool = False

    def refusal(self, layout: Layout, row: Row) -> Finding | None:
        """What is to be said of a row about one of them; None of any other."""
        if not self.digests or layout not in USER_IN:
            return None
        user = row.cells.get(USER_IN[layout], "")
        ids = [f"{self.source}:{user}"]
        if layout is USERS:
            states = state_ids(row.cells, identifier=self.identifier_is_state_id)
            ids += [f"{STATE_STUDENT_ID}:{each}" for each in states]
        if user not in self.users and not any(alias_digest(id) in self.digests for id in ids):
            return None
        self.users.add(user)
        return Finding(layout.file, row.number, USER_IN[layout], "", PROBLEM, ADVICE, code="erased")

    def left_out(self, layout: Layout, cells: dict[str, str]) -> dict[str, str]:
        """The cells of somebody else's row, without the mention of any of them."""
        if not self.digests or layout is not USERS or AGENTS not in cells:
            return cells
        agents = [one for one in agents_of(cells) if alias_digest(f"{self.source}:{one}") not in self.digests]
        return {**cells, AGENTS: ",".join(agents)}
