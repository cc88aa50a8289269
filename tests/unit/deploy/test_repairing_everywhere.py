"""What else operators do to a service's records reaches one more producer by its entry in the list alone."""

import pytest

from deploy.cli.mending import audit_records
from deploy.repair import told
from deploy.repair.comparing import Compared
from shared.process.settings import Settings
from shared.producer import producers
from shared.producer.producers import PRODUCERS, Service

MADE_UP = Service(name="made_up", port=8009, kinds=("visit", "call"), subjects=("student",), follows=("roster",))


@pytest.fixture(autouse=True)
def one_more(monkeypatch):
    for module in (producers, audit_records):
        monkeypatch.setattr(module, "PRODUCERS", (*PRODUCERS, MADE_UP))


class Client(dict):
    """Databases by name, with nothing in them."""

    def __missing__(self, name):
        return name


async def test_an_audit_compares_the_records_of_every_producer(monkeypatch):
    sides = []

    async def compare(one, *, wait_seconds):
        sides.append((one.service, one.records, one.facts))
        yield Compared(one.service, records=wait_seconds)

    monkeypatch.setattr(audit_records, "compare", compare)
    settings = Settings(environment="local", database_prefix="x")
    compared = await audit_records.with_records(Client(), settings, wait_seconds=3)

    names = sorted([*(one.name for one in PRODUCERS), "made_up"])
    assert sides == [(name, f"x_{name}", "x_aggregator") for name in names]
    assert [(one.service, one.records) for one in compared] == [(name, 3) for name in names]


def test_what_is_published_again_is_of_the_kinds_in_the_list():
    assert told.kinds_of("made_up") == ["call", "visit"]
    assert told.kinds_of("aggregator") == []


def test_a_restored_service_has_published_again_for_it_what_it_follows():
    assert told.follows("made_up") == ("roster",)
    assert told.follows("roster") == ()
