"""One person per human: merged and unmerged by hand or by the state student id, and what is still to be decided."""

import asyncio
from functools import partial

import pytest

from services.roster.enrolments.starts import starts
from services.roster.facts import facts_of
from services.roster.persons import following
from services.roster.store import Store
from shared.records.record import Record
from shared.roster_copy.merges import Merges
from tests.roster_app import NAMES, running


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def merge(roster, id, other, status=200):
    response = await roster.ask("POST", f"/persons/{id}/merge", json={"other": other, "reason": "the family said so"})
    assert response.status_code == status, response.text
    return response.json()


async def unmerge(roster, id, status=200):
    response = await roster.ask("POST", f"/persons/{id}/unmerge", json={"reason": "two cousins"})
    assert response.status_code == status, response.text
    return response.json()


async def decide(roster, id, status=200, **body):
    response = await roster.ask("POST", f"/persons/conflicts/{id}", json={"reason": "looked into", **body})
    assert response.status_code == status, response.text
    return response.json()


async def published(roster):
    """What a consumer hears by now, as (subject, record) -> state; records are as the relay would tell them."""
    records = [Record.of(each) async for each in roster.store.raw.find({"kind": {"$ne": "organisation"}})]
    facts = await facts_of(roster.store.organisations, roster.store.merges, partial(starts, roster.store))(records)
    return {(subject, key): fact for key, told in facts.items() for subject, fact in told}


async def test_a_merged_persons_records_are_the_survivors_and_come_back(roster):
    await roster.student("ann", "north-high")
    await roster.student("amy", "south-high", sources=[{"source": "south", "sourced_id": "v1"}])
    await roster.enrol("ea", "ann")
    await roster.enrol("eb", "amy", at="south-sat")
    for name in ("ann", "amy"):
        await roster.put(f"/students/{name}/demographics/2024-25", sex="female")
    before = await published(roster)

    done = await merge(roster, "ann", "south:v1")
    assert (done["outcome"], done["survivor"], done["merged"]) == ("changed", "ann", "amy")
    assert done["moves"] == {"enrolment": 1, "completion": 0, "demographics": 1, "outcome": 0}
    assert done["notes"] == ["both have demographics of 2024-25: the survivor's hold, the other's are kept"]
    now = await published(roster)
    assert now["student/ann", "enrolment/eb"].student_id == "ann"
    assert ("student/amy", "enrolment/eb") not in now
    assert now["student/amy", "student/amy"].merged_into == "ann"
    assert now["student/ann", "student/amy"].logged_as == "amy"
    assert now["student/ann", "demographics/amy-2024-25"].logged_as == "amy"
    assert (await roster.get("/enrolments/eb", history="true"))["history"][-1]["action"] == "reference_changed"
    assert (await roster.get("/enrolments/ea"))["version"] == 1
    assert (await merge(roster, "ann", "amy"))["outcome"] == "unchanged"

    apart = await unmerge(roster, "amy")
    assert (apart["outcome"], apart["survivor"], apart["merged"]) == ("changed", "ann", "amy")
    assert await published(roster) == before
    assert (await unmerge(roster, "amy"))["outcome"] == "unchanged"


async def test_any_id_of_a_merged_person_means_the_survivor(roster):
    await roster.student("ann", state_student_id="1")
    await roster.student("amy", "south-high", sources=[{"source": "south", "sourced_id": "v1"}])
    await merge(roster, "ann", "amy")

    for name in ("amy", "south:v1", "stateStudentId:1"):
        assert (await roster.get(f"/students/{name}"))["id"] == "ann"
    assert await roster.ids("/students") == ["ann"]
    assert await roster.ids("/students", ids="amy") == ["ann"]
    assert await roster.ids("/students", identifier="south:v1") == ["ann"]
    enrolled = await roster.enrol("e1", "south:v1")
    assert enrolled["student_id"] == "ann"
    assert await roster.ids("/enrolments", student_id="stateStudentId:1") == ["e1"]
    for claim in ("ann", "amy"):
        me = roster.by("student", student_id=claim)
        assert await me.ids("/enrolments") == ["e1"]
        assert (await me.get("/students/amy"))["id"] == "ann"
    assert await roster.by("instructor", programs=["welding"], campuses=["central"]).ids("/students") == ["ann"]
    sources = await roster.get("/persons/amy/sources")
    assert [(each["id"], each["merged_into"], each["reason"]) for each in sources["records"]] == [
        ("ann", None, None),
        ("amy", "ann", "the family said so"),
    ]
    again = await roster.student("south:v1", "south-high", state_student_id="1")
    assert (again["id"], again["outcome"]) == ("amy", "unchanged")
    done = await roster.put(
        "/completions/c1", student_id="ann", program_id="welding", organisation_id="central", completed_on="2025-05-22"
    )
    assert (done["started_on"], done["begun_on"]) == (None, "2024-08-05")


async def test_chains_are_followed_and_circles_refused(roster):
    for name in ("p1", "p2", "p3"):
        await roster.student(name)
        await roster.enrol(f"e-{name}", name)
    await merge(roster, "p2", "p3")
    await merge(roster, "p1", "p2")

    assert {subject for subject, key in await published(roster) if key == "enrolment/e-p3"} == {"student/p1"}
    assert (await roster.get("/students/p3"))["id"] == "p1"
    for name in ("p2", "p3"):
        assert "survives" in (await merge(roster, name, "p1", 409))["detail"]
    await merge(roster, "p1", "p1", 409)
    await merge(roster, "p1", "nobody", 404)
    assert "p2" in (await unmerge(roster, "p1", 409))["detail"]
    await roster.void("/students/p1", 1, 409)

    await unmerge(roster, "p2")
    assert {subject for subject, key in await published(roster) if key == "enrolment/e-p3"} == {"student/p2"}


async def test_two_who_merge_each_other_at_the_same_moment_make_no_circle(roster):
    await roster.student("p1")
    await roster.student("p2")

    await asyncio.gather(*(
        roster.ask("POST", f"/persons/{one}/merge", json={"other": other, "reason": "same"})
        for one, other in (("p1", "p2"), ("p2", "p1"))
    ))  # fmt: skip

    assert len((await roster.store.merges()).into) <= 1


@pytest.mark.parametrize("later", [("p1", "p2"), ("p2", "p1")])
async def test_of_two_who_merge_each_other_the_later_takes_it_back_whoever_it_is(roster, monkeypatch, later):
    """Whoever looked before the other wrote, and wrote after the other looked, is the one to notice."""
    survivor, other = later
    await roster.student("p1")
    await roster.student("p2")
    await merge(roster, other, survivor)
    real, looks = Store.merges, 0

    async def out_of_date_at_first(store: Store) -> Merges:
        nonlocal looks
        looks += 1
        return Merges() if looks == 1 else await real(store)

    with monkeypatch.context() as late:
        late.setattr(Store, "merges", out_of_date_at_first)
        answer = await roster.ask("POST", f"/persons/{survivor}/merge", json={"other": other, "reason": "same"})

    assert answer.status_code == 409
    assert (await roster.store.merges()).into == {survivor: other}


async def test_a_crash_between_the_merge_and_its_following_is_made_good(roster, monkeypatch):
    await roster.student("p1")
    await roster.student("p2")
    await roster.enrol("e2", "p2")

    class PowerCut(Exception):
        pass

    async def cut(*_):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(roster.store.records, "raise_versions", cut)
        body = {"other": "p2", "reason": "same"}
        assert (await roster.ask("POST", "/persons/p1/merge", json=body)).status_code == 500
    assert (await roster.get("/enrolments/e2"))["version"] == 1

    await following.follow(roster.store)
    await following.follow(roster.store)
    assert (await roster.get("/enrolments/e2"))["version"] == 2


async def test_the_state_id_that_arrives_later_makes_one_person_with_its_reason(roster):
    await roster.student("north:u1", "north-high", state_student_id="1")
    await roster.student("south:v1", "south-high")
    await roster.enrol("e1", "south:v1", at="south-sat")
    assert len(await roster.ids("/students")) == 2

    trial = await roster.load("students", CAME_LATER, dry_run=True)
    assert (trial["changed"], trial["refused"]) == (1, 0)
    assert len(await roster.ids("/students")) == 2
    done = await roster.load("students", CAME_LATER)

    assert (done["refused"], done["problems"]) == (0, [])
    (person,) = await roster.ids("/students")
    assert (await roster.get("/enrolments/e1"))["student_id"] == person
    how = (await roster.get(f"/persons/{person}/sources"))["records"][1]
    assert "same stateStudentId" in how["reason"]
    assert (await roster.get("/persons/conflicts"))["items"] == []

    # Undone by hand, it is not done again by the next file: the row is taken without the number.
    await unmerge(roster, "south:v1")
    again = await roster.load("students", CAME_LATER)
    assert (again["refused"], again["changed"]) == (0, 1)
    assert ["as was decided" in each["problem"] for each in again["warnings"]] == [True]
    assert len(await roster.ids("/students")) == 2
    assert (await roster.get("/persons/conflicts"))["items"] == []


CAME_LATER = """\
given_name,family_name,state_student_id,source,sourced_id
SAMPLE,Student,1,south,v1
"""


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"given_name": "Other"}, "the given names differ", id="names"),
        pytest.param({"state_student_id": "2"}, "both have a state student id, and not the same", id="two state ids"),
        pytest.param(
            {"sources": [{"source": "north", "sourced_id": "u9"}]}, "north knows them as two students", id="one source"
        ),
    ],
)
async def test_what_contradicts_is_a_conflict_that_somebody_decides_once(roster, fields, why):
    await roster.student("p1", sources=[{"source": "north", "sourced_id": "u1"}], state_student_id="1")
    await roster.student("p2", "south-high", **{"sources": [{"source": "south", "sourced_id": "v1"}], **fields})
    row = next(iter((await roster.get("/students/p2"))["identifiers"]))
    told = {**NAMES, **{name: value for name, value in fields.items() if "name" in name}, "state_student_id": "1"}

    refused = await roster.put(f"/students/{row}", 409, **told)
    (conflict,) = (await roster.get("/persons/conflicts"))["items"]
    assert conflict["id"] in refused["detail"]
    assert (conflict["why"], [each["id"] for each in conflict["persons"]]) == ([why], ["p1", "p2"])
    assert (await roster.by("data_manager", districts=["north"]).get("/persons/conflicts"))["items"] == []

    await decide(roster, conflict["id"], decision="two_persons")
    taken = await roster.put(f"/students/{row}", 200, **told)
    assert (taken["id"], taken["state_student_id"]) == ("p2", fields.get("state_student_id"))
    assert (await roster.get("/persons/conflicts"))["items"] == []
    done = await decide(roster, conflict["id"], decision="merge", survivor="p2")
    assert done == {"id": conflict["id"], "decided": "merged", "survivor": "p2"}
    assert (await roster.get("/students/p1"))["id"] == "p2"


async def test_a_row_that_brings_a_new_name_and_a_number_at_once_joins_nobody(roster):
    await roster.student("p1", state_student_id="1")
    await roster.student("p2", sources=[{"source": "south", "sourced_id": "v1"}])

    told = {"given_name": "Other", "family_name": "Student", "state_student_id": "1"}
    await roster.put("/students/south:v1", 409, **told)

    (conflict,) = (await roster.get("/persons/conflicts"))["items"]
    assert conflict["why"] == ["the given names differ"]
    assert set(await roster.ids("/students")) == {"p1", "p2"}
