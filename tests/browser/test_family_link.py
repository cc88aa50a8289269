"""A family answers a survey on a phone, in Spanish and in English, without an account and without a script."""

from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from services.family_touchpoints.main import build
from shared.doors import local_key
from tests.browser.visiting import WIDTHS, accessible, tab_to
from tests.family_app import FAMILIES, LAST_DAY
from tests.gateways import gateway
from tests.insights_world import served, serving
from tests.integration.family_touchpoints.test_links_of_families import EVENING
from tests.integration.family_touchpoints.test_surveys import ASKED, NEEDS

RATED = {
    "code": "rated",
    "kind": "scale",
    "about": "child_needs",
    "texts": {"eng": "How made-up is it?", "spa": "¿Qué tan inventado es?"},
}
MANAGER = {"sub": "manager", "roles": ["data_manager"], "districts": ["*"]}


@pytest_asyncio.fixture(loop_scope="session")
async def staff(mongo_settings, keys, tmp_path):
    """A client of the real gateway, with the survey published; `make(guardian, student)` gives a link's address."""
    app = build(mongo_settings, now=lambda: LAST_DAY)
    async with served(app) as families, serving(mongo_settings) as insights:
        await app.state.parts.projection().learn(FAMILIES)
        with gateway(tmp_path / "gateway", {"insights": insights, "family_touchpoints": families}) as door:
            headers = {"Authorization": f"Bearer {local_key.sign(keys, MANAGER)}"}
            async with httpx.AsyncClient(base_url=f"{door.url}/family_touchpoints/v1", headers=headers) as client:
                body = {**ASKED, "questions": [*ASKED["questions"], RATED]}
                assert (await client.put(NEEDS, json=body)).status_code == 201
                client.door = door.url
                yield client


async def link(staff, guardian, student, **about):
    asked = about or {"purpose": "survey", "survey_id": "needs", "survey_version": 2}
    made = await staff.post("/links", json={**asked, "guardian_id": guardian, "student_id": student})
    assert made.status_code == 201, made.text
    return made.json()["path"]


@pytest.fixture
def open_link(browser, staff):
    """`async with open_link(path) as page`: any complaint of the browser, or request elsewhere, fails the test."""

    @asynccontextmanager
    async def opening(path, *, expected=(), **more):
        view = {"width": WIDTHS["phone"], "height": 800}
        context = await browser.new_context(base_url=staff.door, viewport=view, **more)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(f"{staff.door}/") or complaints.append(asked.url))
        await page.goto(path)
        yield page
        assert await context.cookies() == []
        await context.close()
        assert [one for one in complaints if not any(part in one for part in expected)] == []

    return opening


async def kept(staff):
    return [one["answers"] for one in (await staff.get("/survey-responses")).json()["items"]]


async def test_a_family_answers_in_spanish_with_the_keyboard_alone(open_link, staff) -> None:
    path = await link(staff, "g3", "p3")
    async with open_link(path, locale="en-US") as page:
        assert await page.evaluate("document.documentElement.lang") == "es"
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sus respuestas nos ayudan")
        await expect(page.locator("main")).to_contain_text("hasta el 4 de junio de 2026")
        await accessible(page, "the questions in Spanish")
        await tab_to(page, page.get_by_label("Sí"))
        await page.keyboard.press("Space")
        await tab_to(page, page.get_by_label("¿Y esto?"))
        await page.keyboard.type("palabras inventadas")
        await tab_to(page, page.get_by_role("button", name="Enviar mis respuestas"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Gracias")
        await expect(page.locator("main")).to_contain_text("palabras inventadas")
        await accessible(page, "the thanks in Spanish")

    assert await kept(staff) == [{"child": True, "own": "palabras inventadas"}]


async def test_a_family_answers_in_english_without_a_script(open_link, staff) -> None:
    path = await link(staff, "g1", "p1")
    async with open_link(path, locale="es-US", java_script_enabled=False) as page:
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your answers help us")
        await page.get_by_role("group", name="How made-up is it?").get_by_label("4").check()
        await page.get_by_role("button", name="Send my answers").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
        await expect(page.locator("dd")).to_have_text("4")

    assert await kept(staff) == [{"rated": 4}]


async def test_every_page_of_a_link_is_for_a_thumb(open_link, staff) -> None:
    path = await link(staff, "g2", "p1")
    async with open_link(path, locale="en-US", expected=("status of 422", "status of 404")) as page:
        await accessible(page, "the questions in English")
        for one in await page.locator(".tap, textarea, button, .languages a").all():
            box = await one.bounding_box()
            assert box is not None
            assert box["height"] >= 44, await one.text_content()
        await page.get_by_role("button", name="Send my answers").click()
        await expect(page.get_by_role("alert")).to_contain_text("Nothing is answered yet")
        await accessible(page, "an empty form")
        await page.goto(f"{path}x")
        await expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
        await accessible(page, "a link that opens nothing")
        await page.get_by_role("link", name="Español").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Este enlace ya no funciona")
        await accessible(page, "a link that opens nothing, in Spanish")


async def test_a_family_says_how_it_may_be_spoken_with(open_link, staff) -> None:
    path = await link(staff, "g3", "p3", purpose="contact")
    async with open_link(path, locale="en-US") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("¿Cómo podemos comunicarnos con usted?")
        await accessible(page, "ways in Spanish")
        await page.get_by_role("link", name="English").click()
        await accessible(page, "ways in English")
        await page.get_by_role("group", name="Send you text messages").get_by_label("No").check()
        await page.get_by_role("button", name="Send my answers").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
        await expect(page.locator("dl div", has_text="Send you text messages")).to_contain_text("No")
        await accessible(page, "what was noted")
        await page.goto(path)
        refused = page.get_by_role("group", name="Enviarle mensajes de texto").get_by_label("No")
        await expect(refused).to_be_checked()


async def test_a_family_says_that_it_comes(open_link, staff) -> None:
    made = await staff.post("/workshops", json=EVENING, headers={"Idempotency-Key": "evening"})
    path = await link(staff, "g1", "p1", purpose="workshop", workshop_id=made.json()["id"])
    async with open_link(path, locale="es-US") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Made-up evening")
        await expect(page.locator("main")).to_contain_text("28 de mayo de 2026")
        await accessible(page, "an invitation in Spanish")
        await page.get_by_label("Sí").check()
        await page.get_by_role("button", name="Enviar mis respuestas").click()
        await expect(page.locator("dl")).to_contain_text("Sí")
