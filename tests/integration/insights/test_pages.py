"""The pages carry the same numbers as the API, whole, without JavaScript, and refuse as pages."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import httpx
import pytest

from services.insights.main import build
from services.insights.pages.frame import PAGES
from shared.contracts.roster import Program
from shared.doors import local_key
from shared.pages.page import STATIC
from tests.insights_world import NOW

LEADER = {"roles": ["leader"], "districts": ["*"]}


class Text(HTMLParser):
    """What a page says, without its marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.said.append(" ")

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def __str__(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.said))


OF_TEACHERS = ("/programs/welding/open-cohort",)


async def text(ask, claims, path):
    answer = await ask(claims, path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return str(Text(answer.text))


async def test_the_board_opens_on_the_newest_settled_year_with_open_years_beside_it(look) -> None:
    said = await text(look, LEADER, "/")

    assert "newest school year that decides it: G1 2025-26; W1 2024-25." in said
    assert "2024-25 The newest school year in which this goal is settled. 80 % 8 of 10 completers ✕ Missed" in said
    assert "Target: at least 90 % by 30 June 2026. Window closed for 10, still open for 0." in said
    assert (
        "So far 2025-26 25 % 1 of 4 ✕ Missed Window closed for 3, still open for 1. 3 people short of the target."
        in said
    )
    assert "Other ways to read it" in said
    assert "Required or preferred only 70 % 7 of 10" in said
    assert "Counted through 11:00:00 on 2 November 2026, just now" in said
    assert "Goals of the plan that are not counted yet W4" in said
    assert "89.96 % is printed as 89.9 %" in said


async def test_the_board_of_a_campus(look) -> None:
    """As the form sends it, with a day that was left empty."""
    said = await text(look, LEADER, "/?school_year=2024-25&where=campus%3Aeast&as_of=")

    assert "2024-25, East campus 75 % 3 of 4 completers" in said


async def test_a_stale_board_says_so_in_words(ask, world, clock) -> None:
    clock.now = NOW + timedelta(minutes=5)
    said = await text(ask, LEADER, "/")

    assert "! Stale as last counted: missed" in said
    assert "Not up to date: nothing written in the last 300 seconds is counted yet." in said


async def test_the_goal_shows_its_readings_its_rule_and_its_programs(look) -> None:
    said = await text(look, LEADER, "/goals/W1")

    assert "Verified awards only Only awards that an issuer lookup or better has confirmed" in said
    assert "20 % 2 10 10 0 ✕ Missed 7" in said
    assert "An award, passed and not revoked, earned inside the window" in said
    assert "W1.headline, version 1" in said
    assert "Drones – 0 0 0 – No data –" in said
    assert "Welding 83.3 % 5 6 0 ✕ Missed 1" in said
    assert "2025-26 so far 25 % 1 4 3 1" in said


async def test_groups_that_are_not_kept_are_explained(look) -> None:
    said = await text(look, LEADER, "/goals/W1?where=district%3Asouth&dimension=program&school_year=2024-25")

    assert "within a district, counts by program are not kept" in said


async def test_the_people_behind_a_number(look) -> None:
    path = "/goals/W1/members?school_year=2024-25&dimension=program&value=welding"
    all_of_them = await text(look, LEADER, path)
    others = await text(look, LEADER, f"{path}&counted=false")

    assert "w0 ✓ Counted Earned MOCK-1 (required for welding) on 1 August 2025" in all_of_them
    assert "Welding Northwest campus 20 May 2026 window closed" in all_of_them
    assert "w0" not in others
    assert "w5 – Not counted No award by 20 May 2026" in others


async def test_what_decided_is_told_as_days_with_the_ids_behind_a_disclosure(look) -> None:
    page = (await look(LEADER, "/goals/W1/members?school_year=2024-25&dimension=program&value=welding")).text
    first = str(Text(page[page.index('data-student="w0"') : page.index('data-student="w1"')]))

    assert (
        "What decided 9 August 2023 Began Welding 20 May 2025 Completed Welding at Northwest campus "
        "1 August 2025 Earned MOCK-1 1 August 2025 Confirmed: looked up with its issuer 20 May 2026 The window closed "
        "Ids of the records completion/w0-welding version 1 award/w0-award version 1"
    ) in first
    assert "organisation_id" not in page
    assert "organisation id" not in page


async def test_who_can_still_move_the_number_is_a_page_of_ones_own_students(look) -> None:
    path = "/programs/welding/open-cohort?as_of=2026-05-20"
    shown = await text(look, LEADER, path)
    elsewhere = {"roles": ["instructor"], "programs": ["welding"], "campuses": ["east"]}

    assert "Welding, as of 20 May 2026 Who can still move the number" in shown
    assert "w5 20 May 2026 today is the last Northwest campus completed 20 May 2025 No award yet" in shown
    assert "w0" not in shown
    assert "w5" not in await text(look, elsewhere, path)
    assert "there is no program baking" in str(Text((await look(LEADER, "/programs/baking/open-cohort")).text)).lower()


@pytest.mark.parametrize(
    ("claims", "logs"),
    [
        pytest.param({"roles": ["instructor"], "programs": ["welding"], "campuses": ["*"]}, True, id="instructor"),
        pytest.param({"roles": ["data_manager"], "districts": ["*"]}, True, id="data manager"),
        pytest.param(LEADER, False, id="leader"),
        pytest.param({"roles": ["coordinator"], "campuses": ["*"]}, False, id="coordinator"),
        pytest.param({"roles": ["counselor"], "campuses": ["*"]}, False, id="counselor"),
    ],
)
async def test_only_who_may_log_a_class_is_led_to_the_page_for_it(look, claims, logs) -> None:
    """Whom credentials would refuse (its ACCESS: record_batch) should not tick a class first."""
    for path in ("/", "/goals/W1", "/goals/W1/members?school_year=2024-25", "/programs/welding/open-cohort"):
        assert ('href="/credentials/class' in (await look(claims, path)).text) is logs, path
    moved = await look(claims, "/class?program=welding")
    assert moved.status_code == (308 if logs else 403)
    assert (moved.headers.get("location") == "/credentials/class?program=welding") is logs


async def test_a_long_list_goes_on_on_the_next_page(look) -> None:
    first = await look(LEADER, "/goals/W1/members?school_year=2024-25&limit=4")
    address = re.search(r'class="more" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = await text(look, LEADER, address)

    assert re.findall(r'data-student="(\w+)"', first.text) == ["n0", "n1", "n2", "n3"]
    assert "w0" in second
    assert "n3" not in second


@pytest.mark.parametrize(
    ("claims", "path", "status", "said"),
    [
        pytest.param(None, "/", 401, "Open the sign-in link that your district gave", id="not signed in"),
        pytest.param({"roles": ["operator"]}, "/goals/W1", 403, "Sign out", id="no goal for operators"),
        pytest.param(LEADER, "/goals/W9", 404, "the plan has no goal W9", id="no such goal"),
        pytest.param(LEADER, "/goals/W4", 404, "goal W4 is not counted yet", id="a goal without a measure"),
        pytest.param(LEADER, "/goals/W1?reading=awards", 404, "has no reading awards", id="no reading of the goal"),
        pytest.param(LEADER, "/?school_year=2024-26", 422, "write it as 2024-25", id="no school year"),
        pytest.param(LEADER, "/?as_of=2025-02-30", 422, "no day of any year", id="no day"),
        pytest.param(LEADER, "/?where=planet:mars", 422, "Choose one from the list", id="no place"),
        pytest.param(
            {"roles": ["leader"], "districts": ["south"]},
            "/?where=district:north",
            422,
            "these districts only: south",
            id="another district",
        ),
    ],
)
async def test_a_refusal_is_a_page(look, claims, path, status, said) -> None:
    answer = await look(claims, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert said.casefold() in str(Text(answer.text)).casefold()


# What only who writes or runs programs can read.
FOR_DEVELOPERS = (
    "bearer",
    "token",
    "openapi",
    "json",
    "header",
    "query parameter",
    "pattern",
    "regex",
    "^",
    "{",
    "/v1/",
)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/goals/W1",
        "/goals/W1/members",
        "/me",
        "/operations",
        "/nowhere",
        "/goals/W9",
        "/goals/W1?reading=awards",
        "/goals/W1?dimension=shoe_size",
        "/goals/W1?where=district:south&dimension=program",
        "/?school_year=24-25",
        "/?school_year=2024-26",
        "/?as_of=tomorrow",
        "/?as_of=2025-02-30",
        "/?as_of=2999-01-01",
        "/?as_of=1800-01-01",
        "/?where=planet:mars",
        "/?colour=green",
        "/?as_of=2025-01-01&as_of=2025-01-02",
        "/goals/W1/members?cursor=made-up",
        "/goals/W1/members?limit=many",
        "/goals/W1/members?counted=perhaps",
        "/language/tlh?back=/",
    ],
)
async def test_no_page_speaks_to_developers(look, path, language) -> None:
    """Whoever asks, whatever they ask for: a page, an empty one, or a refusal."""
    nobody_s = ({"roles": ["leader"]}, {"roles": ["student"]}, {"roles": []}, {"roles": ["operator"]}, None)
    for claims in (LEADER, {"roles": ["leader"], "districts": ["south"]}, *nobody_s):
        answer = await look(claims, path, accept="text/html", language=language)
        said = str(Text(re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL))).casefold()
        if answer.status_code != 303:
            assert answer.headers["content-type"].startswith("text/html")
        assert [word for word in FOR_DEVELOPERS if word in said] == [], (claims, answer.status_code, said)


async def test_a_leader_of_one_district_gets_a_page_without_refusals(look) -> None:
    own = {"roles": ["leader"], "districts": ["south"]}
    goal = await text(look, own, "/goals/W1?school_year=2024-25")

    assert "2024-25, Southern mock district The school year that was asked for. 66.6 % 2 of 3" in goal
    assert "By home district" in goal
    assert "Northern" not in goal


async def test_a_page_asks_nobody_else_and_runs_nothing_inline(look) -> None:
    for path in ("/", "/goals/W1", "/goals/W1/members?school_year=2024-25", *OF_TEACHERS):
        answer = await look(LEADER, path)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["cache-control"] == "no-store"
        assert not re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text)
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
    for file in (*STATIC.iterdir(), *(PAGES.folder / "static").iterdir()):
        assert "url(http" not in file.read_text()
        assert "@import" not in file.read_text()


async def test_a_label_is_text_whatever_it_holds(ask, world) -> None:
    title = "<script>alert(1)</script>"
    evil = Program(program_id="drones", title=title, cip_code="0", cluster="mock", active_from=NOW.date())
    await world.tell(("program/drones", "program/drones", evil, Program))
    answer = await ask(LEADER, "/goals/W1?school_year=2026-27")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


@pytest.fixture
async def browser(still, keys):
    """A client that keeps cookies and follows nothing by itself."""
    app = build(still, clock=lambda: NOW)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://insights") as client:
            yield client


OURS = {"Origin": "http://insights"}


async def send(browser, headers=OURS, **form):
    return await browser.post("/sign-in", data=form, headers=headers)


async def test_signing_in_puts_the_token_where_no_script_reads_it(browser, keys) -> None:
    token = local_key.sign(keys, {"sub": "viewer", **LEADER}, 3600)
    signed_in = await send(browser, token=token)
    board = await browser.get("/")
    out = await browser.get("/sign-out")
    after = await browser.get("/")

    cookie = signed_in.headers["set-cookie"].casefold()
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert 3500 < int(re.search(r"max-age=(\d+)", cookie)[1]) <= 3600
    assert (board.status_code, out.status_code, after.status_code) == (200, 200, 401)


async def test_where_the_form_was_sent_by_https_the_cookie_goes_by_nothing_else(browser, keys) -> None:
    token = local_key.sign(keys, {"sub": "viewer", **LEADER}, 3600)

    signed_in = await send(browser, {"Origin": "https://insights"}, token=token)

    assert "secure" in signed_in.headers["set-cookie"].casefold()


async def test_a_page_that_was_opened_past_the_gateway_says_what_would_work(browser) -> None:
    past = await browser.get("/sign-in")
    through = await browser.get("/sign-in", headers={"X-Forwarded-Host": "insights"})

    assert "own address instead" in past.text
    assert "own address instead" not in through.text


async def test_a_form_with_more_than_a_sign_in_has_is_refused_in_words(browser) -> None:
    answer = await send(browser, token="t", link="l", a="1", b="2", c="3")

    assert answer.status_code == 400
    assert "no more" in answer.text or "cannot be read" in answer.text


async def test_a_token_that_does_not_hold_signs_nobody_in(browser) -> None:
    answer = await send(browser, token="made.up.token")

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_a_link_signs_in_once(browser, keys) -> None:
    bearer = {"Authorization": f"Bearer {local_key.sign(keys, {'sub': 'viewer', **LEADER})}"}
    made = (await browser.post("/v1/sign-in-links", headers=bearer)).json()
    pages = [await browser.get(made["path"]) for _ in range(2)]
    code = made["path"].partition("link=")[2]
    first, second = [await send(browser, link=code) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200], "looking at it uses up nothing"
    assert pages[0].headers["referrer-policy"] == "same-origin"
    assert code in pages[0].text
    assert "ey" not in code[:2], "no token"
    assert (first.status_code, second.status_code) == (303, 401)
    assert "set-cookie" in first.headers
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null"}, {"Origin": "http://elsewhere.example"}, {"Origin": "http://insights.elsewhere.example"}],
)
async def test_a_sign_in_that_another_page_sends_is_refused(browser, keys, headers) -> None:
    answer = await send(browser, headers, token=local_key.sign(keys, {"sub": "viewer", **LEADER}))

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_in_production_the_cookie_is_of_this_host_alone(still, keys) -> None:
    app = build(still, clock=lambda: NOW)
    async with app.router.lifespan_context(app):
        app.state.settings = still.model_copy(update={"environment": "prod"})
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://insights") as client:
            token = local_key.sign(keys, {"sub": "viewer", **LEADER})
            signed_in = await send(client, {"Origin": "https://insights"}, token=token)
            board = await client.get("/")
            client.cookies.clear()
            other = await client.get("/", headers={"Cookie": f"aurora_token={token}"})

    cookie = signed_in.headers["set-cookie"]
    assert cookie.startswith("__Host-aurora_token=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert board.status_code == 200
    assert other.status_code == 401
