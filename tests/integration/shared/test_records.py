"""The write path, with either driver on a real mongod and on the stand-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Conflict, NotFound, NoVersionGiven, Refused, Stale
from shared.records.store import Draft, Entry, Records
from tests.integration.shared.conftest import EVERY_STORE, NATURALS
from tests.recording import all_published, award, document, outcomes, person

pytestmark = EVERY_STORE


async def test_one_write_keeps_state_history_subjects_and_mark(records):
    before = datetime.now(UTC) - timedelta(seconds=1)
    saved = await records.create(award(key="k", digest="d"))
    stored = await document(records)

    assert saved.outcome == "created"
    assert saved.record == await records.get("award", "a1")
    assert (saved.record.key, saved.record.version, saved.record.void) == ("award/a1", 1, False)
    assert saved.record.state == {"student_id": "p1", "code": "ic3"}
    assert saved.record.subjects == ("student/p1",)
    [line] = saved.record.history
    assert (line.version, line.by, line.action, line.key, line.digest) == (1, "ann", "record", "k", "d")
    assert before < line.at == saved.record.updated_at == stored["mark"]["since"]
    assert stored["mark"]["rank"] == 0


async def test_what_looks_like_an_expression_is_kept_as_it_is(records):
    state = {"$set": "$version", "a.b": {"$add": [1, 2]}, "list": ["$$NOW"]}
    entry = Entry("$version", "$action", why="$$ROOT")
    saved = await records.put(Draft("$kind", "x1", state, entry, subjects=("$subject",)))

    assert saved.record.state == state
    assert saved.record.subjects == ("$subject",)
    assert (saved.record.history[0].by, saved.record.history[0].why) == ("$version", "$$ROOT")


async def test_a_changed_state_replaces_the_old_one_whole(records):
    await records.put(award(result={"passed": True, "on": "2025-03-01"}))
    saved = await records.put(award(result={"passed": False}))

    assert saved.outcome == "changed"
    assert saved.record.state["result"] == {"passed": False}
    assert [line.version for line in saved.record.history] == [1, 2]


async def test_a_create_sent_again_is_answered_with_the_current_state(records):
    await records.create(award(digest="d"))
    await records.put(award(code="a+", digest="e"))
    again = await records.create(award(digest="d"))

    assert (again.outcome, again.record.version, again.record.state["code"]) == ("unchanged", 2, "a+")
    with pytest.raises(Refused, match="another body"):
        await records.create(award(digest="x"))


async def test_what_changes_nothing_writes_nothing(records):
    await records.put(award())
    await all_published(records)
    stored = await document(records)
    records.written.clear()

    assert (await records.put(award())).outcome == "unchanged"
    assert outcomes(await records.put_many([award(), award("a2", code="b")])) == ["unchanged", "created"]
    assert await document(records) == stored
    assert "mark" not in stored


async def test_subjects_are_only_ever_added(records):
    await records.put(award())
    await records.collection.update_one({"_id": "award/a1"}, {"$addToSet": {"subjects": "student/noted-by-relay"}})
    saved = await records.put(award(student="p2"))

    assert set(saved.record.subjects) == {"student/p1", "student/noted-by-relay", "student/p2"}


async def test_a_version_that_was_overtaken_is_stale(records):
    await records.put(award())
    await records.put(award(code="a+", expected=1))

    with pytest.raises(Stale):
        await records.put(award(code="b", expected=1))
    with pytest.raises(Stale):
        await records.change(award(code="b", expected=1))


async def test_a_change_is_made_once_whatever_is_sent_again(records):
    await records.create(award())
    first = await records.change(award(code="a+", expected=1, key="k", digest="d"))
    await records.put(award(code="b"))
    again = await records.change(award(code="a+", expected=1, key="k", digest="d"))

    assert (first.outcome, again.outcome) == ("changed", "unchanged")
    assert (again.record.version, again.record.state["code"]) == (3, "b")
    with pytest.raises(Refused, match="another body"):
        await records.change(award(code="c", expected=1, key="k", digest="x"))


async def test_a_change_needs_a_record_and_a_version(records):
    with pytest.raises(NotFound):
        await records.change(award(expected=1))
    await records.create(award())
    with pytest.raises(NoVersionGiven):
        await records.change(award(code="b"))


async def test_a_natural_key_is_taken_once_and_named(records):
    await records.create(award("a1"))

    with pytest.raises(Conflict, match="award a1") as refused:
        await records.create(award("a2"))
    assert refused.value.existing == "a1"
    assert await records.get("award", "a2") is None


async def test_a_void_record_frees_its_natural_key(records):
    await records.create(award("a1"))
    await records.change(award("a1", expected=1, void=True))

    assert (await records.create(award("a2"))).outcome == "created"
    with pytest.raises(Conflict):
        await records.change(award("a1", expected=2, void=False))


async def test_a_record_that_is_void_from_the_beginning_holds_no_natural_key(records):
    made = await records.create(award("a1", void=True))

    assert (made.record.void, (await document(records))["void"]) == (True, True)
    assert await records.find("award", {}, limit=10) == []
    assert (await records.create(award("a2"))).outcome == "created"


async def test_a_record_outside_a_natural_key_is_held_to_nothing(records):
    one = Draft("award", "a1", {"student_id": "p1"}, Entry("ann", "put"))
    two = Draft("award", "a2", {"student_id": "p1"}, Entry("ann", "put"))
    other_kind = Draft("catalogue", "c1", {"student_id": "p1", "code": "ic3"}, Entry("ann", "put"))

    await records.put(award("a9"))
    assert outcomes(await records.put_many([one, two, other_kind])) == ["created"] * 3
    assert outcomes(await records.put_many([award("n1", code=None), award("n2", code=None)])) == ["created"] * 2


async def test_a_natural_key_that_grows_holds_old_records_and_takes_the_place_of_the_narrower_one(records):
    await records.create(award())
    await records.create(award("a2", student_id="p2", nth=2))
    [old] = [one for one in NATURALS if one.name == "one_award"]
    wider = replace(old, name="one_award_each_time", maybe=("nth",), instead_of="one_award")

    grown = Records(records.database, naturals=[wider])
    for _ in range(2):
        await grown.prepare()

    with pytest.raises(Conflict) as taken:
        await grown.create(award("a3"))
    assert (taken.value.existing, "student_id and code; change" in taken.value.detail) == ("a1", True)
    await grown.create(award("a3", nth=2))
    with pytest.raises(Conflict) as taken:
        await grown.create(award("a4", student_id="p2", nth=2))
    assert taken.value.existing == "a2"
    assert "one_award" not in await records.collection.index_information()


async def test_a_natural_key_through_an_array_holds_for_each_element(records):
    mixed = [person("p1", ("a", "1"), ("b", "2")), person("p2", ("a", "2"), ("b", "1")), person("p3")]
    assert outcomes(await records.put_many(mixed)) == ["created"] * 3

    with pytest.raises(Conflict) as refused:
        await records.put(person("p4", ("c", "1"), ("b", "2")))
    assert refused.value.existing == "p1"
    assert (await records.put(person("p5"))).outcome == "created"


async def test_records_are_found_in_the_order_of_their_ids_page_by_page(records):
    ids = ["a-1", "a1", "a_1", "aB", "ab"]
    await records.put_many([award(id, code=id) for id in ids])
    await records.put(Draft("awards", "zz", {}, Entry("ann", "put")))
    await records.change(award("a_1", code="a_1", expected=1, void=True))

    found, after = [], None
    while page := await records.find("award", {"state.student_id": "p1"}, after=after, limit=2):
        found += [record.id for record in page]
        after = page[-1].id
    assert found == sorted(set(ids) - {"a_1"})
    everything = await records.find("award", {}, limit=100, include_void=True)
    assert [record.id for record in everything] == sorted(ids)


async def test_several_are_got_by_id(records):
    await records.put_many([award("a1", code="1"), award("a2", code="2")])

    assert set(await records.get_many("award", ["a1", "a2", "a3"])) == {"a1", "a2"}
    assert await records.get("award", "a3") is None


async def test_preparing_twice_does_no_harm(records):
    await records.prepare()
    await records.create(award())

    with pytest.raises(Conflict):
        await records.create(award("a2"))
