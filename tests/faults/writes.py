"""Writes over HTTP as people make them: tried again, given up, and whatever is accepted written down."""

import asyncio
import itertools
import random
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from shared.records.keys import derived_id
from tests.faults.ground import Ground
from tests.faults.journal import Accepted, Journal

PATIENCE_SECONDS = 5.0
HOSTS = {
    "roster": ("roster",),
    "credentials": ("credentials-1", "credentials-2"),
    "family_touchpoints": ("family_touchpoints",),
}
PASSING = (429, 500, 502, 503, 504)


@dataclass
class Kept:
    """A record as the worker last saw it."""

    path: str
    version: int
    void: bool
    said: dict[str, Any]


@dataclass
class Writes:
    """One client for all who write, and the journal of what they were answered."""

    ground: Ground
    journal: Journal
    seed: int

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.ground.token}"}
        limits = httpx.Limits(max_keepalive_connections=40)
        self.client = httpx.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS, limits=limits)

    async def must(self, service: str, path: str, **body: Any) -> Kept:
        kept = await self.write(service, "PUT", path, body, patience=60.0)
        assert kept, f"{path} was not accepted: {self.journal.refusals[-3:]}"
        return kept

    async def write(
        self,
        service: str,
        method: str,
        path: str,
        body: dict[str, Any],
        *,
        key: str | None = None,
        version: int | None = None,
        patience: float = 20.0,
        gives_up: float = 0.0,
    ) -> Kept | None:
        """The record after this write; None when it was refused, or given up without an answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        headers |= {} if version is None else {"If-Match": f'"{version}"'}
        draw, until, pause = random.Random(f"{self.seed}-{path}-{key}"), time.monotonic() + patience, 0.1
        maybe = False
        for attempt in itertools.count():
            asked_at = time.monotonic()
            hosts = HOSTS[service]
            url = f"{self.ground.urls[hosts[(zlib.crc32(path.encode()) + attempt) % len(hosts)]]}/v1{path}"
            try:
                answer = await self.client.request(method, url, json=body, headers=headers)
            except httpx.TransportError as error:
                self.journal.outcomes[type(error).__name__] += 1
                maybe = True
            else:
                self.journal.outcomes[str(answer.status_code)] += 1
                if answer.is_success:
                    return self._accepted(service, path, answer, asked_at)
                if answer.status_code not in PASSING:
                    self.journal.refusals.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
                    break
                maybe = True
            if time.monotonic() > until or draw.random() < gives_up:
                break
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)
        # What is new under a key of its own nobody was told of, and nobody looks for.
        is_new = method == "POST" and path.count("/") == 1
        if maybe and not is_new:
            self.journal.unsure.add((service, key_of(path, body)))
        return None

    def _accepted(self, service: str, path: str, answer: httpx.Response, asked_at: float) -> Kept:
        said, given_at = answer.json(), time.monotonic()
        for name, version, one in told(path, said):
            state = {field: value for field, value in one.items() if field not in ("version", "updated_at", "id")}
            written_at = BEFORE
            if "updated_at" in one:
                written_at = given_at - (time.time() - datetime.fromisoformat(one["updated_at"]).timestamp())
            self.journal.accept(Accepted(service, name, version, state, asked_at, given_at, written_at))
        return Kept(path, said.get("version", 1), said.get("void", False), said)

    async def look(self, service: str, path: str) -> Kept | None:
        """A record as it now stands, or None when that cannot be learnt."""
        for name in HOSTS[service]:
            try:
                answer = await self.client.get(f"{self.ground.urls[name]}/v1{path}")
            except httpx.TransportError:
                continue
            if answer.is_success:
                return Kept(path, answer.json()["version"], answer.json()["void"], answer.json())
        return None


KINDS = {
    "organisations": "organisation",
    "programs": "program",
    "students": "student",
    "enrolments": "enrolment",
    "completions": "completion",
    "catalogue": "catalogue",
    "awards": "award",
    "assessments": "assessment",
    "touchpoints": "touchpoint",
    "workshops": "workshop",
    "guardians": "guardian_profile",
}
# Of what an answer does not say when it was written, that may have been at any time.
BEFORE = float("-inf")


def told(path: str, said: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Every record that an answer tells of: its key, its version, and what it says."""
    if "touchpoints" in said:
        yield from ((f"touchpoint/{one['id']}", one["version"], one) for one in said["touchpoints"])
    elif path.endswith("/roll"):
        yield key_of(path, said), said["version"], {"status": said["status"]}
        for row in (row for row in said["rows"] if row["outcome"] in ("created", "changed", "unchanged")):
            yield f"attendance/{row['attendance_id']}", row["seen_version"], {"status": row["stands"]}
    else:
        yield key_of(path, said), said["version"], said


def key_of(path: str, said: dict[str, Any]) -> str:
    """The key of the record that a path of the API means."""
    _, plural, *rest = path.split("/")
    if len(rest) > 1 and rest[1] == "demographics":
        return f"demographics/{rest[0]}-{rest[2]}"
    if rest[1:2] == ["rules"]:
        return f"contact_rule/{derived_id(rest[0], rest[2])}"
    if rest[1:2] == ["touchpoint-plan"]:
        return f"touchpoint_plan/{rest[0]}"
    return f"{KINDS[plural]}/{rest[0] if rest else said['id']}"
