"""The roster over HTTP and a real mongod, as its callers see it."""

import asyncio

import pytest

from tests.roster_app import NAMES, running


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def test_what_is_sent_twice_is_kept_once(roster):
    first = await roster.student("p1", state_student_id="0900001")
    again = await roster.student("p1", state_student_id="0900001")
    changed = await roster.student("p1", state_student_id="0900001", preferred_name="Sam")

    assert [each["outcome"] for each in (first, again, changed)] == ["created", "unchanged", "changed"]
    assert [each["version"] for each in (first, again, changed)] == [1, 1, 2]
    assert changed["identifiers"] == ["stateStudentId:0900001"]
    shown = await roster.get("/students/p1", history="true")
    assert [(line["version"], line["by"], line["action"]) for line in shown["history"]] == [
        (1, "manager-1", "put"),
        (2, "manager-1", "put"),
    ]


async def test_any_id_of_a_student_means_the_person(roster):
    made = await roster.student("north-sis:u-1", state_student_id="900001")
    person = made["id"]

    assert person.startswith("p")
    assert (await roster.get("/students/stateStudentId:900001"))["id"] == person
    assert (await roster.student("south-sis:v-2", state_student_id="900001"))["id"] == person
    enrolled = await roster.enrol("e1", "south-sis:v-2")
    assert enrolled["student_id"] == person
    assert await roster.ids("/enrolments", student_id="stateStudentId:900001") == ["e1"]
    assert await roster.ids("/enrolments", student_id="stateStudentId:nobody") == []
    assert await roster.ids("/students", identifier="north-sis:u-1") == [person]
    groups = await roster.put("/students/stateStudentId:900001/demographics/2024-25", sex="female")
    assert groups["id"] == f"{person}-2024-25"
    assert (await roster.get(f"/students/{person}/demographics/2024-25"))["sex"] == "female"


async def test_one_id_sent_by_many_at_once_is_one_person(roster):
    made = await asyncio.gather(*(roster.student(f"sis-{n}:u", state_student_id="900001") for n in range(8)))

    assert len({each["id"] for each in made}) == 1
    kept = await roster.get(f"/students/{made[0]['id']}")
    assert len(kept["sources"]) == 8
    assert await roster.ids("/students") == [kept["id"]]


async def test_students_without_outside_ids_do_not_stand_in_each_others_way(roster):
    for name in ("p1", "p2"):
        assert (await roster.student(name))["outcome"] == "created"


async def test_joining_two_persons_is_a_conflict_that_names_the_record(roster):
    await roster.student("p1", state_student_id="1")
    await roster.student("p2", state_student_id="2")

    refused = await roster.put("/students/p1", 409, **NAMES, state_student_id="2")

    assert refused["existing"] == "p2"
    assert "p1" in refused["detail"]


async def test_what_does_not_exist_is_refused_in_words_that_help(roster):
    refused = await roster.put(
        "/enrolments/e1", 422, student_id="p9", program_id="x", organisation_id="y", begin="2024-08-05"
    )

    assert {each["pointer"] for each in refused["errors"]} == {"/student_id", "/program_id", "/organisation_id"}
    assert "PUT /v1/programs/x first" in refused["detail"]


async def test_a_completion_takes_its_start_from_the_first_enrolment(roster):
    await roster.student("p1")
    await roster.enrol("e1", "p1", begin="2024-08-05")
    await roster.enrol("e2", "p1", begin="2023-08-07", end="2024-05-20")

    made = await roster.put(
        "/completions/c1", student_id="p1", program_id="welding", organisation_id="central", completed_on="2025-05-22"
    )

    assert (made["started_on"], made["begun_on"], made["problem"]) == (None, "2023-08-07", None)


async def test_a_completion_may_come_before_its_enrolment_and_is_listed_until_then(roster):
    await roster.student("p1")
    placed = {"student_id": "p1", "organisation_id": "central", "completed_on": "2025-05-22"}
    await roster.put("/completions/told", **placed, program_id="baking", started_on="2024-08-05")

    made = await roster.put("/completions/c1", 201, **placed, program_id="baking")
    await roster.enrol("late", "p1", "baking", begin="2025-05-23")

    assert made["begun_on"] is None
    assert "send started_on, or the enrolment" in made["problem"]
    assert await roster.ids("/completions", start_known="false") == ["c1"]
    assert await roster.ids("/completions", start_known="true") == ["told"]
    await roster.get("/completions", 400, start_known="perhaps")
    await roster.enrol("e1", "p1", "baking", begin="2024-08-05")
    assert await roster.ids("/completions", start_known="false") == []
    assert (await roster.get("/completions/c1"))["begun_on"] == "2024-08-05"


async def test_a_day_is_that_of_the_cted(roster):
    """It is noon UTC of 15 June: still the 15th in Phoenix, already the 16th in Kiritimati."""
    await roster.student("p1")
    body = {"student_id": "p1", "program_id": "welding", "organisation_id": "central", "started_on": "2024-08-05"}

    refused = await roster.put("/completions/c1", 422, **body, completed_on="2025-06-16")
    await roster.put("/organisations/cted", name="Sample", type="cted", time_zone="Pacific/Kiritimati")
    made = await roster.put("/completions/c1", 201, **body, completed_on="2025-06-16")

    assert "2025-06-16" in refused["detail"]
    assert made["completed_on"] == "2025-06-16"


async def test_a_void_needs_a_version_and_leaves_a_line_of_history(roster):
    await roster.student("p1")
    await roster.enrol("e1", "p1")

    await roster.void("/enrolments/e1", None, 428)
    await roster.void("/enrolments/e1", 7, 412)
    gone = await roster.void("/enrolments/e1", 1, reason="entered twice")
    assert (gone["void"], gone["version"]) == (True, 2)
    assert (await roster.void("/enrolments/e1", 1))["version"] == 2
    shown = await roster.get("/enrolments/e1", history="true")
    assert (shown["history"][-1]["action"], shown["history"][-1]["why"]) == ("void", "entered twice")
    assert await roster.ids("/enrolments") == []
    back = await roster.enrol("e1", "p1")
    assert (back["void"], back["outcome"], back["version"]) == (False, "changed", 3)


@pytest.mark.parametrize(
    "path", ["/students/p1", "/programs/welding", "/organisations/central", "/organisations/north"]
)
async def test_what_others_name_is_not_voided(roster, path):
    await roster.student("p1")
    await roster.enrol("e1", "p1")

    refused = await roster.void(path, 1, 409)

    assert "still named by" in refused["detail"]


async def test_a_voided_students_ids_are_free_again(roster):
    first = await roster.student("north-sis:u-1")
    await roster.void(f"/students/{first['id']}", 1)

    assert (await roster.student("north-sis:u-1"))["id"] != first["id"]
    await roster.enrol("e1", "north-sis:u-1")
    refused = await roster.put("/students/" + first["id"], 409, **NAMES, sources=first["sources"])
    assert refused["existing"] != first["id"]


async def test_lists_come_in_pages(roster):
    for n in range(5):
        await roster.student(f"p{n}")

    seen, cursor = [], None
    for _ in range(3):
        page = await roster.get("/students", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert (seen, cursor) == (["p0", "p1", "p2", "p3", "p4"], None)
    assert await roster.ids("/students", ids="p3,p1,p9") == ["p1", "p3"]
    await roster.get("/students", 400, ids=",".join(f"p{n}" for n in range(201)))
    assert await roster.ids("/organisations", type="district") == ["north", "south"]


async def test_a_second_cted_is_refused_even_at_the_same_moment(roster):
    refused = await roster.put("/organisations/other", 409, name="Other", type="cted")

    assert refused["existing"] == "cted"
