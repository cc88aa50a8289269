"""Touchpoints over HTTP and a real mongod: their life, siblings, what of them is told, and who reads what."""

import pytest

from tests import family_app
from tests.integration.family_touchpoints.calls import act, call, one, patch, plan, told


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def test_a_touchpoint_is_one_record_through_its_life_each_step_on_its_own_day(app):
    (record,) = (await plan(app, "2025-10-02"))["touchpoints"]
    record = await act(app, record, "missed", on="2025-10-02")
    record = await act(app, record, "held", on="2025-10-09", outcome="reached")
    (fact,) = await told(app)

    steps = [(step.status, str(step.on)) for step in fact.steps]
    assert steps == [("planned", "2025-10-02"), ("missed", "2025-10-02"), ("held", "2025-10-09")]
    assert (str(fact.reached_on), fact.outcome, fact.counts) == ("2025-10-09", "reached", True)
    assert (fact.school_year, fact.term) == ("2025-26", 1)
    await act(app, record, "missed", 422, on="2025-10-10")


async def test_siblings_share_an_occasion_and_no_fact_names_the_other(app):
    answer = await call(app, students=["stateStudentId:900001", "nw:u-2"], guardian_ids=["g1"])
    again = await app.get("/touchpoints", student="p2")
    facts = dict(await app.facts("touchpoint"))

    assert [each["student_id"] for each in answer["touchpoints"]] == ["p1", "p2"]
    assert {each["occasion_id"] for each in answer["touchpoints"]} == {answer["occasion_id"]}
    assert [each["warnings"] for each in answer["touchpoints"]] == [[answer_late()]] * 2
    assert [each["student_id"] for each in again["items"]] == ["p2"]
    assert sorted(facts) == ["student/p1", "student/p2"]
    assert "p2" not in repr(facts["student/p1"])
    assert "p1" not in repr(facts["student/p2"])


def answer_late(day="2025-10-09"):
    return f"{day} is more than 60 days ago; check the day; what was published before stays as it was"


async def test_the_same_key_and_body_is_answered_with_what_stands(app):
    first = await call(app, key="k1", students=["p1", "p2"])
    again = await call(app, 200, key="k1", students=["p1", "p2"])
    await call(app, 422, key="k1", students=["p1"])

    ids = [[each["id"] for each in answer["touchpoints"]] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert again["outcome"] == "unchanged"


async def test_what_is_refused_for_one_sibling_is_kept_for_none(app):
    await app.rule("g1", student="p2")

    answer = await call(app, 422, students=["p1", "p2"])
    unknown = await call(app, 422, students=["p1", "p2", "nobody"])
    twice = await call(app, 422, students=["p1", "stateStudentId:900001"], guardian_ids=["g2"])

    assert [each["pointer"] for each in answer["errors"]] == ["/students/1"]
    assert [each["pointer"] for each in unknown["errors"]] == ["/students/1", "/students/2"]
    assert [each["pointer"] for each in twice["errors"]] == ["/students/1"]
    assert (await app.get("/touchpoints"))["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        pytest.param({"held_on": "2026-05-23"}, "/held_on", "plan it; log it on or after the day", id="in the future"),
        pytest.param({"outcome": None}, "/outcome", "send outcome", id="without what came of it"),
        pytest.param({"held_on": None}, "/held_on", "held_on or planned_for", id="without a day"),
        pytest.param(
            {"method": "Text", "reached_on": "2025-10-08"}, "/reached_on", "check both days", id="reached before"
        ),
        pytest.param({"method": "Text"}, "/outcome", "when they answer", id="a text that reached without an answer"),
        pytest.param({"method": "Newsletter"}, "/outcome", "goes one way", id="what goes one way"),
        pytest.param({"plan_point": "autumn"}, "/plan_point", "program_id", id="a point of no program"),
        pytest.param(
            {"guardian_ids": ["g3"]},
            "/guardian_ids/0",
            "roster knows no tie of g3 to this student; check the id, or add a walk-in",
            id="somebody who was never tied",
        ),
        pytest.param({"program_id": "wlding"}, "/program_id", "write welding, if that is meant", id="no program"),
        pytest.param({"language": "Spanish"}, "/language", "ISO 639-3", id="a language by its name"),
        pytest.param({"held_on": "2025-10-09T10:00"}, "/held_on", "with its zone", id="an instant without its zone"),
        pytest.param({"note": "n" * 2001}, "/note", "2000", id="too long a note"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_would_work(app, changes, pointer, says):
    answer = await call(app, 422, **changes)

    assert [each["pointer"] for each in answer["errors"]] == [pointer]
    assert says in answer["detail"] + repr(answer["errors"])
    assert (await app.get("/touchpoints"))["items"] == []


async def test_an_instant_is_the_day_that_it_is_where_the_cted_is(app):
    record = await one(app, held_on="2025-07-01T06:30Z")
    (fact,) = await told(app)

    assert (record["day"], record["time"]) == ("2025-06-30", "23:30")
    assert (fact.school_year, fact.term) == ("2024-25", 2)


async def test_a_late_log_lies_in_its_own_year_and_warns(app):
    app.at("2025-09-02")
    record = await one(app, held_on="2025-05-20")
    soon = await one(app, held_on="2025-08-20")

    assert record["warnings"] == [answer_late("2025-05-20")]
    assert soon["warnings"] == []
    assert [fact.school_year for fact in await told(app)] == ["2024-25", "2025-26"]


async def test_a_text_is_delivered_until_it_is_answered(app):
    record = await one(app, method="Text", held_on="2025-10-01", outcome=None)
    (before,) = await told(app)
    answered = await act(app, record, "replied", on="2025-10-03")
    (after,) = await told(app)

    assert (before.outcome, before.reached_on) == ("delivered", None)
    assert (after.outcome, str(after.reached_on), str(after.steps[-1].on)) == ("reached", "2025-10-03", "2025-10-01")
    await act(app, answered, "replied", 422, on="2025-10-04")
    early = await one(app, method="Text", held_on="2025-10-01", outcome=None)
    assert "check both days" in (await act(app, early, "replied", 422, on="2025-09-30"))["detail"]


async def test_attempts_are_kept_and_an_emergency_is_no_touch(app):
    for outcome in ("left_message", "left_message", "left_message", "no_answer", "no_answer", "reached"):
        await call(app, outcome=outcome)
    await call(app, purpose="emergency")
    facts = await told(app)

    assert [fact.outcome for fact in facts].count("reached") == 2
    assert min((fact.purpose, fact.counts) for fact in facts) == ("emergency", False)
    reached = await app.get("/touchpoints", outcome="reached", purpose="progress")
    assert len(reached["items"]) == 1


async def test_two_calls_of_one_day_are_warned_of_and_both_kept(app):
    app.at("2025-10-10")
    first = await one(app)
    second = await one(app)
    elsewhere = await one(app.by("data_manager", districts=["*"], sub="manager-2"))

    assert second["warnings"] == [
        f"touchpoint {first['id']} of this student is of the same day, method and staff; void one if both are one"
    ]
    assert elsewhere["warnings"] == []
    assert len(await told(app)) == 3


@pytest.mark.parametrize(
    ("changes", "language", "interpreter", "warned"),
    [
        pytest.param({}, "spa", "not_needed", False, id="in their language, unless it is said"),
        pytest.param({"language": "eng"}, "eng", "none", False, id="in ours, without anybody"),
        pytest.param({"language": "eng", "interpreter": "contracted"}, "eng", "contracted", False, id="interpreted"),
        pytest.param(
            {"language": "eng", "interpreter": "child_or_friend"}, "eng", "child_or_friend", True, id="by a child"
        ),
    ],
)
async def test_the_language_of_the_family_is_kept_as_it_was_known(app, changes, language, interpreter, warned):
    app.at("2025-10-10")
    record = await one(app, students=["p3"], guardian_ids=["g3"], **changes)
    (fact,) = await told(app)

    assert (fact.preferred_language, fact.language, fact.interpreter) == ("spa", language, interpreter)
    assert any("may not rely on" in text for text in record["warnings"]) is warned


async def test_what_was_planned_with_nobody_in_particular_is_held_with_somebody_in_their_language(app):
    (record,) = (await plan(app, "2025-10-09", students=["p3"], guardian_ids=[], program_id="welding"))["touchpoints"]
    await app.told(family_app.guardian("g3", "p3", language="nav", version=2))

    held = {"on": "2025-10-09", "outcome": "reached", "guardian_ids": ["g3", "g3"], "interpreter": "phone_line"}
    record = await act(app, record, "held", **held)
    (fact,) = await told(app)

    assert (record["guardian_ids"], record["version"]) == (["g3"], 2)
    assert (fact.preferred_language, fact.interpreter, fact.organisation_id) == ("nav", "phone_line", "central")
    again = await app.get(f"/touchpoints/{record['id']}")
    assert [each["status"] for each in again["steps"]] == ["planned", "held"]


async def test_a_step_that_is_sent_again_is_taken_once(app):
    (record,) = (await plan(app, "2025-10-02"))["touchpoints"]
    sent = {"on": "2025-10-02", "outcome": "no_answer"}
    path = f"/touchpoints/{record['id']}/held"

    first = await app.post(path, sent, key="k1", version=1)
    again = await app.post(path, sent, key="k1", version=1)
    await app.post(path, sent, 412, version=1)
    await app.post(path, sent, 428)

    assert (first["version"], again["version"], again["outcome"]) == (2, 2, "unchanged")


async def test_a_touchpoint_logged_for_the_wrong_student_is_taken_out_and_logged_again(app):
    wrong = await one(app, students=["p2"])
    voided = await act(app, wrong, "void", reason="it was the brother")
    await one(app)

    assert voided["void"]
    assert [subject for subject, _ in await app.facts("touchpoint")] == ["student/p1"]
    await act(app, {**wrong, "version": 2}, "held", 422, on="2025-10-09", outcome="reached")


async def test_a_correction_says_why_and_follows_what_it_changes(app):
    record = await one(app)
    await app.patch(f"/touchpoints/{record['id']}", {"minutes": 8}, 422, version=1)
    record = await patch(app, record, held_on="2026-02-03", program_id="welding")
    record = await patch(app, record, outcome="no_answer")
    (fact,) = await told(app)

    assert (record["day"], record["reached_on"], record["organisation_id"]) == ("2026-02-03", None, "central")
    assert (fact.term, fact.program_id, fact.outcome) == (2, "welding", "no_answer")
    assert "is in the future" in (await patch(app, record, 422, held_on="2026-06-01"))["detail"]
    assert "write a day" in repr(await patch(app, record, 422, held_on=None))
    shown = await app.get(f"/touchpoints/{record['id']}", history="true")
    assert [past["why"] for past in shown["history"]] == ["", "read wrongly", "read wrongly"]


async def test_a_class_is_logged_row_by_row(app):
    rows = [
        {"student_id": "p1", "guardian_ids": ["g1"]},
        {"student_id": "p3", "outcome": "no_answer"},
        {"student_id": "p9"},
    ]
    evening = {
        "program_id": "welding",
        "method": "InPerson",
        "purpose": "introduction",
        "held_on": "2025-08-14",
        "outcome": "reached",
        "rows": rows,
    }
    tried = await app.post("/touchpoints/batch", evening, key="e1", dry_run="true")
    assert (tried["created"], (await app.get("/touchpoints"))["items"]) == (2, [])

    kept = await app.post("/touchpoints/batch", evening, key="e1")
    again = await app.post("/touchpoints/batch", evening, key="e1")

    assert [row["outcome"] for row in kept["rows"]] == ["created", "created", "refused"]
    assert "no student p9" in kept["rows"][2]["problem"]
    assert [row["outcome"] for row in again["rows"]] == ["unchanged", "unchanged", "refused"]
    assert [(fact.student_id, fact.outcome, fact.organisation_id) for fact in await told(app)] == [
        ("p1", "reached", "central"),
        ("p3", "no_answer", "central"),
    ]


LOG = "external_id,student_id,guardian_id,method,held_on,outcome\n"


async def test_a_dialers_log_is_known_by_its_own_ids_in_whichever_file_it_comes(app):
    rows = "c-1,p1,g1,Phone,2025-10-09T17:00Z,reached\nc-1,p2,g1,Phone,2025-10-09T17:00Z,reached\n"
    unknown = (
        "c-2,p9,,Phone,2025-10-09,no_answer\nc-3,p1,g3,Phone,2025-10-09,no_answer\nc-4,,g1,Phone,2025-10-09,reached\n"
    )
    tried = await app.load("touchpoints", LOG + rows + unknown, dry_run="true")
    first = await app.load("touchpoints", LOG + rows + unknown)
    again = await app.load("touchpoints", LOG + rows)
    other = await app.load("touchpoints", LOG + rows.replace("reached", "no_answer"))

    assert (tried["created"], first["created"], first["refused"]) == (2, 2, 3)
    assert [(each["row"], each["column"]) for each in first["problems"]] == [
        (4, "student_id"),
        (5, "guardian_id"),
        (6, "student_id"),
    ]
    assert (again["unchanged"], again["created"]) == (2, 0)
    assert (other["refused"], other["created"]) == (2, 0)
    assert len({fact.occasion_id for fact in await told(app)}) == 1


async def test_what_was_taken_out_of_a_log_can_come_again(app):
    row = "c-1,p1,g1,Phone,2025-10-09,reached\n"
    await app.load("touchpoints", LOG + row)
    (record,) = (await app.get("/touchpoints"))["items"]
    await act(app, record, "void", reason="another student")

    again = await app.load("touchpoints", LOG + row.replace("reached", "no_answer"))

    assert again["created"] == 1
    assert [fact.outcome for fact in await told(app)] == ["no_answer"]
