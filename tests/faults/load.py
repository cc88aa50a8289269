"""People at work over HTTP: they log, correct, verify and take out; they try again, or do something else."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.faults.families import SERVICE as FAMILIES
from tests.faults.families import Family, plan
from tests.faults.writes import Kept, Writes

WORKERS = 12
STUDENTS_EACH = 8
GIVES_UP = 0.5
OF_FAMILIES = 0.3  # of all that people do
PROGRAMS = ("welding", "nursing", "it")
CAMPUSES = ("north", "south")
CODES = ("c-one", "c-two", "c-three")


@dataclass
class Load(Writes):
    """Workers that write, each with students of its own, at about `rate` writes a second in all."""

    rate: float
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.numbers = itertools.count()

    async def district(self) -> None:
        """Places, programs, a catalogue, and every worker's students, enrolled and most of them through."""
        await self.must("roster", "/organisations/cted", name="Sample", type="cted", time_zone="UTC")
        await self.must("roster", "/organisations/d1", name="District", type="district", parent_id="cted")
        for campus in CAMPUSES:
            kind = "central_campus" if campus == "north" else "satellite_campus"
            await self.must("roster", f"/organisations/{campus}", name=campus, type=kind, parent_id="d1")
        for program in PROGRAMS:
            active = {"cip_code": "48.0508", "cluster": "Made up", "active_from": "2020-07-01"}
            await self.must("roster", f"/programs/{program}", title=program, **active)
        for code in CODES:
            await self.must("credentials", f"/catalogue/{code}", **catalogue_entry(code, "required"))
        await self.must(FAMILIES, "/programs/welding/touchpoint-plan", **plan(30))
        workers = [Worker(self, number) for number in range(WORKERS)]
        await asyncio.gather(*(worker.enrol() for worker in workers))
        self.workers = workers

    async def run(self) -> None:
        """Write until told to stop, and return when every answer has come or been given up."""
        tasks = [worker.work() for worker in self.workers]
        try:
            await asyncio.gather(*tasks, Registrar(self).work())
        finally:
            await self.client.aclose()


class Worker:
    """One person with students of its own: no two write to the same record."""

    def __init__(self, load: Load, number: int) -> None:
        self.load = load
        self.draw = random.Random(f"{load.seed}-{number}")
        self.students = [f"w{number}-s{n}" for n in range(STUDENTS_EACH)]
        self.kept: list[Kept] = []
        self.days: set[tuple[str, str, str]] = set()
        self.family = Family(load, number, self.students, lambda: next(load.numbers))

    async def enrol(self) -> None:
        for student in self.students:
            years = [{"school_year": "2024-25", "school_id": self.draw.choice(CAMPUSES), "grade_level": "12"}]
            await self.load.must(
                "roster", f"/students/{student}", given_name="Sample", family_name="Student", years=years
            )
            place = {"student_id": student, "program_id": self.draw.choice(PROGRAMS)}
            place["organisation_id"] = self.draw.choice(CAMPUSES)
            term = {"begin": "2023-08-07", "end": "2025-05-20", "concentrator_on": "2024-08-05"}
            await self.load.must("roster", f"/enrolments/e-{student}", **place, **term)
            if self.draw.random() < 0.8:
                await self.load.must("roster", f"/completions/c-{student}", **place, completed_on="2025-05-20")
        await self.family.known()

    async def work(self) -> None:
        pause = WORKERS / self.load.rate
        while not self.load.stopping.is_set():
            began = time.monotonic()
            await self.act()
            left = pause * self.draw.uniform(0.5, 1.5) - (time.monotonic() - began)
            await asyncio.sleep(max(0.0, left))

    async def act(self) -> None:
        chance = self.draw.random()
        if self.draw.random() < OF_FAMILIES:
            await self.family.act()
        elif chance < 0.4 or not self.kept:
            await self.log_award()
        elif chance < 0.46:
            await self.log_assessment()
        elif chance < 0.66:
            await self.demographics()
        elif chance < 0.72:
            await self.completion()
        else:
            await self.set_right()

    async def log_award(self) -> None:
        """Log one, and more often than not set it right at once, while it is being published."""
        student, code, day = self.draw.choice(self.students), self.draw.choice(CODES), self.a_day()
        if (student, code, day) in self.days:
            return
        self.days.add((student, code, day))
        body = {"student_id": student, "credential_code": code, "result": "passed", "awarded_on": day}
        kept = await self.load.write("credentials", "POST", "/awards", body, key=self.a_key(), patience=40.0)
        if kept is None:
            return
        kept.path = f"/awards/{kept.said['id']}"
        self.kept.append(kept)
        if self.draw.random() < 0.6:
            await self.set_right(kept)

    async def log_assessment(self) -> None:
        body = {"student_id": self.draw.choice(self.students), "program_id": self.draw.choice(PROGRAMS)}
        body |= {"kind": "technical_skills", "form": f"f{next(self.load.numbers)}", "scale": "percent"}
        body |= {"taken_on": self.a_day(), "passed": self.draw.random() < 0.7}
        await self.load.write("credentials", "POST", "/assessments", body, key=self.a_key(), patience=40.0)

    async def set_right(self, kept: Kept | None = None) -> None:
        kept = kept or self.draw.choice(self.kept)
        if kept.void:
            return
        verb, body = self.a_change(kept)
        method, path = ("PATCH", kept.path) if not verb else ("POST", f"{kept.path}/{verb}")
        now = await self.load.write(
            "credentials", method, path, body, key=self.a_key(), version=kept.version, gives_up=GIVES_UP
        )
        if now is None:
            # Refused, since a reference has changed it meanwhile, or not answered: look, and go on from there.
            now = await self.load.look("credentials", kept.path)
        if now:
            kept.version, kept.void, kept.said = now.version, now.void, now.said

    def a_change(self, kept: Kept) -> tuple[str, dict[str, Any]]:
        awarded = kept.said["awarded_on"]
        chance = self.draw.random()
        if chance < 0.6 or awarded is None:
            student, code, day = kept.said["student_id"], kept.said["credential_code"], self.a_day()
            if (student, code, day) in self.days or kept.said["revoked_on"]:
                return "", {"revoked_on": None, "reason": "a made-up appeal"}
            self.days.add((student, code, day))
            return "", {"awarded_on": day, "result": "passed", "reason": "a made-up correction"}
        if chance < 0.75:
            return "verification", {"level": "issuer_lookup", "verified_on": self.a_day(), "outcome": "confirmed"}
        if chance < 0.9:
            return "revocation", {"revoked_on": max(awarded, self.a_day()), "reason": "a made-up reason"}
        return "void", {"reason": "a made-up mistake"}

    async def demographics(self) -> None:
        path = f"/students/{self.draw.choice(self.students)}/demographics/2024-25"

        def anything() -> dict[str, Any]:
            groups = {"sex": self.draw.choice(("female", "male", "other")), "rural": self.draw.random() < 0.5}
            return groups | {"low_income": self.draw.random() < 0.5, "disability": self.draw.random() < 0.5}

        await self.put(path, anything)

    async def completion(self) -> None:
        student = self.draw.choice(self.students)
        body = {"student_id": student, "program_id": self.draw.choice(PROGRAMS)}
        body |= {"organisation_id": self.draw.choice(CAMPUSES), "started_on": "2023-08-07"}
        await self.put(f"/completions/c-{student}", lambda: body | {"completed_on": self.draw.choice(ENDS)})

    async def put(self, path: str, anything: Callable[[], dict[str, Any]]) -> None:
        """Who gets no answer may give up, and then says something else of the same record."""
        for _ in range(2):
            if await self.load.write("roster", "PUT", path, anything(), gives_up=GIVES_UP):
                return

    def a_day(self) -> str:
        return str(date(2023, 8, 7) + timedelta(days=self.draw.randrange(1000)))

    def a_key(self) -> str:
        return f"k-{self.load.seed}-{next(self.load.numbers)}"


ENDS = ("2025-05-20", "2025-05-21", "2026-05-22")


class Registrar:
    """Changes what many records refer to: a campus becomes central, a credential another tier, a program its plan."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.draw = random.Random(f"{load.seed}-registrar")

    async def work(self) -> None:
        while not self.load.stopping.is_set():
            chance = self.draw.random()
            if chance < 0.2:
                path = f"/programs/{self.draw.choice(PROGRAMS)}/touchpoint-plan"
                await self.load.write(FAMILIES, "PUT", path, plan(self.draw.choice((20, 40, 60))))
            elif chance < 0.5:
                kind = self.draw.choice(("central_campus", "satellite_campus"))
                body = {"name": "south", "type": kind, "parent_id": "d1"}
                await self.load.write("roster", "PUT", "/organisations/south", body)
            else:
                code, tier = self.draw.choice(CODES), self.draw.choice(("required", "preferred", "relevant", "other"))
                await self.load.write("credentials", "PUT", f"/catalogue/{code}", catalogue_entry(code, tier))
            await asyncio.sleep(self.draw.uniform(2.0, 5.0))


def catalogue_entry(code: str, tier: str) -> dict[str, Any]:
    tiers = [{"program_id": program, "tier": tier, "valid_from": "2020-07-01"} for program in PROGRAMS]
    tiers.append({"program_id": "nursing", "tier": "relevant", "valid_from": "2025-01-01"})
    return {"title": code, "issuer": "A society", "type": "Certification", "tiers": tiers}
