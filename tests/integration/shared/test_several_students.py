"""A record of several students is reached by any, follows each, and forgets one without being lost to the others."""

import json
from uuid import uuid4

import pytest

from shared.contracts import catalogue
from shared.contracts.roster import alias_digest
from shared.doors.auth import Caller, Identity, Reach, Rows
from shared.errors import Stale
from shared.producer.life import facts_of, outside
from shared.records.outbox import Outbox
from shared.records.record import Draft, Entry
from shared.records.relay import _ready
from shared.roster_copy.students import UNDER
from tests import made_up_producer
from tests.made_up_producer import MEETING, PRODUCER, Met, Visited
from tests.producer_app import merged, student

EVERYBODY = Caller(Identity("all", frozenset()), Reach(Identity("all", frozenset()), frozenset({Rows.ALL})))


@pytest.fixture
async def app(mongo_settings, keys, monkeypatch):
    for fact in (Met, Visited):
        monkeypatch.setitem(catalogue.BY_KIND, fact.kind, fact)
    async with made_up_producer.running(mongo_settings, keys) as opened:
        yield opened


async def meet(app, *students, status=201, key=None, **more):
    body = {"student_ids": students, "organisation_id": "central", "on": "2025-05-20", **more}
    answer = await app.ask("POST", "/meetings", json=body, headers={"Idempotency-Key": key or uuid4().hex})
    assert answer.status_code == status, answer.text
    return answer.json()


async def change(app, id, version, status=200, **body):
    answer = await app.ask("PATCH", f"/meetings/{id}", json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == status, answer.text
    return answer.json()


async def ids(app, **params):
    return [one["id"] for one in (await app.get("/meetings", **params))["items"]]


async def kept(app, id):
    """The document, whole, as the database has it."""
    return await app.desk.records.collection.find_one({"_id": f"meeting/{id}"})


async def said(app, id):
    """What the relay would say of it now, by subject; None: that it is withdrawn."""
    [one] = [one for one in await Outbox(app.desk.records).oldest(100) if one.record.id == id]
    facts = await facts_of(app.desk)([one.record])
    subjects = [subject for told in facts.values() for subject, _ in told]
    assert len(set(subjects)) == len(subjects), "to nobody twice"
    messages = _ready(one.record, facts.get(one.record.key, ())).messages
    return {message.key.decode(): json.loads(message.value)["state"] for message in messages}


async def forget(app, *ids):
    return await outside(PRODUCER).forgetting.erase(app.desk.records.database, ids, ids)


@pytest.mark.parametrize(
    ("who", "claims", "reads"),
    [
        pytest.param(
            "instructor", {"programs": ["welding"], "campuses": ["central"]}, True, id="who teaches the first"
        ),
        pytest.param(
            "instructor", {"programs": ["nursing"], "campuses": ["central"]}, True, id="who teaches the other"
        ),
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["south-campus"]}, False, id="neither's"),
        pytest.param("coordinator", {"campuses": ["central"]}, True, id="a campus"),
        pytest.param("data_manager", {"districts": ["south"]}, True, id="the district of one"),
        pytest.param("student", {"student_id": "p3"}, True, id="one of them"),
        pytest.param("student", {"student_id": "p2"}, False, id="none of them"),
    ],
)
async def test_whoever_reaches_one_of_them_reaches_the_record(app, who, claims, reads):
    id = (await meet(app, "p1", "p3"))["id"]
    caller = app.by(who, **claims)

    assert await ids(caller) == ([id] if reads else [])
    await caller.get(f"/meetings/{id}", 200 if reads else 404)
    assert await ids(app, student="p3") == [id]
    assert await ids(app, student="p2") == []


async def test_one_that_names_nobody_is_reached_by_its_place(app):
    id = (await meet(app))["id"]
    here, there = (app.by("coordinator", campuses=[campus]) for campus in ("central", "south-campus"))
    refused = await meet(there, on="2025-05-21", status=422)

    assert (await ids(here), await ids(there)) == ([id], [])
    await here.get(f"/meetings/{id}")
    await there.get(f"/meetings/{id}", 404)
    assert "beyond your reach" in refused["detail"]


async def test_who_files_it_must_be_one_to_file_it_of_each_of_them(app):
    teacher = app.by("instructor", programs=["welding"], campuses=["central"])
    beyond = await meet(teacher, "p1", "p3", status=422)
    unknown = await meet(teacher, "p1", "nobody", status=422)
    await meet(teacher, "p1", "stateStudentId:900001", "north-sis:u-1")
    [only] = (await app.get("/meetings"))["items"]

    assert beyond["detail"].replace("p3", "nobody") == unknown["detail"]
    assert only["student_ids"] == ["p1"], "by whichever name, one person is named once"
    assert UNDER not in (await kept(app, only["id"]))["state"]


async def test_a_file_names_several_in_one_cell_and_a_twin_is_of_the_same_persons(app):
    text = "student_ids,organisation_id,on\nstateStudentId:900001;p3,central,2025-05-20\np9,central,2025-05-21\n"
    first, again = await app.load("meetings", text), await app.load("meetings", text)
    [one] = (await app.get("/meetings"))["items"]
    same = await meet(app, "p3", "p1", status=409)
    other = await meet(app, "p3", status=409)

    assert (first["created"], first["refused"], again["unchanged"]) == (1, 1, 1)
    assert one["student_ids"] == ["p1", "p3"]
    assert "says the same already" in same["detail"]
    assert "with other values" in other["detail"]


@pytest.mark.parametrize(
    ("campuses", "told"),
    [
        pytest.param(["central", "south-campus"], True, id="who reaches its students"),
        pytest.param(["south-campus"], False, id="who does not"),
    ],
)
async def test_whoever_reaches_what_stands_in_the_way_is_told_which_it_is(app, campuses, told):
    id = (await meet(app, "p1"))["id"]
    refused = await meet(app.by("coordinator", campuses=campuses), "p2", status=409)

    assert (refused.get("existing") == id, id in str(refused)) == (told, told)


async def test_what_is_set_right_stays_theirs(app):
    id = (await meet(app, "p1", "p3"))["id"]
    changed = await change(app, id, 1, note="in the evening")
    await change(app, id, 2, 422, student_ids=["p1"])

    assert (changed["student_ids"], changed["note"]) == (["p1", "p3"], "in the evening")


async def test_two_of_them_who_are_merged_are_told_of_once_and_go_apart_again(app):
    id = (await meet(app, "p1", "p3"))["id"]
    other = (await meet(app, "p2", on="2025-05-21"))["id"]
    await app.told(merged("p3", "p1", 2))
    joined = await said(app, id)
    await app.told(merged("p3", None, 3))

    assert joined == {"student/p1": {"student_ids": ["p1"], "on": "2025-05-20"}, "student/p3": None}
    assert {subject: state["student_ids"] for subject, state in (await said(app, id)).items()} == {
        "student/p1": ["p1"],
        "student/p3": ["p3"],
    }
    assert (await app.get(f"/meetings/{id}"))["version"] == 3
    assert (await app.get(f"/meetings/{other}"))["version"] == 1


async def test_an_id_that_goes_over_to_another_student_moves_no_record_of_several(app):
    id = (await meet(app, "north-sis:u-1", "p3"))["id"]
    # As a kind would have it that notes the id all the same.
    under = {f"state.{UNDER}": alias_digest("north-sis:u-1")}
    await app.desk.records.collection.update_one({"_id": f"meeting/{id}"}, {"$set": under})
    await app.told(student("p1", "stateStudentId:900001", version=2), student("p2", "north-sis:u-1", version=2))

    assert (await app.get(f"/meetings/{id}"))["student_ids"] == ["p1", "p3"]


async def test_one_who_is_forgotten_leaves_the_record_to_the_others(app):
    id = (await meet(app, "p1", "p3", note="of both", key="k1"))["id"]
    await change(app, id, 1, note="of the two", reason="p3 was there too")
    done = await forget(app, "p3")
    left, document = await app.get(f"/meetings/{id}", history="true"), await kept(app, id)
    told = await said(app, id)

    assert done["records"] == 1
    assert (left["student_ids"], left["note"], left["version"], left["void"]) == (["p1"], "of the two", 3, False)
    assert [(one["action"], one["why"]) for one in left["history"]] == [("erased", "")]
    assert "p3" not in str({**document, "subjects": ()})
    assert told == {"student/p1": {"student_ids": ["p1"], "on": "2025-05-20"}, "student/p3": None}
    assert (await forget(app, "p3"))["records"] == 0, "once is enough"
    await meet(app, "p1", "p3", note="of both", key="k1", status=422)
    await change(app, id, 3, note="of the other")


@pytest.mark.parametrize("order", [("p1", "p3"), ("p3", "p1")])
async def test_when_nobody_is_left_the_record_is_erased(app, order):
    id = (await meet(app, "p1", "p3", note="of both"))["id"]
    for one in order:
        await forget(app, one)
    document = await kept(app, id)

    assert (document["state"], document["gone"], document["void"]) == ({}, "erased", True)
    assert set((await said(app, id)).values()) == {None}


async def test_a_merged_person_is_forgotten_under_every_id(app):
    both = (await meet(app, "p1", "p3"))["id"]
    beside = (await meet(app, "p3", "p2", on="2025-05-21"))["id"]
    await app.told(merged("p3", "p1", 2))
    done = await forget(app, "p1", "p3")
    told = await said(app, beside)

    assert done["records"] == 2
    assert (await kept(app, both))["gone"] == "erased"
    assert (await app.get(f"/meetings/{beside}"))["student_ids"] == ["p2"]
    assert {subject for subject, state in told.items() if state is None} == {"student/p1", "student/p3"}


async def test_a_void_record_forgets_too(app):
    id = (await meet(app, "p1", "p3"))["id"]
    answer = await app.ask("POST", f"/meetings/{id}/void", json={"reason": "p3"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    await forget(app, "p3")

    assert "p3" not in str({**await kept(app, id), "subjects": ()})
    assert (await kept(app, id))["void"]


async def test_who_changes_it_while_one_is_forgotten_does_not_bring_the_id_back(app):
    id = (await meet(app, "p1", "p3"))["id"]

    async def decide(record):
        await forget(app, "p3")
        return MEETING.draft(id, {**record.state, "note": "late"}, Entry(by="a", action="correct"))

    with pytest.raises(Stale):
        await app.desk.change(
            "meeting", id, caller=EVERYBODY, entry=Entry(by="a", action="correct"), expected=1, decide=decide
        )
    assert "p3" not in str({**await kept(app, id), "subjects": ()})


async def test_a_relay_that_read_it_before_leaves_it_to_be_withdrawn(app):
    records, outbox = app.desk.records, Outbox(app.desk.records)
    # As of one that no draft named a subject of: the relay finds out whom it concerns.
    await records.create(
        Draft("meeting", "m1", {"student_ids": ["p1", "p3"], "on": "2025-05-20"}, Entry("a", "record"))
    )
    await records.collection.update_one({"_id": "meeting/m1"}, {"$set": {"subjects": ["student/p1"]}})
    [slow] = await outbox.oldest(100)
    await forget(app, "p3")
    quick = await said(app, "m1")
    await outbox.note_subjects({"meeting/m1": ["student/p3"]})
    await outbox.published([slow.record])

    assert quick["student/p3"] is None, "told at the higher version, whichever of the two comes last"
    assert await said(app, "m1") == quick, "what was read before takes no mark off"


async def test_what_nobody_was_told_of_is_not_told_to_be_withdrawn(app):
    await app.desk.records.create(Draft("meeting", "m1", {"student_ids": ["p1", "p3"]}, Entry("a", "record")))
    await forget(app, "p3")

    assert (await kept(app, "m1"))["subjects"] == []
