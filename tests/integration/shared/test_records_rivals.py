"""Many rows, and many writers at once."""

import asyncio
from collections import Counter

import pytest

from shared.errors import Conflict, Retryable, Stale
from shared.records.store import Saved
from tests.integration.shared.conftest import EVERY_STORE
from tests.recording import award, other_writer, outcomes, overtake

pytestmark = EVERY_STORE


@pytest.fixture(scope="session")
def mongo_url(failing_mongo_url):
    return failing_mongo_url


async def test_of_writers_that_expect_the_same_version_one_is_heard(records):
    await records.put(award())
    results = await asyncio.gather(
        *(records.put(award(code=f"c{n}", expected=1)) for n in range(8)), return_exceptions=True
    )

    assert sorted(outcomes(results)) == ["Stale"] * 7 + ["changed"]
    assert (await records.get("award", "a1")).version == 2


async def test_writers_that_expect_nothing_are_all_heard(records):
    await asyncio.gather(*(records.put(award(code=f"c{n}", digest=f"d{n}")) for n in range(5)))
    history = (await records.get("award", "a1")).history

    assert {line.digest for line in history} == {f"d{n}" for n in range(5)}
    assert [line.version for line in history] == [1, 2, 3, 4, 5]


async def test_the_same_action_sent_twice_at_once_is_made_once(records):
    await records.create(award())
    draft = award(code="a+", expected=1, key="k", digest="d")
    results = await asyncio.gather(*(records.change(draft) for _ in range(4)))

    # Each that asked for it while it was made may say so: nobody can tell whose write it was.
    assert set(outcomes(results)) <= {"changed", "unchanged"}
    assert {one.record.version for one in results} == {2}


async def test_of_many_that_want_one_natural_key_at_once_one_gets_it(records):
    results = await asyncio.gather(*(records.create(award(f"a{n}")) for n in range(6)), return_exceptions=True)

    assert sorted(outcomes(results)) == ["Conflict"] * 5 + ["created"]
    [winner] = [one.record.id for one in results if isinstance(one, Saved)]
    assert {one.existing for one in results if isinstance(one, Conflict)} == {winner}


async def test_of_the_same_create_sent_many_times_at_once_one_is_kept(records):
    results = await asyncio.gather(*(records.create(award(digest="d")) for _ in range(6)))

    assert sorted(outcomes(results)) == ["created"] + ["unchanged"] * 5
    assert len((await records.get("award", "a1")).history) == 1


async def test_every_row_has_its_own_outcome(records):
    await records.put_many([award("same", code="1"), award("other", code="2"), award("stale", code="3")])
    rows = [
        award("new", code="4"),
        award("same", code="1"),
        award("other", code="5"),
        award("stale", code="6", expected=7),
        award("taken", code="1"),
        award("not an id", code="8"),
        award("twice", code="9"),
        award("twice", code="10"),
    ]

    assert outcomes(await records.put_many(rows)) == [
        "created",
        "unchanged",
        "changed",
        "Stale",
        "Conflict",
        "Refused",
        "created",
        "changed",
    ]
    assert (await records.get("award", "twice")).state["code"] == "10"


async def test_of_rows_that_want_one_natural_key_the_first_gets_it(records):
    assert outcomes(await records.create_many([award("b"), award("a")])) == ["created", "Conflict"]


async def test_many_rows_cost_one_read_and_one_write_a_thousand(records):
    drafts = [award(f"a{n}", student=f"p{n}") for n in range(2500)]
    asked, collection = Counter(), records.collection

    class Counted:
        def __getattr__(self, name):
            asked[name] += 1
            return getattr(collection, name)

    records.collection = Counted()
    results = await records.put_many(drafts)

    assert outcomes(results) == ["created"] * 2500
    assert [one.record.id for one in results] == [draft.id for draft in drafts]
    assert asked == {"bulk_write": 3, "find": 3}  # a read to decide; what was inserted is known


async def test_a_row_that_was_overtaken_is_decided_again(records):
    await records.put(award("a1", code="1"))
    overtake(records, lambda: other_writer(records, "a1", code="stolen"))
    results = await records.put_many([award("a1", code="2"), award("a2", code="3")])

    assert outcomes(results) == ["changed", "created"]
    assert [line.version for line in results[0].record.history] == [1, 2, 3]
    assert results[0].record.state["code"] == "2"


async def test_a_change_that_was_overtaken_is_stale_and_not_taken_for_made(records):
    await records.put(award("a1", code="1"))
    overtake(records, lambda: other_writer(records, "a1", code="stolen"))

    with pytest.raises(Stale):
        await records.change(award("a1", code="2", expected=1, action="put"))
    assert (await records.get("award", "a1")).state["code"] == "stolen"


async def test_a_create_that_was_made_meanwhile_by_another_process_is_unchanged(records):
    await other_writer(records, "a1", code="ic3")

    assert (await records.create(award("a1", action="put"))).outcome == "unchanged"


async def test_writers_that_come_at_once_share_their_round_trips_and_each_gets_its_own_answer(records):
    await records.put_many([award("there", code="0"), award("taken", code="t", student="other")])
    asked, collection = Counter(), records.collection

    class Counted:
        def __getattr__(self, name):
            asked[name] += 1
            return getattr(collection, name)

    records.collection = Counted()
    drafts = [award(f"a{n}", student=f"p{n}") for n in range(30)]
    results = await asyncio.gather(
        *(records.create(draft) for draft in drafts),
        records.create(award("late", code="t", student="other")),
        records.change(award("there", code="1", expected=7)),
        records.change(award("there", code="2", expected=1)),
        return_exceptions=True,
    )

    assert outcomes(results) == ["created"] * 30 + ["Conflict", "Stale", "changed"]
    assert [one.record.id for one in results[:30]] == [draft.id for draft in drafts]
    assert asked["bulk_write"] <= 3


async def test_a_row_that_cannot_be_stored_fails_alone(records):
    drafts = [award("a1", student="p1"), award("a2", student="p2", more=2**70), award("a3", student="p3")]
    results = await asyncio.gather(*(records.create(draft) for draft in drafts), return_exceptions=True)

    assert outcomes(results) in (["created", "OverflowError", "created"], ["unchanged", "OverflowError", "created"])
    assert [(await records.get("award", f"a{n}")) is not None for n in (1, 2, 3)] == [True, False, True]


async def test_a_caller_that_is_cancelled_stops_no_other(records):
    writers = [asyncio.create_task(records.create(award(f"a{n}", student=f"p{n}"))) for n in range(6)]
    await asyncio.sleep(0)
    writers[0].cancel()
    writers[4].cancel()
    results = await asyncio.gather(*writers, return_exceptions=True)

    assert outcomes(results) == [
        "CancelledError",
        "created",
        "created",
        "created",
        "CancelledError",
        "created",
    ]


async def test_a_row_that_is_always_overtaken_is_given_up(records):
    await records.put(award("a1", code="1"))
    overtake(records, lambda: records.raise_versions({"_id": "award/a1"}), times=1000)

    with pytest.raises(Retryable):
        await records.put(award("a1", code="2"))
