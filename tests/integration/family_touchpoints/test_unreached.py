"""Families not reached this term, over HTTP and a real mongod: who stands there for whom, and what of it is told."""

import csv
import io
import time

import pytest

from tests import family_app
from tests import workshops_app as workshops
from tests.integration.family_touchpoints.calls import act, call, counselor, instructor, one, plan
from tests.producer_app import enrolment, guardian, merged, student

LIST = "/families/unreached"


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def waits(app, **asked):
    return [each["student_id"] for each in (await app.get(LIST, **asked))["items"]]


async def row(app, id, **asked):
    return next(each for each in (await app.get(LIST, **asked))["items"] if each["student_id"] == id)


async def test_whoever_was_reached_this_term_is_off_the_list_and_one_touch_from_two_terms_goes_first(app):
    assert await waits(app) == ["p1", "p2", "p3"]
    await call(app, students=["p3"], guardian_ids=["g3"], held_on="2025-10-09")
    await call(app, students=["p1"], held_on="2026-02-03")
    await call(app, students=["p2"], held_on="2026-03-03", outcome="no_answer")

    assert await waits(app) == ["p3", "p2"]
    assert (await row(app, "p3"))["terms"] == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"outcome": "left_message"}, id="a message that was left"),
        pytest.param({"purpose": "emergency"}, id="an emergency"),
        pytest.param({"method": "Text", "outcome": None}, id="a text that nobody answered"),
        pytest.param({"method": "Newsletter", "outcome": "delivered"}, id="what goes one way"),
        pytest.param({"guardian_ids": [], "with_student": True}, id="the student alone"),
        pytest.param({"program_id": "welding", "held_on": "2025-12-31"}, id="the term before"),
    ],
)
async def test_what_is_no_touch_leaves_a_family_on_the_list(app, said):
    await call(app, **{"held_on": "2026-02-03", **said})

    assert "p1" in await waits(app)


async def test_a_breach_and_a_restricted_call_are_neither_touch_nor_try(app):
    await app.rule("g1")
    await call(app, held_on="2026-02-03", breach="called before the order was known")
    await call(app, held_on="2026-02-04", direction="from_family")
    await call(app, held_on="2026-02-05", outcome="no_answer", breach="and again")

    found = await row(app, "p1")
    assert (found["terms"], found["last_reached"], found["tries"]) == (0, None, [])


async def test_a_workshop_that_a_guardian_came_to_is_a_touch_while_it_stands_as_held(app):
    evening = await workshops.planned(app, organisation_ids=["central"])
    await workshops.roll(app, evening, workshops.came("g1", "p1", language="spa"))

    found = await row(app, "p1")
    assert found["terms"] == 1
    assert found["last_reached"] == {"on": "2025-11-12", "method": "workshop", "language": "spa"}
    assert (await row(app, "p2"))["last_reached"] is None
    record = await app.get(f"/workshops/{evening['id']}")
    await workshops.act(app, record, "cancel", reason="nobody came after all")
    assert (await row(app, "p1"))["last_reached"] is None


async def test_a_restricted_guardian_at_a_workshop_is_not_told_of(app):
    await app.rule("g1")
    evening = await workshops.planned(app, organisation_ids=["central"])
    await workshops.roll(app, evening, workshops.came("g1", "p1"))

    assert (await row(app, "p1"))["last_reached"] is None


async def test_a_row_tells_who_may_be_called_how_and_what_was_tried(app):
    await app.rule("g1")
    await app.put("/guardians/g2", {"preferred_language": "spa", "interpreter_needed": True, "best_time": "after 5 pm"})
    await call(app, guardian_ids=["g2"], held_on="2025-11-20", language="spa", interpreter="contracted")
    await call(app, guardian_ids=["g2"], held_on="2026-03-02", outcome="left_message")
    await plan(app, "2026-05-25", guardian_ids=["g2"])

    found = await row(app, "p1", program="welding")
    shut, may = sorted(found["guardians"], key=lambda each: each["guardian_id"])
    assert (shut["guardian_id"], shut["may"]) == ("g1", [])
    assert (may["language"], may["interpreter"], may["best_time"]) == ("spa", True, "after 5 pm")
    assert "Phone" in may["may"]
    assert found["last_reached"] == {"on": "2025-11-20", "method": "Phone", "language": "spa"}
    assert found["tries"] == [{"on": "2026-03-02", "outcome": "left_message"}]
    assert (found["next_planned"], found["term"]) == ("2026-05-25", "2025-26.2")
    assert "court_order" not in repr(found)


async def test_the_list_is_narrowed_by_program_campus_and_language(app):
    assert await waits(app, program="nursing") == ["p2"]
    assert await waits(app, campus="central") == ["p1", "p3"]
    assert await waits(app, language="spa") == ["p3"]
    assert await waits(app, program="no-such") == []


async def test_each_caller_has_the_enrolments_within_their_own_reach(app):
    await app.told(enrolment("e4", "p1", "nursing", "south-campus", begin="2025-08-04"))
    welder = instructor(app, "welding")
    coordinator = app.by("coordinator", campuses=["south-campus"])

    assert [(each["student_id"], each["program_id"]) for each in (await welder.get(LIST))["items"]] == [
        ("p1", "welding"),
        ("p3", "welding"),
    ]
    assert await waits(counselor(app, "south-campus")) == ["p1", "p2"]
    assert await waits(app.by("leader", districts=["south"])) == ["p3"]
    assert await waits(coordinator) == ["p1", "p2"]
    await app.by("student", student_id="p1").get(LIST, 403)


async def test_a_coordinator_sees_of_other_matters_only_that_the_family_was_reached(app):
    await call(app, held_on="2025-10-09")
    await call(app, held_on="2026-03-02", outcome="no_answer")
    coordinator = app.by("coordinator", campuses=["central"])

    found = await row(coordinator, "p1")
    assert (found["terms"], found["last_reached"], found["tries"]) == (1, None, [])
    await call(app, held_on="2025-10-08", purpose="work_based_learning")
    assert (await row(coordinator, "p1"))["last_reached"]["on"] == "2025-10-08"


async def test_a_leader_reads_neither_whom_to_call_nor_that_nobody_may_be(app):
    await app.rule(None)
    found = await row(app.by("leader", districts=["*"]), "p1")

    assert (found["guardians"], found["why"]) == ([], "not reached this year, not yet in this term")
    assert await waits(app) == ["p2", "p3", "p1"]
    assert await waits(app.by("leader", districts=["*"])) == ["p1", "p2", "p3"]


async def test_of_a_student_of_age_it_is_told_who_is_to_be_spoken_with_and_not_to_leaders(app):
    await app.eighteen("p1", "2026-03-01")

    found = await row(app, "p1")
    assert found["of_age"]
    assert {tuple(each["may"]) for each in found["guardians"]} == {()}
    assert not (await row(app.by("leader", districts=["*"]), "p1"))["of_age"]


async def test_a_person_of_two_records_stands_there_once_with_what_both_say(app):
    await call(app, students=["p2"], held_on="2025-10-09", language="eng")
    await app.told(merged("p2", "p1", 2, district="north"))

    found = (await app.get(LIST))["items"]
    assert [(each["student_id"], each["program_id"], each["terms"]) for each in found] == [
        ("p1", "nursing", 1),
        ("p1", "welding", 1),
        ("p3", "welding", 0),
    ]


async def test_the_list_comes_in_pages_and_as_csv_without_those_who_may_not_be_called(app):
    await app.rule("g1")
    first = await app.get(LIST, limit=2)
    second = await app.get(LIST, limit=2, cursor=first["next"])
    text = (await app.ask("GET", LIST, params={"format": "csv"})).text
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [each["student_id"] for each in first["items"] + second["items"]] == ["p1", "p2", "p3"]
    assert second["next"] is None
    assert [each["student_id"] for each in rows] == ["p1", "p2", "p3"]
    assert rows[0]["guardians"].startswith("g2: Phone, ")
    assert "g1" not in rows[0]["guardians"]
    assert (rows[2]["languages"], rows[2]["tries"]) == ("spa", "0")


async def test_three_thousand_enrolments_are_one_list_and_more_are_asked_to_be_narrowed(app, monkeypatch):
    monkeypatch.setattr("services.family_touchpoints.worklists.reading.MOST", 2)

    refused = await app.get(LIST, 422)
    assert "choose a program or a campus" in repr(refused)
    assert await waits(app, campus="central") == ["p1", "p3"]


def families_of(numbers):
    """What roster tells of this many more families, each with a student and a guardian."""
    return [
        each
        for number in numbers
        for each in (
            student(f"k{number:04}"),
            enrolment(f"k{number:04}", f"k{number:04}", begin="2025-08-04"),
            guardian(f"gk{number:04}", f"k{number:04}"),
        )
    ]


async def test_a_class_of_hundreds_is_read_as_often_as_a_class_of_two(app, monkeypatch):
    collection = type(app.desk.records.collection)
    asked, find = [], collection.find

    def counting(self, *arguments, **more):
        asked.append(self.name)
        return find(self, *arguments, **more)

    monkeypatch.setattr(collection, "find", counting)
    await waits(app, program="welding")
    few, asked[:] = list(asked), []
    await app.told(*families_of(range(300)))
    asked.clear()
    found = await waits(app, program="welding", limit=500)

    assert len(found) == 302
    assert asked == few


async def test_a_thousand_families_are_read_in_a_moment(app):
    await app.told(*families_of(range(1000)))
    begun = time.monotonic()
    found = await app.get(LIST, program="welding", limit=500)
    took = time.monotonic() - begun

    assert len(found["items"]) == 500
    assert took < 10, took


async def test_what_is_planned_or_wrong_stands_on_its_own_list(app):
    await plan(app, "2026-05-22", program_id="welding")
    await one(app, students=["p2"], held_on="2026-05-20", outcome="wrong_number")
    (record,) = (await plan(app, "2025-10-02", students=["p3"], guardian_ids=["g3"]))["touchpoints"]
    await act(app, record, "missed", on="2025-10-02")

    assert await named(app, "planned_today") == [("p1", "planned for 2026-05-22")]
    assert await named(app, "planned_today", program="nursing") == []
    assert await named(app, "missed") == [("p3", "missed on 2025-10-02")]
    assert await named(app, "wrong_number") == [("p2", "wrong number")]
    assert await named(app, "three_tries") == await named(app, "interpreter_next_week") == []
    text = (await app.ask("GET", "/worklists/wrong_number", params={"format": "csv"})).text
    assert [each["guardians"] for each in csv.DictReader(io.StringIO(text))] == ["g1"]


async def named(app, name, **asked):
    return [(each["student_id"], each["why"]) for each in (await app.get(f"/worklists/{name}", **asked))["items"]]


async def test_what_stands_against_a_rule_is_for_those_who_handle_rules(app):
    await plan(app, "2026-05-25")
    await app.rule("g1")
    await call(app, held_on="2026-02-03", breach="called before the order was known")
    await call(app, students=["p2"], guardian_ids=["g2"], method="Text", outcome=None, held_on="2025-11-03")
    await app.consent(("withdrawn", "2025-11-01"), guardian="g2")

    ((against, _),) = await named(app, "planned_against_a_rule")
    assert against == "p1"
    assert await named(app, "breaches") == [("p1", "called before the order was known")]
    assert [each[0] for each in await named(app, "contacted_after_withdrawal")] == ["p2"]
    for name in (
        "planned_against_a_rule",
        "breaches",
        "contacted_after_withdrawal",
        "turning_18",
        "walk_ins_without_guardian",
        "same_guardian_twice",
    ):
        for caller in (instructor(app, "welding"), app.by("leader", districts=["*"])):
            await caller.get(f"/worklists/{name}", 403)
        await counselor(app).get(f"/worklists/{name}")


async def test_guardians_to_be_sorted_and_students_coming_of_age_are_lists(app):
    await app.put("/guardians/w-1", {"name": "Made-up Aunt", "student_ids": ["p1", "p2"]})
    await app.eighteen("p3", "2026-06-20")
    await app.eighteen("p1", "2026-06-01")
    await app.told(student("p9"), enrolment("e9", "p9", begin="2025-08-04"))

    walked = (await counselor(app, "central").get("/worklists/walk_ins_without_guardian"))["items"]
    assert [(each["guardian_id"], each["student_ids"]) for each in walked] == [("w-1", ["p1"])]
    assert (await app.get("/worklists/turning_18"))["items"] == [
        {"student_id": "p1", "eighteen_on": "2026-06-01"},
        {"student_id": "p3", "eighteen_on": "2026-06-20"},
    ]
    assert (await app.get("/worklists/without_guardian"))["items"] == [{"student_id": "p9"}]
    twice = (await app.get("/worklists/same_guardian_twice", program="welding"))["items"]
    assert {"student_id": "p1", "one": "g1", "other": "g2"} in twice
    first = await app.get("/worklists/turning_18", limit=1)
    assert (await app.get("/worklists/turning_18", limit=1, cursor=first["next"]))["items"][0]["student_id"] == "p3"
    assert (await app.get("/worklists/turning_18", program="nursing"))["items"] == []


async def test_a_point_of_the_plan_is_overdue_until_it_is_made_be_it_late(app):
    point = {"code": "talk", "term": 2, "purpose": "progress", "within_days": 60}
    concern = {"code": "plan", "term": 2, "purpose": "work_based_learning", "within_days": 142}
    steps = [{"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}]
    await app.put("/programs/welding/touchpoint-plan", {"points": [point, concern], "steps": steps})

    due = {"since": "2026-01-01", "due": "2026-03-02"}
    assert [(one["student_id"], one["code"], {name: one[name] for name in due}) for one in await overdue(app)] == [
        ("p1", "talk", due),
        ("p3", "talk", due),
    ]
    assert await overdue(app.by("coordinator", campuses=["central"])) == []
    assert await overdue(app, program="nursing") == []
    await call(app, held_on="2025-12-31")
    await call(app, held_on="2026-04-01", purpose="concern")
    assert [one["student_id"] for one in await overdue(app)] == ["p1", "p3"]
    await call(app, held_on="2026-05-01")
    await call(
        app,
        students=["p3"],
        guardian_ids=["g3"],
        held_on="2026-02-01",
        purpose="concern",
        program_id="welding",
        plan_point="talk",
    )
    assert await overdue(app) == []
    app.at("2026-05-24")
    assert await overdue(app) == [], "the enrolments have ended"


async def overdue(app, **asked):
    return (await app.get("/worklists/plan_points_overdue", **asked))["items"]
