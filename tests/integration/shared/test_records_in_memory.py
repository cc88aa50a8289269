"""Whatever is done with records and asked about them, the stand-in and a real mongod answer the same."""

import asyncio
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from shared.errors import Refused
from shared.records.erasing import erase
from shared.records.outbox import Outbox
from shared.records.store import Draft, Entry, Records, Saved
from tests.integration.shared.conftest import NATURALS
from tests.memory.database import MemoryClient

GROWN = replace(NATURALS[0], name="one_award_each_time", maybe=("nth",), instead_of="one_award")
NEVER_VOID = replace(
    NATURALS[0], name="link", fields=("link",), when={"state.link": {"$type": "string"}}, void_too=True
)
INDEXES = (GROWN, NATURALS[1], NEVER_VOID)
TIMES = {"at", "updated_at", "since"}

words = st.sampled_from(["a", "b", "c"])
numbers = st.integers(0, 3)
plain = st.one_of(st.none(), words, numbers, st.booleans(), st.floats(0, 3, width=16))
inner = st.dictionaries(st.sampled_from(["x", "y"]), plain, max_size=2)
values = st.one_of(plain, st.lists(plain, max_size=3), inner, st.lists(st.one_of(inner, plain), max_size=3))
sources = st.lists(st.fixed_dictionaries({"source": words, "sourced_id": words}), max_size=2)


@st.composite
def drafts(draw):
    """Awards and students with few ids, few keys and few natural keys, so that they meet."""
    kind = draw(st.sampled_from(["award", "student"]))
    optional = {"code": st.one_of(st.none(), words), "nth": numbers, "link": words, "any": values}
    fixed = {"student_id": words} if kind == "award" else {"sources": sources}
    state = draw(st.fixed_dictionaries(fixed, optional=optional if kind == "award" else {"any": values}))
    entry = Entry(
        draw(words), "put", key=draw(st.sampled_from(["", "k", "l"])), digest=draw(st.sampled_from(["", "d"]))
    )
    subjects = tuple(f"student/{each}" for each in draw(st.sets(words, max_size=2)))
    expected = draw(st.one_of(st.none(), numbers))
    return Draft(kind, draw(words), state, entry, subjects, draw(st.booleans()), expected)


paths = st.sampled_from(
    ["state.any", "state.any.x", "state.any.0", "state.any.0.x", "state.code", "state.nth", "state.sources.source"]
)
tests = st.one_of(
    plain,
    st.lists(plain, max_size=2),
    st.fixed_dictionaries({"$in": st.lists(plain, max_size=3)}),
    st.fixed_dictionaries({"$nin": st.lists(plain, max_size=3)}),
    st.fixed_dictionaries({"$ne": plain}),
    st.fixed_dictionaries({"$exists": st.booleans()}),
    st.fixed_dictionaries({"$type": st.sampled_from(["string", "number", "null", "array", "object", "bool"])}),
    st.fixed_dictionaries({"$gt": words, "$lte": words}),
    st.fixed_dictionaries({"$gte": numbers, "$lt": numbers}),
    st.fixed_dictionaries({"$all": st.lists(plain, max_size=2)}),
    st.fixed_dictionaries({"$regex": st.sampled_from(["^a", "b$"])}),
    st.fixed_dictionaries({"$elemMatch": st.fixed_dictionaries({"x": plain})}),
)
clauses = st.one_of(
    st.dictionaries(paths, tests, min_size=1, max_size=2),
    st.fixed_dictionaries({"_id": st.fixed_dictionaries({"$gt": st.just("award/a"), "$lt": st.just("award0")})}),
    st.fixed_dictionaries({"kind": st.sampled_from(["award", "student"]), "void": st.booleans()}),
)
filters = st.one_of(
    clauses,
    st.fixed_dictionaries({"$or": st.lists(clauses, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"$and": st.lists(clauses, min_size=1, max_size=2)}),
)
fields = st.sampled_from(
    [None, {"state.any.x": 1}, {"history": 0}, {"history": {"$slice": 1}}, {"void": 1, "history": {"$slice": -1}}]
)
orders = st.sampled_from([[("_id", 1)], [("state.any", 1), ("_id", 1)], [("state.code", -1), ("_id", -1)]])


async def saved(records, way, some):
    return [answer(one) for one in await getattr(records, way)(some)]


async def found(records, where, order, skip, limit):
    cursor = records.collection.find(where, {"history": 0}).sort(order).skip(skip).limit(limit)
    return [one async for one in cursor]


async def shown(records, where, only):
    return sorted(await records.collection.find(where, only).to_list(None), key=lambda one: one["_id"])


async def paged(records, where, after, void):
    return [one.key for one in await records.find("award", where, after=after, limit=2, include_void=void)]


async def told_apart(records, path, where):
    return [await records.collection.count_documents(where), await records.collection.distinct(path, where)]


async def all_sent(records, most):
    outbox = Outbox(records)
    oldest = await outbox.oldest(1000)
    await outbox.note_subjects({one.record.key: ["student/noted"] for one in oldest})
    await outbox.published([one.record for one in oldest][:most])
    return sorted((one.record.key, one.live) for one in oldest)


def several(strategy):
    return st.lists(strategy, min_size=1, max_size=4)


WAYS = ("create_many", "put_many", "change_many")
steps = st.one_of(
    st.tuples(st.just(saved), st.sampled_from(WAYS), several(drafts())),
    st.tuples(st.just(saved), st.just("put_many"), several(drafts())),
    st.tuples(st.just(found), filters, orders, st.integers(0, 1), st.integers(0, 3)),
    st.tuples(st.just(shown), filters, fields),
    st.tuples(st.just(paged), filters, st.one_of(st.none(), words), st.booleans()),
    st.tuples(st.just(told_apart), paths, filters),
    st.tuples(st.just(all_sent), st.integers(0, 3)),
    st.tuples(st.just(Records.raise_versions), filters),
    st.tuples(st.just(Records.mark_for_republish), filters),
    st.tuples(st.just(erase), filters),
)


def answer(one):
    """What a row is answered with, without the time."""
    if isinstance(one, Refused):
        return type(one).__name__, getattr(one, "existing", None), str(one)
    assert isinstance(one, Saved)
    return one.outcome, timeless(asdict(one.record))


def timeless(value):
    """The same without what a clock has said, and with subjects in one order, which nobody promises."""
    if isinstance(value, dict):
        whole = {name: timeless(each) for name, each in value.items() if name not in TIMES}
        return whole | ({"subjects": sorted(whole["subjects"])} if "subjects" in whole else {})
    return [timeless(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def real(runner, mongo_url):
    client = AsyncMongoClient(mongo_url, tz_aware=True)
    records = Records(client["records_in_memory"], naturals=INDEXES)
    runner.run(records.prepare())
    yield records
    runner.run(client.drop_database("records_in_memory"))
    runner.run(client.close())


async def assert_alike(real, steps):
    """Every step comes to the same in memory and on a real mongod, and so does what is kept in the end."""
    await real.collection.delete_many({})
    memory = Records(MemoryClient()["test"], naturals=INDEXES)
    await memory.prepare()
    for do, *asked in (*steps, (shown, {}, None), (all_sent, 0)):
        one, other = [timeless(await do(records, *asked)) for records in (memory, real)]
        assert one == other, do.__name__


@given(several(drafts()), st.lists(steps, max_size=6), st.lists(filters, min_size=6, max_size=12))
def test_the_stand_in_and_a_real_mongod_answer_the_same(runner, real, first, told, asked):
    begun = [(saved, "put_many", [replace(each, expected=None) for each in first])]
    runner.run(assert_alike(real, [*begun, *told, *((shown, where, None) for where in asked)]))


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        pytest.param(lambda one: one.find({"state.n": {"$mod": [2, 0]}}).to_list(), "[$]mod", id="an operator"),
        pytest.param(lambda one: one.find({"$expr": {"$abs": "$a"}}).to_list(), "[$]abs", id="an expression"),
        pytest.param(lambda one: one.find({"a": {"$gt": [1]}}).to_list(), "comparison", id="a comparison of arrays"),
        pytest.param(lambda one: one.update_many({}, {"$push": {"a": 1}}), "[$]push", id="an update"),
        pytest.param(lambda one: one.update_many({}, [{"$set": {"a": {"$size": "$b"}}}]), "[$]size", id="a step"),
        pytest.param(lambda one: one.update_many({"$nor": [{}]}, {"$set": {"a": 1}}), "[$]nor", id="a way to join"),
        pytest.param(lambda one: one.update_many({}, {"$set": {"a.b": 1}}), "a.b in int", id="a path through a number"),
        pytest.param(
            lambda one: one.aggregate([{"$lookup": {}}]), "[$]lookup in a pipeline", id="a stage of a pipeline"
        ),
        pytest.param(lambda _: MemoryClient()["test"].command("compact"), "command compact", id="a command"),
    ],
)
async def test_what_the_stand_in_does_not_know_raises(ask, named):
    collection = MemoryClient()["test"]["records"]
    await collection.insert_one({"_id": "a1", "a": 1})

    with pytest.raises(NotImplementedError, match=named):
        await ask(collection)
