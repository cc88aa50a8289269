"""A student erased everywhere: every service's records, copies, and what is kept of the erasure itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from time import monotonic
from typing import Any

from services.aggregator.operating.erasing import erase_unread, standing
from services.credentials import erasing as credentials
from services.credentials.store import Store as Credentials
from services.roster import erasing as roster
from services.roster.erasing import Person, may_erase, person_of
from services.roster.store import Store as Roster
from shared.contracts.roster import alias_digest
from shared.mongo import Client, server_time
from shared.process.settings import Settings

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
        return Roster(self.client[self.settings.database("roster")])

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.client[self.settings.database("credentials")])

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
        database = self.client[self.settings.database("roster")]
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
        for what, number in (await credentials.erase_person(self.credentials, done.ids, names)).items():
            _add(done, f"credentials: {what}", number)
        aggregator = self.client[self.settings.database("aggregator")]
        _add(done, "aggregator: parked", await erase_unread(aggregator, names))

    async def _heard(self, ids: tuple[str, ...], wait_seconds: float) -> list[str]:
        """Return once nothing of them stands anywhere, or what still does after this time."""
        deadline = monotonic() + wait_seconds
        while True:
            left = []
            if facts := await standing(self.client[self.settings.database("aggregator")], ids):
                left.append(f"{facts} facts are not withdrawn from the counts yet")
            if not await credentials.forgotten(self.credentials, ids):
                left.append("credentials has not heard of it yet")
            subjects = {"subjects": {"$in": [f"student/{id}" for id in ids]}, "mark": {"$exists": True}}
            waiting = [await store.raw.count_documents(subjects) for store in (self.roster, self.credentials)]
            left += [f"{sum(waiting)} withdrawals are not published yet"] if any(waiting) else []
            if not left or monotonic() >= deadline:
                return left
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _add(done: Erased, what: str, number: int) -> None:
    done.erased[what] = done.erased.get(what, 0) + number
