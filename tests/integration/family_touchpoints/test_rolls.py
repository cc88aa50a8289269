"""Rolls of workshops over HTTP and a real mongod: who was there, who counts once, what is told to whom."""

import asyncio
from datetime import date

import pytest

from shared.contracts.roster import TermBegins
from shared.records.record import Draft, Entry
from tests.producer_app import merged, student
from tests.workshops_app import act, came, outcomes, place, planned, roll, running, walked_in

CANARY = "Zzyzx Visitor"


@pytest.fixture
async def app(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def evening(app):
    return await planned(app)


async def attended(app):
    """By subject, what is told of attendance: whose, of which students, whether it counts."""
    told = sorted(await app.facts("attendance"), key=lambda one: one[0])
    return [
        (subject, fact.guardian_id, fact.student_ids, fact.held and fact.status == "present") for subject, fact in told
    ]


async def unnamed(app):
    ((_, fact),) = await app.facts("workshop")
    return fact.unnamed


async def joined(app, guardian, into):
    """A data manager has said that both ids are one guardian's; into None: that they are two."""
    state = {"guardian_id": guardian, "same_as": into, "walk_in": False}
    await app.desk.records.put(Draft("guardian_profile", guardian, state, Entry(by="manager-1", action="same_as")))


async def ruled(app, student_id, guardian, until=None):
    """No contact with this guardian about the student from October on."""
    state = {"student_id": student_id, "guardian_id": guardian, "rule": "no_contact", "from": "2025-10-01", "to": until}
    state |= {"channels": [], "told_to_staff": "", "basis": "court_order"}
    await app.desk.records.put(Draft("contact_rule", f"r-{student_id}-{guardian}", state, Entry(by="m", action="put")))


async def test_a_guardian_with_two_children_is_one_record_and_each_child_s_fact_names_that_child_alone(app, evening):
    answer = await roll(app, evening, came("g1", "p1", "p2", language="eng"))

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


async def test_two_ids_that_were_joined_are_two_records_of_one_subject_until_they_are_separated(app, evening):
    await roll(app, evening, came("g1", "p1"), came("g2", "p1"), head_count=5, head_count_of="everyone")
    assert await unnamed(app) == 3

    await joined(app, "g2", "g1")
    told = {(subject, fact.logged_as) for subject, fact in await app.facts("attendance") if "guardian" in subject}
    assert told == {("guardian/g1", None), ("guardian/g1", "g2")}
    assert ((await app.get(f"/workshops/{evening['id']}/roll"))["present"], await unnamed(app)) == (1, 4)

    await joined(app, "g2", None)
    assert {subject for subject, *_ in await attended(app)} == {"guardian/g1", "guardian/g2", "student/p1"}


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


async def test_who_walked_in_before_comes_again_and_joined_to_a_guardian_is_that_one(app, evening):
    walk_in = (await roll(app, evening, walked_in(CANARY, "p3")))["rows"][0]["guardian_id"]
    later = await planned(app, held_on="2025-12-03")
    again = await roll(app, later, came(walk_in, "p3"), came("g3", "p3"), on="2025-12-03")
    assert outcomes(again) == ["created", "created"]

    await joined(app, walk_in, "g3")
    subjects = {subject for subject, *_ in await attended(app)}
    assert subjects == {"guardian/g3", "student/p3"}


async def test_a_guardian_whom_roster_never_tied_is_refused_with_what_would_work(app, evening):
    answer = await roll(app, evening, came("g3", "p1"), came("g1"), {"student_ids": ["p1"]}, came("g1", "nobody"))

    assert outcomes(answer) == ["refused"] * 4
    said = [row["problem"] for row in answer["rows"]]
    assert said[0] == "roster knows no tie of g3 to this student; add a walk-in"
    assert "name the students" in said[1]
    assert "send guardian_id" in said[2]
    assert "no student nobody within your reach" in said[3]
    assert [row["errors"][0]["pointer"] for row in answer["rows"]][0] == "/rows/0/student_ids/0"
    assert await app.facts("attendance") == []


async def test_cancelled_it_counts_for_nobody_and_reopened_it_counts_on_its_new_day(app, evening):
    await roll(app, evening, came("g1", "p1"))
    held = await app.get(f"/workshops/{evening['id']}")
    gone = await act(app, held, "cancel", reason="it was another evening")
    assert [counts for *_, counts in await attended(app)] == [False, False]

    again = await act(app, gone, "reopen", on="2025-11-19")
    await act(app, again, "held")
    assert {(fact.held, fact.held_on) for _, fact in await app.facts("attendance")} == {(True, date(2025, 11, 19))}
    assert (await app.desk.records.find("attendance", {}, limit=2))[0].version > 1


async def test_exactly_its_own_roll_is_published_again(app, evening):
    other = await planned(app, held_on="2025-12-03")
    await roll(app, evening, came("g1", "p1"))
    await roll(app, other, came("g1", "p1"), on="2025-12-03")
    before = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    held = await app.get(f"/workshops/{evening['id']}")
    await app.patch(
        f"/workshops/{evening['id']}", {"title": "Another", "reason": "told wrong"}, version=held["version"]
    )
    titled = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    assert titled == before

    middle = {"level": "middle", "reason": "it was for the eighth grade"}
    await app.patch(f"/workshops/{evening['id']}", middle, version=held["version"] + 1)
    after = {one.state["workshop_id"]: one.version for one in await app.desk.records.find("attendance", {}, limit=9)}
    assert after == {evening["id"]: before[evening["id"]] + 1, other["id"]: before[other["id"]]}
    assert {fact.level for _, fact in await app.facts("attendance")} == {"high", "middle"}


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
    assert (grown["present"], grown["unnamed"], len(grown["warnings"])) == (3, 0, 1)
    shown = await app.get(f"/workshops/{evening['id']}/roll")
    assert (shown["head_count"], shown["present"], shown["warnings"]) == (1, 3, grown["warnings"])
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


async def test_a_void_workshop_is_told_of_nobody(app, evening):
    await roll(app, evening, came("g1", "p1"))
    await act(app, await app.get(f"/workshops/{evening['id']}"), "void", reason="planned twice")

    assert await app.facts("attendance") == []


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
        pytest.param("coordinator", {"campuses": ["high", "central"]}, 4, CANARY, "555-0100", id="coordinator"),
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


async def test_districts_are_the_students_homes_and_follow_them(app, evening):
    await roll(app, evening, came("g3", "p3"))
    assert {fact.districts for _, fact in await app.facts("attendance")} == {("south",)}
    before = (await app.desk.records.find("attendance", {}, limit=1))[0].version

    await app.told(student("p3", district="east", version=2))
    assert {fact.districts for _, fact in await app.facts("attendance")} == {("east",)}
    assert (await app.desk.records.find("attendance", {}, limit=1))[0].version == before + 1


async def test_the_term_is_that_of_the_first_place_and_follows_its_table(app, evening):
    await roll(app, evening, came("g1", "p1"))
    begins = (("fall", date(2025, 8, 4)), ("mid", date(2025, 10, 13)))
    terms = tuple(TermBegins(school_year="2025-26", term=name, begins=day) for name, day in begins)
    before = (await app.desk.records.find("attendance", {}, limit=1))[0].version

    await app.told(place("high", "school", "north", version=2, terms=terms))
    assert {fact.term for _, fact in await app.facts("attendance")} == {2}
    assert (await app.desk.records.find("attendance", {}, limit=1))[0].version == before + 1


async def test_two_students_who_are_merged_are_one(app, evening):
    await roll(app, evening, came("g1", "p1", "p2"))
    await app.told(merged("p2", "p1", 2, district="north"))

    assert [subject for subject, *_ in await attended(app)] == ["guardian/g1", "student/p1"]


async def test_a_start_finishes_what_a_crash_has_left(app, evening):
    await roll(app, evening, came("g1", "p1"), head_count=5, head_count_of="everyone")
    (record,) = await app.desk.records.find("workshop", {}, limit=1)
    (there,) = await app.desk.records.find("attendance", {}, limit=1)
    # As if nothing had followed the write.
    state, entry = {**record.state, "status": "cancelled"}, Entry(by="manager-1", action="cancel")
    await app.desk.records.put(Draft("workshop", record.id, state, entry))
    for finish in app.desk.producer.at_start:
        await finish(app.desk)
        await finish(app.desk)

    (after,) = await app.desk.records.find("attendance", {}, limit=1)
    assert after.version == there.version + 1


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
