"""The whole line as its users meet it: every service a process, everything in over HTTP, the board out."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient

from shared.doors import local_key
from shared.process.settings import Settings
from shared.producer.producers import SERVICES
from tests.processes import Service

NAMES = tuple(one.name for one in SERVICES)
PATIENCE_SECONDS = 60.0


class WholeLine:
    """Every service, a client for each, and a small made-up district."""

    def __init__(self, settings: Settings, keys: Path, start: Callable[..., Service]) -> None:
        self.settings = settings
        self.services = {name: start(name, wait=False) for name in NAMES}
        token = local_key.sign(keys, {"sub": "line", "roles": ["service", "leader"], "districts": ["*"]})
        self.headers = {"Authorization": f"Bearer {token}"}
        for service in self.services.values():
            service.wait_ready()

    def ask(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return httpx.request(method, f"{self.services[service].url}/v1{path}", headers=headers, timeout=30, **more)

    def put(self, service: str, path: str, **body: Any) -> None:
        for _ in patiently():
            answer = self.ask(service, "PUT", path, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
        assert answer.status_code in (200, 201), answer.text

    def post(self, service: str, path: str, **body: Any) -> Any:
        """What is answered to a record that is new, once the service knows whom it is about."""
        key = {"Idempotency-Key": f"line-{uuid4().hex}"}
        for _ in patiently():
            answer = self.ask(service, "POST", path, json=body, headers=key)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def district(self, students: int) -> None:
        """A campus, a program, and students `s0`... who completed it in May 2025."""
        self.put("roster", "/organisations/cted", name="Sample", type="cted", time_zone="UTC")
        self.put("roster", "/organisations/north", name="North", type="central_campus", parent_id="cted")
        program = {"title": "Welding", "cip_code": "48.0508", "cluster": "Manufacturing", "active_from": "2020-07-01"}
        self.put("roster", "/programs/welding", **program)
        for number in range(students):
            self.put("roster", f"/students/s{number}", given_name="Sample", family_name=f"Student-{number}")
            place = {"student_id": f"s{number}", "program_id": "welding", "organisation_id": "north"}
            self.put("roster", f"/enrolments/e{number}", **place, begin="2023-08-07", end="2025-05-20")
            self.put("roster", f"/completions/c{number}", **place, completed_on="2025-05-20")
        tier = {"program_id": "welding", "tier": "required", "valid_from": "2020-07-01"}
        entry = {"title": "Welder", "issuer": "A society", "type": "Certification", "tiers": [tier]}
        self.put("credentials", "/catalogue/welder", **entry)
        self.wait_for((0, students))

    def award(self, student: str, key: str, **more: Any) -> httpx.Response:
        """Log an award, and again while the service asks for patience; the key makes it one award."""
        body = {"student_id": student, "credential_code": "welder", "result": "passed", "awarded_on": "2025-06-01"}
        for _ in patiently():
            answer = self.ask("credentials", "POST", "/awards", json=body | more, headers={"Idempotency-Key": key})
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
        raise AssertionError(answer.text)

    def headline(self) -> tuple[int, int]:
        """W1's numerator and denominator as the board shows them."""
        return next(iter(self.readings("W1").values()))

    def readings(self, goal: str) -> dict[str, tuple[int, int]]:
        """A goal's readings by key, in the board's order: numerator and denominator."""
        board = self.ask("insights", "GET", "/scoreboard", params={"school_year": "2024-25"})
        assert board.status_code == httpx.codes.OK, board.text
        shown = next(one for one in board.json()["goals"] if one["key"] == goal)["readings"]
        return {one["key"]: (one["numerator"], one["denominator"]) for one in shown}

    def wait_for(self, wanted: tuple[int, int]) -> None:
        shown: object = None
        for _ in patiently():
            shown = self.headline()
            if shown == wanted:
                return
        raise AssertionError(f"the board shows {shown}, not {wanted}")

    def recount(self) -> tuple[int, int]:
        """W1 from the services' own records, in plain loops that know nothing of the aggregator."""
        with MongoClient(self.settings.mongo_url) as client:
            roster = list(client[self.settings.database("roster")]["records"].find({"void": False}))
            awards = list(client[self.settings.database("credentials")]["records"].find({"void": False}))
        completers = {one["state"]["student_id"] for one in roster if one["kind"] == "completion"}
        reached = {
            one["state"]["student_id"]
            for one in awards
            if one["kind"] == "award"
            and one["state"]["result"] == "passed"
            and not one["state"].get("revoked_on")
            and "2023-08-07" <= one["state"]["awarded_on"] <= "2026-05-20"
        }
        return len(completers & reached), len(completers)

    def awards_kept(self) -> int:
        with MongoClient(self.settings.mongo_url) as client:
            return client[self.settings.database("credentials")]["records"].count_documents({"kind": "award"})


def patiently() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)
