"""`aurora erase` visits every producer of the one list: one that is forgotten would mean a person left behind."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from deploy.repair import erasing, told
from deploy.repair.erasing import ROSTER, Asked, Erasing
from shared.process.settings import Settings
from shared.producer import producers
from shared.producer.life import Forgetting, Outside
from shared.producer.producers import PRODUCERS, Service

PERSON = SimpleNamespace(ids=("s1", "s2"), aliases=["state:1"])
ASKED = Asked("a decider", "request 7")


class Kept:
    """Databases with nothing in them but what is still to be published."""

    def __init__(self, unpublished):
        self.unpublished = unpublished

    def __getitem__(self, database):
        return Database(database, self.unpublished)


class Database:
    def __init__(self, name, unpublished):
        self.name, self.unpublished = name, unpublished

    def __getitem__(self, _):
        return self

    async def insert_one(self, _):
        return None

    async def update_one(self, *_):
        return None

    async def count_documents(self, where):
        assert where["subjects"] == {"$in": ["student/s1", "student/s2"]}
        return self.unpublished.get(self.name, 0)


def offers(monkeypatch, service, forgetting):
    module = ModuleType(f"services.{service}.main")
    module.OUTSIDE = Outside(lambda *_: None, forgetting)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def visited(monkeypatch):
    """Who was asked to forget whom, with one producer more in the list, which has not heard of it."""
    visits = []

    async def nothing(*_):
        return {}

    async def none(*_):
        return 0

    def forgetting(service):
        async def erase(database, ids, names):
            visits.append((service, database.name, ids, tuple(names)[:3]))
            return {"records": 2}

        async def forgotten(database, ids):
            return service != "made_up"

        return Forgetting(erase, forgotten)

    monkeypatch.setattr(producers, "PRODUCERS", (*PRODUCERS, Service(name="made_up", port=8009)))
    for one in producers.PRODUCERS:
        if one.name != ROSTER:
            offers(monkeypatch, one.name, forgetting(one.name))
    for name in ("may_erase", "server_time"):
        monkeypatch.setattr(erasing, name, none)
    for name in ("erase_unread", "standing"):
        monkeypatch.setattr(erasing, name, none)
    monkeypatch.setattr(erasing, "Roster", lambda database: database)
    monkeypatch.setattr(erasing.roster, "erase_person", nothing)
    monkeypatch.setattr(erasing, "LOOK_AGAIN_SECONDS", 0)
    return visits


async def erased(**unpublished):
    settings = Settings(environment="local", database_prefix="x")
    one = Erasing(Kept(unpublished), settings)
    return await one.erase(PERSON, ASKED, wait_seconds=0, tell=lambda _: None)


async def test_one_more_entry_in_the_list_is_visited_twice_and_said(visited):
    done = await erased()

    names = [one.name for one in PRODUCERS if one.name != ROSTER] + ["made_up"]
    once = [(name, f"x_{name}", ("s1", "s2"), ("s1", "s2", "state:1")) for name in names]
    assert visited == once * 2
    assert done.erased["made_up: records"] == 4
    assert done.follows == ["made_up has not heard of it yet"]


async def test_what_one_more_has_still_to_publish_is_waited_for(visited):
    done = await erased(x_made_up=3)

    assert "3 withdrawals are not published yet" in done.follows


async def test_one_that_does_not_say_how_it_forgets_stops_it_before_anything_is_erased(visited, monkeypatch):
    offers(monkeypatch, "made_up", None)

    with pytest.raises(LookupError, match="made_up says nothing of how it forgets a person"):
        await erased()

    assert visited == []


def test_every_producer_but_roster_says_how_it_forgets_a_person():
    for one in PRODUCERS:
        assert callable(told.outside_of(one.name).facts_in)
        if one.name != ROSTER:
            assert told.forgetting_of(one.name)
