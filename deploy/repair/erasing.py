"""A student erased everywhere: every service's records, copies, and what is kept of the erasure itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from time import monotonic
from typing import Any

from deploy.repair.told import forgetting_of
from services.aggregator.operating.erasing import erase_unread, standing
from services.roster import erasing as roster
from services.roster.erasing import Person, may_erase, person_of
from services.roster.store import Store as Roster
from shared.contracts.roster import alias_digest
from shared.mongo import Client, Database, server_time
from shared.process.settings import Settings
from shared.producer import producers
from shared.producer.life import Forgetting

ROSTER = "roster"
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for it and why; both are kept, so neither may say who the student is."""

    by: str
    reason: str


@dataclass(slots=True)
class Erased:
    """What was done: how much of what, and what is still to follow by itself."""

    ids: tuple[str, ...]
    erased: dict[str, int] = field(default_factory=dict)
    follows: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Erasing:
    """The databases of all services, and the student who is to be erased from them."""

    client: Client
    settings: Settings

    @property
    def roster(self) -> Roster:
        return Roster(self._database(ROSTER))

    @property
    def others(self) -> list[tuple[str, Forgetting, Database]]:
        """Every producer but roster: how it forgets, and its database."""
        names = [one.name for one in producers.PRODUCERS if one.name != ROSTER]
        return [(name, forgetting_of(name), self._database(name)) for name in names]

    async def person(self, id: str) -> Person:
        """Who is meant: every id of the same human. Raise NotFound."""
        return await person_of(self.roster, id)

    async def erase(self, person: Person, asked: Asked, *, wait_seconds: float, tell: Callable[[str], None]) -> Erased:
        """Erase the person. Safe to repeat, also after a crash: then the rest is done. Raise Refused.

        1. Note who asked, when and why, without a word of who it is.
        2. What other services keep; then roster, whose own records say to the end who is meant.
        3. Wait until everybody has heard that all of it is withdrawn, and take again what was logged meanwhile.
        """
        await may_erase(self.roster, person, asked.reason)
        database = self._database(ROSTER)
        note = {"_id": token_hex(8), "by": asked.by, "reason": asked.reason, "students": list(person.ids)}
        await database["erasures"].insert_one({**note, "at": await server_time(database), "finished_at": None})
        done = Erased(person.ids)
        names = [*person.ids, *person.aliases, *(alias_digest(one) for one in person.aliases)]
        await self._elsewhere(done, names)
        for what, number in (await roster.erase_person(self.roster, person)).items():
            _add(done, f"roster: {what}", number)
        tell("erased in every service; waiting until everybody has heard of it")
        done.follows = await self._heard(person.ids, wait_seconds)
        await self._elsewhere(done, names)
        ended: dict[str, Any] = {"finished_at": await server_time(database), "erased": done.erased}
        if not done.follows:
            await database["erasures"].update_one({"_id": note["_id"]}, {"$set": ended})
        return done

    async def _elsewhere(self, done: Erased, names: list[str]) -> None:
        for name, forgetting, database in self.others:
            for what, number in (await forgetting.erase(database, done.ids, names)).items():
                _add(done, f"{name}: {what}", number)
        _add(done, "aggregator: parked", await erase_unread(self._database("aggregator"), names))

    async def _heard(self, ids: tuple[str, ...], wait_seconds: float) -> list[str]:
        """Return once nothing of them stands anywhere, or what still does after this time."""
        deadline = monotonic() + wait_seconds
        while True:
            left = []
            if facts := await standing(self._database("aggregator"), ids):
                left.append(f"{facts} facts are not withdrawn from the counts yet")
            for name, forgetting, database in self.others:
                if not await forgetting.forgotten(database, ids):
                    left.append(f"{name} has not heard of it yet")
            if waiting := await self._unpublished(ids):
                left.append(f"{waiting} withdrawals are not published yet")
            if not left or monotonic() >= deadline:
                return left
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _unpublished(self, ids: tuple[str, ...]) -> int:
        """How many records of every producer still have it to tell to these."""
        subjects = {"subjects": {"$in": [f"student/{id}" for id in ids]}, "mark": {"$exists": True}}
        kept = [self._database(one.name)["records"] for one in producers.PRODUCERS]
        return sum([await records.count_documents(subjects) for records in kept])

    def _database(self, service: str) -> Database:
        return self.client[self.settings.database(service)]


def _add(done: Erased, what: str, number: int) -> None:
    done.erased[what] = done.erased.get(what, 0) + number
