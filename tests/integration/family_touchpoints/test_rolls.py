"""Rolls of workshops over HTTP and a real mongod: who was there, who counts once, what is told to whom."""

import asyncio
from datetime import date

import pytest

from shared.csv import imports
from tests.workshops_app import act, attended, came, outcomes, planned, roll, ruled, running, unnamed, walked_in

CANARY = "Zzyzx Visitor"


@pytest.fixture
async def app(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def evening(app):
    return await planned(app)


async def test_a_guardian_with_two_children_is_one_record_and_each_child_s_fact_names_that_child_alone(app, evening):
    answer = await roll(app, evening, came("g1", "stateStudentId:900001", "p2", language="eng"))

    assert (outcomes(answer), answer["status"], answer["present"]) == (["created"], "held", 1)
    assert await attended(app) == [
        ("guardian/g1", "g1", ("p1", "p2"), True),
        ("student/p1", "g1", ("p1",), True),
        ("student/p2", "g1", ("p2",), True),
    ]
    assert len(await app.desk.records.find("attendance", {}, limit=9)) == 1
    fact = (await app.facts("attendance"))[0][1]
    assert (fact.workshop_type, fact.level, fact.career_related, fact.language) == ("workshop", "high", True, "eng")
    assert (fact.held_on, fact.school_year, fact.term) == (date(2025, 11, 12), "2025-26", 1)
    assert (fact.organisation_ids, fact.districts) == (("high",), ("north",))


async def test_both_guardians_of_a_child_are_two_records(app, evening):
    assert outcomes(await roll(app, evening, came("g1", "p1"), came("g2", "p1"))) == ["created", "created"]

    subjects = [subject for subject, *_ in await attended(app)]
    assert subjects == ["guardian/g1", "guardian/g2", "student/p1", "student/p1"]


async def test_who_walked_in_is_counted_and_their_name_stays_here(app, evening):
    answer = await roll(app, evening, walked_in(CANARY, "p1", phone="555-0100"), walked_in(f"{CANARY} the second"))
    tied, alone = (row["guardian_id"] for row in answer["rows"])

    assert tied[0] == alone[0] == "w"
    assert await attended(app) == sorted(
        [
            (f"guardian/{alone}", alone, (), True),
            (f"guardian/{tied}", tied, ("p1",), True),
            ("student/p1", tied, ("p1",), True),
        ]
    )
    assert CANARY not in repr(await app.facts("attendance")) + repr(await app.facts("workshop"))
    districts = {fact.guardian_id: fact.districts for _, fact in await app.facts("attendance")}
    assert districts == {alone: ("north",), tied: ("north",)}


async def test_a_guardian_whom_roster_never_tied_is_refused_with_what_would_work(app, evening):
    answer = await roll(app, evening, came("g3", "p1"), came("g1"), {"student_ids": ["p1"]}, came("g1", "nobody"))

    assert outcomes(answer) == ["refused"] * 4
    said = [row["problem"] for row in answer["rows"]]
    assert said[0] == "roster knows no tie of g3 to this student; add a walk-in"
    assert "name the students" in said[1]
    assert "send guardian_id" in said[2]
    assert "no student nobody within your reach" in said[3]
    assert answer["rows"][0]["errors"][0]["pointer"] == "/rows/0/student_ids/0"
    assert answer["status"] == "planned"
    assert await app.facts("attendance") == []


async def test_a_count_of_everyone_leaves_those_who_are_not_named(app, evening):
    answer = await roll(app, evening, came("g1", "p1"), came("g2", "p1"), head_count=40, head_count_of="everyone")
    assert (answer["unnamed"], await unnamed(app)) == (38, 38)

    more = await roll(app, evening, came("g3", "p3"))
    assert (more["unnamed"], await unnamed(app)) == (37, 37)
    apart = await roll(app, evening, head_count=7, head_count_of="unnamed_only")
    assert (apart["unnamed"], await unnamed(app)) == (7, 7)


async def test_a_new_count_of_everyone_below_those_named_is_refused_and_an_older_one_is_kept_and_flagged(app, evening):
    few = await roll(
        app, evening, came("g1", "p1"), came("g2", "p1"), answers=422, head_count=1, head_count_of="everyone"
    )
    assert few["detail"].startswith("2 are marked present; 1 cannot be everyone")
    assert await app.facts("attendance") == []

    await roll(app, evening, came("g1", "p1"), head_count=1, head_count_of="everyone")
    grown = await roll(app, evening, came("g2", "p1"), came("g3", "p3"))
    # It is May by now: the roll is late, too.
    assert (grown["present"], grown["unnamed"], len(grown["warnings"])) == (3, 0, 2)
    shown = await app.get(f"/workshops/{evening['id']}/roll")
    assert (shown["head_count"], shown["present"], shown["warnings"]) == (1, 3, grown["warnings"][:1])
    right = {"head_count": 2, "head_count_of": "everyone", "reason": "counted again"}
    now = await app.get(f"/workshops/{evening['id']}")
    low = await app.patch(f"/workshops/{evening['id']}", right, 422, version=now["version"])
    assert "3 are marked present; 2 cannot be everyone" in low["detail"]


async def test_a_roll_restates_its_workshop_once(app, evening):
    rows = [came("g1", "p1"), came("g2", "p1"), came("g3", "p3")]
    first = await roll(app, evening, *rows, head_count=40, head_count_of="everyone")
    assert first["version"] == 2

    await roll(app, evening, walked_in(CANARY), walked_in("Another"))
    assert (await app.get(f"/workshops/{evening['id']}"))["version"] == 3
    await roll(app, evening, *rows)
    assert (await app.get(f"/workshops/{evening['id']}"))["version"] == 3


async def test_the_same_key_and_body_again_answers_the_same_and_makes_nobody_twice(app, evening):
    rows = [came("g1", "p1"), walked_in(CANARY, "p1"), walked_in(CANARY), came("g3", "p1")]
    counted = {"head_count": 9, "head_count_of": "everyone"}
    first = await roll(app, evening, *rows, key="k1", **counted)
    again = await roll(app, evening, *rows, key="k1", **counted)

    assert outcomes(first) == ["created", "created", "created", "refused"]
    assert again == first
    assert len(await app.desk.records.find("attendance", {}, limit=9)) == 3
    assert len(await app.desk.records.find("guardian_profile", {}, limit=9)) == 2
    other = await roll(app, evening, came("g1", "p1", status="absent"), answers=422, key="k1")
    assert "another body" in other["detail"]


async def test_a_roll_that_comes_again_changes_nothing_of_what_was_set_right_since(app, evening):
    await roll(app, evening, came("g1", "p1"), key="k1", head_count=9, head_count_of="everyone")
    await roll(app, evening, came("g1", "p1", status="absent", seen_version=1), head_count=12, head_count_of="everyone")

    again = await roll(app, evening, came("g1", "p1"), key="k1", head_count=9, head_count_of="everyone")
    assert (outcomes(again), again["present"], again["unnamed"]) == (["created"], 0, 12)


async def test_of_two_markers_who_disagree_the_first_stands_until_one_has_seen_it(app, evening):
    await roll(app, evening, came("g1", "p1"))
    other = app.by("counselor", campuses=["high", "central"])

    clash = (await roll(other, evening, came("g1", "p1", status="absent")))["rows"][0]
    assert (clash["outcome"], clash["stands"]) == ("conflict", "present")
    assert f"seen_version {clash['seen_version']}" in clash["problem"]
    assert (await app.get(f"/workshops/{evening['id']}/roll"))["present"] == 1
    right = await roll(other, evening, came("g1", "p1", status="absent", seen_version=clash["seen_version"]))
    assert (outcomes(right), right["present"]) == (["changed"], 0)
    assert outcomes(await roll(app, evening, came("g1", "p1", seen_version=1))) == ["conflict"]


async def test_two_markers_who_agree_add_to_each_other(app, evening):
    await roll(app, evening, came("g1", "p1"))

    assert outcomes(await roll(app, evening, came("g1", "p1"))) == ["unchanged"]
    assert outcomes(await roll(app, evening, came("g1", "p2", language="spa"))) == ["changed"]
    assert outcomes(await roll(app, evening, came("g1", "p1"), came("g2", "p1"), came("g2", "p2"))) == [
        "unchanged",
        "created",
        "created",
    ]
    students = {
        one.state["guardian_id"]: one.state["student_ids"]
        for one in await app.desk.records.find("attendance", {}, limit=9)
    }
    assert students == {"g1": ["p1", "p2"], "g2": ["p1", "p2"]}


async def test_who_registered_ahead_comes_or_stays_away(app, evening):
    app.at("2025-11-01")
    ahead = await roll(app, evening, came("g1", "p1"), came("g2", "p1"), on="2025-11-01")
    early = await roll(app, evening, came("g3", "p3", status="present"), on="2025-11-01")

    assert (outcomes(ahead), ahead["status"], ahead["present"]) == (["created", "created"], "planned", 0)
    assert "registered until then" in early["rows"][0]["problem"]
    assert {(fact.status, fact.held) for _, fact in await app.facts("attendance")} == {("registered", False)}
    assert (await roll(app, evening, came("g1", "p1"), answers=422))["errors"][0]["code"] == "in_future"
    app.at("2025-11-13")
    day = await roll(app, evening, came("g1", "p1"), came("g2", "p1", status="absent"), on="2025-11-13")
    assert (outcomes(day), day["status"], day["present"]) == (["changed", "changed"], "held", 1)
    assert (await app.get(f"/workshops/{evening['id']}"))["held_on"] == "2025-11-12"


async def test_a_cancelled_workshop_has_no_roll_until_it_is_reopened(app, evening):
    await act(app, evening, "cancel", reason="the campus was closed")

    assert "reopen it" in (await roll(app, evening, came("g1", "p1"), answers=422))["detail"]


async def test_who_is_taken_off_is_withdrawn_everywhere_and_may_come_back(app, evening):
    row = (await roll(app, evening, came("g1", "p1"), head_count=5, head_count_of="everyone"))["rows"][0]
    path = f"/workshops/{evening['id']}/roll/{row['attendance_id']}/void"
    off = await app.post(path, {"reason": "it was a neighbour"}, 200, version=row["seen_version"])

    assert (off["void"], await app.facts("attendance"), await unnamed(app)) == (True, [], 5)
    assert (await app.get(f"/workshops/{evening['id']}/roll"))["rows"] == []
    assert outcomes(await roll(app, evening, came("g1", "p2"))) == ["created"]
    assert {subject for subject, *_ in await attended(app)} == {"guardian/g1", "student/p2"}


async def test_a_restricted_guardian_who_was_there_is_recorded_and_nobody_else_is_told(app, evening):
    await ruled(app, "p1", "g1")
    instructor = app.by("instructor", campuses=["high", "central"], programs=["welding"])
    counselor = app.by("counselor", campuses=["high", "central"])
    answer = await roll(instructor, evening, came("g1", "p1"), came("g2", "p1"), head_count=9, head_count_of="everyone")

    assert outcomes(answer) == ["created", "created"]
    assert "restrict" not in repr(answer)
    # As many as are there beside those who are told of: from outside nothing is missing.
    assert {subject for subject, *_ in await attended(app)} == {"guardian/g2", "student/p1"}
    assert await unnamed(app) == 8
    shown = {who: await who.get(f"/workshops/{evening['id']}/roll") for who in (instructor, counselor)}
    assert ["restricted" in row for row in shown[instructor]["rows"]] == [False, False]
    assert sorted(row["restricted"] for row in shown[counselor]["rows"]) == [False, True]
    await instructor.get("/attendance/restricted", 403)
    (listed,) = (await counselor.get("/attendance/restricted"))["items"]
    assert (listed["guardian_id"], listed["workshop_id"]) == ("g1", evening["id"])
    assert (await app.by("counselor", campuses=["south-campus"]).get("/attendance/restricted"))["items"] == []


async def test_a_rule_that_has_ended_restricts_nobody(app, evening):
    await ruled(app, "p1", "g1", until="2025-11-11")
    await roll(app, evening, came("g1", "p1"))

    assert len(await attended(app)) == 2


@pytest.mark.parametrize(
    ("role", "claims", "rows", "name", "phone"),
    [
        pytest.param("coordinator", {"campuses": ["high", "central"]}, 4, CANARY, None, id="coordinator"),
        pytest.param("counselor", {"campuses": ["high", "central"]}, 4, CANARY, "555-0100", id="counselor"),
        pytest.param(
            "instructor",
            {"campuses": ["high", "central"], "programs": ["nursing"]},
            1,
            CANARY,
            None,
            id="an instructor sees own students, and who came alone",
        ),
        pytest.param("leader", {"districts": ["north"]}, 3, None, None, id="leader"),
    ],
)
async def test_who_sees_whom_on_a_roll(app, evening, role, claims, rows, name, phone):
    await roll(
        app, evening, came("g1", "p1", "p2"), came("g2", "p1"), came("g3", "p3"), walked_in(CANARY, phone="555-0100")
    )
    shown = await app.by(role, **claims).get(f"/workshops/{evening['id']}/roll")

    (alone,) = [row for row in shown["rows"] if row["walk_in"]]
    assert (alone.get("name"), alone.get("phone")) == (name, phone)
    assert (len(shown["rows"]), shown["beyond_reach"], shown["present"]) == (rows, 4 - rows, 4)


async def test_nobody_marks_students_beyond_their_reach(app, evening):
    coordinator = app.by("coordinator", campuses=["high", "central"])
    answer = await roll(coordinator, evening, came("g1", "p1"), came("g1", "p2"), walked_in(CANARY, "p2"))

    assert outcomes(answer) == ["created", "refused", "refused"]
    assert "within your reach" in answer["rows"][1]["problem"]


async def test_a_dry_run_keeps_nothing(app, evening):
    answer = await roll(app, evening, came("g1", "p1"), walked_in(CANARY), dry_run=True)

    assert (outcomes(answer), answer["status"], answer["dry_run"]) == (["created", "created"], "held", True)
    assert (await app.get(f"/workshops/{evening['id']}"))["status"] == "planned"
    assert await app.desk.records.find("guardian_profile", {}, limit=9) == []


async def test_a_file_is_read_row_by_row(app, evening):
    other = await planned(app, held_on="2025-12-03")
    head = "workshop_id,guardian_id,name,phone,student_ids,status,language\n"
    text = head + (
        f"{evening['id']},g1,,,p1;p2,,eng\n"
        f"{other['id']},g1,,,p1,absent,\n"
        f"{evening['id']},,{CANARY},555-0100,,,\n"
        f"{evening['id']},g3,,,p1,,\n"
        f"nothing,g1,,,p1,,\n"
        f"{evening['id']},g1,,,p1,here,\n"
    )
    report = await app.load("attendance", text)
    again = await app.load("attendance", text)

    assert (report["created"], report["refused"]) == (3, 3)
    assert {one["row"] for one in report["problems"]} == {5, 6, 7}
    assert (again["created"], again["unchanged"], again["refused"]) == (0, 3, 3)
    assert (await app.get(f"/workshops/{evening['id']}/roll"))["present"] == 2


async def test_rolls_that_come_at_once_are_all_kept_and_hold_the_workshop_once(app, evening):
    rows = [came("g1", "p1"), came("g2", "p1"), came("g3", "p3"), walked_in(CANARY), came("g1", "p1")]
    answers = await asyncio.gather(*(roll(app, evening, row, head_count=9, head_count_of="everyone") for row in rows))

    assert sorted(outcomes(answers[0]) + outcomes(answers[-1])) == ["created", "unchanged"]
    assert [outcomes(one) for one in answers[1:-1]] == [["created"]] * 3
    history = (await app.get(f"/workshops/{evening['id']}", history=True))["history"]
    assert [line["action"] for line in history].count("roll") == 1
    assert await unnamed(app) == 5


def liaison(app, campus):
    return app.by("counselor", sub=f"counselor-{campus}", campuses=[campus])


async def test_who_knows_better_of_their_own_child_takes_nobody_else_s_off_the_roll(app):
    both = await planned(app, organisation_ids=["central", "south-campus"])
    first = (await roll(app, both, came("g1", "p1", "p2")))["rows"][0]

    said = came("g1", "p1", status="absent", seen_version=first["seen_version"])
    assert outcomes(await roll(liaison(app, "central"), both, said)) == ["changed"]

    (record,) = await app.desk.records.find("attendance", {}, limit=9)
    assert (set(record.state["student_ids"]), record.state["status"]) == ({"p1", "p2"}, "absent")


async def test_who_walked_in_elsewhere_is_nobody_here(app):
    theirs = await planned(app, organisation_ids=["central"])
    walk_in = (await roll(app, theirs, walked_in(CANARY, "p1", phone="555-0100")))["rows"][0]["guardian_id"]
    here = await planned(app, organisation_ids=["south-campus"])
    other = liaison(app, "south-campus")

    rows = [came(walk_in), came(walk_in, "p2"), came("w0000"), came("w0000", "p2")]
    answer = await roll(other, here, *rows)

    assert outcomes(answer) == ["refused"] * 4
    said = [row["problem"].replace(walk_in, "w0000") for row in answer["rows"]]
    assert said[:2] == said[2:], "an id of another place is as good as none"
    assert CANARY not in repr(answer) + repr(await other.get(f"/workshops/{here['id']}/roll"))


async def test_whoever_handles_restrictions_sees_those_of_a_family_who_are_theirs(app):
    for student_id in ("p1", "p2"):
        await ruled(app, student_id, "g1")
    both = await planned(app, organisation_ids=["central", "south-campus"])
    await roll(app, both, came("g1", "p1", "p2"))

    listed = await liaison(app, "central").get("/attendance/restricted")
    assert [one["student_ids"] for one in listed["items"]] == [["p1"]]
    assert [set(one["student_ids"]) for one in (await app.get("/attendance/restricted"))["items"]] == [{"p1", "p2"}]


async def test_of_two_who_disagree_at_once_one_is_told(app, evening):
    rows = [came("g1", "p1", status=status) for status in ("present", "absent")]
    answers = await asyncio.gather(*(roll(app, evening, row) for row in rows))

    assert sorted(outcomes(answers[0]) + outcomes(answers[1])) == ["conflict", "created"]


async def test_a_second_row_about_a_guardian_far_below_in_a_file_adds_its_student(app, evening, monkeypatch):
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    text = f"workshop_id,guardian_id,student_ids\n{evening['id']},g1,p1\n{evening['id']},g1,p2\n"
    app.at("2025-11-12")
    first, again = await app.load("attendance", text), await app.load("attendance", text)

    assert (first["created"], first["changed"], again["unchanged"]) == (1, 1, 2)
    assert [subject for subject, *_ in await attended(app)] == ["guardian/g1", "student/p1", "student/p2"]
