"""Links of families over HTTP: who gets one, what it opens and until when, and that nobody else hears of an answer."""

import re
from urllib.parse import urlencode

import pytest

from services.family_touchpoints.link.record import digest_of
from services.family_touchpoints.main import OUTSIDE
from tests import family_app
from tests.integration.family_touchpoints.test_surveys import ASKED, NEEDS

ABOUT = {"purpose": "survey", "survey_id": "needs", "survey_version": 2}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://family_touchpoints"}
GONE = re.compile("this link does not work any more", re.IGNORECASE)


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        await opened.put(NEEDS, ASKED)
        yield opened


async def link(app, guardian="g1", student="p1", status=201, **more):
    return await app.post("/links", {**ABOUT, "guardian_id": guardian, "student_id": student, **more}, status)


async def token(app, **more):
    return (await link(app, **more))["path"].rpartition("/")[2]


async def look(app, token, query="", **headers):
    """The page as a browser gets it that nobody is signed in with."""
    return await app.client.get(f"/answer/{token}{query}", headers={"Accept": "text/html", **headers})


async def send(app, token, fields, **headers):
    return await app.client.post(
        f"/answer/{token}", content=urlencode(fields), headers={"Accept": "text/html", **FORM, **headers}
    )


async def said(app, token, body):
    return await app.client.post(f"/v1/answer/{token}", json=body)


async def kept(app):
    return (await app.get("/survey-responses"))["items"]


async def forbid(app, guardian, student="p1", **more):
    rule = {"guardian_id": guardian, "rule": "no_contact", "basis": "safety_plan", "from": "2025-10-01", **more}
    await app.put(f"/students/{student}/rules/r-{guardian}", rule)


async def test_a_link_is_told_once_and_kept_as_its_digest_alone(app):
    made = await link(app)
    found = made["path"].rpartition("/")[2]
    record = await app.desk.records.get("link", made["id"])

    assert (made["path"], len(found)) == (f"/family_touchpoints/answer/{found}", 43)
    assert made["until"].startswith("2026-06-05"), "fourteen days"
    assert record.state["token"] == digest_of(found)
    assert found not in str(record)
    assert await app.facts("link") == []


async def test_to_open_a_link_changes_nothing_and_is_noted(app):
    one = await token(app)
    pages = [await look(app, one) for _ in range(2)]
    notes = await app.desk.records.database["disclosures"].find({"by": "family"}).to_list(None)

    assert [page.status_code for page in pages] == [200, 200]
    assert await kept(app) == []
    assert (await app.get(NEEDS))["taken"] is False
    assert {(note["about"], note["route"]) for note in notes} == {("g1", "answer_page"), ("p1", "answer_page")}
    assert one not in str(notes)


async def test_the_page_is_for_nobody_but_who_has_it(app):
    page = await look(app, await token(app))

    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
    assert 'href="/"' not in page.text, "nobody without an account is led to a sign-in"
    assert not re.search(r"\b(p1|g1|p2|g2)\b", page.text), "neither a name nor an id of anybody"


@pytest.mark.parametrize(
    ("guardian", "student", "query", "headers", "language", "asks"),
    [
        pytest.param("g3", "p3", "", {}, "es", "¿Inventado?", id="the family's own"),
        pytest.param("g3", "p3", "?language=en", {}, "en", "Made-up?", id="chosen on the page"),
        pytest.param("g1", "p1", "", {"Accept-Language": "es-MX"}, "es", "¿Inventado?", id="the browser's"),
        pytest.param("g1", "p1", "?language=xx", {}, "en", "Made-up?", id="one that there is not"),
    ],
)
async def test_the_page_speaks_the_familys_language(app, guardian, student, query, headers, language, asks):
    one = await token(app, guardian=guardian, student=student)
    page = await look(app, one, query, **headers)

    assert f'<html lang="{language}">' in page.text
    assert asks in page.text
    assert one not in page.text, "no link of the page repeats it"
    assert f'href="?language={"en" if language == "es" else "es"}"' in page.text


async def test_what_a_family_answers_is_kept_and_shown_back(app):
    one = await token(app, guardian="g3", student="p3")
    page = await send(app, one, {"language": "es", "answer.child": "no", "answer.own": "palabras\r\ninventadas"})
    [response] = await kept(app)
    [(subject, fact)] = await app.facts("survey_response")

    assert page.status_code == 200
    assert "Gracias" in page.text
    assert "palabras\ninventadas" in page.text
    assert response["answers"] == {"child": False, "own": "palabras\ninventadas"}
    assert (response["guardian_id"], response["student_id"], response["language"]) == ("g3", "p3", "spa")
    assert (subject, fact.complete, fact.districts) == ("guardian/g3", True, ("south",))
    assert [
        past["by"] for past in (await app.get(f"/survey-responses/{response['id']}", history="true"))["history"]
    ] == ["family"]


async def test_the_same_again_changes_nothing_and_an_answer_otherwise_stands(app):
    one = await token(app)
    for fields in ({"answer.child": "yes"}, {"answer.child": "yes"}, {"answer.own": "made up"}, {"answer.child": "no"}):
        assert (await send(app, one, fields)).status_code == 200
    [response] = await kept(app)

    assert (response["version"], response["answers"]) == (3, {"child": False, "own": "made up"})


async def test_a_program_answers_as_a_page_does(app):
    one = await token(app)
    done = await said(app, one, {"language": "spa", "answers": {"child": True}})
    wrong = await said(app, one, {"answers": {"child": "canary"}})
    [response] = await kept(app)

    assert (done.status_code, done.json()) == (200, {"language": "spa", "answers": {"child": True}})
    assert (response["answers"], response["language"]) == ({"child": True}, "spa")
    assert wrong.status_code == 422
    assert "canary" not in wrong.text


async def test_an_empty_form_comes_back_with_what_would_help(app):
    page = await send(app, await token(app), {"language": "es", "answer.own": "  "})

    assert page.status_code == 422
    assert "Todavía no ha contestado nada" in page.text
    assert await kept(app) == []


async def opens_nothing(app, one):
    """Page, form and program are answered as if there had never been such a link."""
    never = "x" * 43
    answers = [
        (await look(app, one), await look(app, never)),
        (await send(app, one, {"answer.child": "yes"}), await send(app, never, {"answer.child": "yes"})),
        (await said(app, one, {"answers": {"child": True}}), await said(app, never, {"answers": {"child": True}})),
    ]
    for given, unknown in answers:
        assert given.status_code == unknown.status_code == 404
        assert given.text.replace(one, never) == unknown.text
        assert GONE.search(given.text)
    assert await kept(app) == []


async def test_a_link_holds_for_fourteen_days(app):
    one = await token(app)
    app.at("2026-06-04")
    assert (await look(app, one)).status_code == 200
    app.at("2026-06-05")
    await opens_nothing(app, one)


async def test_a_new_link_of_a_guardian_for_the_same_ends_the_former(app):
    former = await token(app)
    others = await token(app, guardian="g2")
    newest = await token(app)

    await opens_nothing(app, former)
    assert {(await look(app, one)).status_code for one in (others, newest)} == {200}


async def test_a_link_that_went_astray_is_ended(app):
    made = await link(app)
    teacher = app.by("instructor", programs=["nursing"], campuses=["*"])
    await teacher.send("POST", f"/links/{made['id']}/void", {"reason": "another family's"}, 404, version=1)
    done = await app.ask(
        "POST", f"/links/{made['id']}/void", json={"reason": "another family's"}, headers={"If-Match": '"1"'}
    )

    assert done.status_code == 204
    await opens_nothing(app, made["path"].rpartition("/")[2])
    assert (await look(app, await token(app))).status_code == 200


async def test_whoever_is_closed_since_meets_a_link_that_works_no_more(app):
    one = await token(app)
    before = (await look(app, one)).status_code
    await forbid(app, "g1")

    await opens_nothing(app, one)
    assert (before, (await look(app, one)).status_code) == (200, 404)


async def test_a_link_for_somebody_closed_is_refused_without_a_reason(app):
    await forbid(app, "g1")
    refused = await link(app, status=422)
    open_to = await link(app, guardian="g2")
    await forbid(app, "g2")
    nobody = await link(app, guardian="g2", status=422)
    stranger = await link(app, guardian="g3", status=422)

    assert refused["detail"] == (
        "do not contact this guardian about this student; others may be: g2; or ask the counselor"
    )
    assert nobody["detail"] == "do not contact this guardian about this student; ask the counselor"
    assert not re.search("rule|safety|no_contact", f"{refused}{nobody}")
    assert "roster knows no tie of g3" in stranger["detail"]
    assert "Phone" in open_to["may"]


async def test_whoever_reaches_the_student_makes_a_link(app):
    mine = app.by("instructor", programs=["welding"], campuses=["central"])
    other = app.by("instructor", programs=["nursing"], campuses=["central"])
    refused = await link(other, status=422)
    unknown = await link(other, student="nobody", status=422)

    await link(mine)
    assert refused["detail"].replace("p1", "nobody") == unknown["detail"]
    await app.by("leader", districts=["*"]).post("/links", {**ABOUT, "guardian_id": "g1", "student_id": "p1"}, 403)


async def test_everybody_in_a_program_is_asked_once_a_guardian(app):
    await forbid(app, "g3", "p3")
    would = await app.post(f"{NEEDS}/links", {"program_id": "welding"}, dry_run=True)
    done = await app.post(f"{NEEDS}/links", {"students": ["p1", "nw:u-2", "p3"]})
    by_program = await app.post(f"{NEEDS}/links", {"program_id": "welding"})
    coordinator = app.by("coordinator", campuses=["south-campus"])

    assert (would["made"], would["left_out"], would["links"]) == (2, 1, [])
    assert (done["made"], done["left_out"]) == (2, 1)
    assert {one["guardian_id"] for one in done["links"]} == {"g1", "g2"}
    assert "g3" not in str(done), "who is left out is not named"
    assert (by_program["made"], by_program["left_out"]) == (2, 1)
    await opens_nothing(app, done["links"][0]["path"].rpartition("/")[2])
    assert (await coordinator.post(f"{NEEDS}/links", {"program_id": "welding"}))["made"] == 0
    await coordinator.post(f"{NEEDS}/links", {"students": ["p1"]}, 422)
    await app.post(f"{NEEDS}/links", {"program_id": "wlding"}, 422)
    await app.post(f"{NEEDS}/links", {}, 422)


async def test_a_guardian_who_is_closed_for_one_child_is_asked_about_the_other(app):
    await forbid(app, "g1", "p1")
    done = await app.post(f"{NEEDS}/links", {"students": ["p1", "p2"]})

    assert {(one["guardian_id"], one["student_id"]) for one in done["links"]} == {("g1", "p2"), ("g2", "p1")}
    assert done["left_out"] == 0


async def test_a_version_without_questions_is_answered_by_no_link(app):
    await app.put("/surveys/paper/1", {**ASKED, "questions": []})
    refused = await app.post("/surveys/paper/1/links", {"program_id": "welding"}, 422)

    assert "no questions that a page could ask" in refused["detail"]
    await link(app, survey_id="nothing", status=404)
    await link(app, purpose="contact", status=422)


@pytest.mark.parametrize(
    ("headers", "fields", "status"),
    [
        pytest.param({"Origin": "http://elsewhere"}, {"answer.child": "yes"}, 403, id="a page of others"),
        pytest.param({"Origin": "null"}, {"answer.child": "yes"}, 403, id="a page of nobody"),
        pytest.param({"Content-Type": "text/plain"}, {"answer.child": "yes"}, 400, id="no form"),
        pytest.param({}, {f"answer.{at}": "yes" for at in range(101)}, 400, id="too many fields"),
        pytest.param({}, {"answer.own": "x" * (600 << 10)}, 413, id="too large"),
        pytest.param({}, {"answer.own": "x" * 2001}, 400, id="too many words"),
        pytest.param({}, {"answer.child": "perhaps"}, 422, id="neither yes nor no"),
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(app, headers, fields, status):
    page = await send(app, await token(app), fields, **headers)

    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert await kept(app) == []


async def test_a_body_that_is_too_large_is_read_for_nobody(app):
    answer = await app.client.post(
        f"/v1/answer/{await token(app)}", content=b"x" * (2 << 20), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 413


async def test_a_link_that_is_opened_all_the_time_is_told_to_wait(mongo_settings, keys):
    async with family_app.running(mongo_settings.model_copy(update={"requests_per_minute": 3}), keys) as app:
        await app.put(NEEDS, ASKED)
        one, other = await token(app), await token(app, guardian="g2")
        pages = [await look(app, one) for _ in range(4)]

        assert [page.status_code for page in pages] == [200, 200, 200, 429]
        assert (await send(app, one, {"answer.child": "yes"})).status_code == 429
        assert (await look(app, other)).status_code == 200


async def test_answers_are_in_no_log_no_fact_and_no_page_that_is_opened_again(app, capfd, caplog):
    one = await token(app)
    await send(app, one, {"answer.own": "canary-words"})
    again = await look(app, one)
    said_elsewhere = [again.text, str(await app.facts("survey_response")), str(await app.facts("survey"))]
    logged = "".join(capfd.readouterr()) + caplog.text

    assert "canary-words" not in "".join([*said_elsewhere, logged])
    assert one not in logged
    found = [name for name in await app.desk.records.database.list_collection_names() if name != "records"]
    for name in found:
        assert "canary-words" not in str(await app.desk.records.database[name].find().to_list(None)), name


async def test_a_link_goes_with_its_student(app):
    one = await token(app)
    await send(app, one, {"answer.own": "canary-words"})
    database = app.desk.records.database
    await OUTSIDE.forgetting.erase(database, ["p1"], ["p1"])

    assert (await look(app, one)).status_code == 404
    assert "canary-words" not in str(await database["records"].find().to_list(None))
    assert digest_of(one) not in str(await database["records"].find().to_list(None))
