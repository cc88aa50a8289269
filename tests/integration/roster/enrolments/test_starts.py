"""A completion's start is its student's earliest enrolment, whatever came first, was corrected, voided or merged."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest

from services.roster.enrolments import starts
from services.roster.facts import facts_of
from tests.heard import Heard
from tests.roster_app import running

DONE = {"program_id": "welding", "organisation_id": "central", "completed_on": "2014-05-24"}
EARLY, LATE = "2012-08-06", "2013-08-05"


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        for person in ("ann", "amy"):
            await opened.student(person)
        yield opened


@pytest.fixture
def heard(roster):
    store = roster.store
    return Heard(store.records, facts_of(store.organisations, store.merges, partial(starts.starts, store)))


async def told(heard, id="c1"):
    """The start that was told last, and whether it is known."""
    await heard.listen()
    [state] = [state for (_, record), state in heard.now("completion/").items() if record == f"completion/{id}"]
    return state["started_on"], state["start_known"]


async def version(roster, id="c1"):
    return (await roster.get(f"/completions/{id}"))["version"]


async def merge(roster, id, action, **body):
    response = await roster.ask("POST", f"/persons/{id}/{action}", json={"reason": "looked into", **body})
    assert response.status_code == 200, response.text


ENROLMENTS = {"early": {"begin": EARLY, "end": "2013-05-24"}, "late": {"begin": LATE}}


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(("early", "late", "c1"), id="the completion last"),
        pytest.param(("late", "c1", "early"), id="the earlier enrolment last"),
        pytest.param(("c1", "early", "late"), id="the completion first"),
    ],
)
async def test_the_order_of_posting_changes_no_start(roster, heard, order):
    for id in order:
        if id == "c1":
            await roster.put("/completions/c1", **DONE, student_id="ann")
        else:
            await roster.enrol(id, "ann", **ENROLMENTS[id])
        await heard.listen()

    assert await told(heard) == (EARLY, True)


async def test_exactly_the_completions_whose_start_may_be_another_are_told_again(roster, heard):
    await roster.enrol("e1", "ann", begin=LATE)
    await roster.put("/completions/c1", **DONE, student_id="ann")
    others = {"own": {"started_on": LATE}, "other": {"program_id": "baking"}, "hers": {"student_id": "amy"}}
    for id, fields in others.items():
        await roster.put(f"/completions/{id}", **{**DONE, "student_id": "ann", **fields})

    await roster.enrol("e2", "ann", begin="2013-08-06")
    await roster.enrol("e1", "ann", begin=LATE, end="2014-05-24")
    assert await version(roster) == 1
    await roster.enrol("e1", "ann", begin="2013-09-02")
    assert await told(heard) == ("2013-08-06", True)
    assert await version(roster) == 2
    await roster.enrol("e1", "ann", begin=EARLY)
    assert await told(heard) == (EARLY, True)
    await roster.void("/enrolments/e1", 4)
    assert await told(heard) == ("2013-08-06", True)
    await roster.enrol("e2", "ann", "baking", begin="2013-08-06")
    assert await told(heard) == ("2014-05-24", False)
    assert [await version(roster, id) for id in others] == [1, 2, 1]
    assert (await roster.get("/completions/c1", history="true"))["history"][-1]["action"] == "reference_changed"
    assert await roster.store.followed.count_documents({"_id": {"$gt": "begins/", "$lt": "begins0"}}) == 0


async def test_an_enrolment_of_another_id_of_the_person_counts_while_they_are_one(roster, heard):
    await roster.enrol("e1", "ann", begin=LATE)
    await roster.enrol("e2", "amy", begin=EARLY)
    await roster.put("/completions/c1", **DONE, student_id="ann")
    await roster.put("/completions/other", **{**DONE, "program_id": "baking"}, student_id="ann")
    assert await told(heard) == (LATE, True)

    await merge(roster, "ann", "merge", other="amy")
    assert await told(heard) == (EARLY, True)
    await merge(roster, "amy", "unmerge")
    assert await told(heard) == (LATE, True)
    assert await version(roster, "other") == 1


async def test_an_enrolment_that_followed_from_classes_and_gives_way_takes_its_begin_along(roster, heard):
    await roster.enrol(f"oneroster-{'0' * 8}-{'0' * 32}", "ann", begin=EARLY)
    await roster.put("/completions/c1", **DONE, student_id="ann")
    assert await told(heard) == (EARLY, True)

    await roster.enrol("e1", "ann", begin=LATE)

    assert await told(heard) == (LATE, True)


async def test_what_a_stopped_service_left_is_told_by_the_next(roster, heard, monkeypatch):
    await roster.enrol("e1", "ann", begin=LATE)
    await roster.put("/completions/c1", **DONE, student_id="ann")
    await heard.listen()

    async def killed(*_):
        raise asyncio.CancelledError

    with monkeypatch.context() as stopped:
        stopped.setattr(starts, "restate", killed)
        with pytest.raises(asyncio.CancelledError):
            await roster.enrol("e2", "ann", begin=EARLY)
    assert await told(heard) == (LATE, True)

    assert await starts.finish_left(roster.store) == 0, "it may only be slow"
    assert await starts.finish_left(roster.store, older_than=0) == 1
    assert await told(heard) == (EARLY, True)
    assert await starts.finish_left(roster.store, older_than=0) == 0


async def test_a_running_service_looks_for_what_others_left(mongo_settings, keys, monkeypatch):
    monkeypatch.setattr(starts, "LOOK_SECONDS", 0.05)
    async with running(mongo_settings, keys) as roster:
        await roster.furnish()
        await roster.student("ann")
        await roster.enrol("e1", "ann", begin=EARLY)
        await roster.put("/completions/c1", **DONE, student_id="ann")
        left = {"_id": "begins/left", "at": datetime(2025, 1, 1, tzinfo=UTC), "begins": [["ann", "welding", EARLY]]}
        await roster.store.followed.insert_one(left)

        async with asyncio.timeout(60):
            while await roster.store.followed.find_one({"_id": "begins/left"}):
                await asyncio.sleep(0.02)
        assert await version(roster) == 2, "restated once, and the note is gone"


async def test_a_refused_enrolment_tells_nothing_again(roster, heard):
    await roster.enrol("e1", "ann", begin=EARLY)
    await roster.put("/completions/c1", **DONE, student_id="ann")

    await roster.void("/enrolments/e1", 7, 412)

    assert await version(roster) == 1
    assert await roster.store.followed.count_documents({"_id": {"$gt": "begins/", "$lt": "begins0"}}) == 0
