"""Surveys over HTTP: what was answered stays as it was asked, a guardian has one response, a tally has no names."""

import pytest

from services.family_touchpoints.survey import commands
from shared.contracts.roster import Organisation, Student, YearAtSchool
from tests import family_app
from tests.producer_app import event, guardian, student

ASKED = {
    "published_on": "2025-11-03",
    "languages": ["eng", "spa"],
    "asks": {"child_needs": True, "own_needs": True},
    "questions": [
        {"code": "child", "kind": "yes_no", "about": "child_needs", "texts": {"eng": "Made-up?", "spa": "¿Inventado?"}},
        {"code": "own", "kind": "text", "about": "own_needs", "texts": {"eng": "And this?", "spa": "¿Y esto?"}},
    ],
}
SAID = {"guardian_id": "g1", "student_id": "p1", "answered_on": "2025-11-20", "language": "eng"}
COUNTED = {"answered_on": "2025-11-20", "language": "spa", "complete": 9, "partial": 3}
NEEDS = "/surveys/needs/2"


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def needs(app):
    await app.put(NEEDS, ASKED)
    return app


def organisation(id, type, parent="cted", version=1):
    fact = Organisation(organisation_id=id, name="Sample", type=type, parent_id=parent)
    return event(f"organisation/{id}", f"organisation/{id}", fact, version)


def at_home(who, homes, version):
    years = tuple(
        YearAtSchool(school_year=year, school_id="high", district_id=district, grade_level="12")
        for year, district in homes.items()
    )
    return event(f"student/{who}", f"student/{who}", Student(student_id=who, years=years), version)


async def responses(app):
    return [fact for _, fact in await app.facts("survey_response")]


async def test_a_version_says_what_it_asks_and_not_how(needs):
    again = await needs.put(NEEDS, ASKED)
    [(subject, fact)] = await needs.facts("survey")

    assert (again["outcome"], again["version"], again["questions"]) == ("unchanged", 1, ASKED["questions"])
    assert (subject, fact.survey_version, fact.school_year) == ("survey/needs", 2, "2025-26")
    assert (fact.asks.child_needs, fact.asks.satisfaction) == (True, False)
    assert "Made-up" not in str(fact)
    assert [one["id"] for one in (await needs.get("/surveys"))["items"]] == ["needs-2"]
    await needs.get("/surveys/needs/3", 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(f"{NEEDS}/responses", {**SAID, "answered": ["child_needs"]}, id="by name"),
        pytest.param(f"{NEEDS}/tallies", COUNTED, id="on paper"),
    ],
)
async def test_what_somebody_has_answered_is_not_changed_any_more(needs, path, body):
    fewer = {**ASKED, "asks": {"child_needs": True}, "questions": ASKED["questions"][:1]}
    await needs.put(NEEDS, fewer)
    await needs.put(NEEDS, ASKED)
    await needs.post(path, body)
    refused = await needs.put(NEEDS, fewer, 422)
    more = await needs.put(NEEDS, {**ASKED, "languages": ["eng", "spa", "som"]})

    assert "publish version 3" in refused["detail"]
    assert (more["outcome"], more["taken"]) == ("changed", True)
    await needs.put("/surveys/needs/3", fewer)


async def test_a_guardian_has_one_response_which_the_later_answer_completes(needs):
    """Golden case 20: the child's part only is partial; completed on 1 December it counts then, and once."""
    first = await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"child": True}})
    [partial] = await responses(needs)
    done = await needs.post(
        f"{NEEDS}/responses", {**SAID, "answered_on": "2025-12-01", "answers": {"own": "made-up words"}}
    )
    late = await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"child": False}})
    [complete] = await responses(needs)

    assert (partial.child_needs, partial.own_needs, partial.complete) == (True, False, False)
    assert (complete.complete, complete.answered_on.isoformat()) == (True, "2025-12-01")
    assert (first["id"], first["outcome"], done["outcome"]) == (done["id"], "created", "changed")
    assert (late["outcome"], late["answers"]) == ("unchanged", {"child": True, "own": "made-up words"})
    tally = await needs.post(f"{NEEDS}/tallies", COUNTED)
    [(_, told)] = await needs.facts("survey_tally")
    assert (told.complete, told.partial, tally["outcome"]) == (9, 3, "created")


async def test_a_key_that_comes_again_changes_nothing(needs):
    body = {**SAID, "answers": {"child": True}}
    await needs.post(f"{NEEDS}/responses", body, key="k1")
    await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"child": False}}, key="k2")
    again = await needs.post(f"{NEEDS}/responses", body, key="k1")
    await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"own": "a"}}, 422, key="k1")

    assert (again["outcome"], again["answers"]) == ("unchanged", {"child": False})


async def test_answers_and_words_are_in_no_fact_and_no_leaders_list(needs):
    kept = await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"own": "canary", "child": True}})
    leader = needs.by("leader", districts=["north"])
    [listed] = (await leader.get("/survey-responses"))["items"]
    shown = await leader.get(f"/survey-responses/{kept['id']}", history="true")

    assert (listed["id"], listed["answers"], shown["answers"]) == (kept["id"], None, None)
    assert "canary" not in str([await needs.facts(kind) for kind in ("survey", "survey_response")])
    assert "canary" not in str([listed, shown])
    assert (await needs.get("/survey-responses"))["items"][0]["answers"]["own"] == "canary"
    await needs.by("instructor", programs=["*"], campuses=["*"]).get("/survey-responses", 403)


@pytest.mark.parametrize(
    ("who", "claims", "status"),
    [
        pytest.param("counselor", {"campuses": ["central"]}, 201, id="the student's campus"),
        pytest.param("coordinator", {"campuses": ["south-campus"]}, 422, id="another campus"),
        pytest.param("data_manager", {"districts": ["north"]}, 201, id="the student's district"),
        pytest.param("data_manager", {"districts": ["south"]}, 422, id="another district"),
    ],
)
async def test_who_logs_what_a_guardian_has_answered(needs, who, claims, status):
    caller = needs.by(who, **claims)
    kept = await caller.post(f"{NEEDS}/responses", {**SAID, "answered": ["own_needs"]}, status)

    assert [one["id"] for one in (await caller.get("/survey-responses"))["items"]] == (
        [kept["id"]] if status == 201 else []
    )


async def test_who_answers_is_tied_to_the_student(needs):
    said = {**SAID, "guardian_id": "g3", "answered": ["own_needs"]}
    refused = await needs.post(f"{NEEDS}/responses", said, 422)
    unknown = await needs.post(f"{NEEDS}/responses", {**said, "student_id": "nobody"}, 422)
    await needs.told(guardian("g3", "p1"))
    await needs.post(f"{NEEDS}/responses", said)

    assert "roster knows no tie of g3 to this student" in refused["detail"]
    assert "no student nobody within your reach" in unknown["detail"]
    assert (await needs.get(NEEDS))["taken"], "by the one that was kept"


async def test_a_response_is_told_of_where_the_student_is_at_home(needs):
    await needs.post(f"{NEEDS}/responses", {**SAID, "answered": ["own_needs"]})
    await needs.post(f"{NEEDS}/responses", {**SAID, "guardian_id": "g3", "student_id": "p3", "answered": ["own_needs"]})
    await needs.told(student("p1", "stateStudentId:900001", "nw:u-1", district="south", version=2))
    found = (await needs.get("/survey-responses"))["items"]

    assert {one["student_id"]: one["version"] for one in found} == {"p1": 2, "p3": 1}
    assert {fact.districts for fact in await responses(needs)} == {("south",)}


async def test_two_ids_of_one_guardian_are_two_records_of_one_subject(needs):
    await needs.told(guardian("g9", "p1"))
    for one in ("g1", "g9"):
        await needs.post(f"{NEEDS}/responses", {**SAID, "guardian_id": one, "answered": ["own_needs"]})
    before = {subject for subject, _ in await needs.facts("survey_response")}
    await needs.post("/guardians/g9/same-as", {"same_as": "g1", "reason": "made up"})
    after = await needs.facts("survey_response")

    await needs.post("/guardians/g9/separate", {"reason": "made up"})
    apart = {subject for subject, _ in await needs.facts("survey_response")}

    assert before == apart == {"guardian/g1", "guardian/g9"}
    assert [subject for subject, _ in after] == ["guardian/g1", "guardian/g1"]
    assert {fact.logged_as for _, fact in after} == {None, "g9"}


async def test_a_void_response_is_told_of_no_more_and_begins_anew(needs):
    kept = await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"child": True}})
    await needs.post(f"/survey-responses/{kept['id']}/void", {"reason": "another family's"}, version=1)
    assert await responses(needs) == []
    anew = await needs.post(f"{NEEDS}/responses", {**SAID, "answers": {"own": "a"}})

    assert (anew["id"], anew["answers"]) == (kept["id"], {"own": "a"})
    assert len(await responses(needs)) == 1


async def test_a_tally_of_one_day_language_and_place_is_one(needs):
    first = await needs.post(f"{NEEDS}/tallies", COUNTED)
    again = await needs.post(f"{NEEDS}/tallies", COUNTED)
    other = await needs.post(f"{NEEDS}/tallies", {**COUNTED, "complete": 5}, 409)
    english = await needs.post(f"{NEEDS}/tallies", {**COUNTED, "language": "eng"})
    right = await needs.patch(f"/survey-tallies/{first['id']}", {"complete": 14}, version=1)
    await needs.post(f"{NEEDS}/tallies", {**COUNTED, "complete": 0, "partial": 0, "language": "eng"}, 422)
    await needs.patch(f"/survey-tallies/{first['id']}", {"complete": 0, "partial": 0}, 422, version=2)

    assert (again["id"], again["outcome"], other["existing"]) == (first["id"], "unchanged", first["id"])
    assert "the sum if these come on top" in other["detail"]
    assert (right["complete"], right["partial"]) == (14, 3)
    await needs.post(f"/survey-tallies/{first['id']}/void", {"reason": "counted twice"}, version=2)
    assert [one["id"] for one in (await needs.get("/survey-tallies"))["items"]] == [english["id"]]
    back = await needs.post(f"{NEEDS}/tallies", COUNTED)
    assert (back["id"], back["complete"]) == (first["id"], 9)


async def test_a_tally_is_reached_by_its_place(needs):
    here = {**COUNTED, "organisation_id": "central"}
    coordinator = needs.by("coordinator", campuses=["central"])
    kept = await coordinator.post(f"{NEEDS}/tallies", here)
    nowhere = await coordinator.post(f"{NEEDS}/tallies", COUNTED, 422)
    elsewhere = await coordinator.post(f"{NEEDS}/tallies", {**COUNTED, "organisation_id": "south-campus"}, 422)
    unknown = await needs.post(f"{NEEDS}/tallies", {**COUNTED, "organisation_id": "nowhere"}, 422)

    assert "name the organisation_id of one of yours" in nowhere["detail"]
    assert "lies beyond your reach" in elsewhere["detail"]
    assert "roster knows no organisation nowhere" in unknown["detail"]
    await needs.by("coordinator", campuses=["south-campus"]).get(f"/survey-tallies/{kept['id']}", 404)
    await coordinator.get(f"/survey-tallies/{kept['id']}")


async def test_a_tally_is_told_of_and_reached_where_its_place_lies(needs):
    await needs.told(organisation("north", "district"), organisation("high", "school", "north"))
    kept = await needs.post(f"{NEEDS}/tallies", {**COUNTED, "organisation_id": "high"})
    campus = await needs.post(f"{NEEDS}/tallies", {**COUNTED, "organisation_id": "central"})
    north, south = (needs.by("data_manager", districts=[one]) for one in ("north", "south"))
    [first] = [one["id"] for one in (await north.get("/survey-tallies"))["items"]]
    await needs.told(organisation("south", "district"), organisation("high", "school", "south", version=2))

    assert (first, kept["district_id"], campus["district_id"]) == (kept["id"], "north", None)
    assert [one["id"] for one in (await south.get("/survey-tallies"))["items"]] == [kept["id"]]
    assert (await north.get("/survey-tallies"))["items"] == []
    assert {fact.organisation_id: fact.districts for _, fact in await needs.facts("survey_tally")} == {
        "high": ("south",),
        "central": (),
    }
    assert (await needs.get(f"/survey-tallies/{campus['id']}"))["version"] == 1


async def test_a_file_is_kept_row_by_row_and_the_same_again_changes_nothing(needs):
    text = (
        "survey_id,survey_version,guardian_id,student_id,answered_on,language,answered\n"
        "needs,2,g1,stateStudentId:900001,2025-11-20,eng,child_needs;own_needs\n"
        "needs,2,g3,p3,2025-11-20,spa,own_needs\n"
        "needs,3,g2,p1,2025-11-20,eng,own_needs\n"
        "needs,2,g3,p1,2025-11-20,eng,own_needs\n"
        "needs,2,g2,p1,2025-11-20,fra,own_needs\n"
        "needs,2,g2,p1,2025-11-20,eng,everything\n"
    )
    would = await needs.load("survey-responses", text, dry_run=True)
    assert (would["created"], await responses(needs), (await needs.get(NEEDS))["taken"]) == (2, [], False)
    first = await needs.load("survey-responses", text)
    again = await needs.load("survey-responses", text)

    assert (first["created"], first["refused"]) == (2, 4)
    assert (again["unchanged"], again["created"], again["refused"]) == (2, 0, 4)
    assert [one["row"] for one in first["problems"]] == [4, 5, 6, 7]
    assert sorted(fact.complete for fact in await responses(needs)) == [False, True]


async def test_who_answers_while_it_is_changed_has_been_asked_what_is_kept(needs, monkeypatch):
    """Whoever is first, the other is decided on it."""
    read = commands.first_answer

    async def answered_meanwhile(desk, survey_id, version):
        found = await read(desk, survey_id, version)
        monkeypatch.setattr(commands, "first_answer", read)
        await needs.post(f"{NEEDS}/responses", {**SAID, "answered": ["own_needs"]})
        return found

    monkeypatch.setattr(commands, "first_answer", answered_meanwhile)
    fewer = {**ASKED, "asks": {"child_needs": True}, "questions": ASKED["questions"][:1]}
    refused = await needs.put(NEEDS, fewer, 422)

    assert "publish version 3" in refused["detail"]


async def test_who_asks_a_guardian_about_their_child_learns_nothing_of_another_s(needs):
    """One response is one guardian's, whichever child it is about; what was said elsewhere stays there."""
    path = f"{NEEDS}/responses"
    first = {**SAID, "student_id": "p2", "answers": {"child": True, "own": "made-up words"}}
    await needs.post(path, first)
    here = needs.by("counselor", sub="counselor-1", campuses=["central"])

    later = await here.post(path, {**SAID, "answered_on": "2025-11-21", "answers": {"child": False}}, 200)
    same = await here.post(path, {**SAID, "answered_on": "2025-11-21", "answers": {"child": False}}, 200)

    for told in (later, same):
        assert (told["student_id"], told["answers"], told["answered"]) == ("p1", {"child": False}, [])
    [kept] = (await needs.get("/survey-responses"))["items"]
    assert (kept["student_id"], kept["answers"]) == ("p2", {"child": False, "own": "made-up words"})


async def test_a_tally_that_comes_again_changes_nothing_of_what_was_set_right_or_taken_out_since(needs):
    kept = await needs.post(f"{NEEDS}/tallies", COUNTED, key="k1")
    await needs.patch(f"/survey-tallies/{kept['id']}", {"complete": 14}, version=1)
    right = await needs.post(f"{NEEDS}/tallies", COUNTED, key="k1")
    await needs.post(f"/survey-tallies/{kept['id']}/void", {"reason": "counted twice"}, version=2)
    again = await needs.post(f"{NEEDS}/tallies", COUNTED, key="k1")

    assert (right["outcome"], right["complete"]) == ("unchanged", 14)
    assert (again["outcome"], again["void"]) == ("unchanged", True)
    assert await needs.facts("survey_tally") == []


async def test_where_a_student_was_at_home_when_they_answered_stays_when_they_move_in_another_year(needs):
    homes = {"2025-26": "north"}
    await needs.told(at_home("p1", homes, version=2))
    await needs.post(f"{NEEDS}/responses", {**SAID, "answered": ["own_needs"]})
    await needs.told(at_home("p1", {**homes, "2026-27": "south"}, version=3))
    [moved_on] = (await needs.get("/survey-responses"))["items"]
    before = {fact.districts for fact in await responses(needs)}
    await needs.told(at_home("p1", {"2025-26": "east"}, version=4))
    [corrected] = (await needs.get("/survey-responses"))["items"]

    assert (moved_on["version"], before) == (1, {("north",)})
    assert (corrected["version"], {fact.districts for fact in await responses(needs)}) == (2, {("east",)})


@pytest.mark.parametrize("role", [pytest.param("leader", id="leader"), pytest.param("coordinator", id="coordinator")])
async def test_why_a_response_was_taken_out_is_read_by_whoever_handles_restrictions(needs, role):
    kept = await needs.post(f"{NEEDS}/responses", {**SAID, "answered": ["own_needs"]})
    await needs.post(f"/survey-responses/{kept['id']}/void", {"reason": "canary"}, version=1)
    caller = needs.by(role, sub="somebody-else", districts=["north"], campuses=["central"])

    assert "canary" not in str(await caller.get(f"/survey-responses/{kept['id']}", history="true"))
    assert "canary" in str(await needs.get(f"/survey-responses/{kept['id']}", history="true"))
