"""One service with two places that mirror each other, and who comes from the one to the other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from shared.doors import local_key
from shared.doors.auth import Role, Rows
from tests.security.asking import Asking

SIDES = ("ours", "theirs")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
Who = Mapping[str, str]


@dataclass(frozen=True)
class World:
    """One service over a real database, its two places, and what each of them must not see of the other."""

    app: FastAPI
    client: httpx.AsyncClient
    keys: Path
    database: Any
    places: Mapping[str, Who]
    tables: Mapping[str, str]
    marks: Mapping[str, frozenset[str]]
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, asking: Asking, claims: Mapping[str, Any] | None, **headers: str) -> httpx.Response:
        """The answer to the bearer of these claims; None: to nobody."""
        if claims is not None:
            headers["Authorization"] = f"Bearer {self._token(claims)}"
        # A stream has no end, and is no answer that a test could hold.
        if asking.operation == "stream_counts" and claims is not None:
            asking = replace(asking, path=f"{asking.path}?measure=no-such-measure")
        return await self.client.request(
            asking.method, asking.path, content=asking.content, headers={**asking.headers, **headers}
        )

    def _token(self, claims: Mapping[str, Any]) -> str:
        """Signed once: these tests ask thousands of times, and a signature costs more than an answer."""
        known = json.dumps(claims, sort_keys=True)
        if known not in self.tokens:
            self.tokens[known] = local_key.sign(self.keys, {"sub": "security", **claims})
        return self.tokens[known]

    async def stored(self) -> dict[str, int]:
        """What the service keeps: every record with its version."""
        kept = self.database["records"].find({"kind": {"$ne": "heartbeat"}}, {"version": 1})
        return {one["_id"]: one["version"] async for one in kept}


def claims_of(role: Role, rows: Rows, who: Who) -> dict[str, Any]:
    """The claims of somebody in this role who belongs here."""
    reach: dict[Rows, dict[str, Any]] = {
        Rows.ALL: {},
        Rows.OWN_PROGRAMS: {"programs": [who["program"]], "campuses": [who["campus"]]},
        Rows.OWN_CAMPUSES: {"campuses": [who["campus"]]},
        Rows.OWN_DISTRICTS: {"districts": [who["district"]]},
        Rows.SELF: {"student_id": who["student"]},
    }
    return {"roles": [role.value], **reach[rows]}


def strangers(role: Role, rows: Rows, ours: Who, theirs: Who) -> dict[str, dict[str, Any]]:
    """Claims, by what is wrong with them, of people in this role with no business at `theirs`."""
    claims: dict[str, dict[str, Any]] = {"nothing claimed": {}, "elsewhere": claims_of(role, rows, ours)}
    if rows is Rows.OWN_PROGRAMS:
        claims["other program"] = {"programs": [ours["program"]], "campuses": [theirs["campus"]]}
        claims["other campus"] = {"programs": [theirs["program"]], "campuses": [ours["campus"]]}
        claims["no campus"] = {"programs": [theirs["program"]]}
    if rows is Rows.OWN_CAMPUSES:
        claims["a district instead"] = {"districts": [theirs["district"]], "programs": [theirs["program"]]}
    if rows is Rows.OWN_DISTRICTS:
        claims["a campus instead"] = {"campuses": [theirs["campus"]], "programs": [theirs["program"]]}
    return {name: {**said, "roles": [role.value]} for name, said in claims.items()}


def who_of(side: str) -> dict[str, str]:
    words = ("student", "program", "campus", "district", "enrolment", "completion", "credential", "outcome", "conflict")
    return {word: f"{side}-{word}" for word in words} | {
        "school_year": "2024-25",
        "source": f"{side}-sis",
        "measure": "W1.headline",
        "source_id": f"security-sis:{side}-u1",
        "import": "0123456789abcdef",
    }


NOBODY: Who = (
    who_of("none")
    | {"transfer": "none-transfer", "award": "none-award", "assessment": "none-assessment"}
    | {
        "award_batch": "none-batch",
        "assessment_batch": "none-batch",
    }
)
