"""What the aggregator's store promises; the fake keeps the same promises, or tests over it would prove nothing."""

from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.aggregator.counting.aggregate import Outcome, TooMuchAtOnce, aggregate, fold, read_all
from services.aggregator.counting.heartbeats import Passed
from services.aggregator.counting.position import Position
from services.aggregator.counting.reading import read
from services.aggregator.counting.store import MongoStore
from services.aggregator.domain.catalogue import CATALOGUE
from services.aggregator.domain.counts import Cell
from services.aggregator.domain.facts import subject_from
from shared import mongo
from shared.contracts.envelope import HeldBack, Message
from shared.errors import LostPartition
from tests.fakes import Kept, MemoryStore
from tests.histories import NOON, PARTITION, PEOPLE, Log, Said

ADA, BEN, CYD = PEOPLE


def completed(person=ADA, version=1, at="north", record="completion/c1") -> Said:
    state = {
        "completion_id": "c1",
        "student_id": person,
        "program_id": "welding",
        "organisation_id": at,
        "organisation_type": "central_campus",
        "started_on": "2023-08-01",
        "completed_on": "2025-05-20",
        "school_year": "2024-25",
    }
    return Said(f"student/{person}", record, version, state)


def awarded(person=ADA, version=1, on="2025-03-02") -> Said:
    state = {
        "award_id": "a1",
        "student_id": person,
        "credential_code": "C1",
        "credential_type": "license",
        "result": "passed",
        "school_year": "2024-25",
        "awarded_on": on,
        "tiers": {"welding": "required"},
    }
    return Said(f"student/{person}", "award/a1", version, state)


class Memory:
    """The fake, and a look at what it keeps."""

    def __init__(self):
        self.kept = Kept()

    def open(self, cache_subjects=100):
        return MemoryStore(self.kept, cache_subjects=cache_subjects)

    async def subjects(self):
        return {key: dict(subject.facts) for key, subject in self.kept.subjects.items()}

    async def counts(self):
        found = Counter()
        for (cell, partition, side, day), n in self.kept.counts.items():
            found[cell, partition, side, day] += n
        return {key: n for key, n in found.items() if n}

    async def parked(self):
        return {key: (one.reason, one.record.value, self.kept.times[key]) for key, one in self.kept.parked.items()}

    async def progress(self):
        return dict(self.kept.progress)

    async def held_back(self):
        return dict(self.kept.held_back)

    @asynccontextmanager
    async def refusing(self, code, command="update"):
        self.kept.most_at_once = 1 if command == "update" else 0
        yield
        self.kept.most_at_once = 1000


class Mongo:
    """The real one, and a look at what it keeps."""

    def __init__(self, client, database):
        self._client, self._db = client, database

    def open(self, cache_subjects=100):
        return MongoStore(self._client, self._db, cache_subjects=cache_subjects)

    async def subjects(self):
        return {one["_id"]: dict(subject_from(one).facts) async for one in self._db["subjects"].find()}

    async def counts(self):
        found = {}
        async for one in self._db["counts"].find():
            cell = Cell(one["m"], one["v"], one["s"], one["y"], one["d"], one["x"])
            assert one["_id"] == "|".join((*map(str, cell), str(one["p"])))
            for side in ("num", "den"):
                found |= {(cell, one["p"], side, int(day)): n for day, n in one.get(side, {}).items() if n}
        return found

    async def parked(self):
        return {one["_id"]: (one["reason"], one["value"], one["times"]) async for one in self._db["parked"].find()}

    async def progress(self):
        return {(one["topic"], one["partition"]): one["through"] async for one in self._db["progress"].find()}

    async def held_back(self):
        noted = self._db["progress"].find()
        return {(one["topic"], one["partition"]): HeldBack(one["held"], one["held_since"]) async for one in noted}

    @asynccontextmanager
    async def refusing(self, code, command="update"):
        """A write to the subjects (or a commit) fails with this code, once."""
        at = {"configureFailPoint": "failCommand"}
        data = {"failCommands": [command], "errorCode": code}
        data |= {"namespace": f"{self._db.name}.subjects"} if command == "update" else {}
        await self._client.admin.command({**at, "mode": {"times": 1}, "data": data})
        yield
        await self._client.admin.command({**at, "mode": "off"})


@pytest.fixture(scope="session")
def mongo_url(failing_mongo_url):
    return failing_mongo_url


@pytest.fixture(params=["memory", *(pytest.param(driver, marks=pytest.mark.real) for driver in ("motor", "pymongo"))])
async def kept(request):
    if request.param == "memory":
        yield Memory()
        return
    settings = request.getfixturevalue("mongo_settings").model_copy(update={"mongo_driver": request.param})
    client = mongo.connect(settings)
    database = client[settings.database("aggregator")]
    await MongoStore(client, database, cache_subjects=1).prepare([PARTITION])
    yield Mongo(client, database)
    await mongo.close(client)


async def count(store, *told, log=None, settle=False):
    log = log or Log()
    records = [log.put(said.topic, said.message()) for said in told]
    return await aggregate(PARTITION, records, store, read, settle=settle)


def total(counts, measure, side, dimension="all"):
    return sum(
        n
        for (cell, _, s, _), n in counts.items()
        if (cell.measure, cell.series, cell.dimension, s) == (measure, "all", dimension, side)
    )


async def test_a_batch_is_kept_whole_facts_counts_and_place(kept):
    store, log = kept.open(), Log()
    await count(store, completed(), awarded(), completed(BEN), log=log)

    counts = await kept.counts()
    assert (total(counts, "W1.headline", "num"), total(counts, "W1.headline", "den")) == (1, 2)
    assert (await kept.subjects())[f"student/{ADA}"].keys() == {"completion/c1", "award/a1"}
    again = await kept.open().load(PARTITION)
    assert (again.turn, again.next) == (1, {"t-roster": 2, "t-credentials": 1})
    assert again.last["t-credentials"].startswith(f"award/a1/1/student/{ADA}@")


async def test_a_single_fact_is_set_and_the_others_stay(kept):
    log = Log()
    await count(kept.open(), completed(), log=log)
    await count(kept.open(), awarded(), log=log)

    assert (await kept.subjects())[f"student/{ADA}"].keys() == {"completion/c1", "award/a1"}


async def test_a_correction_moves_counts_to_other_cells_and_a_withdrawal_takes_them_away(kept):
    store, log = kept.open(), Log()
    await count(store, completed(at="north"), log=log)
    await count(store, completed(at="south", version=2), log=log)
    campuses = {cell.value for cell, *_ in await kept.counts() if cell.dimension == "campus"}
    assert campuses == {"south"}

    await count(store, Said(f"student/{ADA}", "completion/c1", 3, None), log=log)
    assert await kept.counts() == {}
    assert (await kept.subjects())[f"student/{ADA}"]["completion/c1"].version == 3


async def test_an_overtaken_consumer_is_refused_and_changes_nothing(kept):
    first, second, log = kept.open(), kept.open(), Log()
    await first.load(PARTITION)
    await second.load(PARTITION)
    await count(first, completed(), log=log)
    before = await kept.counts()

    with pytest.raises(LostPartition):
        await aggregate(PARTITION, log.records, second, read)
    assert await kept.counts() == before
    assert (await kept.open().load(PARTITION)).turn == 1


async def test_a_stale_cache_is_refused_also_when_only_another_topic_moved(kept):
    """The second knows Ada without an award; the first counts one. A guard per topic would let the second go on."""
    first, second, log = kept.open(), kept.open(), Log()
    await count(second, completed(), log=log)
    await first.load(PARTITION)
    await count(first, awarded(), log=log)

    with pytest.raises(LostPartition):
        await count(second, completed(at="south", version=2), log=log)

    second.forget(PARTITION)
    await aggregate(PARTITION, log.records, second, read)
    counts = await kept.counts()
    assert (total(counts, "W1.headline", "num"), total(counts, "W1.headline", "den")) == (1, 1)


async def test_a_cache_survives_a_rebalance_only_when_nobody_else_took_a_turn(kept):
    first, second, log = kept.open(), kept.open(), Log()
    await count(first, completed(), log=log)
    await second.load(PARTITION)
    await count(second, awarded(), log=log)

    await first.load(PARTITION)
    await count(first, completed(at="south", version=2), log=log)
    of_headline = {
        (cell.value, side)
        for cell, _, side, _ in await kept.counts()
        if (cell.measure, cell.series, cell.dimension) == ("W1.headline", "all", "campus")
    }
    assert of_headline == {("south", "num"), ("south", "den")}


async def test_a_bounded_cache_forgets_and_reads_again(kept):
    store, log = kept.open(cache_subjects=1), Log()
    for said in (completed(ADA), completed(BEN), completed(CYD), awarded(ADA), awarded(BEN), awarded(CYD)):
        await count(store, said, log=log)

    counts = await kept.counts()
    assert (total(counts, "W1.headline", "num"), total(counts, "W1.headline", "den")) == (3, 3)


@pytest.mark.parametrize("code", [388, 257])
async def test_what_is_too_large_for_one_transaction_is_counted_in_two(kept, code):
    store, log = kept.open(), Log()
    async with kept.refusing(code):
        outcome = await count(store, completed(ADA), completed(BEN), awarded(ADA), log=log)

    counts = await kept.counts()
    assert outcome.applied == 3
    assert (total(counts, "W1.headline", "num"), total(counts, "W1.headline", "den")) == (1, 2)
    assert (await kept.open().load(PARTITION)).turn >= 2


async def test_one_record_too_large_for_a_transaction_is_an_error_not_a_loss(kept):
    store = kept.open()
    position = await store.load(PARTITION)
    async with kept.refusing(388):
        with pytest.raises(TooMuchAtOnce):
            await store.turn(position.after([]), ["a", "b"], lambda _: told(completed()))

    assert (await kept.open().load(PARTITION)).turn == 0
    assert await kept.counts() == {}


async def test_nothing_of_a_turn_is_kept_when_its_commit_is_refused(kept):
    store = kept.open()
    async with kept.refusing(388, "commitTransaction"):
        with pytest.raises(TooMuchAtOnce):
            await count(store, completed())

    assert (await kept.open().load(PARTITION)).next == {}
    assert (await kept.counts(), await kept.subjects()) == ({}, {})


def told(said: Said) -> Outcome:
    log = Log()
    log.put(said.topic, said.message())
    return fold({}, read_all(log.records, read), Position(PARTITION), CATALOGUE)


async def test_a_record_that_cannot_be_read_is_parked_whole_and_its_neighbours_are_counted(kept):
    store, log = kept.open(), Log()
    log.put("t-roster", completed().message())
    bad = log.put("t-roster", Message(b"\xff", b"\x00{", [("ce_type", b"\xff"), ("n", b"")]))
    log.put("t-roster", completed(BEN).message())
    await aggregate(PARTITION, log.records, store, read)

    assert await kept.parked() == {
        f"t-roster-{PARTITION}-{bad.offset}": ("header ce_type is not UTF-8 text", b"\x00{", 1)
    }
    assert total(await kept.counts(), "completers.all", "num") == 2


async def test_a_record_parked_again_after_a_new_log_only_counts_up(kept):
    store, log = kept.open(), Log()
    log.put("t-roster", Message(None, None, []))
    await aggregate(PARTITION, log.records, store, read)
    position = await store.position(PARTITION)
    await store.turn(position.anew("t-roster", 0), (), lambda _: Outcome())
    await aggregate(PARTITION, log.records, store, read)

    assert await kept.parked() == {f"t-roster-{PARTITION}-0": ("header ce_type is missing", None, 2)}


async def test_heartbeats_only_ever_move_forward(kept):
    store = kept.open()
    for seconds in (5, 2, 9, 7):
        await store.note(Passed({("t-roster", PARTITION): NOON + timedelta(seconds=seconds)}))
    await store.note(Passed())

    assert await kept.progress() == {("t-roster", PARTITION): NOON + timedelta(seconds=9)}
    assert await kept.open().progress(PARTITION) == await kept.progress()


async def test_what_is_held_back_is_what_the_latest_heartbeat_says(kept):
    store, at = kept.open(), ("t-roster", PARTITION)
    said = [(5, HeldBack(2, NOON)), (9, HeldBack(1, NOON)), (7, HeldBack(2, NOON))]
    for seconds, held in said:
        await store.note(Passed({at: NOON + timedelta(seconds=seconds)}, {at: held}))
    assert await kept.held_back() == {at: HeldBack(1, NOON)}

    await store.note(Passed({at: NOON + timedelta(seconds=10)}, {at: HeldBack()}))
    assert await kept.held_back() == {at: HeldBack()}


async def test_what_is_passed_without_a_turn_is_not_stored(kept):
    store, log = kept.open(), Log()
    log.heartbeat("t-roster", NOON)
    await aggregate(PARTITION, log.records, store, read)

    assert (await store.position(PARTITION)).next == {"t-roster": 1}
    assert (await kept.open().load(PARTITION)).next == {}
    store.forget(PARTITION)
    assert (await store.position(PARTITION)).next == {}
