"""What each producer answers to commands from outside, found by its name in the one list of services."""

from importlib import import_module

from shared.mongo import Database
from shared.process.settings import Settings
from shared.producer import producers
from shared.producer.life import Forgetting, Outside
from shared.records.relay import FactsOf


def outside_of(service: str) -> Outside:
    """What the producer of this name has in its main.py for commands."""
    found: Outside = import_module(f"services.{service}.main").OUTSIDE
    return found


def forgetting_of(service: str) -> Forgetting:
    """How the producer of this name forgets a person. Raise LookupError when it does not say."""
    found = outside_of(service).forgetting
    if found is None:
        raise LookupError(f"{service} says nothing of how it forgets a person; its main.py must, in OUTSIDE")
    return found


def follows(service: str) -> tuple[str, ...]:
    """Whose topics a service keeps a copy of: restored with it, the copy is as old as it is."""
    return next((one.follows for one in producers.PRODUCERS if one.name == service), ())


def kinds_of(service: str) -> list[str]:
    """The kinds of record that a service publishes."""
    return next((sorted(one.kinds) for one in producers.PRODUCERS if one.name == service), [])


def facts_from(service: str, database: Database, settings: Settings) -> FactsOf:
    """Which subjects the service's records concern, and what each is told, by what its database says now."""
    return outside_of(service).facts_in(database, settings)
