"""Rules of contact over HTTP: kept, ended early, taken out, shown without a reason, within reach."""

from dataclasses import replace

import pytest

from services.family_touchpoints.main import PRODUCER
from tests import family_app
from tests.integration.family_touchpoints.calls import plan
from tests.producer_app import guardian, started

RULE = {
    "guardian_id": "g1",
    "rule": "no_contact",
    "basis": "court_order",
    "from": "2025-10-01",
    "seen_on": "2025-10-01",
    "told_to_staff": "Speak with the aunt.",
}
ALL_WAYS = ["Phone", "InPerson", "HomeVisit", "VideoCall", "Text", "App", "Email"]


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def rule(app, status=None, *, about="p1", id="r1", version=None, **more):
    return await app.put(f"/students/{about}/rules/{id}", {**RULE, **more}, status, version=version)


async def may(app, on="2025-10-03", student="p1"):
    items = (await app.get(f"/students/{student}/contact", on=on))["items"]
    return {one["guardian_id"]: one["may"] for one in items}


def instructor(app, program="welding", campus="central"):
    return app.by("instructor", programs=[program], campuses=[campus])


def counselor(app, campus="central"):
    return app.by("counselor", campuses=[campus])


async def test_a_rule_closes_the_ways_to_one_guardian_from_its_day_on(app):
    kept = await rule(app, 201)

    assert (kept["outcome"], kept["rule_id"], kept["seen_by"]) == ("created", "r1", "manager-1")
    assert await may(app) == {"g1": [], "g2": ALL_WAYS}
    assert await may(app, "2025-09-30") == {"g1": ALL_WAYS, "g2": ALL_WAYS}
    assert await may(app, student="p2") == {"g1": ALL_WAYS, "g2": ALL_WAYS}


async def test_a_rule_sent_again_is_unchanged_and_ended_early_opens_the_way_again(app):
    first = await rule(app)
    assert (await rule(app))["outcome"] == "unchanged"

    ended = await rule(app, version=first["version"], to="2025-10-02")

    assert (ended["outcome"], ended["version"]) == ("changed", 2)
    assert (await may(app))["g1"] == ALL_WAYS
    stale = await rule(app, 412, version=first["version"])
    assert "version 2" in stale["detail"]


async def test_a_rule_entered_for_the_wrong_student_goes(app):
    kept = await rule(app)

    gone = await app.post("/students/p1/rules/r1/void", {"reason": "another student"}, version=kept["version"])

    assert gone["void"] is True
    assert "basis" not in gone
    assert (await may(app))["g1"] == ALL_WAYS
    assert (await app.get("/students/p1/rules"))["items"] == []
    assert "void" in (await rule(app, 422))["detail"]
    assert (await rule(app, id="r2"))["outcome"] == "created"


async def test_a_rule_that_says_what_another_says_already_names_that_one(app):
    await rule(app)

    refused = await rule(app, 409, id="r2")

    assert refused["existing"] == "r1"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param({"guardian_id": "g3"}, "roster knows no tie of g3 to this student", id="nobody of this student's"),
        pytest.param({"rule": "only_channels"}, "needs the ways that are left", id="no way is left"),
        pytest.param({"channels": ["Email"]}, "channels go with only_channels", id="ways that nothing asks for"),
        pytest.param({"to": "2025-09-30"}, "is before from", id="ends before it begins"),
        pytest.param({"seen_on": None}, "an order needs the day on which it was seen", id="an order that nobody saw"),
        pytest.param({"seen_on": "2026-06-01"}, "is in the future", id="seen tomorrow"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_what_would_work(app, more, said):
    assert said in (await rule(app, 422, **more))["detail"]


async def test_a_rule_of_everybody_says_so_itself(app):
    body = {name: value for name, value in RULE.items() if name != "guardian_id"}
    assert "guardian_id" in str((await app.put("/students/p1/rules/r1", body, 422))["errors"])

    await rule(app, guardian_id=None)

    assert await may(app) == {"g1": [], "g2": []}


async def test_what_is_closed_is_seen_by_all_who_speak_with_the_family_and_why_by_nobody_else(app):
    await rule(app)
    await rule(app, id="r2", guardian_id="g2", rule="no_records", basis="guardian_request", told_to_staff=None)

    seen = await instructor(app).get("/students/p1/contact", on="2025-10-03")

    first, second = seen["items"]
    assert (first["may"], first["told_to_staff"], first["records"]) == ([], ["Speak with the aunt."], True)
    assert (second["may"], second["told_to_staff"], second["records"]) == (ALL_WAYS, [], False)
    for secret in ("court", "order", "basis", "seen", "manager", "r1", "request"):
        assert secret not in str(seen), secret
    await instructor(app).get("/students/p1/rules", 403)
    assert (await counselor(app).get("/students/p1/rules"))["items"][0]["basis"] == "court_order"
    unsaid = (await app.by("service").get("/students/p1/rules"))["items"]
    assert [name for one in unsaid for name in ("basis", "seen_on", "seen_by") if name in one] == []


async def test_each_time_a_basis_is_shown_it_is_noted_by_whom_and_of_whom(app):
    await rule(app)
    await counselor(app).get("/students/p1/rules")
    await app.by("service").get("/students/p1/rules")
    await instructor(app).get("/students/p1/contact")

    notes = await app.parts.database["disclosures"].find({}, {"_id": 0, "at": 0}).to_list(None)

    assert notes == [{"by": "manager-1", "what": "basis of a rule", "about": "p1", "route": "list_rules"}]


async def test_who_may_not_be_contacted_but_by_the_counselor_is_open_to_the_counselor(app):
    await rule(app, rule="only_staff", basis="safety_plan")

    assert (await may(counselor(app)))["g1"] == ALL_WAYS
    assert (await may(instructor(app)))["g1"] == []


@pytest.mark.parametrize(
    ("role", "claims", "reached"),
    [
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, True, id="own program"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["central"]}, False, id="another program"),
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["south-campus"]}, False, id="another campus"),
        pytest.param("counselor", {"campuses": ["central"]}, True, id="own campus"),
        pytest.param("counselor", {"campuses": ["south-campus"]}, False, id="counselor elsewhere"),
        pytest.param("coordinator", {"campuses": ["central"]}, True, id="coordinator"),
        pytest.param("coordinator", {"campuses": ["south-campus"]}, False, id="coordinator elsewhere"),
        pytest.param("data_manager", {"districts": ["north"]}, True, id="home district"),
        pytest.param("data_manager", {"districts": ["south"]}, False, id="another district"),
        pytest.param("service", {}, True, id="service"),
    ],
)
async def test_a_student_out_of_reach_is_nobody_whatever_is_asked(app, role, claims, reached):
    await rule(app)
    caller = app.by(role, **claims)
    liaises = role in ("counselor", "data_manager", "service")

    if reached:
        assert (await may(caller))["g1"] == []
    else:
        assert "there is no student p1" in (await caller.get("/students/p1/contact", 404))["detail"]
    if liaises and not reached:
        await caller.get("/students/p1/rules", 404)
        await rule(caller, 404)
        await caller.post("/students/p1/rules/r1/void", {"reason": "x"}, 404, version=1)
    if not liaises:
        await rule(caller, 403)
        await caller.post("/students/p1/rules/r1/void", {"reason": "x"}, 403, version=1)


@pytest.mark.parametrize("role", ["leader", "operator", "student"])
async def test_leaders_operators_and_students_are_shown_nothing_of_contact(app, role):
    caller = app.by(role, districts=["*"], campuses=["*"], programs=["*"], student_id="p1")

    answers = [
        await caller.get("/students/p1/contact", 403),
        await caller.get("/students/p1/rules", 403),
        await rule(caller, 403),
    ]

    assert [one["status"] for one in answers] == [403] * 3
    assert (await app.get("/students/p1/rules"))["items"] == []


async def test_nothing_of_a_rule_is_published(app):
    await rule(app)

    assert await app.facts("contact_rule") == []


RULES = "rule_id,student_id,guardian_id,rule,channels,basis,from,to,seen_on,told_to_staff\n"


async def test_two_students_have_a_rule_each_about_one_guardian(app):
    text = RULES + "".join(f"r-{who},{who},g1,no_contact,,safety_plan,2025-10-01,,,\n" for who in ("p1", "p2"))

    assert (await app.load("rules", text))["created"] == 2
    assert (await app.load("rules", text))["unchanged"] == 2


async def test_what_hangs_on_rules_consents_and_sharing_is_told_of_whose_they_are(mongo_settings, keys):
    told = []

    async def follow(_, students):
        told.append(set(students))

    following = replace(PRODUCER, students_told=(follow,))
    async with started(following, mongo_settings, keys, family_app.Families, now=lambda: family_app.LAST_DAY) as app:
        await app.told(*family_app.FAMILIES, guardian("g9", "p1"))
        await app.all_heard()
        told.clear()
        version = (await rule(app))["version"]
        await app.post("/students/p1/rules/r1/void", {"reason": "another student"}, version=version)
        await app.put("/students/nw:u-2/sharing", {"eighteen_on": "2025-12-03"})
        await app.put("/guardians/g1/consents/text/school", {"steps": []})
        await app.load("rules", RULES + "r2,p3,g3,no_contact,,safety_plan,2025-10-01,,,\n")
        await app.post("/guardians/g9/same-as", {"same_as": "g1", "reason": "one person"})

    assert told == [{"p1"}, {"p1"}, {"p2"}, {"p1", "p2"}, {"p3"}, {"p1", "p2"}]


async def test_a_file_of_rules_is_kept_row_by_row_and_the_same_file_changes_nothing(app):
    text = RULES + (
        "r1,stateStudentId:900001,g1,no_contact,,court_order,2025-10-01,,2025-10-01,\n"
        "r2,p1,g2,only_channels,Email; Text,guardian_request,2025-10-01,2026-01-31,,\n"
        "r3,p2,everybody,no_contact,,safety_plan,2025-10-01,,,Ask the counselor.\n"
        "r4,p2,,no_contact,,safety_plan,2025-10-01,,,\n"
        "r5,nobody,g1,no_contact,,safety_plan,2025-10-01,,,\n"
        "r6,p1,g1,no_contact,,safety_plan,2025-10-01,,,\n"
    )
    would = await app.load("rules", text, dry_run=True)
    assert await may(app) == {"g1": ALL_WAYS, "g2": ALL_WAYS}

    did = await app.load("rules", text)

    # The last row is refused by what the first has kept, which a dry run has not.
    assert (would["created"], would["refused"]) == (4, 2)
    assert (did["created"], did["refused"]) == (3, 3)
    assert [(one["row"], one["column"]) for one in did["problems"]] == [
        (5, "guardian_id"),
        (6, "student_id"),
        (7, None),
    ]
    assert await may(app) == {"g1": [], "g2": ["Text", "Email"]}
    assert await may(app, student="p2") == {"g1": [], "g2": []}
    again = await app.load("rules", text)
    assert (again["unchanged"], again["created"], again["changed"]) == (3, 0, 0)


async def test_who_enters_a_rule_is_told_which_plans_it_overtakes(app):
    (first,) = (await plan(app, "2025-10-05"))["touchpoints"]
    await plan(app, "2025-10-05", guardian_ids=["g2"])
    await plan(app, "2025-09-30")
    (stop,) = (await plan(app, "2025-11-10", method="Text", guardian_ids=["g2"]))["touchpoints"]
    emergency = {"method": "Text", "guardian_ids": ["g2"], "purpose": "emergency"}
    await plan(app, "2025-11-11", **emergency)
    withdrawn = {"steps": [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]}

    assert (await rule(app))["planned_against"] == [first["id"]]
    said = await app.put("/guardians/g2/consents/text/school", withdrawn)
    assert said["planned_against"] == [stop["id"]]


async def test_a_year_is_excused_by_a_rule_and_not_any_more_when_it_is_corrected(app):
    async def excused():
        return [fact.excused for _, fact in await app.facts("contact_year")]

    everybody = {"guardian_id": None, "from": "2025-08-04", "basis": "safety_plan", "seen_on": None}
    kept = await rule(app, **everybody, to="2026-01-31")
    assert await excused() == [True]

    await rule(app, **everybody, to="2025-11-30", version=kept["version"])

    assert True not in await excused()


async def test_a_plan_stands_against_a_rule_as_the_worklist_says(app):
    await plan(app, "2026-05-25")
    theirs = await plan(instructor(app), "2026-05-26")
    nobody_named = await plan(app, "2026-05-27", guardian_ids=["g2"], method="InPerson")
    anybody = await plan(app, "2026-05-28", guardian_ids=[])
    said = await rule(app, rule="only_staff")
    listed = (await app.get("/worklists/planned_against_a_rule"))["items"]

    found = {one["touchpoints"][0]["id"] for one in (theirs, anybody)}
    assert set(said["planned_against"]) == {one["id"] for one in listed} == found
    assert nobody_named["touchpoints"][0]["id"] not in found
