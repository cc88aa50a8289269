"""A source id that was taken for somebody else's becomes a person of its own again, facts included; and back."""

import re
from typing import Any

import pytest

from services.roster.erasing import erase_person, person_of
from services.roster.facts import facts_of
from services.roster.persons import moving, separating
from shared.records.record import Record
from tests.integration.roster.persons.test_claims import load
from tests.oneroster_zips import demographics, user
from tests.roster_app import Roster, running

SHARED = {"sources": [{"source": "sis", "sourced_id": "t1"}, {"source": "sis", "sourced_id": "t2"}]}


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def one_of_two(roster: Roster) -> None:
    """Two children under one number, as they were taken for one: facts under either source id, and under none."""
    await roster.student("p1", given_name="Carla", state_student_id="20001", **SHARED)
    await roster.enrol("e1", "sis:t1")
    await roster.enrol("e2", "sis:t2")
    await roster.enrol("e3", "p1", "baking")
    placed = {"program_id": "welding", "organisation_id": "central", "completed_on": "2025-05-22"}
    await roster.put("/completions/c2", student_id="sis:t2", **placed)
    await roster.put("/students/sis:t2/demographics/2024-25", sex="male")
    told = {"placement": "military", "source": "survey", "observed_on": "2025-06-01", "found_by": "survey"}
    await roster.put("/outcomes/o2", student_id="sis:t2", **told)


async def separate(roster: Roster, name: str = "sis:t2", status: int = 200, person: str = "p1") -> Any:
    body = {"reason": "two children of one number"}
    response = await roster.ask("POST", f"/persons/{person}/sources/{name}/separate", json=body)
    assert response.status_code == status, response.text
    return response.json()


async def told(roster: Roster) -> dict[str, dict[str, Any]]:
    """What is published by now: the kinds of facts of each subject, with how many of each."""
    records = [Record.of(each) async for each in roster.store.raw.find({"kind": {"$ne": "organisation"}})]
    facts = await facts_of(roster.store.organisations, roster.store.merges)(records)
    found: dict[str, dict[str, Any]] = {}
    for key, outgoing in facts.items():
        for subject, _ in outgoing:
            kinds = found.setdefault(subject, {})
            kind = key.partition("/")[0]
            kinds[kind] = kinds.get(kind, 0) + 1
    return {subject: kinds for subject, kinds in found.items() if subject.startswith("student/")}


async def test_what_was_sent_under_the_source_id_goes_with_it_and_comes_back_with_a_merge(roster):
    await one_of_two(roster)
    everything = {"enrolment": 3, "completion": 1, "demographics": 1, "outcome": 1}
    assert await told(roster) == {"student/p1": {"student": 1, **everything}}

    done = await separate(roster)

    assert done["moves"] == {"enrolment": 1, "completion": 1, "demographics": 1, "outcome": 1}
    assert done["notes"] == [
        "sent under no source id, and left with p1: 1 enrolment; PUT what is the other's again",
        "awards and assessments of p1 follow where they were logged under this id; look through the others",
    ]
    other = done["separated"]
    assert await told(roster) == {
        "student/p1": {"student": 1, "enrolment": 2},
        f"student/{other}": {"student": 1, "enrolment": 1, "completion": 1, "demographics": 1, "outcome": 1},
    }
    assert (await roster.get("/students/sis:t2"))["id"] == other
    assert (await roster.get("/students/stateStudentId:20001"))["id"] == "p1"
    last = (await roster.get("/enrolments/e2", history="true"))["history"][-1]
    assert (last["action"], last["why"]) == ("separate", "two children of one number")
    assert (await roster.get("/enrolments/e2"))["student_id"] == other
    again = await separate(roster)
    assert (again["outcome"], again["separated"]) == ("unchanged", other)

    merged = await roster.ask("POST", "/persons/p1/merge", json={"other": other, "reason": "one after all"})
    assert merged.json()["moves"] == {"enrolment": 1, "completion": 1, "demographics": 1, "outcome": 1}
    now = await told(roster)
    assert now["student/p1"] == {"student": 2, **everything}
    assert now[f"student/{other}"] == {"student": 1}
    assert (await separate(roster))["separated"] == other
    assert (await told(roster))["student/p1"] == {"student": 1, "enrolment": 2}


async def test_the_refusal_of_a_corrected_number_names_what_gives_both_children_their_own(roster):
    groups = [demographics("t2", sex="male")]
    first = user("t1", "20001", givenName="Carla", familyName="Made-Up")
    second = user("t2", "20002", givenName="Dmitri", familyName="Made-Up")
    await load(roster, "sis", first)
    carla = await roster.get("/students/sis:t1")
    body = {name: carla[name] for name in ("given_name", "family_name", "state_student_id", "years")}
    await roster.put(f"/students/{carla['id']}", **body, **SHARED)
    other = user("t2", "20001", givenName="Dmitri", familyName="Made-Up")
    (note,) = (await load(roster, "sis", first, other, demographics=groups))["problems"]
    assert (note["effect"], note["column"], note["value"]) == ("note", "givenName", "Dmitri")
    assert "/separate" in note["what_would_work"]

    found = (await load(roster, "sis", first, second, demographics=groups))["problems"]
    (problem,) = [each for each in found if each["code"] == "another_number"]
    route = re.search(r"POST /v1(\S+/separate)", problem["what_would_work"])
    assert route
    assert "If-Match" not in problem["what_would_work"]
    answer = await roster.ask("POST", route[1], json={"reason": "two children"})
    assert answer.json()["moves"]["demographics"] == 1
    done = await load(roster, "sis", first, second, demographics=groups)

    assert done["problems"] == []
    people = {each["given_name"]: each["state_student_id"] for each in (await roster.get("/students"))["items"]}
    assert people == {"Carla": "20001", "Dmitri": "20002"}
    assert (await roster.get("/students/sis:t2"))["id"] == answer.json()["separated"]


async def test_what_is_no_source_id_of_the_person_is_not_there(roster):
    await one_of_two(roster)
    await roster.student("p2", sources=[{"source": "sis", "sourced_id": "t9"}])

    for name in ("sis:t9", "sis:nobody", "stateStudentId:20001", "p1"):
        await separate(roster, name, 404)
    assert "of its own already" in (await separate(roster, "sis:t9", 409, person="p2"))["detail"]
    north = roster.by("data_manager", districts=["south"])
    await separate(north, "sis:t2", 404)


async def test_a_source_id_is_merged_with_its_record_and_separated_with_it(roster):
    await roster.student("p1")
    await roster.student("p2", sources=[{"source": "sis", "sourced_id": "t9"}])
    await roster.enrol("e9", "sis:t9")
    await roster.ask("POST", "/persons/p1/merge", json={"other": "p2", "reason": "one"})

    done = await separate(roster, "sis:t9")

    assert (done["separated"], done["moves"]["enrolment"]) == ("p2", 1)
    assert (await roster.get("/students/sis:t9"))["id"] == "p2"
    assert (await separate(roster, "sis:t9"))["outcome"] == "unchanged"


class PowerCut(Exception):
    pass


@pytest.mark.parametrize("where", ["_new", "note_decision", "follow_names"])
async def test_a_crash_anywhere_in_it_is_made_good_at_the_next_start(roster, monkeypatch, where):
    await one_of_two(roster)

    async def cut(*_):
        raise PowerCut

    def cut_at_once(*_):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(separating, where, cut_at_once if where == "_new" else cut)
        body = {"reason": "two children"}
        assert (await roster.ask("POST", "/persons/p1/sources/sis:t2/separate", json=body)).status_code == 500

    await separating.finish_separations(roster.store)
    await separating.finish_separations(roster.store)
    other = (await roster.get("/students/sis:t2"))["id"]
    assert other != "p1"
    assert (await told(roster))[f"student/{other}"] == {
        "student": 1,
        "enrolment": 1,
        "completion": 1,
        "demographics": 1,
        "outcome": 1,
    }
    assert await roster.store.followed.count_documents({"_id": {"$regex": "^(separate|names)/"}}) == 0


async def test_a_source_id_that_is_put_elsewhere_takes_its_facts_along(roster, monkeypatch):
    await one_of_two(roster)
    first = {"sources": SHARED["sources"][:1]}
    version = (await roster.get("/students/p1"))["version"]
    await roster.student("p1", version=version, state_student_id="20001", **first)
    assert (await roster.get("/enrolments/e2"))["student_id"] == "p1"

    async def cut(*_):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr("services.roster.desk.batch.follow_names", cut)
        put = {"given_name": "Dmitri", "family_name": "Made-Up"}
        assert (await roster.ask("PUT", "/students/sis:t2", json=put)).status_code == 500
    await moving.follow_pending(roster.store)

    other = (await roster.get("/students/sis:t2"))["id"]
    assert (await roster.get("/enrolments/e2"))["student_id"] == other
    assert (await roster.get("/enrolments/e3"))["student_id"] == "p1"


async def test_what_is_told_again_under_the_number_still_goes_with_its_source_id(roster):
    await one_of_two(roster)
    again = await roster.enrol("e2", "stateStudentId:20001")
    assert again["outcome"] == "unchanged"
    assert "_under" not in again

    await separate(roster)

    assert (await roster.get("/enrolments/e2"))["student_id"] == (await roster.get("/students/sis:t2"))["id"]


async def test_a_source_that_goes_on_giving_the_number_does_not_join_the_two_again(roster):
    rows = [user(name, "20001", givenName="Carla", familyName="Made-Up") for name in ("t1", "t2")]
    await load(roster, "sis", *rows)
    (person,) = await roster.ids("/students")
    other = (await separate(roster, person=person))["separated"]

    for _ in range(2):
        done = await load(roster, "sis", *rows)
        assert [(each["row"], each["effect"], each["column"]) for each in done["problems"]] == [(3, "note", "userIds")]

    assert set(await roster.ids("/students")) == {person, other}
    assert (await roster.get("/students/sis:t2"))["state_student_id"] is None
    assert (await roster.get("/students/sis:t1"))["state_student_id"] == "20001"
    assert (await roster.get("/persons/conflicts"))["items"] == []


async def test_nothing_of_a_refused_row_outlives_the_student_it_named(roster):
    await load(roster, "sis", user("t1", "20001", givenName="Carla"))
    await load(roster, "other-sis", user("x1", "20001", givenName="Canary"))
    person = (await roster.get("/students/sis:t1"))["id"]

    await erase_person(roster.store, await person_of(roster.store, person))

    assert "Canary" not in str(await roster.store.raw.find({"kind": "conflict"}).to_list(None))
