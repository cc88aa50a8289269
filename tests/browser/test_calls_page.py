"""Families are called from a phone that loses its connection: each call is logged once, by whoever made it."""

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from services.family_touchpoints.main import build
from shared.contracts.roster import Program
from shared.doors import local_key
from tests.browser.visiting import WIDTHS, accessible, sign_in, tab_to
from tests.family_app import Families
from tests.gateways import gateway
from tests.insights_world import served, serving
from tests.producer_app import campus, cted, enrolment, event, guardian, student

TEACHER = {"sub": "teacher", "roles": ["instructor"], "programs": ["welding"], "campuses": ["central"]}
COLLEAGUE = {**TEACHER, "sub": "colleague"}
COUNSELOR = {"sub": "counselor-1", "roles": ["counselor"], "campuses": ["central"]}
POSTED = "**/family_touchpoints/v1/touchpoints"
# What the browser itself says of an answer that is a refusal or of none.
SAID = ("Failed to load resource",)
# A browser that has no telephone asks for a program that has, in a window of its own, which takes every key.
NO_DIALLING = """
window.dialled = [];
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='tel:'], a[href^='sms:']");
  if (link) window.dialled.push(link.getAttribute("href")), event.preventDefault();
}, true);
"""
TEN_SECONDS = 10.0
PORTAL = "<!doctype html><title>Welcome</title><p>Accept the terms of this network."


def known(id, given, **more):
    said = {"relation": "parent", "phone": None, "sms": None, "email": None, "preferred_language": None}
    return {"guardian_id": id, "given_name": given, "family_name": "Made-Up", **said, **more}


MOTHER = known("g1", "Maria", phone="520-555-0101", sms="520-555-0101", preferred_language="spa")
FATHER = known("g2", "Pedro", phone="520-555-0102")
AUNT = known("g3", "Rosa", phone="520-555-0103", preferred_language="spa", relation="relative")
ROSTER = [
    {"person_id": "p1", "given_name": "Ana", "family_name": "Made-Up", "guardians": [MOTHER, FATHER]},
    {"person_id": "p2", "given_name": "Luis", "family_name": "Made-Up", "guardians": [MOTHER]},
    {"person_id": "p3", "given_name": "Sol", "family_name": "Sample", "guardians": [AUNT]},
]


@pytest_asyncio.fixture(loop_scope="session")
async def service(mongo_settings, keys):
    """Family touchpoints by the real clock, told of siblings with mother and father, and of a child with an aunt."""
    app = build(mongo_settings.model_copy(update={"projection_wait_seconds": 0.4}))
    async with served(app) as address, httpx.AsyncClient(base_url=address) as client:
        found = Families(client, keys, app.state.parts, {"roles": ["data_manager"], "districts": ["*"]})
        welding = Program(program_id="welding", title="Welding", cip_code="0", cluster="mock", active_from="2020-07-01")
        await found.told(
            cted(),
            campus("central"),
            event("program/welding", "program/welding", welding),
            *(student(id) for id in ("p1", "p2", "p3")),
            *(enrolment(f"e-{id}", id) for id in ("p1", "p2", "p3")),
            *(guardian("g1", id, language="spa") for id in ("p1", "p2")),
            guardian("g2", "p1"),
            guardian("g3", "p3", language="spa"),
        )
        await found.all_heard()
        found.address = address
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def address(world, service, mongo_settings, tmp_path):
    async with serving(mongo_settings) as insights:
        with gateway(tmp_path / "gateway", {"insights": insights, "family_touchpoints": service.address}) as door:
            yield door.url


@asynccontextmanager
async def calls(page, says="2 families to reach."):
    """The page of calls, read, with roster's answers; no number is dialled."""
    await page.add_init_script(NO_DIALLING)
    await page.route("**/roster/v1/guardians/lookup", lambda route: route.fulfill(json={"items": ROSTER}))
    await page.goto("/family_touchpoints/calls?program=welding")
    await expect(page.locator("#calls-news")).to_have_text(says)
    yield page


@pytest.fixture
def opened(visit):
    """`async with opened() as page`: the page on a phone, ready to call from."""

    @asynccontextmanager
    async def opening(width="phone", claims=TEACHER, **more):
        async with visit(WIDTHS[width], claims=claims, expected=SAID, **more) as page, calls(page):
            yield page

    return opening


async def kept(service):
    """Every touchpoint that stands, by student."""
    found = await service.desk.records.find("touchpoint", {}, limit=100)
    return sorted((one.state["student_id"], one.state["outcome"], one.state["staff"]) for one in found)


async def call(page, name, outcome):
    """Two taps: the number, and what came of it."""
    item = page.locator(".guardian", has_text=name)
    await item.locator("a.call").click()
    await item.get_by_role("button", name=outcome, exact=True).click()


def logged(page, name):
    """What is said of the calls to somebody."""
    return page.locator(".guardian", has_text=name).locator(".logged")


SIBLINGS = [("p1", "reached", "teacher"), ("p2", "reached", "teacher")]
ON_THE_PHONE = "Saved on this phone"


async def test_a_call_about_two_siblings_is_logged_in_airplane_mode_and_arrives_once(opened, service):
    async with opened() as page:
        await expect(page.locator(".family")).to_have_count(2)
        await page.context.set_offline(True)
        begun = time.monotonic()
        await call(page, "Maria", "Reached")
        await expect(logged(page, "Maria")).to_contain_text(ON_THE_PHONE)
        took = time.monotonic() - begun
        await expect(page.locator("#queue-news")).to_contain_text("1 waiting on this phone.")
        assert await kept(service) == []
        (stored,) = await waiting(page)
        await page.context.set_offline(False)
        await expect(logged(page, "Maria")).to_contain_text("Received")
        await expect(page.locator("#queue-news")).to_have_text("")
        assert await page.evaluate("dialled") == ["tel:5205550101"]

    assert took < TEN_SECONDS
    assert await kept(service) == SIBLINGS
    assert not any(name in json.dumps(stored) for name in ("Maria", "Ana", "Luis", "5205550101", "520-555"))
    records = await service.desk.records.find("touchpoint", {}, limit=10)
    assert len({one.state["occasion_id"] for one in records}) == 1
    assert {tuple(one.state["guardian_ids"]) for one in records} == {("g1",)}


async def waiting(page):
    """What waits in this browser."""
    return await page.evaluate(
        "Object.keys(localStorage).filter((one) => one.startsWith('aurora.waiting.'))"
        ".map((one) => JSON.parse(localStorage.getItem(one)))"
    )


async def test_what_waits_survives_a_closed_page_and_stands_last_until_it_is_received(opened, service):
    async with opened() as page:
        await page.route(POSTED, lambda route: route.abort())
        await call(page, "Maria", "No answer")
        await expect(logged(page, "Maria")).to_contain_text(ON_THE_PHONE)
        await page.close()
        again = await page.context.new_page()
        await again.route(POSTED, lambda route: route.abort())
        async with calls(again):
            await expect(again.locator(".family").last.locator(".logged").first).to_contain_text(ON_THE_PHONE)
            await again.unroute(POSTED)
            await again.evaluate("dispatchEvent(new Event('online'))")
            await expect(again.locator(".family").last.locator(".logged").first).to_contain_text("Received")

    assert await kept(service) == [("p1", "no_answer", "teacher"), ("p2", "no_answer", "teacher")]


async def test_of_two_tabs_one_sends_at_a_time_and_one_call_is_kept(opened, service):
    """What the one has taken off the other may see a moment later, and sends again: under the same key."""
    async with opened() as page:
        other = await page.context.new_page()
        sent, under_way, at_once = [], [], []

        async def count(route):
            sent.append(route.request.headers["idempotency-key"])
            under_way.append(route)
            at_once.append(len(under_way))
            await asyncio.sleep(0.3)
            answer = await route.fetch()
            under_way.remove(route)
            await route.fulfill(response=answer)

        async with calls(other):
            await page.context.set_offline(True)
            await call(page, "Rosa", "Left message")
            await expect(other.locator("#queue-news")).to_contain_text("1 waiting on this phone.")
            for tab in (page, other):
                await tab.route(POSTED, count)
            await page.context.set_offline(False)
            await expect(page.locator("#queue-news")).to_have_text("")
            await expect(other.locator("#queue-news")).to_have_text("")

    assert (len(set(sent)), max(at_once)) == (1, 1)
    assert await kept(service) == [("p3", "left_message", "teacher")]


async def test_an_answer_that_is_lost_after_it_was_kept_leaves_one_call(opened, service):
    async with opened() as page:
        sent = []

        async def lose(route):
            sent.append((route.request.headers["idempotency-key"], route.request.post_data))
            if len(sent) == 1:
                await route.fetch()
                await route.abort("connectionreset")
                return
            await route.continue_()

        await page.route(POSTED, lose)
        await call(page, "Rosa", "Reached")
        await expect(page.locator("#queue-news")).to_contain_text("Not sent yet")
        await expect(logged(page, "Rosa")).to_contain_text(ON_THE_PHONE)
        assert await kept(service) == [("p3", "reached", "teacher")]
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(logged(page, "Rosa")).to_contain_text("Received")

    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert await kept(service) == [("p3", "reached", "teacher")]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 200, "content_type": "text/html", "body": PORTAL}, id="a network's own page"),
        pytest.param({"status": 200, "json": {"success": True}}, id="somebody else's JSON"),
        pytest.param({"status": 403, "json": {"detail": "pay first"}}, id="somebody else's refusal"),
        pytest.param({"status": 503, "json": {"type": "urn:aurora:problem:x", "detail": "later"}}, id="not now"),
    ],
)
async def test_what_is_no_answer_of_ours_leaves_the_call_waiting(opened, service, answer):
    async with opened() as page:
        await page.route(POSTED, lambda route: route.fulfill(**answer))
        await call(page, "Rosa", "Reached")
        await expect(page.locator("#queue-news")).to_contain_text("1 waiting on this phone. Not sent yet")
        await page.unroute(POSTED)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(logged(page, "Rosa")).to_contain_text("Received")

    assert await kept(service) == [("p3", "reached", "teacher")]


async def test_another_sign_in_on_the_same_phone_sends_nothing_of_the_first(opened, service, keys):
    async with opened() as page:
        await page.context.set_offline(True)
        await call(page, "Rosa", "Reached")
        await expect(page.locator("#queue-news")).to_contain_text("1 waiting on this phone.")
        # The first page is still open while somebody else signs in beside it.
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        other = await page.context.new_page()
        await sign_in(other, local_key.sign(keys, COLLEAGUE))
        async with calls(other):
            await expect(other.locator("#queue-news")).to_contain_text("1 call of another sign-in waits on this phone")
            async with page.expect_response(POSTED) as answered:
                await page.evaluate("dispatchEvent(new Event('online'))")
            assert (await answered.value).status == 401
            await expect(page.locator("#queue-news")).to_contain_text("your sign-in has ended")
            assert await kept(service) == []
        await page.context.clear_cookies()
        await sign_in(other, local_key.sign(keys, TEACHER))
        # What waited is sent before the list is read, or after.
        async with calls(other, re.compile("(1 family|2 families) to reach")):
            await expect(other.locator("#queue-news")).to_have_text("")

    assert await kept(service) == [("p3", "reached", "teacher")]


async def test_who_may_not_be_contacted_has_no_number_and_a_late_refusal_tells_no_reason(opened, service):
    await service.rule("g2", **{"from": "2024-01-01"})
    async with opened(claims=COUNSELOR) as page:
        shut = page.locator(".guardian", has_text="Pedro")
        await expect(shut).to_contain_text("Do not contact; ask the counselor.")
        await expect(shut.locator("a, button")).to_have_count(0)
        assert "0102" not in await page.content()
        await service.rule("g3", student="p3", **{"from": "2024-01-01"})
        await call(page, "Rosa", "No answer")
        refused = page.locator("#refusals")
        await expect(refused).to_contain_text("Sol Sample · No answer")
        await expect(refused).to_contain_text("do not contact this guardian")
        assert "court" not in await page.content()
        await expect(page.locator("#queue-news")).to_have_text("")
        await page.get_by_role("button", name="I have read this").click()
        await expect(page.locator("#refused")).to_be_hidden()
        assert await waiting(page) == []

    assert await kept(service) == []


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_page_is_accessible_before_and_after_a_call(opened, service, width):
    await service.rule("g2", **{"from": "2024-01-01"})
    async with opened(width) as page:
        await accessible(page, "read")
        await page.locator(".guardian", has_text="Maria").locator("a.call").click()
        await page.locator(".came:not([hidden]) summary").click()
        await accessible(page, "open")
        small = await page.evaluate(
            "[...document.querySelectorAll('main a, main button, main select, main summary, main .tap')]"
            ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
        )
        assert small == []
        await page.locator(".came:not([hidden])").get_by_role("button", name="Left message").click()
        await expect(logged(page, "Maria")).to_contain_text("Received")
        await accessible(page, "logged")


async def test_a_call_is_logged_by_keyboard_alone_with_what_was_chosen_the_time_before(opened, service):
    async with opened("desk") as page:
        maria = page.locator(".guardian", has_text="Maria")
        await tab_to(page, maria.locator("a.call"))
        await page.keyboard.press("Enter")
        await tab_to(page, maria.get_by_label("Luis"))
        await page.keyboard.press("Space")
        await tab_to(page, maria.locator(".interpreter"))
        await page.keyboard.press("ArrowDown")
        await tab_to(page, maria.locator("summary"))
        await page.keyboard.press("Enter")
        await tab_to(page, maria.locator(".purpose"))
        await page.keyboard.type("praise")
        # Back to the buttons above.
        await tab_to(page, maria.get_by_role("button", name="Reached", exact=True), key="Shift+Tab")
        await page.keyboard.press("Enter")
        await expect(maria.locator("a.call")).to_be_focused()
        await expect(logged(page, "Maria")).to_contain_text("Received")
        await call(page, "Rosa", "Reached")
        await expect(logged(page, "Rosa")).to_contain_text("Received")

    records = await service.desk.records.find("touchpoint", {}, limit=10)
    found = sorted((one.state["student_id"], one.state["purpose"], one.state["interpreter"]) for one in records)
    assert found == [("p1", "praise", "bilingual_caller"), ("p3", "praise", "bilingual_caller")]
    assert {one.state["language"] for one in records} == {"spa"}


async def test_a_text_is_sent_or_answered_and_is_the_day_it_is_where_the_cted_is(opened, service):
    async with opened(timezone_id="Asia/Tokyo") as page:
        maria = page.locator(".guardian", has_text="Maria")
        await maria.locator("a.text").click()
        await maria.get_by_role("button", name="They answered").click()
        await expect(logged(page, "Maria")).to_contain_text("Received")

    records = await service.desk.records.find("touchpoint", {}, limit=10)
    today = await service.desk.today()
    assert {(one.state["method"], one.state["outcome"], one.state["reached_on"]) for one in records} == {
        ("Text", "reached", today.isoformat())
    }


async def test_a_slip_of_the_thumb_is_taken_back_for_both_children(opened, service):
    async with opened() as page:
        maria = page.locator(".guardian", has_text="Maria")
        await call(page, "Maria", "Reached")
        await expect(logged(page, "Maria")).to_contain_text("Received")
        await maria.get_by_role("button", name="Take the last call").click()
        await expect(logged(page, "Maria")).to_contain_text("Taken back")
        await expect(maria.locator(".undo")).to_be_hidden()
        assert await kept(service) == []
        await call(page, "Maria", "No answer")
        await expect(logged(page, "Maria")).to_contain_text("Received")

    assert await kept(service) == [("p1", "no_answer", "teacher"), ("p2", "no_answer", "teacher")]
