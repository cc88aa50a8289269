"""Who speaks with families at work: calls about siblings, plans held, evenings and rolls, rules, two ids joined."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from tests.faults.writes import Kept, Writes

SERVICE = "family_touchpoints"
BREACH = "made-up-breach"  # nothing outside may hold these words
GIVES_UP = 0.5
PATIENCE = 40.0
FIRST, DAYS = date(2023, 8, 7), 650
# Until when nobody may contact anybody about a student: some of these excuse a year.
RULE_BEGINS, RULE_ENDS = date(2024, 8, 1), ("2024-09-30", "2025-01-31", "2025-03-31")


class Family:
    """One worker's: two siblings, a student about whom there is a rule, and two guardians who may be one person."""

    def __init__(self, load: Writes, number: int, students: list[str], numbers: Callable[[], int]) -> None:
        self.load, self.numbers = load, numbers
        self.draw = random.Random(f"{load.seed}-family-{number}")
        self.siblings, self.shut = students[:2], students[2]
        self.guardians = [f"w-{number}-a", f"w-{number}-b"]
        self.calls: list[Kept] = []
        self.workshops: list[Kept] = []
        self.joined = False
        self.rule_at = f"/students/{self.shut}/rules/r-{number}"

    async def known(self) -> None:
        """The guardians, who walked in, since roster learns of others from packages alone; and the rule."""
        for guardian, language in zip(self.guardians, ("spa", None), strict=True):
            whose = [*self.siblings, self.shut]
            said = {"name": "Sample Guardian", "student_ids": whose, "preferred_language": language}
            await self.load.must(SERVICE, f"/guardians/{guardian}", **said)
        await self.load.must(SERVICE, self.rule_at, **self.a_rule())

    async def act(self) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [self.call, self.step, self.evening, self.roll]
        acts += [self.rule, self.same] if self.draw.random() < 0.5 else [self.call, self.step]
        await self.draw.choice(acts)()

    async def call(self) -> None:
        """One occasion of both siblings, held or planned; or about the other, as a breach where a rule is in force."""
        about_shut = self.draw.random() < 0.3
        body: dict[str, Any] = {"students": [self.shut] if about_shut else self.siblings}
        body |= {"guardian_ids": [self.draw.choice(self.guardians)], "method": "Phone", "purpose": "progress"}
        if self.draw.random() < 0.3 and not about_shut:
            body |= {"planned_for": self.a_day()}
        else:
            body |= {"held_on": self.a_day(), "outcome": self.draw.choice(("reached", "reached", "no_answer"))}
            if about_shut:
                on = RULE_BEGINS + timedelta(days=self.draw.randrange(60))
                body |= {"held_on": str(on), "breach": BREACH}
        kept = await self.load.write(SERVICE, "POST", "/touchpoints", body, key=self.a_key(), patience=PATIENCE)
        for one in kept.said["touchpoints"] if kept else ():
            self.calls.append(Kept(f"/touchpoints/{one['id']}", one["version"], one["void"], one))

    async def step(self) -> None:
        """What was planned is held; what was held is set right, or taken out."""
        standing = [one for one in self.calls if not one.void]
        if not standing:
            return
        one = self.draw.choice(standing)
        if one.said["status"] == "planned":
            step = {"on": self.a_day(), **({"outcome": "reached"} if (held := self.draw.random() < 0.7) else {})}
            await self.change(one, "POST", f"{one.path}/{'held' if held else 'missed'}", step)
        elif self.draw.random() < 0.2:
            await self.change(one, "POST", f"{one.path}/void", {"reason": "a made-up mistake"})
        else:
            said = {"minutes": self.draw.randrange(30), "reason": "a made-up correction"}
            await self.change(one, "PATCH", one.path, said)

    async def evening(self) -> None:
        """A workshop is planned, or one is cancelled, or takes place after all."""
        if len(self.workshops) < 3 or self.draw.random() < 0.4:
            hour = f"{self.numbers() % 24:02d}:{self.draw.randrange(60):02d}"
            body = {"kind": "workshop", "career_related": self.draw.random() < 0.7, "level": "high"}
            body |= {"organisation_ids": [self.draw.choice(("north", "south"))], "held_on": self.a_day()}
            path = "/workshops"
            kept = await self.load.write(SERVICE, "POST", path, body | {"starts_at": hour}, key=self.a_key())
            if kept:
                kept.path = f"{path}/{kept.said['id']}"
                self.workshops.append(kept)
            return
        one = self.draw.choice(self.workshops)
        now = await self.load.look(SERVICE, one.path)
        if now:
            one.version, one.said = now.version, now.said
            action = "reopen" if one.said["status"] == "cancelled" else "cancel"
            await self.change(one, "POST", f"{one.path}/{action}", {"reason": "made up"})

    async def roll(self) -> None:
        """Both guardians come, one with both children, and heads are counted."""
        if not self.workshops:
            return
        one = self.draw.choice(self.workshops)
        rows = [
            {"guardian_id": self.guardians[0], "student_ids": self.siblings},
            {"guardian_id": self.guardians[1], "student_ids": self.siblings[:1]},
        ]
        body = {"on": one.said["held_on"], "head_count": 20 + self.draw.randrange(20), "head_count_of": "everyone"}
        body["rows"] = rows[: self.draw.choice((1, 2))]
        await self.load.write(SERVICE, "POST", f"{one.path}/roll", body, key=self.a_key(), patience=PATIENCE)

    async def rule(self) -> None:
        """Nobody may contact anybody about a student until one day, or another."""
        await self.load.write(SERVICE, "PUT", self.rule_at, self.a_rule(), gives_up=GIVES_UP)

    async def same(self) -> None:
        """Two ids are said to be one person's, and two again."""
        path = f"/guardians/{self.guardians[0]}/{'separate' if self.joined else 'same-as'}"
        body = {"reason": "made up"} | ({} if self.joined else {"same_as": self.guardians[1]})
        if await self.load.write(SERVICE, "POST", path, body, key=self.a_key(), patience=PATIENCE):
            self.joined = not self.joined

    async def change(self, one: Kept, method: str, path: str, body: dict[str, Any]) -> None:
        now = await self.load.write(
            SERVICE, method, path, body, key=self.a_key(), version=one.version, gives_up=GIVES_UP
        ) or await self.load.look(SERVICE, one.path)
        if now:
            one.version, one.void, one.said = now.version, now.void, now.said

    def a_rule(self) -> dict[str, Any]:
        until = self.draw.choice(RULE_ENDS)
        rule = {"guardian_id": None, "rule": "no_contact", "basis": "safety_plan"}
        return rule | {"from": str(RULE_BEGINS), "to": until}

    def a_day(self) -> str:
        return str(FIRST + timedelta(days=self.draw.randrange(DAYS)))

    def a_key(self) -> str:
        return f"f-{self.load.seed}-{self.numbers()}"


def plan(within_days: int) -> dict[str, Any]:
    """What a program plans for its families: a talk in each term, by so many days after it began."""
    points = [{"code": f"talk-{n}", "term": n, "purpose": "progress", "within_days": within_days} for n in (1, 2)]
    days = (("proposed", "2023-05-01"), ("approved", "2023-07-01"))
    return {"points": points, "steps": [{"status": status, "on": on} for status, on in days]}
