"""What each service tells of its records, put together as it does itself, for commands from outside."""

from collections.abc import Callable, Mapping
from functools import partial

from services.credentials import events as credentials
from services.credentials.learnt import Learnt
from services.credentials.store import Store as Credentials
from services.roster import facts as roster
from services.roster.enrolments.starts import starts
from services.roster.store import Store as Roster
from shared.contracts.catalogue import BY_SERVICE
from shared.mongo import Database
from shared.process.settings import Settings
from shared.records.outbox import Outbox
from shared.records.relay import FactsOf

# Whose topics a service keeps a copy of: restored with it, the copy is as old as it is.
READS: Mapping[str, tuple[str, ...]] = {"credentials": ("roster",)}


def kinds_of(service: str) -> list[str]:
    """The kinds of record that a service publishes."""
    return sorted(fact.kind for fact in BY_SERVICE.get(service, ()))


def facts_from(service: str, database: Database, settings: Settings) -> FactsOf:
    """Which subjects the service's records concern, and what each is told, by what its database says now."""
    return OF[service](database, settings)


def _roster(database: Database, settings: Settings) -> FactsOf:
    del settings
    store = Roster(database)
    return roster.facts_of(store.organisations, store.merges, partial(starts, store))


def _credentials(database: Database, settings: Settings) -> FactsOf:
    store = Credentials(database)
    now = Outbox(store.records).server_time
    learnt = Learnt(database, topic=settings.topic("roster"), wait_seconds=0.0, server_time=now)

    async def year_starts() -> tuple[int, int]:
        return (await learnt.calendar()).starts

    return credentials.facts_of(store, year_starts, learnt.merges, learnt.organisation_types)


OF: Mapping[str, Callable[[Database, Settings], FactsOf]] = {"roster": _roster, "credentials": _credentials}
