"""The family_touchpoints service in the test's own process: two programs, three students, their families, a clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.family_touchpoints.main import PRODUCER
from shared.contracts.envelope import Fact
from shared.process.settings import Settings
from shared.producer.life import facts_of
from shared.records.record import Draft, Entry
from tests.producer_app import (
    NOW,
    Came,
    Served,
    campus,
    cted,
    enrolment,
    guardian,
    heartbeats,
    program,
    started,
    student,
)

# Noon in Phoenix on the last day of the school year in which the tests' families live.
LAST_DAY = datetime(2026, 5, 22, 19, tzinfo=UTC)
TIME = {"now": LAST_DAY}


def clock() -> datetime:
    """The time that it is for the service; a test moves it by `at`."""
    return TIME["now"]


class Families(Served):
    """A client of the service; `by(...)` is another caller."""

    def at(self, day: str) -> None:
        """It is noon in Phoenix on this day."""
        TIME["now"] = datetime.fromisoformat(f"{day}T19:00:00+00:00")

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        status: int | None = None,
        *,
        key: str | None = None,
        version: int | None = None,
        **params: Any,
    ) -> Any:
        """What is answered, with `outcome` beside it; a POST has a new key unless it says which."""
        headers = {"Idempotency-Key": key or uuid4().hex} if key or method == "POST" else {}
        headers |= {"If-Match": f'"{version}"'} if version is not None else {}
        response = await self.ask(method, path, json=body, headers=headers, params=params)
        assert response.status_code in ((status,) if status else (200, 201)), response.text
        return response.json() | {"outcome": response.headers.get("Aurora-Outcome")}

    async def post(self, path: str, body: Any, status: int | None = None, **more: Any) -> Any:
        return await self.send("POST", path, body, status, **more)

    async def put(self, path: str, body: Any, status: int | None = None, **more: Any) -> Any:
        return await self.send("PUT", path, body, status, **more)

    async def patch(self, path: str, body: Any, status: int | None = None, **more: Any) -> Any:
        return await self.send("PATCH", path, body, status, **more)

    async def kept(self, kind: str, id: str, **state: Any) -> None:
        """A record is there that says this, whoever wrote it."""
        await self.desk.records.put(Draft(kind, id, state, Entry(by="counselor-1", action="put")))

    async def rule(
        self, guardian: str | None = "g1", rule: str = "no_contact", student: str = "p1", **more: Any
    ) -> None:
        """A restriction about a student, from October on unless it says otherwise."""
        said = {
            "from": "2025-10-01",
            "to": None,
            "channels": [],
            "basis": "court_order",
            "told_to_staff": "SECRET",
            **more,
        }
        id = f"{student}-{guardian}-{rule}"
        await self.kept("contact_rule", id, student_id=student, guardian_id=guardian, rule=rule, **said)

    async def consent(self, *steps: tuple[str, str], guardian: str = "g1", channel: str = "text") -> None:
        """What a guardian has said of a channel for school matters, in order: granted or withdrawn, and a day."""
        taken = [{"status": status, "on": on, "how": "spoken"} for status, on in steps]
        said = {"guardian_id": guardian, "channel": channel, "about": "school", "steps": taken}
        await self.kept("consent", f"{guardian}-{channel}", **said)

    async def eighteen(self, student: str, on: str, *steps: tuple[str, str]) -> None:
        """A student is of age from this day on, and shares what these steps say."""
        taken = [{"status": status, "on": day, "seen_on": day} for status, day in steps]
        await self.kept("sharing", student, student_id=student, eighteen_on=on, steps=taken)

    async def facts(self, kind: str) -> list[tuple[str, Fact]]:
        """What is told of every record of a kind by now: subject and fact."""
        records = await self.desk.records.find(kind, {}, limit=500, include_void=True)
        return [told for found in (await facts_of(self.desk)(records)).values() for told in found]


FAMILIES: tuple[Came, ...] = (
    cted(),
    campus("central"),
    campus("south-campus", "satellite_campus"),
    program("welding"),
    program("nursing"),
    # Brother and sister, with two guardians; and the child of a family that speaks Spanish.
    student("p1", "stateStudentId:900001", "nw:u-1"),
    student("p2", "nw:u-2"),
    student("p3", district="south"),
    enrolment("e1", "p1", begin="2025-08-04", end="2026-05-22"),
    enrolment("e2", "p2", "nursing", "south-campus", begin="2025-08-04", end="2026-05-22"),
    enrolment("e3", "p3", begin="2025-08-04", end="2026-05-22"),
    *(guardian(id, who) for id in ("g1", "g2") for who in ("p1", "p2")),
    guardian("g3", "p3", language="spa"),
    *heartbeats(NOW.replace(year=2020)),
)


@asynccontextmanager
async def running(settings: Settings, keys: Path) -> AsyncIterator[Families]:
    """The service, told of families; the caller is a data manager of everything, on the last day of the year."""
    TIME["now"] = LAST_DAY
    async with started(PRODUCER, settings, keys, Families, now=clock) as opened:
        await opened.told(*FAMILIES)
        await opened.all_heard()
        yield opened
